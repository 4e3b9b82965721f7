"""Forms that callers post a file to: signed, for one user and one upload, good for an hour. Pure but for the clock.

A sound that is coming in lies under its uploader's number until a task makes a clip of it, so that only this user can
go on with it; nothing else is kept of an upload before there is a task.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping

from tutti.errors import InvalidRequestError
from tutti.kit.clock import Clock

FORM_PATH = "/suno/uploads/form/"
_GOOD_FOR_S = 3600
_KEY = re.compile(r"uploads/([0-9a-f-]{36})/(\d{1,18})")
_UPLOAD_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_upload_id(text: str) -> bool:
    """Whether this can be the id of an upload at all."""
    return _UPLOAD_ID.fullmatch(text) is not None


def sound_key(upload_id: str, user_id: int) -> str:
    """Where the sound of an upload is stored."""
    return f"uploads/{upload_id}/{user_id}"


class UploadForms:
    """Makes and checks the fields of forms."""

    def __init__(self, secret: bytes, clock: Clock) -> None:
        self._secret = secret
        self._clock = clock

    def fields(self, upload_id: str, user_id: int) -> dict[str, str]:
        """The fields to send before the file."""
        key, expires = sound_key(upload_id, user_id), str(self._clock.now_ms() // 1000 + _GOOD_FOR_S)
        return {"key": key, "expires": expires, "signature": self._sign(key, expires)}

    def key_of(self, upload_id: str, fields: Mapping[str, str]) -> str:
        """Where a posted file belongs. Raises `InvalidRequestError` for fields that we did not make, or long ago."""
        key, expires = fields.get("key", ""), fields.get("expires", "")
        signature = fields.get("signature", "").encode("utf-8", "replace")
        is_ours = hmac.compare_digest(self._sign(key, expires).encode(), signature)
        match = _KEY.fullmatch(key)
        if not is_ours or match is None or match[1] != upload_id:
            raise InvalidRequestError("The form's fields are not those that were given for it.", field="signature")
        if int(expires) * 1000 <= self._clock.now_ms():
            raise InvalidRequestError("The form has expired: ask for another one.", field="expires")
        return key

    def _sign(self, key: str, expires: str) -> str:
        # A line break keeps the border between the two, since neither of ours holds one.
        words = f"{key}\n{expires}".encode("utf-8", "surrogatepass")
        return hmac.new(self._secret, words, hashlib.sha256).hexdigest()
