"""Choice by priority and weight among the healthy, with rests, limits, keys and affinity."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.routing.factories import channel, chooser_of
from tutti.kit.clock import ManualClock
from tutti.routing.channels import DEFAULT_GROUP
from tutti.routing.choice import Outcome

CHAT = ("chat",)
OUTCOMES = (
    Outcome.OK,
    Outcome.FAILED,
    Outcome.TIMEOUT,
    Outcome.KEY_REFUSED,
    Outcome.CALLER_FAULT,
    Outcome.busy(),
    Outcome.busy(30),
)


def pick(chooser, **options):
    return chooser.pick("gpt-4o", DEFAULT_GROUP, CHAT, **options)


def served_by(chooser, outcome=Outcome.OK, **options):
    """The id of the channel picked, and how that ended."""
    found = pick(chooser, **options)
    if found is None:
        return None
    chooser.report(found, outcome)
    return found.channel.id


def fail_until_open(chooser, **options):
    for _ in range(5):
        served_by(chooser, Outcome.FAILED, **options)


def test_pick_takes_the_highest_priority():
    chooser = chooser_of(channel(1), channel(2, priority=1))
    assert {served_by(chooser) for _ in range(20)} == {2}


def test_pick_is_none_for_what_nobody_serves():
    chooser = chooser_of(channel(1))
    assert chooser.pick("o3", DEFAULT_GROUP, CHAT) is None
    assert chooser.pick("gpt-4o", "vip", CHAT) is None
    assert chooser.pick("gpt-4o", DEFAULT_GROUP, ("gemini",)) is None


def test_pick_follows_the_weights():
    chooser = chooser_of(channel(1, weight=1), channel(2, weight=3), channel(3, weight=0))
    counts = Counter(served_by(chooser) for _ in range(4000))
    assert counts[3] == 0
    assert 2800 < counts[2] < 3200


def test_weights_hold_among_the_healthy():
    chooser = chooser_of(channel(1, weight=1), channel(2, weight=3), channel(3, weight=90))
    fail_until_open(chooser, only=3)
    counts = Counter(served_by(chooser) for _ in range(4000))
    assert counts[3] == 0
    assert 2800 < counts[2] < 3200


def test_channels_without_weight_share_what_is_left():
    chooser = chooser_of(channel(1), channel(2, weight=0), channel(3, weight=0))
    assert {served_by(chooser, tried={1}) for _ in range(50)} == {2, 3}


def test_same_seed_same_choices():
    given = [channel(number, weight=number) for number in range(1, 9)]
    first, second = chooser_of(*given, seed=7), chooser_of(*given, seed=7)
    assert [served_by(first) for _ in range(100)] == [served_by(second) for _ in range(100)]


@given(st.integers(0, 2**32), st.sets(st.integers(1, 8)), st.lists(st.tuples(st.integers(1, 8), st.integers(0, 3))))
def test_pick_never_repeats_a_channel_that_was_tried(seed, tried, given_channels):
    chooser = chooser_of(
        *(channel(number, weight=weight, priority=weight % 2) for number, weight in given_channels), seed=seed
    )
    found = pick(chooser, tried=tried)
    left = {number for number, _ in given_channels} - tried
    assert (found is None) == (not left)
    assert found is None or found.channel.id in left


@given(
    st.lists(
        st.tuples(st.sampled_from(OUTCOMES), st.integers(0, 20_000)).filter(lambda one: one[0] is not Outcome.OK),
        max_size=60,
    )
)
def test_every_channel_is_asked_again_some_time_and_is_well_after_an_answer(history):
    clock = ManualClock()
    chooser = chooser_of(channel(1, keys=("a", "b")), clock=clock)
    for outcome, pause_ms in history:
        served_by(chooser, outcome)
        clock.advance(pause_ms)
    clock.advance(7_200_000)
    for _ in range(4):
        assert served_by(chooser, Outcome.OK) == 1
    assert chooser.standing(channel(1, keys=("a", "b"))).is_well
    assert chooser.in_flight(channel(1, keys=("a", "b"))) == 0


@pytest.mark.parametrize("outcome", [one for one in OUTCOMES if one.retry_after_s is None])
def test_one_bad_request_never_disables_a_channel(outcome):
    chooser = chooser_of(channel(1))
    for _ in range(10):
        served_by(chooser)
    served_by(chooser, outcome)
    assert served_by(chooser) == 1


def test_callers_faults_never_count():
    chooser = chooser_of(channel(1))
    for _ in range(1000):
        assert served_by(chooser, Outcome.CALLER_FAULT) == 1


def test_failing_channel_rests_and_the_next_priority_serves():
    clock = ManualClock()
    chooser = chooser_of(channel(1, priority=1), channel(2), clock=clock)
    fail_until_open(chooser, only=1)
    assert served_by(chooser) == 2
    assert not chooser.standing(channel(1, priority=1)).is_well
    clock.advance(5000)
    assert served_by(chooser, Outcome.OK) == 1
    assert served_by(chooser) == 1


def test_resting_channel_is_probed_by_one_request_at_a_time():
    clock = ManualClock()
    chooser = chooser_of(channel(1, priority=1), channel(2), clock=clock)
    fail_until_open(chooser, only=1)
    clock.advance(5000)
    probe = pick(chooser)
    assert probe.channel.id == 1
    assert {served_by(chooser) for _ in range(10)} == {2}
    chooser.report(probe, Outcome.OK)
    assert served_by(chooser) == 1


def test_retry_after_keeps_a_channel_away_for_so_long():
    clock = ManualClock()
    chooser = chooser_of(channel(1), clock=clock)
    served_by(chooser, Outcome.busy(30))
    clock.advance(29_999)
    assert pick(chooser) is None
    clock.advance(1)
    assert served_by(chooser) == 1


def test_busy_key_rests_alone():
    chooser = chooser_of(channel(1, keys=("a", "b", "c")))
    busy = pick(chooser)
    chooser.report(busy, Outcome.busy(30))
    keys = Counter()
    for _ in range(30):
        found = pick(chooser)
        keys[found.key] += 1
        chooser.report(found, Outcome.OK)
    assert keys == dict.fromkeys({"a", "b", "c"} - {busy.key}, 15)


def test_keys_take_turns():
    chooser = chooser_of(channel(1, keys=("a", "b", "c")))
    assert [pick(chooser).key for _ in range(6)] == ["a", "b", "c", "a", "b", "c"]


def test_refused_key_is_set_aside_alone_and_asked_again_later():
    clock = ManualClock()
    chooser = chooser_of(channel(1, keys=("bad", "good")), clock=clock)
    used = []
    for _ in range(10):
        found = pick(chooser)
        used.append(found.key)
        chooser.report(found, Outcome.KEY_REFUSED if found.key == "bad" else Outcome.OK)
    assert used.count("bad") == 1
    clock.advance(60_000)
    assert "bad" in {pick(chooser).key for _ in range(2)}


def test_last_key_is_set_aside_after_three_refusals_in_a_row():
    chooser = chooser_of(channel(1))
    for _ in range(3):
        assert served_by(chooser, Outcome.KEY_REFUSED) == 1
    assert pick(chooser) is None


def test_new_keys_are_looked_at_afresh():
    channels = channel(1)
    chooser = chooser_of(channels)
    for _ in range(3):
        served_by(chooser, Outcome.KEY_REFUSED)
    chooser._channels.put(channel(1, keys=("sk-new",)))
    assert pick(chooser).key == "sk-new"


def test_parallel_limit_holds_until_a_report():
    chooser = chooser_of(channel(1, max_parallel=2))
    first, _second = pick(chooser), pick(chooser)
    assert pick(chooser) is None
    chooser.report(first, Outcome.OK)
    chooser.report(first, Outcome.OK)
    assert pick(chooser) is not None
    assert pick(chooser) is None


def test_minute_limit_refills_with_time():
    clock = ManualClock()
    chooser = chooser_of(channel(1, max_per_minute=6), clock=clock)
    assert [served_by(chooser) for _ in range(7)] == [1] * 6 + [None]
    clock.advance(10_000)
    assert [served_by(chooser) for _ in range(2)] == [1, None]


def test_affinity_wins_over_priority_while_the_channel_is_well():
    chooser = chooser_of(channel(1, priority=9), channel(2))
    assert served_by(chooser, affinity=2) == 2
    fail_until_open(chooser, only=2)
    assert served_by(chooser, affinity=2) == 1
    assert served_by(chooser, affinity=99) == 1


def test_only_allows_no_other_channel_and_asks_for_no_group():
    chooser = chooser_of(channel(1), channel(2, groups=frozenset({"vip"})))
    assert served_by(chooser, only=2) == 2
    assert served_by(chooser, only=3) is None
    assert served_by(chooser, only=2, tried={2}) is None


def test_only_key_returns_to_the_account():
    chooser = chooser_of(channel(1, keys=("a", "b", "c")))
    pick(chooser)
    second = pick(chooser)
    found = {pick(chooser, only=1, only_key=second.key_tag).key for _ in range(5)}
    assert found == {second.key}
    assert pick(chooser, only=1, only_key="gone") is None


def test_spent_keys_are_left_out_of_the_only_channel():
    chooser = chooser_of(channel(1, keys=("a", "b", "c")))
    first = pick(chooser)
    found = {pick(chooser, only=1, spent_keys={first.key_tag}).key for _ in range(6)}
    assert found == {"b", "c"}
    assert pick(chooser, only=1, spent_keys={one.tag for one in chooser._healths[1].keys}) is None


def test_refusal_after_that_of_another_key_says_nothing_of_the_key():
    chooser = chooser_of(channel(1, keys=("a", "b", "c")))
    first = pick(chooser)
    chooser.report(first, Outcome.KEY_REFUSED)
    for _ in range(9):
        chooser.report(pick(chooser, only=1, spent_keys={first.key_tag}), Outcome.KEY_REFUSED)
    assert {pick(chooser).key for _ in range(6)} == {"b", "c"}


def test_channel_without_keys_is_asked_without():
    assert pick(chooser_of(channel(1, keys=()))).key == ""


def test_pick_keeps_its_key_to_itself():
    assert "sk-1" not in repr(pick(chooser_of(channel(1))))


def test_standing_says_why_a_channel_is_not_asked():
    clock = ManualClock()
    chooser = chooser_of(channel(1), clock=clock)
    served_by(chooser, Outcome.busy(30))
    standing = chooser.standing(channel(1))
    assert (standing.is_well, standing.reason, standing.until_ms) == (
        False,
        "its keys are set aside",
        clock.now_ms() + 30_000,
    )


def test_begun_answer_ends_a_rest_before_its_stream_does():
    clock = ManualClock()
    chooser = chooser_of(channel(1, max_parallel=2), clock=clock)
    fail_until_open(chooser)
    clock.advance(5000)
    probe = pick(chooser)
    assert pick(chooser) is None
    chooser.answered(probe)
    other = pick(chooser)
    assert other is not None
    assert pick(chooser) is None
    chooser.report(probe, Outcome.OK)
    assert pick(chooser) is not None


def test_answer_that_begins_well_and_breaks_off_counts_as_a_failure():
    chooser = chooser_of(channel(1))
    for _ in range(10):
        found = pick(chooser)
        if found is None:
            break
        chooser.answered(found)
        chooser.report(found, Outcome.FAILED)
    assert pick(chooser) is None


def test_refusal_says_why_and_when_to_come_again():
    clock = ManualClock()
    chooser = chooser_of(channel(1), channel(2, max_parallel=1), clock=clock)
    served_by(chooser, Outcome.busy(30), only=1)
    pick(chooser, only=2)
    assert pick(chooser) is None
    refusal = chooser.refusal("gpt-4o", DEFAULT_GROUP, CHAT)
    assert refusal.reasons == {"channel 1": "its keys are set aside", "channel 2": "at its limit"}
    assert refusal.retry_after_s == 30
    clock.advance(29_900)
    assert chooser.refusal("gpt-4o", DEFAULT_GROUP, CHAT).retry_after_s == 1
    nobody = chooser.refusal("o3", DEFAULT_GROUP, CHAT)
    assert (nobody.reasons, nobody.retry_after_s) == ({}, None)


def test_pick_that_is_withdrawn_leaves_turns_and_limits_as_they_were():
    chooser = chooser_of(channel(1, keys=("a", "b"), max_per_minute=2, max_parallel=1))
    for expected in ("a", "b"):
        looked = pick(chooser)
        chooser.withdraw(looked)
        chooser.report(looked, Outcome.FAILED)
        taken = pick(chooser)
        assert (looked.key, taken.key) == (expected, expected)
        chooser.report(taken, Outcome.OK)
    assert pick(chooser) is None


def test_withdrawn_probe_leaves_the_next_one_to_probe():
    clock = ManualClock()
    chooser = chooser_of(channel(1), clock=clock)
    fail_until_open(chooser)
    clock.advance(600_000)
    chooser.withdraw(pick(chooser))
    assert served_by(chooser) == 1
