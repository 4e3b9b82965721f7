import msgspec
import pytest

from tutti.wires.openai import ChatChunk, ChunkChoice, Delta, chat_request_decoder, encoder


def test_empty_delta_has_no_keys():
    assert encoder.encode(Delta()) == b"{}"


def test_chunk_without_usage_does_not_name_it():
    chunk = ChatChunk(id="i", created=1, model="m", choices=(ChunkChoice(delta=Delta(content="")),))
    assert msgspec.json.decode(encoder.encode(chunk)) == {
        "id": "i",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": None}],
    }


@pytest.mark.parametrize(
    "content", ["null", '"hi"', '[{"type":"text","text":"hi"},{"type":"image_url","image_url":{}}]']
)
def test_message_content_takes_every_form(content):
    body = f'{{"model":"m","messages":[{{"role":"user","content":{content}}}],"unknown":1}}'
    assert chat_request_decoder.decode(body.encode()).messages[0].role == "user"
