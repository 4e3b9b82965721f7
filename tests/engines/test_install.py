import re

import pytest

from tutti.engines import install
from tutti.engines.registry import embedded_engines
from tutti.errors import UnavailableError
from tutti.settings import Settings


def test_lock_ships_with_hashes_and_without_addresses():
    text = install.LOCK.read_text()
    assert text.count("--hash=sha256:") > text.count("==")
    assert "://" not in text


def test_lock_holds_what_every_engine_needs():
    locked = set(re.findall(r"^([\w-]+)==", install.LOCK.read_text(), re.MULTILINE))
    modules = {name for row in embedded_engines(Settings()) for name in row.needs}
    assert {"pillow" if name == "PIL" else name for name in modules} <= locked


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("version_info", (3, 13, 0), "Python 3.11 and 3.12"), ("machine", "riscv64", "x86-64")],
)
def test_foreign_machine_is_told_why(monkeypatch, name, value, words):
    if name == "machine":
        monkeypatch.setattr(install.platform, name, lambda: value)
    else:
        monkeypatch.setattr(install.sys, name, value)
    with pytest.raises(UnavailableError, match=words):
        install.install()


def test_failed_installer_is_an_error(monkeypatch):
    monkeypatch.setattr(install, "why_not_here", lambda: None)
    monkeypatch.setattr(install, "_installer", lambda: ["false"])
    with pytest.raises(UnavailableError, match="could not be installed"):
        install.install()
