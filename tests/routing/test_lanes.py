"""Who does durable work."""

import pytest

from tests.routing.factories import channel, chooser_of
from tutti.errors import NoChannelError
from tutti.routing.choice import Outcome
from tutti.routing.lanes import LaneChooser, channel_of, lane_of
from tutti.routing.models import Models

SONG = {"type": "gateway", "models": frozenset({"suno_music"})}


def lanes_of(*channels, embedded_aliases=True):
    chooser = chooser_of(*channels)
    return LaneChooser(Models.load(embedded_aliases=embedded_aliases), chooser._channels, chooser), chooser


def test_lanes_name_channels():
    assert [channel_of(lane) for lane in (lane_of(3), lane_of(-7), "engine:song", "")] == [3, -7, None, None]


def test_channel_comes_before_the_engine():
    lanes, chooser = lanes_of(channel(1, **SONG))
    offer = lanes.offer("suno_music", "default", "suno")
    assert (offer.lane, offer.priced_as, offer.engine) == ("channel:1", "suno_music", "")
    assert lanes.offer("suno_music", "vip", "suno").lane == "engine:song"
    assert lanes.offer("suno_lyrics", "default", "suno").lane == "engine:lyrics"
    for _ in range(5):
        pick = chooser.pick("suno_music", "default", ("suno",))
        chooser.report(pick, Outcome.FAILED)
    assert lanes.offer("suno_music", "default", "suno").lane == "engine:song"


def test_without_engines_a_channel_alone_serves():
    lanes, _ = lanes_of(channel(1, **SONG), embedded_aliases=False)
    assert lanes.offer("suno_music", "default", "suno").lane == "channel:1"
    with pytest.raises(NoChannelError):
        lanes.offer("suno_lyrics", "default", "suno")


def test_work_goes_on_where_it_began_while_that_channel_serves_it():
    lanes, _ = lanes_of(channel(1, **SONG), channel(2, is_on=False, **SONG))
    assert lanes.offer_at("suno_music", "channel:1").lane == "channel:1"
    assert [lanes.offer_at(*asked) for asked in (("suno_concat", "channel:1"), ("suno_music", "channel:2"))] == [
        None
    ] * 2
    assert lanes.offer_at("suno_music", "channel:3") is None


def test_elsewhere_is_another_channel_of_the_same_groups():
    both = frozenset({"default", "vip"})
    lanes, _ = lanes_of(
        channel(1, groups=both, **SONG), channel(2, priority=9, **SONG), channel(3, groups=both, **SONG)
    )
    assert lanes.elsewhere("suno_music", "channel:1", "suno") == "channel:3"
    assert lanes.elsewhere("suno_music", "channel:2", "suno") in {"channel:1", "channel:3"}
    assert lanes.elsewhere("suno_music", "engine:song", "suno") is None
