"""What a host and its engine child say to each other: typed messages, length-prefixed, over a private socket pair.

A frame is four bytes of length, big-endian, and the message as msgpack. Media never travels here, only paths. Results
arrive as plain values (a struct becomes a map), since the host passes them on without knowing their types.
"""

import asyncio
import socket
import struct
import threading
from typing import Any, Self

import msgspec

from tutti import errors
from tutti.intents import AnyIntent

_LENGTH = struct.Struct(">I")
# Far above any plan or score; a longer frame is a broken peer.
MAX_FRAME_BYTES = 64 * 1024 * 1024


class Load(msgspec.Struct, frozen=True, kw_only=True, tag="load"):
    """Host: make this engine ("module:callable") with these keyword arguments; the first message of all."""

    factory: str
    options: dict[str, str]


class RunJob(msgspec.Struct, frozen=True, kw_only=True, tag="run_job"):
    """Host: do this; `number` counts the jobs of one child from 1."""

    number: int
    task_id: str
    attempt: int
    intent: AnyIntent
    scratch: str
    inputs: dict[str, str]


class CancelJob(msgspec.Struct, frozen=True, kw_only=True, tag="cancel_job"):
    """Host: give the job up at its next report; a job that has ended is not meant."""

    number: int


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag="failed"):
    """Child: the job failed. Inside an answer: the sub-intent did. `error` names a class of `tutti.errors`."""

    error: str
    message: str

    @classmethod
    def of(cls, error: errors.TuttiError) -> Self:
        """The message that tells of this error."""
        return cls(error=type(error).__name__, message=error.message)

    def as_error(self) -> errors.TuttiError:
        """The error it tells of; an `EngineError` where the name is none of ours."""
        known = getattr(errors, self.error, None)
        if isinstance(known, type) and issubclass(known, errors.TuttiError):
            return known(self.message)
        return errors.EngineError(self.message)


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag="answer"):
    """Host: how the sub-intent asked for went."""

    result: Any = None
    failure: Failed | None = None


class Ready(msgspec.Struct, frozen=True, kw_only=True, tag="ready"):
    """Child: the engine is loaded."""


class Progress(msgspec.Struct, frozen=True, kw_only=True, tag="progress"):
    """Child: so much is done, 0..1; a sign of life."""

    fraction: float
    note: str


class PartDone(msgspec.Struct, frozen=True, kw_only=True, tag="part_done"):
    """Child: one part is finished and its files are written."""

    index: int
    result: Any


class Ask(msgspec.Struct, frozen=True, kw_only=True, tag="ask"):
    """Child: have another engine do this, its files into the existing folder `scratch`; the answer is waited for."""

    intent: AnyIntent
    scratch: str
    inputs: dict[str, str]


class Done(msgspec.Struct, frozen=True, kw_only=True, tag="done"):
    """Child: the job is finished."""

    result: Any


class Cancelled(msgspec.Struct, frozen=True, kw_only=True, tag="cancelled"):
    """Child: the job was given up as told."""


ToChild = Load | RunJob | CancelJob | Answer
FromChild = Ready | Progress | PartDone | Ask | Done | Failed | Cancelled

_encoder = msgspec.msgpack.Encoder()
_to_child: msgspec.msgpack.Decoder[ToChild] = msgspec.msgpack.Decoder(ToChild)
_from_child: msgspec.msgpack.Decoder[FromChild] = msgspec.msgpack.Decoder(FromChild)


def frame(message: ToChild | FromChild) -> bytes:
    """The message as it goes over the pipe. Raises `TypeError` for a result that is no plain value."""
    body = _encoder.encode(message)
    if len(body) > MAX_FRAME_BYTES:
        raise ValueError(f"a message of {len(body)} bytes is too long for the engine pipe; hand media over as files")
    return _LENGTH.pack(len(body)) + body


async def read_from_child(reader: asyncio.StreamReader) -> FromChild | None:
    """The next message of a child, None when its end is closed. Raises `ValueError` when it is not one of ours."""
    try:
        (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        return _from_child.decode(await reader.readexactly(_checked(length)))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


class ChildPipe:
    """The child's blocking end; several threads may send, one receives."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._stream = self._socket.makefile("rb")
        self._send_lock = threading.Lock()

    def send(self, message: FromChild) -> None:
        """Hand a message to the host; waits while the pipe is full."""
        encoded = frame(message)
        with self._send_lock:
            self._socket.sendall(encoded)

    def receive(self) -> ToChild | None:
        """The next message of the host, None when the host is gone."""
        head = self._stream.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack(head)
        body = self._stream.read(_checked(length))
        return _to_child.decode(body) if len(body) == length else None

    def close(self) -> None:
        """Close this end."""
        self._stream.close()
        self._socket.close()


def _checked(length: int) -> int:
    if length > MAX_FRAME_BYTES:
        raise ValueError(f"a frame of {length} bytes on the engine pipe: the other side is broken")
    return length
