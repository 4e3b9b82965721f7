"""An engine's progress as a bar on standard error."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self, TypeVar

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from tutti.errors import UnavailableError
from tutti.intents import AnyIntent

R = TypeVar("R", bound=msgspec.Struct)


class ShownProgress:
    """Fulfils the engines' `Reporter` for a person who waits."""

    def __init__(self) -> None:
        self._bar = Progress(
            TextColumn("{task.description:<32}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        )
        self._task = self._bar.add_task("starting", total=1.0)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def progress(self, fraction: float, note: str = "") -> None:
        """Move the bar."""
        self._bar.update(self._task, completed=fraction, description=note or None)

    def part(self, index: int, result: msgspec.Struct) -> None:
        """Nothing to do: whoever waits gets all parts at the end."""

    def ask(
        self,
        intent: AnyIntent,
        result_type: type[R],  # noqa: ARG002 - the names of the port
        *,
        inputs: Mapping[str, Path] | None = None,  # noqa: ARG002
    ) -> NoReturn:
        """Refuse: without a server there is no other engine to ask."""
        raise UnavailableError(f"A {intent.kind} can be asked for by a server only.")
