"""Data URIs, which carry a file in the place of its address: https://www.rfc-editor.org/rfc/rfc2397."""

import base64
from urllib.parse import unquote_to_bytes


def split(uri: str) -> tuple[str, str] | None:
    """Media type, as it stands there, and base64; None for what is no data URI."""
    head, comma, data = uri.partition(",")
    if not comma or head[:5].lower() != "data:":
        return None
    media_type, *parameters = (part.strip() for part in head[5:].split(";"))
    if "base64" not in (parameter.lower() for parameter in parameters):
        data = base64.b64encode(unquote_to_bytes(data)).decode("ascii")
    return media_type, data


def join(media_type: str, data: str) -> str:
    """The data URI of base64."""
    return f"data:{media_type or 'application/octet-stream'};base64,{data}"
