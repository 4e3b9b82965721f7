"""Errors in the Suno wire.

Two forms live on the same paths: key and channel errors are told as everywhere in the gateway, by the OpenAI error
object; all else by this family's envelope {code, message, data: null}.
"""

from tutti.errors import (
    AuthError,
    InvalidRequestError,
    NoChannelError,
    NotFoundError,
    TuttiError,
    UnknownModelError,
)
from tutti.families.endpoint import TellError
from tutti.families.errors import headers_of, language_of, openai_body, words
from tutti.kit.asgi import Scope, Send, send_bytes
from tutti.wires import suno

_TOLD_GATEWAY_WIDE = (AuthError, NoChannelError, UnknownModelError)


class TaskNotExistError(InvalidRequestError):
    """task_not_exist."""

    code = "task_not_exist"


class ClipNotExistError(TaskNotExistError):
    """task_not_exist."""


class ClipNotReadyError(InvalidRequestError):
    """The clip is not complete."""

    code = "clip_not_complete"


class ClipGoneError(NotFoundError):
    """The clip's files are no longer kept."""


class ChannelOffError(InvalidRequestError):
    """The channel that made the clip takes no work now: go on from another clip, or ask again later."""

    code = "task_channel_disable"


def teller(*, error_type: str) -> TellError:
    """What tells this family's errors."""

    async def tell_error(error: TuttiError, scope: Scope, send: Send) -> None:
        if isinstance(error, _TOLD_GATEWAY_WIDE):
            body = openai_body(error, scope, error_type=error_type)
        else:
            body = suno.encoder.encode(suno.Envelope(code=error.code, message=words(error, language_of(scope))))
        await send_bytes(send, status=error.status, body=body, headers=headers_of(error))

    return tell_error
