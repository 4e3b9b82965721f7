"""Counts tokens in a process of its own, which is started when it is first needed and let go when it was idle.

The tokenizer takes twice the memory of a gateway, most need it seldom, and it holds the interpreter while it works.
Whoever makes a counter closes it; it belongs to the event loop that it counts in.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Self

import structlog

from tutti.billing.tokenizer import NUMBER

_log = structlog.get_logger("tutti.billing")

# -P: modules come from where Tutti is installed, never from the directory the server was started in.
_COMMAND = (sys.executable, "-P", "-m", "tutti.billing.tokenizer")
# Counting comes in bursts, and the first of one waits for the loading.
_IDLE_S = 60.0
# Whoever owes an answer for so long hangs: loading from a cold disk takes seconds, a chunk a thousandth of one.
_PATIENCE_S = 30.0
_TRIES = 2
# Characters that are counted at once: about a millisecond, so that a short text never waits long behind long ones. The
# tokenizer refuses texts of over 200,000 tokens.
_CHUNK = 16_000
# A chunk ends at the last space of so many characters, so that no word is cut.
_LOOK_BACK = 200
# Where nobody counts: English and code have 3.6 to 4.5, Chinese 3.2, figures in JSON 2.5.
_ESTIMATED_BYTES_A_TOKEN = 3.5


class TokenCounter:
    """Fulfils `Counter` by one process at a time, which many texts share."""

    def __init__(
        self, *, command: Sequence[str] = _COMMAND, idle_s: float = _IDLE_S, patience_s: float = _PATIENCE_S
    ) -> None:
        self._command = command
        self._idle_s = idle_s
        self._patience_s = patience_s
        self._child: _Child | None = None
        self._changing = asyncio.Lock()
        self._is_closed = False
        self._has_warned = False

    @property
    def pid(self) -> int | None:
        """The process that counts, None when there is none."""
        return None if self._child is None or self._child.is_gone else self._child.pid

    async def count(self, text: str) -> int:
        """Tokens of a text of any length; an estimate by its length where the process dies twice, or is closed."""
        if not text:
            return 0
        for _ in range(_TRIES):
            # `OSError`: the machine has no room for a process.
            with contextlib.suppress(_GoneError, OSError):
                child = await self._running()
                return sum([await child.count(chunk) for chunk in chunks(text)])
        if not self._has_warned:
            self._has_warned = True
            _log.warning("tokens_estimated", characters=len(text))
        return _estimated(text)

    async def close(self) -> None:
        """End the process; what is not counted yet is estimated, as is all that comes later."""
        self._is_closed = True
        async with self._changing:
            if self._child is not None:
                await self._child.close()

    async def _running(self) -> "_Child":
        """The process, started where there is none. Raises `_GoneError`, `OSError`."""
        async with self._changing:
            if self._is_closed:
                raise _GoneError
            if self._child is not None and self._child.is_gone:
                await self._child.close()
                self._child = None
            if self._child is None:
                self._child = await _Child.start(self._command, idle_s=self._idle_s, patience_s=self._patience_s)
            return self._child


class _GoneError(Exception):
    """The process ended before it answered."""


class _Child:
    """A running process."""

    def __init__(self, process: asyncio.subprocess.Process, *, idle_s: float, patience_s: float) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._texts, self._answers = process.stdin, process.stdout
        self._idle_s, self._patience_s = idle_s, patience_s
        # Those who wait, in the order of what was asked; whoever gave up keeps the place.
        self._waiting: deque[asyncio.Future[int]] = deque()
        self._loop = asyncio.get_running_loop()
        self._end = self._loop.call_later(idle_s, self._kill)
        self._listening = asyncio.create_task(self._listen())
        self._is_ended = self._is_dismissed = False

    @classmethod
    async def start(cls, command: Sequence[str], *, idle_s: float, patience_s: float) -> Self:
        """A new process, which takes questions though it is still loading. Raises `OSError`."""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # A Ctrl-C at the terminal is for the server, which has calls to settle.
            start_new_session=True,
        )
        _log.info("tokenizer_started", pid=process.pid)
        return cls(process, idle_s=idle_s, patience_s=patience_s)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_gone(self) -> bool:
        """Whether it answers no more; its input may break a moment before its output does."""
        return self._is_ended or self._texts.is_closing()

    async def count(self, chunk: str) -> int:
        """Tokens of a short text. Raises `_GoneError`."""
        if self.is_gone:
            raise _GoneError
        # Halves of characters, which JSON can name, have no UTF-8.
        content = chunk.encode("utf-8", "replace")
        answer: asyncio.Future[int] = self._loop.create_future()
        self._waiting.append(answer)
        if len(self._waiting) == 1:
            self._put_off_end()
        self._texts.write(NUMBER.pack(len(content)) + content)
        return await answer

    async def close(self) -> None:
        """End it, and wait until it is gone."""
        self._kill()
        await self._listening

    async def _listen(self) -> None:
        """Hand out answers until the process ends, by itself or by us."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                (tokens,) = NUMBER.unpack(await self._answers.readexactly(NUMBER.size))
                answer = self._waiting.popleft()
                self._put_off_end()
                if not answer.done():
                    answer.set_result(tokens)
        was_wanted = not self._is_dismissed
        self._kill()
        for answer in self._waiting:
            if not answer.done():
                answer.set_exception(_GoneError())
        code = await self._process.wait()
        if was_wanted:
            _log.warning("tokenizer_died", pid=self.pid, exit_code=code)

    def _put_off_end(self) -> None:
        self._end.cancel()
        self._end = self._loop.call_later(self._patience_s if self._waiting else self._idle_s, self._kill)

    def _kill(self) -> None:
        """End it at once: it has nothing to lose."""
        self._is_ended = True
        # Its input breaks by itself when it has died before.
        self._is_dismissed = self._is_dismissed or not self._texts.is_closing()
        self._end.cancel()
        self._texts.close()
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                # Not `Process.kill`: it takes the exit code of a dead process away from the loop that waits for it.
                os.killpg(self.pid, signal.SIGKILL)


def chunks(text: str) -> Iterator[str]:
    """The parts of a text that are counted one by one."""
    start = 0
    while start < len(text):
        end = start + _CHUNK
        if end < len(text):
            space = text.rfind(" ", end - _LOOK_BACK, end)
            end = end if space < 0 else space
        yield text[start:end]
        start = end


def _estimated(text: str) -> int:
    return round(len(text.encode("utf-8", "replace")) / _ESTIMATED_BYTES_A_TOKEN) or 1
