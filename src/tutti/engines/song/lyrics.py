"""Reads lyrics as people paste them: sections under marks, or stanzas without any, into lines of sung syllables.

Understood are marks in square or full-width brackets with or without remarks ("[Chorus: powerful]", "【副歌】"), bare
ones ("Verse 1:"), a repeated mark without words (the chorus again), and plain text, whose chorus is found by its
repetition. Nothing that a caller writes raises: what cannot be sung is passed over.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tutti.engines.song.model import Language, LyricLine, Lyrics, LyricSection, SectionKind, Syllable
from tutti.engines.song.phonemes import detect_language, line
from tutti.engines.song.phonemes.japanese import KANA
from tutti.engines.song.tables import table

# Two bars hold about this many syllables before they blur; Japanese ones are shorter.
LONGEST_LINE_SYLLABLES = 14
_LONGEST_JAPANESE_LINE = 18
# "la" without an end; the longest words that are sung, "supercalifragilisticexpialidocious", have half as many.
_ENDLESS_WORD_SYLLABLES = 28
# Stanzas of plain text without blank lines.
_STANZA_LINES = 4
_UNMARKED_FORM = (SectionKind.VERSE, SectionKind.CHORUS, SectionKind.VERSE, SectionKind.CHORUS, SectionKind.BRIDGE, SectionKind.CHORUS)  # fmt: skip  # noqa: E501

_BRACKETED = re.compile(r"^[\[【［]([^\]】］]*)[\]】］]\s*(.*)$")
_BARE = re.compile(r"^[#*_\s]*([^#*_:：]{1,24}?)[*_\s]*[:：]?[*_\s]*$")
_INNER_MARKS = re.compile(r"[\[【［][^\]】］]*[\]】］]?|[\]】］]")
_ASIDE = re.compile(r"^[(（]([^)）]*)[)）]$")
_TIMES = re.compile(r"[(（]?\s*[x×]\s*\d\d?\s*[)）]?\s*$|[(（]\s*(?:repeat|\d\s*[x×]|重复)[^)）]*[)）]", re.IGNORECASE)
_NUMBERED = re.compile(r"[\s\dIVXivx一二三四五六#.]*$")


@dataclass
class _Draft:
    """A section while it is read."""

    kind: SectionKind
    label: str
    lines: list[str] = field(default_factory=list)


def parse(text: str, language: Language | None = None) -> Lyrics:
    """The sections of a lyric text; empty when it holds nothing to sing and no instrumental mark.

    `language` reads lines that show none of their own (digits, "la la"); by default the song's main one.
    """
    rows = [_clean(row) for row in re.split(r"\r\n?|[\n\u2028\u2029\x85]", text)]
    main = language or detect_language(_INNER_MARKS.sub("", "\n".join(rows)))
    drafts = list(_marked(rows)) if any(_mark(row) for row in rows) else _unmarked(rows)
    _repeat_wordless_choruses(drafts)
    sections = (LyricSection(kind=d.kind, label=d.label, lines=tuple(_lines(d.lines, main))) for d in drafts)
    return Lyrics(text=text, sections=tuple(s for s in sections if s.lines or s.kind in _MAY_BE_SILENT))


_MAY_BE_SILENT = frozenset({SectionKind.INTRO, SectionKind.BREAK, SectionKind.OUTRO})


def hook_line(lyrics: Lyrics) -> str:
    """The line that the song is remembered by: the one most often sung, chorus before verse; "" without words."""
    sung = [(line.text, section.kind is SectionKind.CHORUS) for section in lyrics.sections for line in section.lines]
    counts = Counter(text for text, _ in sung)
    return max(sung, key=lambda item: (item[1], counts[item[0]]), default=("", False))[0]


def section_kind(mark: str) -> SectionKind | None:
    """The kind that a mark's words name, in English, Chinese or Japanese; None when they name none."""
    words = mark.split(":", maxsplit=1)[0].split("：", maxsplit=1)[0].lower()
    for kind, names in table("tutti.engines.song", "marks")["kinds"].items():
        if any(_names(name, words) for name in names.split("|")):
            return SectionKind(kind)
    return None


def _names(name: str, words: str) -> bool:
    return bool(re.search(rf"(?<![a-z]){re.escape(name)}(?![a-z])", words)) if name.isascii() else name in words


def _clean(row: str) -> str:
    """The row without emoji, invisible and other unwritable characters."""
    kept = (c for c in unicodedata.normalize("NFC", row) if unicodedata.category(c) not in _DROPPED or c == "\t")
    return re.sub(r"\s+", " ", "".join(kept)).strip()


# Controls, formats, surrogates, private use, unassigned, symbols other than those of prices and sums, loose marks.
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "So", "Sk", "Me", "Mn"})


def _mark(row: str) -> tuple[SectionKind | None, str, str] | None:
    """Kind, label and the words after it when a row is a section mark; the kind is None for a mere stage direction."""
    if bracketed := _BRACKETED.match(row):
        label = bracketed[1].strip()
        return section_kind(label), label, bracketed[2]
    if (aside := _ASIDE.match(row)) and section_kind(aside[1]) is SectionKind.BREAK and len(aside[1].split()) <= 3:
        return SectionKind.BREAK, aside[1].strip(), ""
    if (bare := _BARE.match(row)) and _is_bare_mark(bare[1]):
        return section_kind(bare[1]), bare[1].strip(), ""
    return None


def _is_bare_mark(words: str) -> bool:
    """Whether words without brackets are nothing but the name of a section, with a number perhaps."""
    name = _NUMBERED.sub("", words).strip().lower()
    return any(
        name in names.split("|")
        for kind, names in table("tutti.engines.song", "marks")["kinds"].items()
        if kind != "break"
    )


def _marked(rows: list[str]) -> Iterator[_Draft]:
    draft = _Draft(SectionKind.VERSE, "")
    for row in rows:
        mark = _mark(row)
        if mark is None:
            if row and draft.kind is SectionKind.BREAK:
                # Nobody sings in a solo: words after it begin the next section.
                yield draft
                draft = _Draft(SectionKind.VERSE, "")
            draft.lines.append(row)
            continue
        kind, label, rest = mark
        if kind is not None:
            if draft.label or any(draft.lines):
                yield draft
            draft = _Draft(kind, label)
        draft.lines.append(rest)
    yield draft


def _unmarked(rows: list[str]) -> list[_Draft]:
    """Stanzas as sections: one that comes again is the chorus; where none does, verse and chorus take turns."""
    stanzas = _stanzas(rows)
    folded = ["\n".join(stanza).casefold() for stanza in stanzas]
    counts = Counter(folded)
    repeats = [counts[stanza] > 1 for stanza in folded]
    if any(repeats):
        kinds = [SectionKind.CHORUS if again else SectionKind.VERSE for again in repeats]
    else:
        kinds = [_UNMARKED_FORM[n] if n < len(_UNMARKED_FORM) else _UNMARKED_FORM[n % 2] for n in range(len(stanzas))]
    return [_Draft(kind, kind.value.title(), stanza) for kind, stanza in zip(kinds, stanzas, strict=True)]


def _stanzas(rows: list[str]) -> list[list[str]]:
    """Rows between blank ones; a text without blank rows is cut into fours."""
    stanzas: list[list[str]] = [[]]
    for row in rows:
        if row:
            stanzas[-1].append(row)
        elif stanzas[-1]:
            stanzas.append([])
    full = [stanza for stanza in stanzas if stanza]
    if len(full) == 1 and len(full[0]) > _STANZA_LINES + 2:
        only = full[0]
        full = [only[at : at + _STANZA_LINES] for at in range(0, len(only), _STANZA_LINES)]
    return full


def _repeat_wordless_choruses(drafts: list[_Draft]) -> None:
    """Give a later "[Chorus]" without words those of the earlier one, as singers understand it."""
    words: dict[SectionKind, list[str]] = {}
    for draft in drafts:
        if any(draft.lines):
            words.setdefault(draft.kind, draft.lines)
        elif draft.kind in {SectionKind.CHORUS, SectionKind.PRE_CHORUS}:
            draft.lines = words.get(draft.kind, [])


def _lines(rows: list[str], main: Language) -> Iterator[LyricLine]:
    for row in rows:
        words = _TIMES.sub("", _INNER_MARKS.sub("", row)).strip()
        yield from _split(words, _language(words, main))


def _language(words: str, main: Language) -> Language:
    if not re.search(rf"[A-Za-z\u3400-\u9fff]|{KANA.pattern}", words):
        return main
    own = detect_language(words)
    # Kanji alone look Chinese.
    return main if own is Language.MANDARIN and main is Language.JAPANESE else own


def _split(words: str, language: Language) -> Iterator[LyricLine]:
    """The line, in as many pieces as it takes to sing it; none when it holds no sound."""
    whole = line(words, language)
    if not whole.syllables:
        return
    longest = _LONGEST_JAPANESE_LINE if language is Language.JAPANESE else LONGEST_LINE_SYLLABLES
    cut = _cut(whole.syllables) if len(whole.syllables) > longest else 0
    if not cut:
        yield whole
        return
    at = sum(len(syllable.text) for syllable in whole.syllables[:cut])
    yield from _split(whole.text[:at].strip(), language)
    yield from _split(whole.text[at:].strip(), language)


def _cut(syllables: tuple[Syllable, ...]) -> int:
    """Where to break a long line: at the word end near its middle, better still at punctuation; in an endless word too.

    0: nowhere.
    """
    count = len(syllables)
    ends = [n for n in range(1, count) if syllables[n - 1].ends_word]
    if not ends and count >= _ENDLESS_WORD_SYLLABLES:
        return count // 2

    def awkwardness(n: int) -> float:
        is_pause = syllables[n - 1].text.rstrip()[-1:] in tuple(",;:.!?，；：。！？、—…")
        return abs(n - count / 2) - (count / 4 if is_pause else 0)

    return min(ends, key=awkwardness, default=0)
