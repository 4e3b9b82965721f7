"""Whether what an operator says of a key makes sense. Pure."""

import re

from tutti.accounts.model import KeyRules
from tutti.errors import InvalidRequestError
from tutti.kit.addresses import parse_networks

_GROUP = re.compile(r"[\w.-]{1,64}")


def require_rules(rules: KeyRules) -> None:
    """Raise `InvalidRequestError` naming what cannot be."""
    if rules.group is not None:
        require_group(rules.group)
    try:
        parse_networks(rules.places)
    except ValueError as error:
        raise InvalidRequestError(
            f'{error}: places are networks such as "203.0.113.0/24" or single addresses.', field="places"
        ) from error
    limits = rules.limits
    for name in ("requests_per_minute", "tokens_per_minute", "parallel", "daily_units"):
        if getattr(limits, name) < 0:
            raise InvalidRequestError(f"{name} must not be negative; 0 is no limit.", field=name)


def require_group(group: str) -> None:
    """Raise `InvalidRequestError` for what is no group's name."""
    if not _GROUP.fullmatch(group):
        raise InvalidRequestError(
            "A group's name has 1 to 64 letters, digits, dots, dashes and underscores.", field="group"
        )
