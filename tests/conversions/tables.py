"""The tables of docs/reference/conversions, by their names."""

import tomllib
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs" / "reference" / "conversions"
TABLES = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))}
