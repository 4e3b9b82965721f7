"""What is thrown away and when: results past their age, the oldest beyond the size kept, files that no task knows.

Files of one task go together: a clip whose sound is gone must not keep its cover.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from tutti.blobs.store import BlobInfo, BlobStore
from tutti.kit.clock import Clock

log = structlog.get_logger(__name__)

# Given task ids, those of them that the task store knows.
KnownTasks = Callable[[set[str]], Awaitable[set[str]]]

_DAY_MS = 86_400_000
# So many tasks are asked for at once.
_BATCH = 500


@dataclass(kw_only=True, slots=True)
class _Group:
    """The files of one task: those whose keys share the first two names, "results/<task id>"."""

    name: str
    keys: list[str] = field(default_factory=list)
    size: int = 0
    newest_at_ms: int = 0

    def add(self, info: BlobInfo) -> None:
        """Take in one more file."""
        self.keys.append(info.key)
        self.size += info.size
        self.newest_at_ms = max(self.newest_at_ms, info.modified_at_ms)


async def sweep(store: BlobStore, clock: Clock, *, keep_days: float, keep_bytes: int) -> int:
    """Delete groups older than `keep_days`, then the oldest until `keep_bytes` are left (0: no limit).

    Gives the number of files deleted.
    """
    groups = sorted(await _groups(store), key=lambda group: group.newest_at_ms)
    oldest_at_ms = clock.now_ms() - int(keep_days * _DAY_MS)
    left_bytes = sum(group.size for group in groups)
    gone: list[str] = []
    for group in groups:
        is_over = 0 < keep_bytes < left_bytes
        if group.newest_at_ms >= oldest_at_ms and not is_over:
            break
        gone += group.keys
        left_bytes -= group.size
    return await _delete(store, gone, "old_files_swept")


async def sweep_orphans(store: BlobStore, clock: Clock, known: KnownTasks, *, prefix: str, min_age_s: float) -> int:
    """Delete groups under a prefix whose task does not exist, unless they are younger than `min_age_s`; files deleted.

    The age lets a task that was just submitted, or an attempt that is storing its files, come to be known.
    """
    latest_at_ms = clock.now_ms() - int(min_age_s * 1000)
    old = [group for group in await _groups(store, prefix) if group.newest_at_ms < latest_at_ms]
    gone: list[str] = []
    for at in range(0, len(old), _BATCH):
        batch = old[at : at + _BATCH]
        here = await known({_task_id(group) for group in batch})
        gone += [key for group in batch if _task_id(group) not in here for key in group.keys]
    return await _delete(store, gone, "orphan_files_swept")


async def _groups(store: BlobStore, prefix: str = "") -> list[_Group]:
    groups: dict[str, _Group] = {}
    async for info in store.list_all(prefix):
        name = "/".join(info.key.split("/")[:2])
        groups.setdefault(name, _Group(name=name)).add(info)
    return list(groups.values())


def _task_id(group: _Group) -> str:
    return group.name.rpartition("/")[2]


async def _delete(store: BlobStore, keys: list[str], event: str) -> int:
    if keys:
        await store.delete(keys)
        log.info(event, count=len(keys))
    return len(keys)
