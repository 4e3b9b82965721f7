"""The arguments of deeds as structs, made of the deeds' own signatures, and what each deed gives."""

from functools import reduce
from inspect import signature
from operator import or_
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from tutti.admin.deeds import Deeds
from tutti.kit.money import Whole

NAMES = tuple(name for name in vars(Deeds) if not name.startswith("_"))


def words_of(name: str) -> str:
    """What a deed does, in a paragraph."""
    return " ".join((getattr(Deeds, name).__doc__ or "").split())


def _form_of(name: str) -> type[msgspec.Struct]:
    """What is sent is checked by the types of the deed itself."""
    deed = getattr(Deeds, name)
    hints = get_type_hints(deed)
    fields: list[Any] = [
        (one.name, kind) if one.default is one.empty else (one.name, kind, one.default)
        for one in signature(deed).parameters.values()
        if one.name != "self"
        for kind in [_bounded(hints[one.name])]
    ]
    return msgspec.defstruct(name, fields, kw_only=True, forbid_unknown_fields=True)


def _bounded(kind: Any) -> Any:
    """A type whose whole numbers are such that a database can hold."""
    if get_origin(kind) is UnionType:
        return reduce(or_, map(_bounded, get_args(kind)))
    return Whole if kind is int else kind


FORMS = {name: _form_of(name) for name in NAMES}
GIVEN = {name: get_type_hints(getattr(Deeds, name))["return"] for name in NAMES}
