"""A posted form with one sound in it, read while it comes: small fields into a dict, the file into `IncomingSound`."""

from collections.abc import Callable, Mapping

from tutti.errors import BodyTooLargeError, InvalidRequestError
from tutti.families.suno.incoming import IncomingSound
from tutti.kit.asgi import ClientGoneError, Receive, Scope, header
from tutti.kit.multipart import Event, MultipartError, MultipartReader, PartBegan, PartData, PartEnded, boundary_of

# All fields but the file together.
_MOST_FIELD_BYTES = 65_536
# Everything but the file: fields, heads, boundaries, and what stands around them.
_MOST_BYTES_BESIDE = 1_048_576


class PostedForm:
    """Takes a form's events."""

    def __init__(self, sound: IncomingSound, *, check: Callable[[Mapping[str, str]], object] | None = None) -> None:
        """`check` sees the fields that came before the file, and raises when the file must not be taken."""
        self.fields: dict[str, str] = {}
        # As the caller called the file; None until it comes.
        self.filename: str | None = None
        # Of the whole body: nobody may send for ever what is neither field nor file.
        self.max_bytes = sound.max_bytes + _MOST_BYTES_BESIDE
        self._sound = sound
        self._check = check
        self._name = ""
        self._value = bytearray()
        self._is_in_file = False
        self._field_bytes = 0

    async def take(self, event: Event) -> None:
        """Take one event. Raises `InvalidRequestError` and its kinds."""
        match event:
            case PartBegan(name=name, filename=filename):
                self._begin(name, filename)
            case PartData(content=content) if self._is_in_file:
                await self._sound.write(content)
            case PartData(content=content):
                self._value += content
                self._field_bytes += len(content)
                if self._field_bytes > _MOST_FIELD_BYTES:
                    raise BodyTooLargeError(f"The form's fields are longer than {_MOST_FIELD_BYTES} bytes.")
            case PartEnded():
                if not self._is_in_file:
                    self.fields[self._name] = self._value.decode("utf-8", "replace")
                self._is_in_file = False

    def _begin(self, name: str, filename: str | None) -> None:
        self._name, self._value = name, bytearray()
        self._is_in_file = filename is not None or name == "file"
        if not self._is_in_file:
            return
        if self.filename is not None:
            raise InvalidRequestError("The form holds more than one file.", field="file")
        self.filename = filename or ""
        if self._check is not None:
            self._check(self.fields)


async def read_form(scope: Scope, receive: Receive, form: PostedForm) -> None:
    """Read the request's body into the form.

    Raises `InvalidRequestError` and its kinds for what is no whole form with a file, `ClientGoneError`.
    """
    try:
        reader = MultipartReader(boundary_of(header(scope, b"content-type") or ""))
        size = 0
        while (message := await receive())["type"] == "http.request":
            size += len(message.get("body", b""))
            if size > form.max_bytes:
                raise BodyTooLargeError(f"The form is longer than {form.max_bytes} bytes.")
            for event in reader.feed(message.get("body", b"")):
                await form.take(event)
            if not message.get("more_body", False):
                break
        else:
            raise ClientGoneError
    except MultipartError as error:
        raise InvalidRequestError(str(error)) from error
    if not reader.is_done:
        raise InvalidRequestError("The form is cut short.")
    if form.filename is None:
        raise InvalidRequestError('The form holds no file: send it as the part named "file".', field="file")
