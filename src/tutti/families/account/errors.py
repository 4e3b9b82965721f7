"""Errors of the dashboard paths: the success envelope, with the status that is due."""

from tutti.errors import TuttiError
from tutti.families.account.translate import Refused, encoder
from tutti.families.errors import language_of, words
from tutti.kit.asgi import Scope, Send, send_bytes


async def tell_error(error: TuttiError, scope: Scope, send: Send) -> None:
    """Tell an error before a reply has begun."""
    body = encoder.encode(Refused(message=words(error, language_of(scope))))
    await send_bytes(send, status=error.status, body=body)
