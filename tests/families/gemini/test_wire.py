"""What routing reads of a Gemini request, and of its path."""

import pytest

from tutti.errors import InvalidRequestError, NotFoundError
from tutti.families.gemini.wire import GeminiWire, split_path
from tutti.relay.wires import Peek


@pytest.mark.parametrize(
    ("rest", "target"),
    [
        ("gemini-2.5-flash:generateContent", ("gemini-2.5-flash", "generateContent")),
        ("gemini-2.5-flash%3AstreamGenerateContent", ("gemini-2.5-flash", "streamGenerateContent")),
        ("models/gemma:2b:countTokens", ("gemma:2b", "countTokens")),
        ("org/model:embedContent", ("org/model", "embedContent")),
        ("tunedModels/mine:batchEmbedContents", ("mine", "batchEmbedContents")),
    ],
)
def test_path_names_model_and_method(rest: str, target: tuple[str, str]) -> None:
    assert split_path(rest) == target


@pytest.mark.parametrize("rest", ["gemini-2.5-flash", "gemini-2.5-flash:predict", ":generateContent"])
def test_other_methods_do_not_exist(rest: str) -> None:
    with pytest.raises(NotFoundError):
        split_path(rest)


@pytest.mark.parametrize(
    ("body", "limits"),
    [
        (b'{"generationConfig": {"maxOutputTokens": 7, "candidateCount": 2}}', (7, 2)),
        (b'{"generation_config": {"max_output_tokens": 7}}', (7, 1)),
        (b"{}", (None, 1)),
    ],
)
def test_peek(body: bytes, limits: tuple[int | None, int]) -> None:
    peeked = GeminiWire().peek(body, {"model": "m", "action": "streamGenerateContent"})
    assert peeked == Peek(model="m", is_stream=True, max_tokens=limits[0], count=limits[1])


def test_peek_names_a_wrong_field() -> None:
    with pytest.raises(InvalidRequestError) as refused:
        GeminiWire().peek(b'{"generationConfig": {"maxOutputTokens": "many"}}', {"model": "m", "action": ""})
    assert refused.value.field == "generationConfig.maxOutputTokens"
