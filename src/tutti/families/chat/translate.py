"""Between the OpenAI chat wire and durable work. Pure."""

import math

from tutti.errors import InvalidRequestError
from tutti.wires.openai import (
    ChatChunk,
    ChatMessage,
    ChatReply,
    ChatRequest,
    Choice,
    ChunkChoice,
    Delta,
    ReplyMessage,
    Usage,
)

# Bytes of text to a token, a usual estimate: durable work is priced by the call, its usage is shown for form's sake.
_BYTES_PER_TOKEN = 4


def last_user_text(request: ChatRequest) -> str:
    """What the user said last. Raises `InvalidRequestError` when there are no words of theirs."""
    for message in reversed(request.messages):
        if message.role == "user" and (text := _text_of(message).strip()):
            return text
    raise InvalidRequestError("messages holds no text of a user.", field="messages")


def _text_of(message: ChatMessage) -> str:
    if isinstance(message.content, list):
        return "\n".join(part.text for part in message.content if part.text)
    return message.content or ""


def usage_of(request: ChatRequest, answer: str) -> Usage:
    """Estimated tokens of the whole conversation and the answer."""
    asked = sum(_tokens(_text_of(message)) for message in request.messages)
    answered = _tokens(answer)
    return Usage(prompt_tokens=asked, completion_tokens=answered, total_tokens=asked + answered)


def _tokens(text: str) -> int:
    return math.ceil(len(text.encode("utf-8", "replace")) / _BYTES_PER_TOKEN)


class Teller:
    """Makes the reply, or the chunks, of one call; all carry the same id, time and model."""

    def __init__(self, *, reply_id: str, created_s: int, model: str, tells_usage: bool) -> None:
        self._reply_id = reply_id
        self._created_s = created_s
        self._model = model
        self._tells_usage = tells_usage

    def whole(self, text: str, usage: Usage) -> ChatReply:
        """The answer in one piece."""
        choice = Choice(message=ReplyMessage(content=text), finish_reason="stop")
        return ChatReply(id=self._reply_id, created=self._created_s, model=self._model, choices=(choice,), usage=usage)

    def opening(self) -> ChatChunk:
        """The first chunk, which alone names the role."""
        return self._chunk((ChunkChoice(delta=Delta(role="assistant", content="")),))

    def words(self, text: str) -> ChatChunk:
        """A piece of the answer."""
        return self._chunk((ChunkChoice(delta=Delta(content=text)),))

    def closing(self) -> ChatChunk:
        """The chunk that says why the answer ends."""
        return self._chunk((ChunkChoice(delta=Delta(), finish_reason="stop"),))

    def usage(self, usage: Usage) -> ChatChunk:
        """The last chunk of a stream that was asked to tell usage."""
        return self._chunk((), usage)

    def _chunk(self, choices: tuple[ChunkChoice, ...], usage: Usage | None = None) -> ChatChunk:
        if not self._tells_usage:
            return ChatChunk(id=self._reply_id, created=self._created_s, model=self._model, choices=choices)
        return ChatChunk(id=self._reply_id, created=self._created_s, model=self._model, choices=choices, usage=usage)
