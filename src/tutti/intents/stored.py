"""What a stored intent says that families and vendors ask alike. Pure."""

from collections.abc import Iterator

import msgspec

from tutti.intents import AnyIntent, ClipSeat, Concat, Song, SoundFile, SoundImport, SourceClip, Stems

_decoder: msgspec.json.Decoder[AnyIntent] = msgspec.json.Decoder(AnyIntent)


def read_intent(stored: bytes) -> AnyIntent:
    """The intent of a task row."""
    return _decoder.decode(stored)


def seats_of(intent: AnyIntent) -> tuple[ClipSeat, ...]:
    """The seats of an intent in the order of its parts; none for words and for single files."""
    match intent:
        case Song():
            return intent.seats
        case Stems():
            return tuple(intent.seats.values())
        case SoundImport() | Concat():
            return (intent.seat,)
        case _:
            return ()


def sources_of(intent: AnyIntent) -> Iterator[SourceClip]:
    """Every earlier clip that the work starts from."""
    match intent:
        case Song():
            if intent.source is not None:
                yield intent.source.clip
            if intent.persona is not None:
                yield intent.persona
        case Stems() | SoundFile():
            yield intent.clip
        case Concat():
            for piece in intent.pieces:
                yield piece.clip
        case _:
            return
