"""Everything that can go wrong, as types.

    TuttiError
    ├── InvalidRequestError      the caller's words do not make sense
    │   ├── NotFoundError        the object does not exist or is not theirs
    │   │   └── UnknownModelError
    │   ├── BodyTooLargeError
    │   ├── BodyTooLateError
    │   └── UnsafeAddressError   an address we never connect to
    ├── AuthError                who are you?
    │   ├── MissingKeyError
    │   ├── UnknownKeyError
    │   ├── KeyExpiredError
    │   ├── KeyRevokedError
    │   ├── ModelForbiddenError
    │   ├── ChannelForbiddenError
    │   ├── PlaceForbiddenError   the key is not to be used from there
    │   └── NotAdminError
    ├── QuotaError               not enough credit
    │   ├── UserQuotaError
    │   └── KeyQuotaError
    ├── RateLimitError           too much at once
    │   └── DailyCapError
    ├── ConflictError            the same Idempotency-Key with another body; a state that does not allow it
    ├── UnavailableError         we cannot serve this now
    │   ├── ShuttingDownError    another server, or this one in a moment, can
    │   ├── NoChannelError       nobody serves the model
    │   ├── NoPriceError         nobody has said what it costs
    │   ├── DiskFullError
    │   └── ModelFileError       a weight file is not there
    ├── WorkFailedError          an engine or a vendor tried and failed
    │   ├── EngineError
    │   └── VendorError
    │       ├── VendorRefusedError    it said no; the work was not taken
    │       ├── VendorBusyError       it said later; the work was not taken
    │       └── VendorReplyLostError  it may or may not have taken the work
    └── StoreError               the database refused
        └── DirectoryInUseError  another server holds the data directory

A leaf is one cause and its docstring the default message; the class states HTTP status, code, whether trying again can
help and whose fault it is, so that logs, retries and HTTP agree. Each family renders these in its own `errors.py`.
"""

from typing import ClassVar, Literal


class TuttiError(Exception):
    """Something went wrong."""

    status: int = 500
    code: str = "internal_error"
    # Whether the same request may succeed later.
    is_retryable: ClassVar[bool] = False
    fault: ClassVar[Literal["caller", "operator", "upstream", "us"]] = "us"

    def __init__(self, message: str = "", *, field: str | None = None, subject: str | None = None) -> None:
        """Say what happened, to what, and what to do next.

        `field` names the offending part of a request; `subject` is what it happened to, such as a model, for families
        whose wire has words of its own for the cause.
        """
        self.message = message or (type(self).__doc__ or "").strip()
        self.field = field
        self.subject = subject
        super().__init__(self.message)


class InvalidRequestError(TuttiError):
    """The request is not valid."""

    status = 400
    code = "invalid_request"
    fault = "caller"


class NotFoundError(InvalidRequestError):
    """No such object."""

    status = 404
    code = "not_found"


class UnknownModelError(NotFoundError):
    """There is no such model."""

    code = "model_not_found"


class BodyTooLargeError(InvalidRequestError):
    """The request body is too large."""

    status = 413
    code = "read_request_body_failed"


class BodyTooLateError(InvalidRequestError):
    """The request body did not arrive in time."""

    status = 408
    code = "request_timeout"


class UnsafeAddressError(InvalidRequestError):
    """The address is not one this server connects to."""

    code = "unsafe_address"


class AuthError(TuttiError):
    """The key was not accepted."""

    status = 401
    code = "invalid_api_key"
    fault = "caller"


class MissingKeyError(AuthError):
    """No key was sent: use the header "Authorization: Bearer sk-..."."""


class UnknownKeyError(AuthError):
    """The key is not known here."""


class KeyExpiredError(AuthError):
    """The key has expired."""


class KeyRevokedError(AuthError):
    """The key was revoked."""


class ModelForbiddenError(AuthError):
    """The key may not use this model."""

    status = 403
    code = "model_not_allowed"


class ChannelForbiddenError(AuthError):
    """Only administrators may choose a channel by their key."""

    status = 403
    code = "access_denied"


class PlaceForbiddenError(AuthError):
    """The key may not be used from this address."""

    status = 403
    code = "access_denied"


class NotAdminError(AuthError):
    """Only administrators may do this."""

    status = 403
    code = "not_admin"


class QuotaError(TuttiError):
    """There is not enough credit."""

    status = 403
    code = "insufficient_user_quota"
    fault = "caller"


class UserQuotaError(QuotaError):
    """The account's credit does not cover this call."""


class KeyQuotaError(QuotaError):
    """The key's quota is used up."""

    status = 401
    code = "pre_consume_token_quota_failed"


class RateLimitError(TuttiError):
    """The calls are too many."""

    status = 429
    code = "rate_limit_exceeded"
    is_retryable = True
    fault = "caller"

    def __init__(self, message: str = "", *, retry_after_s: float | None = None, subject: str | None = None) -> None:
        """Say when it may be tried again."""
        super().__init__(message, subject=subject)
        self.retry_after_s = retry_after_s


class DailyCapError(RateLimitError):
    """The key's units for today are used up."""

    code = "daily_cap_reached"


class ConflictError(TuttiError):
    """The request contradicts what was said or done before."""

    status = 409
    code = "conflict"
    fault = "caller"


class UnavailableError(TuttiError):
    """It cannot be served now."""

    status = 503
    code = "unavailable"
    is_retryable = True
    fault = "operator"


class ShuttingDownError(UnavailableError):
    """The server is shutting down: try again in a moment."""

    retry_after_s: ClassVar[float] = 5.0


class NoChannelError(UnavailableError):
    """No channel and no engine serves this model."""

    code = "model_not_found"

    def __init__(self, message: str = "", *, subject: str | None = None, group: str = "default") -> None:
        """Name the model and the group that it was asked for in."""
        super().__init__(message, field="model", subject=subject)
        self.group = group


class NoPriceError(UnavailableError):
    """There is no price for this: the operator has to set one."""

    code = "model_price_error"
    is_retryable = False


class DiskFullError(UnavailableError):
    """The disk is too full to take new work."""

    code = "disk_full"


class ModelFileError(UnavailableError):
    """A weight file is missing: fetch it with `tutti models pull`."""

    code = "model_file_missing"


class WorkFailedError(TuttiError):
    """The work failed."""

    code = "work_failed"
    is_retryable = True


class EngineError(WorkFailedError):
    """The engine failed."""

    code = "engine_failed"


class VendorError(WorkFailedError):
    """The upstream failed."""

    status = 502
    code = "upstream_error"
    fault = "upstream"


class VendorRefusedError(VendorError):
    """The upstream refused the work."""

    is_retryable = False


class VendorBusyError(VendorError):
    """The upstream is overloaded or cannot be reached."""

    status = 429


class VendorTimeoutError(VendorError):
    """The upstream did not answer in time."""

    status = 504
    code = "upstream_timeout"


class VendorSaidError(VendorError):
    """The upstream answered with an error."""

    def __init__(
        self, message: str, *, status: int, code: str, kind: str = "", retry_after_s: float | None = None
    ) -> None:
        """Keep what it said: its status, its own code, and in `kind` its word for errors of this sort."""
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.status = status
        self.code = code
        self.kind = kind


class VendorReplyLostError(VendorError):
    """The upstream's answer was lost; it may have taken the work."""


class StoreError(TuttiError):
    """The database refused the operation."""

    code = "store_failed"


class DirectoryInUseError(StoreError):
    """Another Tutti server holds this data directory."""

    fault = "operator"
