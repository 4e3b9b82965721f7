"""The singer: a score's vocal lines become sound, with Kokoro's voice held to the written time and pitch.

    line -> phrases.py -> tokens.py -> timing.py, pitch.py
         -> reading.py (energy.py), stretch.py -> direct.py, intonation.py -> take of a line (voice.py)
    lines -> takes.py, shadow.py (grains.py), stems.py: lead, doubles, harmony and breaths of a whole song

`Singer.sing` sings one line, `sing_score` a song. Each number in here that shapes the sound says what it cures.
"""

from tutti.engines.song.singer.manner import DOUBLES, HARMONIES, LEAD, Manner
from tutti.engines.song.singer.stems import SungSong, sing_score
from tutti.engines.song.singer.voice import Singer, SungLine

__all__ = ["DOUBLES", "HARMONIES", "LEAD", "Manner", "Singer", "SungLine", "SungSong", "sing_score"]
