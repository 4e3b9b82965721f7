"""An engine's progress as a bar on standard error."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from tutti.engines.engine import LoneReporter


class ShownProgress(LoneReporter):
    """A `Reporter` for a person who waits."""

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
