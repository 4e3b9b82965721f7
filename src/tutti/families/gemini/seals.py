"""A request that passes through to Google without the seals of other vendors, which Google would refuse it for."""

from base64 import b64encode
from typing import Any

from tutti.families.gemini.body import request_of
from tutti.families.gemini.parts import SEALED
from tutti.intents.seals import CLAUDE, RESPONSES
from tutti.wires import gemini

# How such seals begin, as `to_caller.py` tells them: nine bytes of base64 are twelve letters, fewer tell enough.
_MARKS = tuple(b64encode(f"{mark}:".encode()).decode().rstrip("=")[:-1] for mark in (CLAUDE, RESPONSES, SEALED))
_MARK_BYTES = tuple(f'"{mark}'.encode() for mark in _MARKS)


def without_foreign_seals(body: bytes) -> bytes:
    """The body as it is where it holds none, which is nearly always. Raises `InvalidRequestError`."""
    if not any(mark in body for mark in _MARK_BYTES):
        return body
    request = request_of(body)
    contents = request.get("contents")
    for content in contents if isinstance(contents, list) else ():
        parts = content.get("parts") if isinstance(content, dict) else None
        if isinstance(parts, list):
            content["parts"] = [part for part in map(_without, parts) if part is not None]
    return gemini.encoder.encode(request)


def _without(part: Any) -> Any:
    """The part without another's seal; None when it was nothing else."""
    if not isinstance(part, dict) or not str(part.get("thoughtSignature", "")).startswith(_MARKS):
        return part
    rest = {name: value for name, value in part.items() if name != "thoughtSignature"}
    return rest if rest.get("text", " ") else None
