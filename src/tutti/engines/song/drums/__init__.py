"""Our own drums: synthesised strokes, kits made of them, and the player that puts them on the score's ticks.

General MIDI percussion numbers come in. To add a sound: a function in `strokes.py`; sections' sounds stand in
`effects.py`; to add a kit: a table in `kits.toml`.
"""
