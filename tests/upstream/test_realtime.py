"""The upstream's WebSocket, by an ordinary client."""

import json

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.upstream.handle import RunningUpstream


def open_socket(upstream: RunningUpstream, query: str = "?model=gpt-realtime"):
    address = f"{upstream.url.replace('http', 'ws')}/v1/realtime{query}"
    return connect(address, additional_headers={"authorization": "Bearer sk-test"}, proxy=None)


def test_session_answers_and_gives_bytes_back(upstream):
    with open_socket(upstream) as socket:
        assert json.loads(socket.recv())["session"]["model"] == "gpt-realtime"
        part = {"type": "input_text", "text": "Hi"}
        item = {"type": "message", "role": "user", "content": [part]}
        socket.send(json.dumps({"type": "conversation.item.create", "item": item}))
        socket.send(json.dumps({"type": "response.create"}))
        told = [json.loads(socket.recv()) for _ in range(6)]
        assert "".join(one.get("delta", "") for one in told) == "You said: Hi"
        assert told[-1]["response"]["usage"] == {"input_tokens": 1, "output_tokens": 3, "total_tokens": 4}
        socket.send(b"\0\1")
        assert socket.recv() == b"\0\1"
        socket.send(json.dumps({"type": "dance"}))
        assert json.loads(socket.recv())["type"] == "error"


def test_session_ends_as_asked(upstream):
    with open_socket(upstream) as socket:
        socket.recv()
        socket.send(json.dumps({"type": "close please"}))
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv()
        assert closed.value.rcvd.code == 4000


def test_session_without_a_model_is_refused(upstream):
    with pytest.raises(InvalidStatus), open_socket(upstream, ""):
        pass
