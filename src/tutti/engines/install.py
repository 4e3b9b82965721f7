"""Installs the packages of the embedded engines from the hashed lock that ships with Tutti.

They are no dependencies of Tutti itself: the gateway runs without them, and some of them ask for packages that must not
come along. The lock says exactly what was tested, with hashes.
"""

import importlib.util
import platform
import subprocess
import sys
from pathlib import Path

from tutti.errors import UnavailableError

# Where every package of the lock has a wheel.
PYTHONS = ((3, 11), (3, 12))
MACHINES = frozenset({"x86_64", "AMD64"})

LOCK = Path(__file__).parent / "song" / "requirements.lock"


def why_not_here() -> UnavailableError | None:
    """Why the engines' packages cannot be installed on this machine, None when they can."""
    if sys.version_info[:2] not in PYTHONS:
        return UnavailableError(
            f"The embedded engines run on Python 3.11 and 3.12; this is {platform.python_version()}."
        )
    if platform.machine() not in MACHINES:
        return UnavailableError(f"The embedded engines run on x86-64; this machine is {platform.machine()}.")
    return None


def install() -> None:
    """Install the lock into this environment, the installer's output shown. Raises `UnavailableError`."""
    if (reason := why_not_here()) is not None:
        raise reason
    command = [*_installer(), "install", "--require-hashes", "--no-deps", "-r", str(LOCK)]
    if subprocess.run(command, check=False).returncode != 0:
        raise UnavailableError("The engines' packages could not be installed; the lines above say why.")


def _installer() -> list[str]:
    """The installer of this environment: uv where it is, else pip."""
    if importlib.util.find_spec("uv") is not None:
        return [sys.executable, "-m", "uv", "pip"]
    return [sys.executable, "-m", "pip"]
