"""Our own synthesiser, for the sounds that a SoundFont makes dated.

`patches.py` says what each General MIDI synth program sounds like, `voice.py` makes one note, `player.py` plays a part.
To add a sound: a row in `patches.toml`.
"""
