import json

import numpy as np
import pytest

from tutti.errors import ModelFileError
from tutti.models.runtime.kokoro.vocabulary import LONGEST, Vocabulary
from tutti.models.runtime.kokoro.voices import Voices


@pytest.fixture
def voices(tmp_path):
    for name, value in (("low", 1.0), ("high", 3.0)):
        table = np.full((510, 256), value, np.float32)
        table[7] += 10.0
        table.tofile(tmp_path / f"{name}.bin")
    return Voices(tmp_path)


@pytest.mark.parametrize(
    ("blend", "letters", "expected"),
    [
        ([("low", 1.0)], 1, 1.0),
        ([("low", 1.0)], 8, 11.0),
        ([("low", 0.5), ("high", 0.5)], 1, 2.0),
        ([("low", 3.0), ("high", 1.0)], 1, 1.5),
        ([("high", 1.0)], 10_000, 3.0),
        ([("high", 1.0)], 0, 3.0),
    ],
)
def test_style_is_the_weighted_row_for_the_length(voices, blend, letters, expected):
    style = voices.style(blend, letters)
    assert style.shape == (1, 256)
    assert style.dtype == np.float32
    assert np.allclose(style, expected)


def test_style_of_unknown_voice_is_refused(voices):
    with pytest.raises(ModelFileError, match="nobody"):
        voices.style([("nobody", 1.0)], 4)


def test_vocabulary_sets_borders_around_the_letters():
    vocabulary = Vocabulary({"a": 5, "b": 6})
    assert vocabulary.encode("ab").tolist() == [[0, 5, 6, 0]]
    assert "a" in vocabulary
    assert "c" not in vocabulary


def test_vocabulary_refuses_more_than_the_network_reads():
    vocabulary = Vocabulary({"a": 5})
    assert vocabulary.encode("a" * LONGEST).shape == (1, LONGEST + 2)
    with pytest.raises(ValueError, match="511"):
        vocabulary.encode("a" * (LONGEST + 1))


def test_vocabulary_reads_the_published_form(tmp_path):
    path = tmp_path / "vocab.json"
    path.write_text(json.dumps({"vocab": {"x": 9}}), encoding="utf-8")
    assert Vocabulary.read(path).encode("x").tolist() == [[0, 9, 0]]
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(ModelFileError):
        Vocabulary.read(path)
