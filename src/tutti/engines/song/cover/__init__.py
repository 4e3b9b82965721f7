"""Cover pictures: colours by mood and genre, one of several styles, and the title set over it.

To add a style: a function in `styles.py` and its name in `STYLES`; to give a mood its colours: a row in `palettes.py`.
"""
