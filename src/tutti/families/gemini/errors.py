"""Errors in Google's form: {"error": {"code", "message", "status"}}.

https://cloud.google.com/apis/design/errors, seen 2025-05. Keys and channels are refused in this form too: the SDK reads
no other on its paths.
"""

from tutti.errors import TuttiError
from tutti.families.errors import headers_of, language_of, words
from tutti.kit.asgi import Scope, Send, send_bytes
from tutti.wires import gemini

# Google's words for HTTP statuses; what is not here is UNKNOWN.
STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    402: "FAILED_PRECONDITION",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def status_of(status: int) -> str:
    """Google's word for an HTTP status."""
    return STATUSES.get(status, "UNKNOWN" if status < 500 else "INTERNAL")


def error_body(status: int, message: str) -> bytes:
    """The body of an error."""
    told = gemini.ErrorObject(code=status, message=message, status=status_of(status))
    return gemini.encoder.encode(gemini.ErrorBody(error=told))


async def tell_error(error: TuttiError, scope: Scope, send: Send) -> None:
    """Answer with an error, its words in the caller's language and with the request's id behind them."""
    request_id = scope.get("tutti.request_id")
    suffix = f" (request id: {request_id})" if request_id else ""
    body = error_body(error.status, words(error, language_of(scope)) + suffix)
    await send_bytes(send, status=error.status, body=body, headers=headers_of(error))
