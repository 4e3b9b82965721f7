import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from tutti.blobs import watermark
from tutti.blobs.watermark import Watermark
from tutti.errors import DiskFullError


def test_room_is_required(tmp_path: Path) -> None:
    Watermark(tmp_path, 1).require_room()
    with pytest.raises(DiskFullError, match="TUTTI_DISK_FREE_BYTES"):
        Watermark(tmp_path, shutil.disk_usage(tmp_path).total + 1).require_room()


def test_disk_is_looked_at_once_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free, now_s, looks = [10], [100.0], []
    monkeypatch.setattr(
        watermark, "shutil", SimpleNamespace(disk_usage=lambda _: looks.append(1) or SimpleNamespace(free=free[0]))
    )
    monkeypatch.setattr(watermark, "time", SimpleNamespace(monotonic=lambda: now_s[0]))
    mark = Watermark(tmp_path, 5)
    mark.require_room()
    free[0] = 4
    mark.require_room()
    assert len(looks) == 1
    now_s[0] += 1
    with pytest.raises(DiskFullError):
        mark.require_room()
