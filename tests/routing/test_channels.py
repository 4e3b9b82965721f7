"""Channels are found by model, group and what their vendor serves, and keep their secrets to themselves."""

from tests.routing.factories import SERVED, channel
from tutti.routing.channels import Channels


def loaded(*given):
    channels = Channels(SERVED)
    channels.load(given)
    return channels


def found(channels, model="gpt-4o", group="default", operations=("chat",)):
    return [
        [(one.channel.id, one.operation, one.upstream_model) for one in tier.candidates]
        for tier in channels.tiers(model, group, operations)
    ]


def test_tiers_are_ordered_by_priority():
    channels = loaded(channel(1), channel(2, priority=9), channel(3), channel(4, priority=-1))
    assert found(channels) == [
        [(2, "chat", "gpt-4o")],
        [(1, "chat", "gpt-4o"), (3, "chat", "gpt-4o")],
        [(4, "chat", "gpt-4o")],
    ]


def test_tiers_hold_those_that_serve_the_model_to_the_group_and_are_on():
    channels = loaded(
        channel(1, models=frozenset({"o3"})),
        channel(2, groups=frozenset({"vip"})),
        channel(3, is_on=False),
        channel(4, type="anthropic"),
        channel(5, type="removed"),
        channel(6, groups=frozenset({"vip", "default"})),
    )
    assert found(channels) == [[(6, "chat", "gpt-4o")]]


def test_tiers_match_patterns_and_mapped_names():
    channels = loaded(
        channel(1, models=frozenset({"gpt-*"})), channel(2, models=frozenset(), model_map={"gpt-4o": "prod-4o"})
    )
    assert found(channels) == [[(1, "chat", "gpt-4o"), (2, "chat", "prod-4o")]]
    assert found(channels, "gpt-5") == [[(1, "chat", "gpt-5")]]


def test_patterns_are_mapped_to_one_name():
    model_map = {"gpt-4-gizmo-*": "gpt-4o", "gpt-4-*": "gpt-4.1", "gpt-4-gizmo-g-mine": "mine"}
    channels = loaded(channel(1, models=frozenset(), model_map=model_map))
    assert found(channels, "gpt-4-gizmo-g-bo0FiWLY7") == [[(1, "chat", "gpt-4o")]]
    assert found(channels, "gpt-4-turbo") == [[(1, "chat", "gpt-4.1")]]
    assert found(channels, "gpt-4-gizmo-g-mine") == [[(1, "chat", "mine")]]
    assert found(channels, "gpt-4o-gizmo-g-1") == []
    assert channels.names("default") == {"gpt-4-gizmo-g-mine"}


def test_operation_is_the_first_that_the_vendor_serves():
    channels = loaded(channel(1), channel(2, type="gateway"), channel(3, type="anthropic"))
    assert found(channels, operations=("responses", "messages", "chat")) == [
        [(1, "chat", "gpt-4o"), (2, "responses", "gpt-4o"), (3, "messages", "gpt-4o")]
    ]


def test_changes_hold_for_the_next_look_up():
    channels = loaded(channel(1))
    assert found(channels) == [[(1, "chat", "gpt-4o")]]
    channels.put(channel(1, is_on=False))
    channels.put(channel(2))
    assert found(channels) == [[(2, "chat", "gpt-4o")]]
    channels.remove(2)
    assert found(channels) == []


def test_made_up_names_do_not_fill_the_memory():
    channels = loaded(channel(1, models=frozenset({"*"})))
    for number in range(10_000):
        channels.tiers(f"name-{number}", "default", ("chat",))
    assert len(channels._resolved) <= 4096


def test_names_are_those_of_the_group_without_patterns():
    channels = loaded(
        channel(1, models=frozenset({"gpt-4o", "gpt-*"}), model_map={"fast": "gpt-4o-mini"}),
        channel(2, models=frozenset({"secret"}), groups=frozenset({"vip"})),
        channel(3, models=frozenset({"off"}), is_on=False),
    )
    assert channels.names("default") == {"gpt-4o", "fast"}
    assert channels.names("vip") == {"secret"}


def test_secrets_are_not_in_the_repr():
    text = repr(channel(1, keys=("sk-very-secret",), header_overrides={"x-token": "also-secret"}))
    assert "secret" not in text
