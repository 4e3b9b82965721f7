import pytest

from tutti.kit import data_uri, media_types


@pytest.mark.parametrize(
    ("uri", "parts"),
    [
        ("data:image/png;base64,iVBO", ("image/png", "iVBO")),
        ("DATA:image/png;charset=x;BASE64,iVBO", ("image/png", "iVBO")),
        ("data:text/plain,a%20b", ("text/plain", "YSBi")),
        ("data:,", ("", "")),
        ("data:image/png", None),
        ("https://e.org/a,b", None),
    ],
)
def test_data_uri_is_taken_apart(uri, parts):
    assert data_uri.split(uri) == parts


def test_data_uri_is_put_together():
    assert data_uri.split(data_uri.join("image/png", "iVBO")) == ("image/png", "iVBO")
    assert data_uri.join("", "iVBO") == "data:application/octet-stream;base64,iVBO"


@pytest.mark.parametrize(("name", "kind"), [("a.PDF", "application/pdf"), ("mp3", "audio/mpeg"), ("a.b", ""), ("", "")])
def test_name_tells_the_media_type(name, kind):
    assert media_types.by_name(name) == kind


@pytest.mark.parametrize(("given", "kind"), [("Audio/MP3; rate=1", "audio/mpeg"), ("image/png", "image/png"), ("", "")])
def test_media_type_gets_its_registered_form(given, kind):
    assert media_types.proper(given) == kind
