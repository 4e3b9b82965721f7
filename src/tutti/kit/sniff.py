"""What a file is, read from its first bytes: a name or a header can lie, the bytes are what programs will open."""

# Bytes that are enough for every test below.
HEAD_BYTES = 512

OCTETS = "application/octet-stream"

_MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"),
    (b"MThd", "audio/midi"),
    (b"#!AMR", "audio/amr"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"glTF", "model/gltf-binary"),
)
# The four letters after "RIFF" and the length.
_RIFF = {b"WAVE": "audio/wav", b"WEBP": "image/webp", b"AVI ": "video/x-msvideo"}
# Major brands of ISO base media files that are not plain video.
_BRANDS = {b"M4A ": "audio/mp4", b"M4B ": "audio/mp4", b"qt  ": "video/quicktime", b"avif": "image/avif"}
_BRANDS |= dict.fromkeys((b"heic", b"heix", b"mif1"), "image/heic")


def media_type(head: bytes) -> str:
    """The media type of a file that begins so; text is "text/plain", "application/json" by its first letter.

    HTML and SVG come out as plain text, so that nothing we serve is run as a page.
    """
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], OCTETS)
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if _is_mpeg_audio_frame(head):
        return "audio/mpeg"
    return _text_type(head[:HEAD_BYTES])


def _is_mpeg_audio_frame(head: bytes) -> bool:
    """Eleven sync bits, then a version, layer, bit rate and sample rate that are not reserved; ADTS AAC has layer 0."""
    if len(head) < 3 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    return version != 1 and layer != 0 and head[2] >> 4 != 15 and head[2] >> 2 & 3 != 3


def _text_type(head: bytes) -> str:
    if not head or b"\x00" in head:
        return OCTETS
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        # The cut may fall inside a character; anything wrong before the last three bytes is no text.
        if error.start < len(head) - 3 or error.reason != "unexpected end of data":
            return OCTETS
        text = head[: error.start].decode("utf-8")
    return "application/json" if text.lstrip()[:1] in {"{", "["} else "text/plain"
