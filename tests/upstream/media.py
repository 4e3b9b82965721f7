"""Speech, transcription and pictures on the OpenAI wire: as much as a relay meets."""

import base64
import re
from typing import Annotated, Any, Literal

from msgspec import Meta

from tests.upstream.call import Call, Reply, Wire, reply_events, reply_json, require, route
from tests.upstream.call import event as told_event
from tests.upstream.forms import Form
from tests.upstream.gemini import PNG
from tests.upstream.openai import require_bearer, tell_error

TYPES = {"mp3": "audio/mpeg", "opus": "audio/ogg", "aac": "audio/aac", "flac": "audio/flac", "wav": "audio/wav"}


class SpeechRequest(Form):
    model: str
    input: Annotated[str, Meta(min_length=1, max_length=4096)]
    voice: str | dict[str, str]
    instructions: str | None = None
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] = "mp3"
    speed: Annotated[float, Meta(ge=0.25, le=4)] = 1.0
    stream_format: Literal["sse", "audio"] = "audio"


class ImagesRequest(Form):
    prompt: Annotated[str, Meta(min_length=1)]
    model: str = "gpt-image-1"
    n: Annotated[int, Meta(ge=1, le=10)] = 1
    size: str | None = None
    quality: str | None = None
    style: str | None = None
    background: str | None = None
    moderation: str | None = None
    output_format: str | None = None
    output_compression: int | None = None
    response_format: Literal["url", "b64_json"] | None = None
    stream: bool | None = None
    partial_images: int | None = None
    user: str | None = None


def wire() -> Wire:
    """Sound and pictures."""
    return Wire(
        name="media",
        routes=[
            route("POST", r"/audio/speech", speech),
            route("POST", r"/audio/(?:transcriptions|translations)", transcription),
            route("POST", r"/images/generations", images),
            route("POST", r"/images/edits", image_edit),
        ],
        tell_error=tell_error,
    )


def speech(call: Call) -> Reply:
    """POST /v1/audio/speech: the text itself after a mark, so that a test knows it again."""
    require_bearer(call)
    form = call.read(SpeechRequest)
    sound = b"ID3" + form.input.encode()
    if form.stream_format == "sse":
        delta = {"type": "speech.audio.delta", "audio": base64.b64encode(sound).decode()}
        usage = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
        return reply_events([told_event(delta), told_event({"type": "speech.audio.done", "usage": usage})])
    halves = (sound[:3], sound[3:])
    return Reply(content_type=TYPES.get(form.response_format, "application/octet-stream"), chunks=halves)


def transcription(call: Call) -> Reply:
    """POST /v1/audio/transcriptions and /v1/audio/translations: how long the file is, in words."""
    require_bearer(call)
    fields = _fields(call)
    require("file" in fields, "Missing required parameter: 'file'.", param="file")
    require(fields.get("model"), "you must provide a model parameter", param="model")
    text = f"A file of {len(fields['file'])} bytes."
    form = fields.get("response_format", b"json").decode()
    if form in ("text", "srt", "vtt"):
        return Reply(content_type="text/plain; charset=utf-8", body=text.encode())
    usage = {} if call.fault.no_usage else {"usage": {"type": "duration", "seconds": 3}}
    if fields.get("stream") == b"true":
        delta = {"type": "transcript.text.delta", "delta": text}
        done = {"type": "transcript.text.done", "text": text, **usage}
        return reply_events([told_event(delta), told_event(done)])
    extra = {"task": "transcribe", "language": "english", "duration": 3.0} if form == "verbose_json" else {}
    return reply_json({"text": text, **extra, **usage})


def images(call: Call) -> Reply:
    """POST /v1/images/generations."""
    require_bearer(call)
    form = call.read(ImagesRequest)
    return _pictures(call, form.n, form.response_format)


def image_edit(call: Call) -> Reply:
    """POST /v1/images/edits."""
    require_bearer(call)
    fields = _fields(call)
    require("image" in fields or "image[]" in fields, "Missing required parameter: 'image'.", param="image")
    require("prompt" in fields, "Missing required parameter: 'prompt'.", param="prompt")
    return _pictures(call, int(fields.get("n", b"1")), None)


def _pictures(call: Call, count: int, form: str | None) -> Reply:
    picture = {"url": "https://files.example.org/one.png"} if form == "url" else {"b64_json": PNG}
    usage = {"input_tokens": 5, "output_tokens": 100 * count, "total_tokens": 5 + 100 * count}
    told = {} if call.fault.no_usage else {"usage": usage}
    return reply_json({"created": 1_746_960_000, "data": [picture] * count, **told})


def _fields(call: Call) -> dict[str, bytes]:
    """The fields of a multipart form."""
    kind = call.headers.get("content-type", "")
    match = re.match(r'multipart/form-data;.*boundary="?([^";]+)', kind)
    require(match, "The body is no multipart form.")
    assert match
    fields: dict[str, Any] = {}
    for part in call.body.split(b"--" + match[1].encode())[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]*)"', head)
        if name:
            fields[name[1].decode()] = content.removesuffix(b"\r\n")
    return fields
