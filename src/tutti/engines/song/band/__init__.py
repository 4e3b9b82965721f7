"""The band: one module for each manner of playing, and `arrange.py`, which seats the players.

A player is a function from a chair of the genre table and the song's bars to notes in straight time; swing and the
unevenness of hands come afterwards. To add a manner: a function here and its name in `arrange.PLAYERS`.
"""
