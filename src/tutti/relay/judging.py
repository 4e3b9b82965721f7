"""What an upstream's failure means for the caller, for the channel, and for another try. Pure.

A status decides where it is clear. Nothing is tried again once a byte has gone to the caller.
"""

from dataclasses import dataclass

from tutti.errors import (
    TuttiError,
    VendorBusyError,
    VendorError,
    VendorRefusedError,
    VendorSaidError,
    VendorTimeoutError,
)
from tutti.routing.choice import Outcome
from tutti.vendors.wire import Told

# Seconds that a Retry-After may keep a channel away at most.
_LONGEST_PAUSE_S = 600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What follows from a failure."""

    # What the caller is told if there is nobody else to ask.
    error: TuttiError
    # What it counts as against the channel.
    outcome: Outcome
    may_go_elsewhere: bool


def judge_status(status: int, told: Told, *, retry_after_s: float | None) -> Verdict:
    """The verdict on a reply with an error status."""
    pause_s = None if retry_after_s is None else min(retry_after_s, _LONGEST_PAUSE_S)
    said = VendorSaidError(
        told.message,
        status=status,
        code=told.code or "bad_response_status_code",
        kind=told.kind,
        retry_after_s=pause_s,
    )
    if status in {401, 402, 403}:
        return Verdict(error=_own_key_refused(), outcome=Outcome.KEY_REFUSED, may_go_elsewhere=True)
    if status == 429:
        return Verdict(error=said, outcome=Outcome.busy(pause_s), may_go_elsewhere=True)
    if status == 404:
        # It may know the model elsewhere; the channel itself is well.
        return Verdict(error=said, outcome=Outcome.CALLER_FAULT, may_go_elsewhere=True)
    if status == 408 or status >= 500:
        return Verdict(error=said, outcome=Outcome.FAILED, may_go_elsewhere=True)
    if status < 400:
        # A redirect or an unasked-for form of success: no wire here knows them.
        odd = VendorSaidError(f"The upstream answered with status {status}.", status=502, code="bad_response")
        return Verdict(error=odd, outcome=Outcome.FAILED, may_go_elsewhere=True)
    return Verdict(error=said, outcome=Outcome.CALLER_FAULT, may_go_elsewhere=False)


def judge_error(error: VendorError) -> Verdict:
    """The verdict on an exchange that yielded no reply."""
    if isinstance(error, VendorTimeoutError):
        return Verdict(error=error, outcome=Outcome.TIMEOUT, may_go_elsewhere=True)
    if isinstance(error, VendorRefusedError):  # no token for the channel's account
        return Verdict(error=_own_key_refused(), outcome=Outcome.KEY_REFUSED, may_go_elsewhere=True)
    if isinstance(error, VendorBusyError):
        unreachable = VendorSaidError(error.message, status=502, code="do_request_failed")
        return Verdict(error=unreachable, outcome=Outcome.FAILED, may_go_elsewhere=True)
    return Verdict(error=error, outcome=Outcome.FAILED, may_go_elsewhere=True)


def _own_key_refused() -> VendorSaidError:
    """The channel's key, not the caller's: they must not read it as theirs."""
    return VendorSaidError("The upstream refused this server's own key.", status=502, code="upstream_key_refused")


def retry_after_s(value: str | None) -> float | None:
    """The header Retry-After in seconds; None where it is missing or a date, which no vendor here sends."""
    try:
        return max(0.0, float(value)) if value else None
    except ValueError:
        return None
