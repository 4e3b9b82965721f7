"""When each word is heard: from the score to lines in seconds, and those as LRC and JSON."""

from itertools import zip_longest

import msgspec

from tutti.engines.song.model import Score, TimedLine, TimedSyllable, VocalLine


def time_lines(score: Score, *, offset_s: float = 0.0) -> tuple[TimedLine, ...]:
    """The sung lines with the seconds of every syllable, in singing order; `offset_s` is added to all times."""
    return tuple(_timed(line, score, offset_s) for line in score.vocals if line.syllables)


def _timed(line: VocalLine, score: Score, offset_s: float) -> TimedLine:
    syllables = []
    for sung in line.syllables:
        last = sung.notes[-1]
        syllables.append(
            TimedSyllable(
                text=sung.syllable.text,
                start_s=round(score.seconds_at(sung.notes[0].onset_ticks) + offset_s, 3),
                end_s=round(score.seconds_at(last.onset_ticks + last.length_ticks) + offset_s, 3),
                ends_word=sung.syllable.ends_word,
            )
        )
    return TimedLine(
        text=line.text, start_s=syllables[0].start_s, end_s=syllables[-1].end_s, syllables=tuple(syllables)
    )


def to_lrc(lines: tuple[TimedLine, ...], *, title: str, artist: str) -> str:
    """The lines in LRC form, minutes and hundredths of seconds, an empty line before a pause of over four seconds."""
    rows = [f"[ti:{_one_row(title)}]", f"[ar:{_one_row(artist)}]", "[by:Tutti]"]
    for line, following in zip_longest(lines, lines[1:]):
        rows.append(f"[{_lrc_time(line.start_s)}]{_one_row(line.text)}")
        if following is None or following.start_s - line.end_s > 4:
            rows.append(f"[{_lrc_time(line.end_s)}]")
    return "\n".join(rows) + "\n"


def to_json(lines: tuple[TimedLine, ...]) -> bytes:
    """The lines as a JSON list of {text, start_s, end_s, syllables: [{text, start_s, end_s, ends_word}]}."""
    return msgspec.json.format(msgspec.json.encode(lines), indent=1)


def _lrc_time(seconds: float) -> str:
    hundredths = round(max(0.0, seconds) * 100)
    return f"{hundredths // 6000:02d}:{hundredths // 100 % 60:02d}.{hundredths % 100:02d}"


def _one_row(text: str) -> str:
    return " ".join(text.split())
