import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutti.errors import InvalidRequestError
from tutti.families.suno.wishes import MOST_SEED, new_seats, to_key, to_seed, to_wishes
from tutti.intents import SongWishes
from tutti.wires.suno import ControlSliders, SubmitMetadata, SubmitMusic

MV = "chirp-v4"


def wishes(**fields: object) -> SongWishes:
    return to_wishes(SubmitMusic(**fields), MV)


def test_nothing_is_fixed_unless_it_is_said():
    assert wishes() == SongWishes()


def test_every_wish_is_taken():
    sliders = ControlSliders(style_weight=0.7, weirdness_constraint=0.3, audio_weight=1)
    told = wishes(
        negative_tags="metal",
        bpm=96,
        key="f# min",
        duration=90,
        metadata=SubmitMetadata(vocal_gender="f", control_sliders=sliders),
    )
    assert told == SongWishes(
        negative_tags="metal",
        bpm=96,
        key="F# minor",
        duration_s=90,
        vocal_gender="f",
        style_weight=0.7,
        weirdness=0.3,
        audio_weight=1,
    )


@pytest.mark.parametrize(
    ("fields", "gender"),
    [
        ({"vocal_gender": "m"}, "m"),
        ({"metadata": SubmitMetadata(vocalgender="F")}, "f"),
        ({"metadata": SubmitMetadata(vocal_gender="f"), "vocal_gender": "m"}, "f"),
        ({"metadata": SubmitMetadata(vocal_gender="")}, None),
    ],
)
def test_gender_is_read_from_wherever_it_stands(fields, gender):
    assert wishes(**fields).vocal_gender == gender


def test_sliders_count_before_fields_at_the_top():
    sliders = ControlSliders(style_weight=0.0)
    told = wishes(style_weight=0.9, weirdness=0.4, metadata=SubmitMetadata(control_sliders=sliders))
    assert (told.style_weight, told.weirdness) == (0.0, 0.4)


@pytest.mark.parametrize(
    ("fields", "field", "allowed"),
    [
        ({"bpm": 39.9}, "bpm", "40 to 240"),
        ({"bpm": 241}, "bpm", "40 to 240"),
        ({"duration": 9}, "duration", "10 to 150 s"),
        ({"duration": 151}, "duration", "10 to 150 s"),
        ({"style_weight": 1.1}, "style_weight", "0 to 1"),
        ({"weirdness": -0.1}, "weirdness", "0 to 1"),
        ({"vocal_gender": "alto"}, "vocal_gender", "f, m"),
        ({"metadata": SubmitMetadata(vocalgender="x")}, "metadata.vocalgender", "f, m"),
        ({"key": "H minor"}, "key", '"F# minor"'),
        ({"negative_tags": "x" * 1001}, "negative_tags", "at most 1000"),
        (
            {"metadata": SubmitMetadata(control_sliders=ControlSliders(audio_weight=2))},
            "metadata.control_sliders.audio_weight",
            "0 to 1",
        ),
    ],
)
def test_wish_out_of_bounds_is_refused_with_what_is_allowed(fields, field, allowed):
    with pytest.raises(InvalidRequestError) as caught:
        wishes(**fields)
    assert caught.value.field == field
    assert caught.value.message.startswith(f"{field} ")
    assert allowed in caught.value.message


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("C", "C major"),
        ("Am", "A minor"),
        ("AM", "A major"),
        ("bb", "Bb major"),
        (" F# minor ", "F# minor"),
        ("E♭ maj", "Eb major"),
        ("D小调", "D minor"),
        ("G大调", "G major"),
        ("", None),
        (None, None),
    ],
)
def test_key_is_read_as_musicians_write_it(text, key):
    assert to_key(text) == key


@given(st.text(max_size=20))
def test_no_text_breaks_the_key(text):
    try:
        key = to_key(text)
    except InvalidRequestError:
        return
    assert key is None or key.split()[1] in {"major", "minor"}
    assert to_key(key) == key


def test_seed_makes_the_same_seats_with_other_ids():
    first, again = new_seats(to_seed(7)), new_seats(to_seed(7))
    assert [seat.seed for seat in first] == [seat.seed for seat in again]
    assert first[0].seed == 7
    assert first[1].seed not in (7, 8)
    assert {seat.clip_id for seat in first}.isdisjoint(seat.clip_id for seat in again)


@given(st.integers(0, MOST_SEED))
def test_every_derived_seed_is_a_seed_again(seed):
    assert [to_seed(seat.seed) for seat in new_seats(seed)] == [seat.seed for seat in new_seats(seed)]


@pytest.mark.parametrize("seed", [-1, MOST_SEED + 1])
def test_seed_out_of_bounds_is_refused(seed):
    with pytest.raises(InvalidRequestError, match=f"0 to {MOST_SEED}"):
        to_seed(seed)
