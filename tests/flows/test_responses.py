"""OpenAI's own SDK against a running server, whose channels speak other wires; and what a restart leaves of it."""

from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from openai import OpenAI

from tests.flows.process import TuttiProcess, until
from tests.upstream.handle import RunningUpstream

MADE_S = 30.0
GPT, CLAUDE = "gpt-4.1-mini", "claude-sonnet-4-5"


@pytest.fixture
def tutti(tmp_path: Path, upstream: RunningUpstream) -> Iterator[TuttiProcess]:
    """A server with a channel of OpenAI's wire and one of Claude's, which waits for nobody when it ends."""
    server = TuttiProcess(tmp_path, TUTTI_DRAIN_S="0")
    server.start()
    (server.folder / "keys").write_text("sk-upstream\n")
    for type_, models in (("openai", "gpt-*"), ("anthropic", "claude-*")):
        address = ("--type", type_, "--base-url", upstream.url, "--key-file", "keys")
        server.tutti("channels", "add", type_, *address, "--models", models)
    yield server
    server.kill()


def sdk(server: TuttiProcess) -> OpenAI:
    return OpenAI(api_key=server.first_key, base_url=f"{server.url}/v1", max_retries=0)


def test_a_conversation_over_two_vendors(tutti: TuttiProcess, upstream: RunningUpstream) -> None:
    with sdk(tutti) as client:
        first = client.responses.create(model=GPT, input="hello", instructions="Be brief.")
        assert "hello" in first.output_text
        assert client.responses.retrieve(first.id).model_dump() == first.model_dump()
        with client.responses.stream(model=CLAUDE, input="count to 30", previous_response_id=first.id) as stream:
            words = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
            second = stream.get_final_response()
        assert words == second.output_text
        assert "29 30" in words
        third = client.responses.create(model=GPT, input="and on", previous_response_id=second.id)
        items = client.responses.input_items.list(third.id, order="asc").data
        assert [item.role for item in items] == ["user", "assistant", "user", "assistant", "user"]  # type: ignore[union-attr]
        compacted = client.responses.compact(model=GPT, previous_response_id=third.id)
        assert compacted.output[0].type == "compaction"
        client.responses.delete(third.id)
        with pytest.raises(openai.NotFoundError):
            client.responses.retrieve(third.id)
    sent = upstream.seen(path="/v1/responses")
    assert [body["json"]["store"] for body in sent] == [False, False]
    assert len(upstream.seen(path="/v1/messages")[0]["json"]["messages"]) == 3


def test_a_tool_is_called_and_its_result_read_over_two_vendors(tutti: TuttiProcess) -> None:
    tool = {
        "type": "function",
        "name": "look_up",
        "parameters": {"type": "object", "properties": {"place": {"type": "string"}}},
        "strict": False,
    }
    with sdk(tutti) as client:
        asked = client.responses.create(model=CLAUDE, input="call look_up", tools=[tool], tool_choice="required")  # type: ignore[list-item]
        call = asked.output[-1]
        assert call.type == "function_call"
        result = {"type": "function_call_output", "call_id": call.call_id, "output": "seven lanterns"}
        told = client.responses.create(model=GPT, input=[result], previous_response_id=asked.id, tools=[tool])  # type: ignore[list-item]
        assert "seven lanterns" in told.output_text


def test_what_was_made_outlives_the_server_and_what_was_not_has_failed(
    tutti: TuttiProcess, upstream: RunningUpstream
) -> None:
    before = tutti.quota()
    with sdk(tutti) as client:
        made = client.responses.create(model=GPT, input="count to 30", background=True)
        until(lambda: client.responses.retrieve(made.id).status == "completed", MADE_S)
        upstream.set_fault(hang=True)
        waiting = client.responses.create(model=GPT, input="count to 30", background=True)
        until(lambda: len(upstream.seen(path="/v1/responses")) == 2, MADE_S)
        assert client.responses.retrieve(waiting.id).status == "queued"
    tutti.stop()
    tutti.start()
    with sdk(tutti) as client:
        done, left = client.responses.retrieve(made.id), client.responses.retrieve(waiting.id)
    assert (done.status, done.output_text[-5:]) == ("completed", "29 30")
    assert left.error is not None
    assert (left.status, left.error.code) == ("failed", "server_error")
    # Only the first was paid for.
    assert done.usage is not None
    paid = before - tutti.quota()
    assert 0 < paid < 200
