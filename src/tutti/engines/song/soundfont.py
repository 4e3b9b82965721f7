"""A SoundFont file cut down to one instrument.

Whoever loads the whole file unpacks every sample of it, 280 MB for a General MIDI set, of which a part of a song needs
one or two in a hundred. The tables of the file (SoundFont 2.04, section 7) say which samples a preset plays; the others
are made empty. An sf3 file differs only in that its samples are Ogg Vorbis streams.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tutti.errors import EngineError

_PRESET = np.dtype(
    [("name", "S20"), ("number", "<u2"), ("bank", "<u2"), ("bag", "<u2"), ("library", "<u4"), ("kind", "<u4", 2)]
)
_INSTRUMENT = np.dtype([("name", "S20"), ("bag", "<u2")])
_BAG = np.dtype([("generator", "<u2"), ("modulator", "<u2")])
_GENERATOR = np.dtype([("what", "<u2"), ("amount", "<u2")])
_SAMPLE = np.dtype([("name", "S20"), ("start", "<u4"), ("end", "<u4"), ("rest", "V18")])

# The generators that name an instrument in a preset, and a sample in an instrument.
_NAMES_INSTRUMENT, _NAMES_SAMPLE = 41, 53

Table = NDArray[np.void]


class SoundFontFile:
    """The tables of an sf3 file; raises `EngineError` when it cannot be read or is none."""

    def __init__(self, path: Path) -> None:
        try:
            # Mapped: what nobody asks for is never read.
            self._bytes = np.memmap(path, np.uint8, mode="r")
            chunks = {name: (start, end) for name, start, end in self._find_chunks()}
            self._starts = {name: start for name, (start, _) in chunks.items()}
            self._tables = {name: self._bytes[start:end] for name, (start, end) in chunks.items()}
            self._presets, self._instruments = self._table(b"phdr", _PRESET), self._table(b"inst", _INSTRUMENT)
            self._samples = self._table(b"shdr", _SAMPLE)
        except (OSError, ValueError, KeyError, struct.error) as error:
            raise EngineError(f"The SoundFont {path.name} cannot be read: fetch it again.") from error

    def only(self, program: int) -> bytes:
        """The file as if it had no samples but those of a General MIDI program; with none for one that it has not.

        Streams stay where they are, since decoders may look past a stream's end; nobody unpacks what no header names.
        """
        content = bytearray(self._bytes)
        samples = np.frombuffer(content, _SAMPLE, self._samples.size, self._starts[b"shdr"])
        left_out = np.ones(samples.size, bool)
        left_out[list(self._samples_of(program))] = False
        samples["start"][left_out] = samples["end"][left_out] = 0
        return bytes(content)

    def _samples_of(self, program: int) -> set[int]:
        # The last row of each table only ends the one before.
        presets = self._presets[:-1]
        found = np.flatnonzero((presets["number"] == program) & (presets["bank"] == 0))
        instruments = {
            instrument
            for preset in found
            for instrument in self._named(self._presets, preset, b"pbag", b"pgen", _NAMES_INSTRUMENT)
        }
        return {
            sample
            for instrument in instruments
            for sample in self._named(self._instruments, instrument, b"ibag", b"igen", _NAMES_SAMPLE)
        }

    def _named(self, rows: Table, number: int | np.intp, bags: bytes, generators: bytes, what: int) -> set[int]:
        """What the generators of one kind name in a row of presets or instruments."""
        first, last = self._table(bags, _BAG)["generator"][rows["bag"][number : number + 2]]
        own = self._table(generators, _GENERATOR)[first:last]
        return set(own["amount"][own["what"] == what].tolist())

    def _table(self, name: bytes, row: np.dtype[np.void]) -> Table:
        return self._tables[name].view(row)

    def _find_chunks(self) -> Iterator[tuple[bytes, int, int]]:
        """Name, start and end of every chunk, those inside of lists in place of the lists."""
        at = 0
        while at < self._bytes.size:
            name, size = struct.unpack("<4sI", self._bytes[at : at + 8].tobytes())
            if name in {b"RIFF", b"LIST"}:
                at += 12
                continue
            yield name, at + 8, at + 8 + size
            # Chunks begin at even places.
            at += 8 + size + size % 2
