"""`tutti models`: the weights on this machine."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.filesize import decimal

from tutti.cli.configuration import read_settings
from tutti.cli.output import show_json, show_table

if TYPE_CHECKING:
    from tutti.models.store import ModelStatus, ModelStore
    from tutti.models.store import Progress as PullProgress

app = typer.Typer(no_args_is_help=True, help="The weights on this machine: list, pull, verify.")

Names = Annotated[list[str] | None, typer.Argument(help="Names of models; none: all of them.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.command("list")
def list_models(*, as_json: AsJson = False) -> None:
    """Show every model, what it is for and whether it is here.

    Example: tutti models list --json
    """
    _print(_store().list_all(), as_json=as_json)


@app.command()
def pull(
    names: Names = None,
    engine: Annotated[str | None, typer.Option(help='Only what this engine needs, such as "song".')] = None,
) -> None:
    """Fetch models that are not here yet.

    Example: tutti models pull kokoro kokoro-voices
    """
    from rich.console import Console  # noqa: PLC0415 - only this command draws a bar
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    store = _store()
    wanted = list(store.catalogue.needed_by(engine)) if engine else names or [model.name for model in store.catalogue]
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn(), console=console
    )
    with bar:
        task = bar.add_task("looking", total=None)

        def show(progress: "PullProgress") -> None:
            bar.update(
                task,
                description=f"{progress.model}: {progress.note}",
                completed=progress.done_bytes,
                total=progress.total_bytes,
            )

        store.ensure(wanted, show)
        bar.update(task, description="all here", total=1, completed=1)


@app.command()
def verify(names: Names = None, *, as_json: AsJson = False) -> None:
    """Read models again and compare their sums; ends with 1 when one is missing or damaged.

    Example: tutti models verify
    """
    store = _store()
    found = [store.verify(name) for name in names or [model.name for model in store.catalogue]]
    _print(found, as_json=as_json)
    if any(status.path is None for status in found):
        raise typer.Exit(1)


def _store() -> "ModelStore":
    from tutti.models.store import ModelStore  # noqa: PLC0415 - other commands need none of it

    settings = read_settings()
    return ModelStore(settings.cache_dir, settings.models_dir, settings.model_hub)


def _print(found: "list[ModelStatus]", *, as_json: bool) -> None:
    if as_json:
        show_json([_as_dict(status) for status in found])
        return
    rows = [
        (status.model.name, status.place, decimal(status.model.size), status.model.licence, status.model.engine)
        for status in found
    ]
    show_table(("model", "here", "size", "licence", "needed by"), rows)


def _as_dict(status: "ModelStatus") -> dict[str, str | int | None]:
    model = status.model
    return {
        "name": model.name,
        "place": status.place,
        "path": str(status.path) if status.path else None,
        "size": model.size,
        "licence": model.licence,
        "engine": model.engine,
        "purpose": model.purpose,
    }
