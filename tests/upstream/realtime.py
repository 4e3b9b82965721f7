"""OpenAI's realtime wire over a WebSocket, as much of it as a relay meets: a session, answers, and the end.

It tells `session.created` first, answers `session.update` and `response.create`, tells an error for what it does not
know, and gives binary frames back as they came. "close please" in a message makes it close with code 4000.
"""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from tests.upstream.mind import Ask, answer

Message = MutableMapping[str, Any]
CLOSED_BY_US = 4000


async def serve(
    model: str, key: str, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """One connection, from its handshake to its end; without model or key it is refused."""
    await receive()
    if not model or not key:
        await send({"type": "websocket.close", "code": 4001})
        return
    await send({"type": "websocket.accept"})
    await _tell(send, {"type": "session.created", "session": {"id": "sess_upstream", "model": model}})
    said = ""
    while (message := await receive())["type"] == "websocket.receive":
        if message.get("bytes") is not None:
            await send({"type": "websocket.send", "bytes": message["bytes"]})
            continue
        event = json.loads(message["text"])
        if "close please" in message["text"]:
            await send({"type": "websocket.close", "code": CLOSED_BY_US, "reason": "as you wish"})
            return
        if event["type"] == "conversation.item.create":
            said = " ".join(part.get("text", "") for part in event["item"]["content"])
        for told in _answers(event, model, said):
            await _tell(send, told)


def _answers(event: dict[str, Any], model: str, said: str) -> list[dict[str, Any]]:
    match event["type"]:
        case "session.update":
            return [{"type": "session.updated", "session": {"model": model, **event["session"]}}]
        case "conversation.item.create":
            return [{"type": "conversation.item.created", "item": event["item"]}]
        case "response.create":
            made = answer(Ask(said=said, prompt=said))
            usage = {"input_tokens": made.input_tokens, "output_tokens": made.output_tokens}
            usage["total_tokens"] = made.input_tokens + made.output_tokens
            return [
                {"type": "response.created", "response": {"id": "resp_upstream", "status": "in_progress"}},
                *({"type": "response.output_text.delta", "delta": word} for word in made.words),
                {"type": "response.done", "response": {"id": "resp_upstream", "status": "completed", "usage": usage}},
            ]
        case unknown:
            error = {"type": "invalid_request_error", "message": f"There is no event {unknown!r}."}
            return [{"type": "error", "error": error}]


async def _tell(send: Callable[[Message], Awaitable[None]], event: dict[str, Any]) -> None:
    await send({"type": "websocket.send", "text": json.dumps(event)})
