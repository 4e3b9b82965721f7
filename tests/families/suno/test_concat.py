import pytest

from tests.families.hostile import told_in_envelope
from tests.families.suno.sung import brought, clips_told, post, queued, submitted, sung
from tests.gateway import CLIP_SECONDS, Gateway, make_gateway
from tutti.intents import Concat

pytestmark = pytest.mark.anyio


async def extended(gateway: Gateway, clip_id: str, at_s: float) -> str:
    """A finished part that goes on from a clip."""
    return await sung(gateway, task="extend", continue_clip_id=clip_id, continue_at=at_s)


@pytest.mark.parametrize("path", ["/suno/submit/concat", "/suno/submit/music/concat", "/sunoi/submit/concat"])
async def test_concat_joins_the_whole_chain_earliest_first(path):
    gateway = await make_gateway()
    first = await sung(gateway, title="Lanterns")
    second = await extended(gateway, first, 40)
    third = await extended(gateway, second, 50.5)
    reply = await post(gateway, path, json={"clip_id": third, "is_infill": False})
    task, concat = await queued(gateway)
    assert isinstance(concat, Concat)
    pieces = [(piece.clip.clip_id, piece.at_s) for piece in concat.pieces]
    assert pieces == [(first, 40), (second, 50.5), (third, CLIP_SECONDS)]
    assert task.price == 10_000
    await gateway.finish(task)
    (clip,) = await clips_told(gateway, reply.json()["data"])
    assert (clip["title"], clip["metadata"]["type"], clip["status"]) == ("Lanterns", "concat", "complete")
    assert clip["metadata"]["concat_history"] == [
        {"id": first, "continue_at": 40},
        {"id": second, "continue_at": 50.5},
        {"id": third},
    ]


async def test_concat_begins_with_brought_sound():
    gateway = await make_gateway()
    riff = await brought(gateway)
    part = await extended(gateway, riff, 10)
    await post(gateway, "/suno/submit/concat", json={"clip_id": part})
    _, concat = await queued(gateway)
    assert [piece.clip.analysis_key is None for piece in concat.pieces] == [False, True]


async def test_concat_stops_at_a_clip_that_is_whole():
    gateway = await make_gateway()
    first = await sung(gateway)
    part = await extended(gateway, first, 40)
    await post(gateway, "/suno/submit/concat", json={"clip_id": part})
    (task,) = await gateway.claim()
    whole = (await gateway.publish(task, 0)).clip_id
    await gateway.finish(task)
    again = await extended(gateway, whole, 90)
    await post(gateway, "/suno/submit/concat", json={"clip_id": again})
    _, concat = await queued(gateway)
    assert [piece.clip.clip_id for piece in concat.pieces] == [whole, again]


async def test_clip_with_a_replaced_section_is_whole_and_joined_all_the_same():
    gateway = await make_gateway()
    first = await sung(gateway)
    edited = await sung(gateway, task="infill", continue_clip_id=first, infill_start_s=10, infill_end_s=20)
    await post(gateway, "/suno/submit/concat", json={"clip_id": edited, "is_infill": True})
    _, concat = await queued(gateway)
    assert [piece.clip.clip_id for piece in concat.pieces] == [edited]


async def test_clip_that_goes_on_from_nothing_is_refused():
    gateway = await make_gateway()
    clip_id = await sung(gateway)
    before = await gateway.balance()
    reply = await post(gateway, "/suno/submit/concat", json={"clip_id": clip_id})
    assert "nothing to join" in told_in_envelope(reply)
    assert await gateway.balance() == before


@pytest.mark.parametrize("body", [{}, {"clip_id": None}, {"clip_id": ""}, {"clip_id": 7}, {"clip_id": "x"}])
@pytest.mark.parametrize("action", ["concat", "stems"])
async def test_body_without_a_clip_of_one_s_own_is_refused(action, body):
    gateway = await make_gateway()
    reply = await post(gateway, f"/suno/submit/{action}", json=body)
    assert reply.status_code == 400
    assert "clip" in told_in_envelope(reply)


async def test_stems_action_takes_a_clip_apart():
    gateway = await make_gateway()
    clip_id = await sung(gateway)
    await post(gateway, "/suno/submit/stems", json={"clip_id": clip_id})
    _, stems = await queued(gateway)
    assert list(stems.seats) == ["vocals", "instrumental"]


async def test_foreign_clip_is_not_joined():
    gateway = await make_gateway()
    theirs = await gateway.new_secret("someone else")
    first = await sung(gateway, theirs)
    await submitted(gateway, theirs, task="extend", continue_clip_id=first, continue_at=10)
    (task,) = await gateway.claim()
    part = (await gateway.publish(task, 0)).clip_id
    reply = await post(gateway, "/suno/submit/concat", json={"clip_id": part})
    assert told_in_envelope(reply).startswith("task_not_exist")
