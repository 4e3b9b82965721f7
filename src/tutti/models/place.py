"""Putting a verified file where the store finds it: under its sum, and under the name that engines open."""

import os
import shutil
from pathlib import Path


def place_file(fetched: Path, by_sum: Path, by_name: Path) -> None:
    """Move a file under its sum and give it its name, each in one step; read-only, for the sum is its identity."""
    fetched.chmod(0o444)
    by_sum.parent.mkdir(parents=True, exist_ok=True)
    fetched.replace(by_sum)
    by_name.parent.mkdir(parents=True, exist_ok=True)
    # Beside the lock holder nobody writes here, so a fixed name for the link in the making is safe.
    making = by_name.with_name(f".{by_name.name}.new")
    making.unlink(missing_ok=True)
    try:
        os.link(by_sum, making)
    except OSError:  # a disk without hard links keeps a second copy
        shutil.copyfile(by_sum, making)
    making.replace(by_name)
