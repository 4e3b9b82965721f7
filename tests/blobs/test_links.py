from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutti.blobs.links import FileLinks
from tutti.kit.clock import ManualClock

DAY_MS = 86_400_000
KEY = "results/t/1/song.mp3"


def opened(url: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    words = {"expires": query["exp"], "signature": query["sig"], "filename": query.get("name", "")}
    return unquote(parts.path).removeprefix("/files/"), words


def test_link_is_valid_for_at_least_its_days_and_then_expires() -> None:
    clock = ManualClock()
    links = FileLinks(b"secret", 7, clock=clock)
    key, words = opened(links.url(KEY))
    assert key == KEY
    clock.advance(7 * DAY_MS)
    assert links.is_valid(key, **words)
    clock.advance(DAY_MS + 1)
    assert not links.is_valid(key, **words)


def test_link_stays_the_same_within_a_day() -> None:
    clock = ManualClock(1_750_000_000_000 // DAY_MS * DAY_MS + 1)
    links = FileLinks(b"secret", 7, clock=clock)
    first = links.url(KEY, base_url="http://host/", filename="a.mp3")
    clock.advance(DAY_MS - 2)
    assert links.url(KEY, base_url="http://host", filename="a.mp3") == first
    assert first.startswith("http://host/files/results/t/1/song.mp3?exp=")


@pytest.mark.parametrize(
    "change", [{"expires": "9999999999"}, {"signature": "0" * 64}, {"signature": "é"}, {"filename": "b.mp3"}]
)
def test_altered_link_is_refused(change: dict[str, str]) -> None:
    links = FileLinks(b"secret", 7)
    key, words = opened(links.url(KEY, filename="a.mp3"))
    assert links.is_valid(key, **words)
    assert not links.is_valid(key, **words | change)
    assert not links.is_valid(key + "x", **words)
    assert not FileLinks(b"another", 7).is_valid(key, **words)


@given(key=st.text(min_size=1), filename=st.text(), other=st.tuples(st.text(), st.text(), st.text()))
def test_no_other_words_pass_with_a_signature(key: str, filename: str, other: tuple[str, str, str]) -> None:
    links = FileLinks(b"secret", 7)
    expires = "9999999999"
    signature = links._sign(key, expires, filename)
    assert links.is_valid(key, expires=expires, signature=signature, filename=filename)
    if other != (key, expires, filename):
        assert not links.is_valid(other[0], expires=other[1], signature=signature, filename=other[2])


def test_border_between_fields_cannot_be_moved() -> None:
    links = FileLinks(b"secret", 7)
    signature = links._sign("key", "1", "2name")
    assert not links.is_valid("key", expires="12", signature=signature, filename="name")


def test_secret_is_made_once_and_private(tmp_path: Path) -> None:
    key, words = opened(FileLinks.of_data_dir(tmp_path, 7).url(KEY))
    assert FileLinks.of_data_dir(tmp_path, 7).is_valid(key, **words)
    secret = tmp_path / "secrets" / "link-key"
    assert (secret.stat().st_mode & 0o777, len(secret.read_bytes())) == (0o600, 32)
    assert list(secret.parent.iterdir()) == [secret]
