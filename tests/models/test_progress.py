from structlog.testing import capture_logs

from tutti.models.progress import LoggedProgress
from tutti.models.store import Progress


def tell(progress: LoggedProgress, done: int) -> None:
    progress(Progress(model="tiny", note="fetching a", done_bytes=done, total_bytes=9))


def test_log_is_told_now_and_then() -> None:
    with capture_logs() as logs:
        rarely, always = LoggedProgress(3600), LoggedProgress(0)
        for done in range(3):
            tell(rarely, done)
        assert [line["done_bytes"] for line in logs] == [0]
        for done in range(3):
            tell(always, done)
    assert [line["done_bytes"] for line in logs] == [0, 0, 1, 2]
