"""Named places where a test can kill the process, to prove what a crash there leaves behind.

With `TUTTI_FAILPOINT=name` in the environment the process ends at `hit("name")` as if by kill -9, without any clean-up.
"""

import os

_ARMED = os.environ.get("TUTTI_FAILPOINT", "")


def hit(name: str) -> None:
    """End the process here when a test has armed this name; free otherwise."""
    if _ARMED and name == _ARMED:
        os._exit(137)
