"""What the upstream does wrong on purpose."""

import httpx
import pytest

from tests.upstream.handle import RunningUpstream

BODY = {"model": "gpt-4o", "messages": [{"role": "user", "content": "count to 9"}]}


@pytest.fixture
def client(upstream: RunningUpstream):
    with httpx.Client(base_url=upstream.url, headers={"authorization": "Bearer sk-one"}, trust_env=False) as client:
        yield client


def ask(client: httpx.Client, *, stream: bool = False, **more) -> httpx.Response:
    return client.post("/v1/chat/completions", json=BODY | ({"stream": True} if stream else {}) | more)


def test_garbage_and_halves(client, upstream):
    upstream.set_fault(garbage=True)
    assert (ask(client).status_code, ask(client).headers["content-type"]) == (200, "text/html")
    upstream.set_fault(half_json=True)
    assert not ask(client).text.endswith("}")


@pytest.mark.parametrize("stream", [False, True])
def test_cut_body_is_cut_on_the_wire(client, upstream, stream):
    upstream.set_fault(cut_after=2)
    with pytest.raises(httpx.RemoteProtocolError):
        ask(client, stream=stream)


def test_unclosed_stream_ends_in_order_without_its_end(client, upstream):
    assert ask(client, stream=True).text.endswith("data: [DONE]\n\n")
    upstream.set_fault(unclosed=True)
    text = ask(client, stream=True).text
    assert 'finish_reason":"stop' not in text
    assert "[DONE]" not in text


def test_error_in_the_midst_of_a_stream(client, upstream):
    upstream.set_fault(error_after=2)
    *_, last = ask(client, stream=True).text.strip().split("\n\n")
    assert last.startswith('data: {"error":')


def test_slow_and_silent_ones_are_as_slow_as_they_say(client, upstream):
    for slow in ({"hang": True}, {"head_s": 5}, {"first_byte_s": 5}, {"chunk_s": 5}):
        upstream.set_fault(**slow)
        with pytest.raises(httpx.ReadTimeout):
            client.post("/v1/chat/completions", json=BODY | {"stream": True}, timeout=0.3)


def test_faults_are_for_whom_they_are_set(client, upstream):
    upstream.set_faults(
        [
            {"fault": {"status": 429, "retry_after": "3"}, "key": "sk-two"},
            {"fault": {"status": 500}, "model": "gpt-bad"},
            {"fault": {"status": 401}, "path": "/embeddings"},
        ]
    )
    assert ask(client).status_code == 200
    assert ask(client, model="gpt-bad").status_code == 500
    other = client.post("/v1/chat/completions", json=BODY, headers={"authorization": "Bearer sk-two"})
    assert (other.status_code, other.headers["retry-after"]) == (429, "3")
    assert client.post("/v1/embeddings", json={"model": "m", "input": "x"}).status_code == 401


def test_fault_that_there_is_not_is_an_error(client):
    assert client.post("/_faults", json=[{"fault": {"dance": True}}]).status_code == 400
    assert client.post("/_faults", json=[{"fault": {}, "whom": "all"}]).status_code == 400
