"""Times as people write them on the command line."""

from datetime import UTC, datetime, timedelta

import typer

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def parse_end(text: str, *, now: datetime) -> int:
    """The moment that a date or a span ("30d", "12h", "45m") from `now` names, in milliseconds since 1970 UTC."""
    span = _span(text)
    end = _date(text, "--expires") if span is None else now + span
    if end <= now:
        raise typer.BadParameter(f"{text!r} is in the past.", param_hint="--expires")
    return int(end.timestamp() * 1000)


def parse_start(text: str, *, now: datetime) -> int:
    """The moment that a date or a span back from `now` names, in milliseconds since 1970 UTC."""
    span = _span(text)
    start = _date(text, "--since") if span is None else now - span
    return int(start.timestamp() * 1000)


def _span(text: str) -> timedelta | None:
    number, unit = text[:-1], text[-1:]
    if unit not in _UNITS or not number.isdecimal():
        return None
    try:
        return int(number) * _UNITS[unit]
    except OverflowError:
        raise typer.BadParameter(f"{text!r} is longer than the calendar.") from None


def _date(text: str, option: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f'{text!r} is neither a date such as "2027-01-31" nor a span such as "30d".', param_hint=option
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
