import pytest

from tutti.errors import InvalidRequestError
from tutti.families.endpoint import decode
from tutti.wires.suno import SubmitMusic, fetch_many_decoder, submit_music_decoder


def test_null_is_absence():
    body = b'{"prompt":null,"mv":null,"continue_at":null,"make_instrumental":null,"task_id":null}'
    assert submit_music_decoder.decode(body) == SubmitMusic()


def test_whole_numbers_are_seconds_too():
    assert submit_music_decoder.decode(b'{"continue_at":120}').continue_at == 120.0


@pytest.mark.parametrize(
    "body", [b'{"prompt":"\\ud800"}', b'{"prompt":"\xff"}', b"", b"{", b'{"prompt":"a"} x', b"\x00"]
)
def test_broken_text_is_refused(body):
    with pytest.raises(InvalidRequestError, match="not valid JSON"):
        decode(submit_music_decoder, body)


def test_ids_may_be_missing():
    assert fetch_many_decoder.decode(b'{"action":"MUSIC"}').ids is None
