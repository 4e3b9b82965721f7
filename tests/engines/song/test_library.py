import subprocess
import sys

import pytest

import tutti.engines.song as door
from tutti.engines.engine import JobCancelledError, LoneReporter
from tutti.engines.song import Songs, SongWishes, wish_for


class Impatient(LoneReporter):
    def progress(self, *_):
        raise JobCancelledError


@pytest.mark.parametrize("name", dir(door))
def test_everything_offered_is_there(name):
    assert getattr(door, name).__doc__


def test_nothing_else_is_offered():
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        door.Nothing  # noqa: B018 - the access is what is tested


def test_door_itself_loads_no_engine():
    script = "import sys, tutti.engines.song; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_seed_makes_a_wish_repeatable():
    one, other = (wish_for(lyrics="la", seed=7, clips=3) for _ in range(2))
    assert [seat.seed for seat in one.seats] == [seat.seed for seat in other.seats] == [7, 8, 9]


def test_wish_without_words_is_an_instrumental():
    wish = wish_for(tags="lo-fi", is_instrumental=True, wishes=SongWishes(bpm=80))
    assert (wish.lyrics, wish.is_instrumental, wish.wishes.bpm) == ("", True, 80)


def test_reporter_may_stop_a_song(tmp_path):
    with pytest.raises(JobCancelledError):
        Songs(threads=1).make(wish_for(is_instrumental=True, seed=1), tmp_path, Impatient())
