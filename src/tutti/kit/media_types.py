"""Media types by the ending of a name, and endings by media types; the same on every machine."""

from collections.abc import Iterable

_BY_ENDING = {
    "aac": "audio/aac",
    "avi": "video/x-msvideo",
    "csv": "text/csv",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "flac": "audio/flac",
    "flv": "video/x-flv",
    "gif": "image/gif",
    "htm": "text/html",
    "html": "text/html",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "json": "application/json",
    "m4a": "audio/mp4",
    "md": "text/markdown",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "mpeg": "video/mpeg",
    "mpg": "video/mpeg",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "pcm16": "audio/L16",
    "pdf": "application/pdf",
    "png": "image/png",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "txt": "text/plain",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webp": "image/webp",
    "wmv": "video/x-ms-wmv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
    "yaml": "application/yaml",
    "yml": "application/yaml",
}
_ENDINGS = {media_type: ending for ending, media_type in reversed(_BY_ENDING.items())}
# Documents that are archives by their bytes, by the folder that holds what they say.
_OFFICE_BY_FOLDER = {"word": _BY_ENDING["docx"], "ppt": _BY_ENDING["pptx"], "xl": _BY_ENDING["xlsx"]}
OFFICE = frozenset(_OFFICE_BY_FOLDER.values())
# What some callers write in place of the registered name.
_OTHER_NAMES = {
    "audio/mp3": "audio/mpeg",
    "audio/wave": "audio/wav",
    "audio/x-wav": "audio/wav",
    "image/jpg": "image/jpeg",
    "application/x-pdf": "application/pdf",
}


def by_name(name: str) -> str:
    """The media type of a file by its name, or of a format such as "wav"; empty when the ending is not known."""
    return _BY_ENDING.get(name.rpartition(".")[2].lower(), "")


def ending_of(media_type: str) -> str:
    """The ending that names of files of a media type have; empty when it is not known."""
    return _ENDINGS.get(media_type, "")


def of_archive(members: Iterable[str]) -> str:
    """The media type of a zip archive by the names in it: that of an office document, else "application/zip"."""
    folders = {name.partition("/")[0] for name in members}
    return next((kind for folder, kind in _OFFICE_BY_FOLDER.items() if folder in folders), "application/zip")


def proper(media_type: str) -> str:
    """A media type in its registered form, without parameters."""
    bare = media_type.partition(";")[0].strip().lower()
    return _OTHER_NAMES.get(bare, bare)
