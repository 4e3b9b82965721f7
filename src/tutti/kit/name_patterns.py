"""Names of which some are patterns: a star stands for any letters."""

from collections.abc import Collection
from fnmatch import fnmatchcase


def fits(name: str, names: Collection[str]) -> bool:
    """Whether a name is among these, or fits one of the patterns among them."""
    return name in names or any("*" in one and fnmatchcase(name, one) for one in names)
