"""Errors in the gateway-wide form, the OpenAI error object.

Key and channel errors take this form on every path, whatever the family's own. The Chinese texts are those of the
New-API family, which client programs search for; a caller who prefers English by Accept-Language gets the message
itself.
"""

import math
from typing import Literal

from tutti.accounts.model import DEFAULT_GROUP
from tutti.errors import (
    ChannelForbiddenError,
    ConflictError,
    DailyCapError,
    KeyExpiredError,
    KeyQuotaError,
    KeyRevokedError,
    MissingKeyError,
    ModelForbiddenError,
    NoChannelError,
    PlaceForbiddenError,
    QuotaError,
    RateLimitError,
    ShuttingDownError,
    TuttiError,
    UnknownKeyError,
    UnknownModelError,
    UserQuotaError,
    WorkFailedError,
)
from tutti.families.endpoint import TellError
from tutti.kit.asgi import Scope, Send, header, send_bytes
from tutti.wires import openai

Language = Literal["zh", "en"]

_KNOWN_TEXTS: dict[type[TuttiError], str] = {
    MissingKeyError: "未提供令牌",
    UnknownKeyError: "无效的令牌",
    KeyExpiredError: "该令牌已过期",
    KeyRevokedError: "该令牌状态不可用",
    ChannelForbiddenError: "普通用户不支持指定渠道",
    PlaceForbiddenError: "您的 IP 不在令牌允许访问的列表中",
    ModelForbiddenError: "该令牌无权访问模型 {subject}",
    RateLimitError: "您已达到请求数限制：{message}",
    DailyCapError: "该令牌今日额度已用尽: {message}",
    NoChannelError: "当前分组 {group} 下对于模型 {subject} 无可用渠道",
    UserQuotaError: "用户额度不足: {message}",
    KeyQuotaError: "该令牌额度已用尽: {message}",
}
# The type of errors that OpenAI itself would answer alike; all others carry the operator's own word.
OPENAI_TYPE = "invalid_request_error"
_NOT_TO_REPEAT = (QuotaError, ConflictError, WorkFailedError)


def language_of(scope: Scope) -> Language:
    """English when the caller puts it first, else the texts that programs know."""
    return "en" if (header(scope, b"accept-language") or "").lower().startswith("en") else "zh"


def words(error: TuttiError, language: Language) -> str:
    """The error's text in a language."""
    known = _KNOWN_TEXTS.get(type(error)) if language == "zh" else None
    if known is None:
        return error.message
    return known.format(subject=error.subject, message=error.message, group=getattr(error, "group", DEFAULT_GROUP))


def openai_body(error: TuttiError, scope: Scope, *, error_type: str) -> bytes:
    """The error object, with the request's id behind the text."""
    request_id = scope.get("tutti.request_id")
    suffix = f" (request id: {request_id})" if request_id else ""
    told = openai.ErrorObject(
        message=words(error, language_of(scope)) + suffix,
        type=OPENAI_TYPE if isinstance(error, UnknownModelError) else error_type,
        param=error.field,
        code=error.code,
    )
    return openai.encoder.encode(openai.ErrorBody(error=told))


def headers_of(error: TuttiError) -> list[tuple[bytes, bytes]]:
    """Headers that go with an error: when it may be tried again, and whether SDKs should.

    They would repeat by themselves what can not succeed, or what costs anew.
    """
    headers = [(b"x-should-retry", b"false")] if isinstance(error, _NOT_TO_REPEAT) else []
    if isinstance(error, ShuttingDownError):
        # Whoever keeps connections has to look for another one.
        headers.append((b"connection", b"close"))
    pause_s = getattr(error, "retry_after_s", None)
    if pause_s is not None:
        headers.append((b"retry-after", b"%d" % max(1, math.ceil(pause_s))))
    return headers


def openai_teller(*, error_type: str) -> TellError:
    """What tells errors of raw routes in this form."""

    async def tell_error(error: TuttiError, scope: Scope, send: Send) -> None:
        body = openai_body(error, scope, error_type=error_type)
        await send_bytes(send, status=error.status, body=body, headers=headers_of(error))

    return tell_error
