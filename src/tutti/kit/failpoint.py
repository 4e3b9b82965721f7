"""Named places where a test can kill the process, to prove what a crash there leaves behind.

With `TUTTI_FAILPOINT=name` in the environment the process ends at `hit("name")` as if by kill -9, without any clean-up;
with `name:3` it ends when it comes there for the third time.
"""

import os

_armed, _, _count = os.environ.get("TUTTI_FAILPOINT", "").partition(":")
_visits_left = int(_count or 1)


def hit(name: str) -> None:
    """End the process here when a test has armed this name; free otherwise."""
    if _armed and name == _armed:
        _count_down()


def _count_down() -> None:
    global _visits_left  # noqa: PLW0603 - the one counter of the process
    _visits_left -= 1
    if _visits_left == 0:
        os._exit(137)
