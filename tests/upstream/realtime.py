"""The Realtime wire over WebSocket, in both dialects: words in, words and sound out, figures at the end.

What is committed is written down by the model that the session's update names; with intent=transcription that is all.
A client event {"type": "test.close", "code": 4000} makes it close with that code; the fault `cut_after` breaks the
connection after so many pieces of a response, `no_usage` leaves its figures out, `hang` never ends one.
"""

import asyncio
import base64
import contextlib
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from tests.upstream.faults import Fault

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# A tenth of a second of silence.
SOUND = base64.b64encode(bytes(4800)).decode()
# Figures of every response: sound is a part of what came out, and of what went in a part came from the cache.
USAGE = {
    "total_tokens": 60,
    "input_tokens": 40,
    "output_tokens": 20,
    "input_token_details": {"text_tokens": 40, "audio_tokens": 0, "cached_tokens": 8},
    "output_token_details": {"text_tokens": 5, "audio_tokens": 15},
}


# Of every transcript; models of OpenAI that cost by the second tell seconds alone.
TRANSCRIPT_USAGE = {
    "type": "tokens",
    "total_tokens": 55,
    "input_tokens": 50,
    "output_tokens": 5,
    "input_token_details": {"text_tokens": 2, "audio_tokens": 48},
}
SECONDS_USAGE = {"type": "duration", "seconds": 6}


class Connection:
    """One connection."""

    def __init__(self, *, fault: Fault, send: Send) -> None:
        self._fault = fault
        self._send = send
        self._number = 0
        self._transcriber = ""

    def _hear(self, session: dict[str, Any]) -> None:
        """Take note of who writes down, in either dialect."""
        # Settings that make no sense name nobody.
        with contextlib.suppress(AttributeError, KeyError, TypeError):
            said = session["audio"]["input"] if "audio" in session else session
            self._transcriber = (said.get("transcription") or said["input_audio_transcription"])["model"]

    async def _write(self) -> None:
        await self._tell("input_audio_buffer.committed", item_id="item_1")
        kind = "conversation.item.input_audio_transcription"
        await self._tell(f"{kind}.delta", item_id="item_1", content_index=0, delta="Lanterns are lit")
        if self._fault.hang:
            return
        usage = SECONDS_USAGE if self._transcriber.startswith("whisper") else TRANSCRIPT_USAGE
        figures = {} if self._fault.no_usage else {"usage": usage}
        await self._tell(
            f"{kind}.completed", item_id="item_1", content_index=0, transcript="Lanterns are lit.", **figures
        )

    async def _tell(self, kind: str, **fields: Any) -> None:
        self._number += 1
        event = {"type": kind, "event_id": f"event_{self._number}", **fields}
        await self._send({"type": "websocket.send", "text": json.dumps(event)})


class Transcribing(Connection):
    """One that only writes down."""

    def __init__(self, *, is_beta: bool, fault: Fault, send: Send) -> None:
        super().__init__(fault=fault, send=send)
        self._kind = "transcription_session" if is_beta else "session"

    async def run(self, receive: Receive) -> None:
        """Answer events until one side closes."""
        usual = {"audio": {"input": {"transcription": {"model": "usual"}}}}
        await self._tell(f"{self._kind}.created", session={"type": "transcription", **usual})
        while (message := await receive())["type"] == "websocket.receive":
            event = json.loads(message["text"])
            if event["type"] == f"{self._kind}.update":
                self._hear(event["session"])
                await self._tell(f"{self._kind}.updated", session=event["session"])
            elif event["type"] == "input_audio_buffer.commit":
                await self._write()
            else:
                await self._tell("error", error={"type": "invalid_request_error", "message": event["type"]})


class Session(Connection):
    """A conversation."""

    def __init__(self, model: str, *, is_beta: bool, fault: Fault, send: Send) -> None:
        super().__init__(fault=fault, send=send)
        self._model = model
        self._audio = "response.audio" if is_beta else "response.output_audio"
        self._created = "conversation.item.created" if is_beta else "conversation.item.added"

    async def run(self, receive: Receive) -> None:
        """Answer events until one side closes."""
        await self._tell("session.created", session={"id": "sess_1", "model": self._model})
        while (message := await receive())["type"] == "websocket.receive":
            event = json.loads(message["text"])
            if event["type"] == "test.close":
                await self._send({"type": "websocket.close", "code": event["code"], "reason": "as asked"})
                return
            if event["type"] == "conversation.item.create":
                await self._tell(self._created, item=event["item"])
            elif event["type"] == "response.create":
                await self._respond()
            elif event["type"] == "input_audio_buffer.commit":
                await self._write()
            elif event["type"] == "session.update":
                self._hear(event["session"])
                await self._tell("session.updated", session=event["session"])
            else:
                await self._tell("error", error={"type": "invalid_request_error", "message": event["type"]})

    async def _respond(self) -> None:
        await self._tell("response.created", response={"id": "resp_1", "status": "in_progress", "usage": None})
        for number, word in enumerate(("Hel", "lo ", "there")):
            if self._fault.cut_after == number:
                await self._send({"type": "websocket.close", "code": 1011, "reason": "a fault"})
                await asyncio.Event().wait()
            await self._tell(f"{self._audio}_transcript.delta", response_id="resp_1", delta=word)
            await self._tell(f"{self._audio}.delta", response_id="resp_1", delta=SOUND)
        if self._fault.hang:
            return
        usage = None if self._fault.no_usage else USAGE
        await self._tell("response.done", response={"id": "resp_1", "status": "completed", "usage": usage})


async def refuse(send: Send, status: int) -> None:
    """An HTTP error in place of the connection."""
    body = json.dumps({"error": {"message": "No.", "type": "invalid_request_error", "code": "fault"}}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})
