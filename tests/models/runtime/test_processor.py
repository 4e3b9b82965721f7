from pathlib import Path

import pytest

from tutti.models.runtime import processor
from tutti.models.runtime.processor import has_exact_signed_products


@pytest.mark.parametrize(
    ("machine", "flags", "expected"),
    [
        ("x86_64", "fpu avx2 avx512f", False),
        ("x86_64", "fpu avx2 avx512_vnni", True),
        ("AMD64", "avx2 avx_vnni", True),
        ("x86_64", None, False),
        ("aarch64", None, True),
    ],
)
def test_which_processors_sum_signed_products_exactly(monkeypatch, tmp_path: Path, machine, flags, expected):
    monkeypatch.setattr(processor.platform, "machine", lambda: machine)
    info = tmp_path / "cpuinfo"
    if flags is not None:
        info.write_text(f"processor\t: 0\nflags\t\t: {flags}\n")
    assert has_exact_signed_products(info) is expected
