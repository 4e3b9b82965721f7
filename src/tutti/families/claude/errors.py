"""Errors in the Claude wire: always its own envelope, key errors too, which Anthropic's SDKs and Claude Code read.

https://platform.claude.com/docs/en/api/errors, 2026-11.
"""

from collections.abc import Mapping

from tutti.errors import QuotaError, TuttiError, VendorSaidError
from tutti.families.endpoint import TellError
from tutti.families.errors import headers_of, language_of, words
from tutti.kit.asgi import Scope, Send, send_bytes
from tutti.wires import claude

# What Anthropic calls errors of a status.
_TYPES: Mapping[int, str] = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
# Claude Code asks for a new login on 401 and 403; what is missing is money.
_QUOTA_STATUS = 402


def status_of(error: TuttiError) -> int:
    """The status that this wire has for an error."""
    return _QUOTA_STATUS if isinstance(error, QuotaError) else error.status


def type_of(error: TuttiError) -> str:
    """The wire's word for an error; an upstream that speaks it has said its own."""
    if isinstance(error, VendorSaidError):
        for word in (error.kind, error.code):
            if word in _TYPES.values():
                return word
    status = status_of(error)
    return _TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error")


def error_event(error: TuttiError) -> bytes:
    """An error in the midst of a stream: SDKs raise on it, and nothing comes after."""
    return claude.event("error", error=claude.ErrorObject(type=type_of(error), message=error.message))


def teller() -> TellError:
    """What tells this family's errors."""

    async def tell_error(error: TuttiError, scope: Scope, send: Send) -> None:
        request_id: str | None = scope.get("tutti.request_id")
        told = claude.ErrorBody(
            type="error",
            error=claude.ErrorObject(type=type_of(error), message=words(error, language_of(scope))),
            request_id=request_id,
        )
        headers = headers_of(error)
        if request_id:
            # By this name Anthropic's SDKs find it.
            headers.append((b"request-id", request_id.encode("latin-1")))
        await send_bytes(send, status=status_of(error), body=claude.encoder.encode(told), headers=headers)

    return tell_error
