"""Requests that pass through to Google."""

import json

import pytest

from tutti.errors import InvalidRequestError
from tutti.families.gemini.seals import without_foreign_seals
from tutti.families.gemini.to_caller import parts_to_caller
from tutti.intents.chat import Text, Thinking, ToolCall


def test_seals_of_others_stay_here() -> None:
    parts = [
        *parts_to_caller(
            [
                Thinking(text="hm", signature="EqQB"),
                Thinking(text="ho", signature="gemini:QUJD"),
                Thinking(sealed="xyz"),
                Text(text="a"),
                Thinking(signature="responses:rs_1:gAAA"),
                ToolCall(id="c", name="look", arguments="{}", signature="EqQB"),
            ]
        )
    ]
    assert sum("thoughtSignature" in part for part in parts) == 5
    body = json.dumps({"contents": [{"role": "model", "parts": parts}]}, separators=(",", ":")).encode()
    sent = json.loads(without_foreign_seals(body))["contents"][0]["parts"]
    assert sent == [
        {"text": "hm", "thought": True},
        {"text": "ho", "thought": True, "thoughtSignature": "QUJD"},
        {"text": "a"},
        {"functionCall": {"id": "c", "name": "look", "args": {}}},
    ]


def test_request_without_them_is_not_touched() -> None:
    body = b'{"contents": [{"parts": [{"text": "a", "thought_signature": "QUJD"}]}]}'
    assert without_foreign_seals(body) is body


@pytest.mark.parametrize("value", [b"[" * 600 + b"]" * 600, b"[" * 99_000, b'"\xff"'])
def test_request_that_can_not_be_read_is_the_callers_fault(value: bytes) -> None:
    with pytest.raises(InvalidRequestError):
        without_foreign_seals(b'{"contents": [{"thoughtSignature":"Y2xhdWRlOlNPTUU="}], "x": ' + value + b"}")
