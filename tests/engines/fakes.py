"""Engines that misbehave on purpose; they run in real children. What one does stands in the intent's prompt."""

import contextlib
import ctypes
import os
import subprocess
import sys
import time
from pathlib import Path

from tutti.errors import EngineError, InvalidRequestError
from tutti.intents import ClipResult, LyricsResult, LyricsWish, Song, SongResult


class FakeEngine:
    """Does what the first word of the prompt says."""

    def __init__(self, greeting="la"):
        self._greeting = greeting

    def run(self, job, report):
        verb, _, rest = job.intent.prompt.partition(" ")
        return getattr(self, verb)(rest, job, report)

    def echo(self, rest, _job, report):
        report.progress(0.5, "half")
        sys.stderr.write(f"singing {rest}\n")
        return _words(f"{self._greeting} {rest}")

    def pid(self, _rest, _job, _report):
        return _words(str(os.getpid()))

    def threads(self, _rest, _job, _report):
        return _words(f"{os.environ['OMP_NUM_THREADS']} {os.nice(0)}")

    def slow(self, rest, _job, report):
        """Work for so many seconds, reporting."""
        until_s = time.monotonic() + float(rest)
        while time.monotonic() < until_s:
            report.progress(0.5, f"pid {os.getpid()}")
            time.sleep(0.02)
        return _words("slow")

    def diary(self, rest, _job, report):
        """Write a line into a file every few milliseconds, for so many seconds."""
        path, seconds = rest.split()
        until_s = time.monotonic() + float(seconds)
        with Path(path).open("a", buffering=1) as diary:
            diary.write("begin\n")
            while time.monotonic() < until_s:
                diary.write("still here\n")
                report.progress(0.5)
                time.sleep(0.005)
        return _words("written")

    def meet(self, rest, _job, report):
        """Write a file of our own and wait until another job's is there."""
        mine, theirs = rest.split()
        Path(mine).touch()
        while not Path(theirs).exists():
            report.progress(0.1)
            time.sleep(0.01)
        return _words("met")

    def hang(self, _rest, _job, report):
        """Say something once, name our pid, then nothing; a cancel is not noticed either."""
        report.progress(0.3, f"pid {os.getpid()}")
        time.sleep(600)

    def chatter(self, _rest, _job, _report):
        """Print and print."""
        while True:
            sys.stderr.write("still here\n")
            time.sleep(0.05)

    def helper(self, _rest, _job, report):
        """Hang with a program of our own beside us."""
        helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        report.progress(0.3, f"pid {os.getpid()} {helper.pid}")
        time.sleep(600)

    def inputs(self, _rest, job, _report):
        ((key, path),) = job.inputs.items()
        return _words(f"{job.scratch} {key} {path.read_text()}")

    def freeze(self, _rest, _job, report):
        """Hold the interpreter lock in C, so that no thread of ours can run."""
        report.progress(0.3, f"pid {os.getpid()}")
        ctypes.PyDLL(None).sleep(600)

    def poison(self, _rest, _job, report):
        report.progress(0.3)
        os.kill(os.getpid(), 9)

    def crash(self, _rest, _job, _report):
        raise ZeroDivisionError

    def fail(self, rest, _job, _report):
        raise EngineError(rest)

    def refuse(self, rest, _job, _report):
        raise InvalidRequestError(rest)

    def rubbish(self, _rest, _job, _report):
        """Write bytes that are no message into the pipe."""
        descriptor = int(sys.argv[sys.argv.index("--fd") + 1])
        os.write(descriptor, b"\x00\x00\x00\x03abc")
        time.sleep(600)

    def unsendable(self, _rest, _job, _report):
        return object()

    def swallow(self, _rest, _job, report):
        """Ignore a cancel as no engine may."""
        while True:
            with contextlib.suppress(BaseException):
                report.progress(0.1, f"pid {os.getpid()}")
            time.sleep(0.02)

    def once(self, rest, _job, _report):
        """Die the first time, succeed when the marker file shows that it has happened."""
        marker = Path(rest)
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), 9)
        return _words("second time")


class AskingEngine:
    """Serves songs by asking the lyrics engine to do what the description says."""

    def run(self, job, report):
        rest = job.intent.description
        report.progress(0.1)
        given = job.scratch / "given.txt"
        given.write_text("given")
        result = report.ask(LyricsWish(prompt=rest, seed=1), LyricsResult, inputs={"a/key": given})
        return LyricsResult(title=result.title, text=f"asked: {result.text}")


class RingEngine:
    """Serves lyrics by asking for a song, which asks for lyrics, and so on down."""

    def run(self, job, report):
        return report.ask(Song(seats=(), description=job.intent.prompt), LyricsResult)


class ClipEngine:
    """Two clips of one small file each; the first is handed over before the second is made."""

    def run(self, job, report):
        clips = []
        for index, seat in enumerate(job.intent.seats):
            report.progress(index / 2, "clip")
            path = job.scratch / f"{seat.clip_id}.mp3"
            path.write_bytes(f"audio of {seat.clip_id}".encode())
            clips.append(ClipResult(clip_id=seat.clip_id, title="t", tags="", lyrics="", files={"audio": str(path)}))
            report.part(index, clips[-1])
        return SongResult(clips=tuple(clips))


class BrokenEngine:
    """Can not be made."""

    def __init__(self):
        raise RuntimeError("no weights")


def _words(text):
    return LyricsResult(title="t", text=text)
