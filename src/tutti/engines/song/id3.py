"""ID3v2.4 tags, written from the format's own description (id3.org, "ID3 tag version 2.4.0", 1 November 2000).

Frames: TIT2 title, TPE1 artist, TCON style, TBPM tempo, TKEY key, USLT words, SYLT words with times, APIC cover. All
text is UTF-8. Reading tags, and other versions, are none of our business.
"""

from dataclasses import dataclass

from tutti.engines.song.model import TimedLine

_UTF8 = b"\x03"
_FRONT_COVER = b"\x03"
_MILLISECONDS = b"\x02"
_LYRICS = b"\x01"

# Sizes are "synchsafe": seven bits to a byte, four bytes.
_LARGEST = 1 << 28


@dataclass(frozen=True, kw_only=True, slots=True)
class Tags:
    """What a player shows."""

    title: str
    artist: str = ""
    genre: str = ""
    bpm: float | None = None
    # Such as "Am" or "F#".
    key: str = ""
    lyrics: str = ""
    lines: tuple[TimedLine, ...] = ()
    # ISO 639-2, three letters: "eng", "zho".
    language: str = "eng"
    cover_jpeg: bytes = b""


def tag_mp3(mp3: bytes, tags: Tags) -> bytes:
    """The mp3 with a tag before it; empty fields leave no frame."""
    return to_id3(tags) + mp3


def to_id3(tags: Tags) -> bytes:
    """A whole ID3v2.4 tag; raises `ValueError` when it would exceed 256 MiB."""
    texts = {
        b"TIT2": tags.title,
        b"TPE1": tags.artist,
        b"TCON": tags.genre,
        b"TBPM": str(round(tags.bpm)) if tags.bpm else "",
        b"TKEY": tags.key,
        b"TSSE": "Tutti",
    }
    frames = [_frame(name, _UTF8 + _text(text)) for name, text in texts.items() if text]
    language = tags.language.encode("ascii")
    if tags.lyrics:
        frames.append(_frame(b"USLT", _UTF8 + language + b"\0" + _text(tags.lyrics)))
    if tags.lines:
        frames.append(_frame(b"SYLT", _UTF8 + language + _MILLISECONDS + _LYRICS + b"\0" + _timed_text(tags.lines)))
    if tags.cover_jpeg:
        frames.append(_frame(b"APIC", _UTF8 + b"image/jpeg\0" + _FRONT_COVER + b"\0" + tags.cover_jpeg))
    body = b"".join(frames)
    return b"ID3\x04\x00\x00" + _synchsafe(len(body)) + body


def _frame(name: bytes, content: bytes) -> bytes:
    return name + _synchsafe(len(content)) + b"\0\0" + content


def _timed_text(lines: tuple[TimedLine, ...]) -> bytes:
    """Syllables with their starts in milliseconds; a line feed opens each line but the first, as the format asks."""
    entries = bytearray()
    for index, line in enumerate(lines):
        for turn, syllable in enumerate(line.syllables):
            opening = "\n" if index and not turn else ""
            entries += _text(opening + syllable.text) + b"\0" + round(syllable.start_s * 1000).to_bytes(4, "big")
    return bytes(entries)


def _text(text: str) -> bytes:
    """UTF-8 without the zero that would end the text early and without lone surrogates."""
    return text.replace("\0", "").encode("utf-8", "replace")


def _synchsafe(size: int) -> bytes:
    if size >= _LARGEST:
        raise ValueError(f"An ID3 tag holds less than 256 MiB, not {size} bytes.")
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
