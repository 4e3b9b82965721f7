"""What is heard in sound that a caller brought: its tempo, beats and bars, its key, its loudness.

`decode.py` opens the file, `onsets.py` finds where notes begin, `beats.py` the pulse in them, `chroma.py` and `key.py`
the notes and their key, `analysis.py` puts it together. All of it is numpy and scipy on published methods, each named
in its module; what each gets right is measured in the architecture page of the song engine.
"""

from tutti.engines.song.hearing.analysis import Heard, hear, read_heard, write_heard
from tutti.engines.song.hearing.decode import decode_sound

__all__ = ["Heard", "decode_sound", "hear", "read_heard", "write_heard"]
