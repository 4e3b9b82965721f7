"""Errors in Anthropic's envelope, as its SDK reads them."""

import json
from typing import Any

import pytest

from tutti.errors import (
    BodyTooLargeError,
    InvalidRequestError,
    KeyQuotaError,
    ModelForbiddenError,
    NoChannelError,
    TuttiError,
    UnknownKeyError,
    UnknownModelError,
    UserQuotaError,
    VendorBusyError,
    VendorSaidError,
    VendorTimeoutError,
)
from tutti.families.claude.errors import teller

pytestmark = pytest.mark.anyio


async def tell(error: TuttiError, **scope: Any) -> tuple[int, dict[bytes, bytes], dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await teller()(error, {"headers": [(b"accept-language", b"en")], **scope}, send)
    body = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], dict(sent[0]["headers"]), json.loads(body)


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (InvalidRequestError("messages: missing"), 400, "invalid_request_error"),
        (UnknownKeyError(), 401, "authentication_error"),
        (UserQuotaError(), 402, "billing_error"),
        (KeyQuotaError(), 402, "billing_error"),
        (ModelForbiddenError(), 403, "permission_error"),
        (UnknownModelError(), 404, "not_found_error"),
        (BodyTooLargeError(), 413, "request_too_large"),
        (VendorBusyError(), 429, "rate_limit_error"),
        (NoChannelError(), 503, "api_error"),
        (VendorTimeoutError(), 504, "timeout_error"),
        (VendorSaidError("Busy", status=529, code="", kind="overloaded_error"), 529, "overloaded_error"),
        (VendorSaidError("Busy", status=503, code="", kind="overloaded_error"), 503, "overloaded_error"),
        (VendorSaidError("Busy", status=502, code="overloaded_error"), 502, "overloaded_error"),
        (VendorSaidError("What?", status=422, code="", kind="odd"), 422, "invalid_request_error"),
    ],
)
async def test_error_has_the_wires_status_and_word(error, status, kind):
    told_status, _, body = await tell(error)
    assert (told_status, body) == (status, {"type": "error", "error": {"type": kind, "message": error.message}})


async def test_error_carries_the_requests_id_where_the_sdk_looks():
    _, headers, body = await tell(UnknownModelError(), **{"tutti.request_id": "2026"})
    assert (headers[b"request-id"], body["request_id"]) == (b"2026", "2026")


async def test_error_that_a_repetition_can_not_mend_says_so():
    _, headers, _ = await tell(UserQuotaError())
    assert headers[b"x-should-retry"] == b"false"


async def test_key_error_has_the_known_text_unless_english_is_wanted():
    _, _, body = await tell(UnknownKeyError(), headers=[])
    assert body["error"]["message"] == "无效的令牌"
