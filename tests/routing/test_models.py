import pytest

from tutti.errors import NoChannelError, UnavailableError, UnknownModelError
from tutti.routing.models import Models

MODELS = Models.load()


@pytest.mark.parametrize(
    ("name", "engine", "priced_as"),
    [
        ("suno_music", "song", "suno_music"),
        ("suno-v3", "song", "suno_music"),
        ("suno-v3.5", "song", "suno_music"),
        ("chirp-v3-0", "song", "suno_music"),
        ("chirp-anything", "song", "suno_music"),
        ("suno_lyrics", "lyrics", "suno_lyrics"),
    ],
)
def test_song_names_are_served_by_the_engines(name, engine, priced_as):
    offer = MODELS.offer(name)
    assert (offer.kind, offer.priced_as, offer.lane, offer.engine) == (engine, priced_as, f"engine:{engine}", engine)
    assert offer.honest_name == f"tutti-{engine}"


@pytest.mark.parametrize("name", ["gpt-4o", "o3-mini", "claude-3-5-sonnet", "qwen-max", "deepseek-chat"])
def test_known_name_without_a_server_is_unavailable(name):
    with pytest.raises(NoChannelError) as caught:
        MODELS.offer(name)
    assert caught.value.subject == name


@pytest.mark.parametrize("name", ["", "nothing", "xgpt-4o", "suno_dance"])
def test_unknown_name_does_not_exist(name):
    with pytest.raises(UnknownModelError):
        MODELS.offer(name)


def test_engines_serve_no_foreign_name_when_aliases_are_off():
    with pytest.raises(NoChannelError):
        Models.load(embedded_aliases=False).offer("suno_music")


def test_an_engine_that_cannot_run_here_serves_nothing_and_says_why():
    models = Models.load(absent={"song": UnavailableError("The song engine needs more memory.")})
    with pytest.raises(UnavailableError, match="needs more memory") as caught:
        models.offer("suno_music")
    assert not isinstance(caught.value, NoChannelError)
    assert models.offer("suno_lyrics").engine == "lyrics"
    assert "suno_music" not in models.names()
    assert "suno_lyrics" in models.names()
