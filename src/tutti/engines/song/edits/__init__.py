"""Songs made from songs: one module for each thing that can be done to a clip.

A module here takes `Work` and gives a `Made` clip (those that a song intent asks for, in `MAKERS`), or serves an intent
of its own (`sound_import.py`, `stems.py`, `concat.py`, `sound_file.py`, in the engine's table). To add one: an intent,
a module, and a row in one of the two tables.
"""
