"""The little that must be known of a request that passes through. Pure."""

from collections.abc import Callable

import msgspec

from tutti.errors import InvalidRequestError
from tutti.families.endpoint import decode
from tutti.kit.asgi import Scope, header
from tutti.kit.multipart import MultipartError, MultipartReader, PartBegan, PartData, PartEnded, boundary_of
from tutti.relay.wires import Peek

PeekAt = Callable[[bytes, Scope], Peek]


class _Fields(msgspec.Struct, frozen=True):
    model: str | None = None
    # What each of these calls is about, in one of these fields.
    prompt: msgspec.Raw = msgspec.Raw()
    input: msgspec.Raw = msgspec.Raw()
    query: msgspec.Raw = msgspec.Raw()
    stream: bool | None = None
    stream_format: str | None = None
    max_tokens: int | None = None
    n: int | None = None


_NOTHING = frozenset({b"", b"null", b'""', b"[]"})
_fields = msgspec.json.Decoder(_Fields)
# A model's name has no more bytes in a form.
_LONGEST_NAME = 256


def json_peek(about: str, *, default_model: str = "", streams: bool = False) -> PeekAt:
    """Reads JSON bodies that are about the field `about`.

    Without a `default_model` the model must be named. `streams`: every reply is one.
    """

    def peek(body: bytes, scope: Scope) -> Peek:
        fields = decode(_fields, body)
        model = fields.model or scope.get("path_params", {}).get("model") or default_model
        if not model:
            raise InvalidRequestError("model is missing: name the model to use.", field="model")
        if bytes(getattr(fields, about)) in _NOTHING:
            raise InvalidRequestError(f"field {about} is required", field=about)
        if fields.n is not None and not 1 <= fields.n <= 128:
            raise InvalidRequestError("n must lie between 1 and 128.", field="n")
        return Peek(
            model=model,
            is_stream=streams or bool(fields.stream),
            max_tokens=fields.max_tokens,
            count=fields.n or 1,
        )

    return peek


def form_peek(*, default_model: str = "") -> PeekAt:
    """Reads multipart forms."""

    def peek(body: bytes, scope: Scope) -> Peek:
        fields = _texts(body, header(scope, b"content-type") or "", {"model", "stream"})
        model = fields.get("model") or default_model
        if not model:
            raise InvalidRequestError("model is missing: name the model to use.", field="model")
        return Peek(model=model, is_stream=fields.get("stream", "").lower() == "true")

    return peek


def _texts(body: bytes, content_type: str, wanted: set[str]) -> dict[str, str]:
    """The short fields of a form. Raises `InvalidRequestError` when it is none."""
    found: dict[str, bytes] = {}
    name = ""
    try:
        reader = MultipartReader(boundary_of(content_type))
        for event in reader.feed(body):
            if isinstance(event, PartBegan):
                name = event.name if event.filename is None and event.name in wanted else ""
            elif isinstance(event, PartData) and name:
                found[name] = (found.get(name, b"") + event.content)[:_LONGEST_NAME]
            elif isinstance(event, PartEnded):
                name = ""
    except MultipartError as error:
        raise InvalidRequestError(str(error)) from error
    return {field: value.decode("utf-8", "replace").strip() for field, value in found.items()}
