"""Forms with files (multipart/form-data, RFC 7578), read as they come: bytes in, events out, no more kept than needed.

python-multipart finds the borders; here its calls become events, and forms are held to a number of fields. Wherever
the bytes are cut into chunks, the events say the same but for the sizes of their pieces.
"""

from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

_MOST_PARTS = 100


class MultipartError(ValueError):
    """The body is no multipart form."""


@dataclass(frozen=True, slots=True)
class PartBegan:
    """A field begins; one with a file name is a file."""

    name: str
    filename: str | None


@dataclass(frozen=True, slots=True)
class PartData:
    """Some bytes of the field that began last."""

    content: bytes


@dataclass(frozen=True, slots=True)
class PartEnded:
    """The field that began last is whole."""


Event = PartBegan | PartData | PartEnded


def boundary_of(content_type: str) -> bytes:
    """The boundary that a Content-Type names. Raises `MultipartError`."""
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise MultipartError("The Content-Type is not multipart/form-data with a boundary.")
    return options[b"boundary"]


class MultipartReader:
    """Reads one body."""

    def __init__(self, boundary: bytes) -> None:
        self._events: list[Event] = []
        self._parts = 0
        self._head: dict[bytes, bytes] = {}
        self._field, self._value = b"", b""
        self.is_done = False  # whether the last boundary was seen
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": self._add_field,
                    "on_header_value": self._add_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._end_head,
                    "on_part_data": self._add_data,
                    "on_part_end": lambda: self._events.append(PartEnded()),
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise MultipartError(f"The form's boundary cannot be used: {error}.") from error

    def feed(self, chunk: bytes) -> list[Event]:
        """What the next bytes say. Raises `MultipartError`."""
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise MultipartError(f"The form cannot be read: {error}.") from error
        events, self._events = self._events, []
        return events

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise MultipartError(f"The form has more than {_MOST_PARTS} fields.")
        self._head = {}

    def _add_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        self._head[self._field.lower()] = self._value
        self._field, self._value = b"", b""

    def _end_head(self) -> None:
        _, options = parse_options_header(self._head.get(b"content-disposition", b""))
        if b"name" not in options:
            raise MultipartError("A field of the form has no name.")
        filename = options.get(b"filename")
        self._events.append(PartBegan(_text(options[b"name"]), None if filename is None else _text(filename)))

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        self._events.append(PartData(data[start:end]))

    def _end(self) -> None:
        self.is_done = True


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
