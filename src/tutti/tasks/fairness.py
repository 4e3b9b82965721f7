"""Who is next: start-time fair queueing by tags given at submit.

Each lane has a virtual time, the tag of the task last claimed from it. A new task's tag is its user's last tag in that
lane, or the virtual time if that is later, plus its cost over the user's weight; the smallest tag is claimed first. A
user with a thousand tasks waiting thus delays another's first task by one task only, and claiming costs no more than
walking an index. Method: P. Goyal, H. Vin, H. Cheng, "Start-time Fair Queueing", SIGCOMM 1996.

Tags order tasks and mean nothing else, so they live in memory; after a restart they are taken up from the waiting rows.
"""

from collections.abc import Iterable

# Fine enough that a weight of 1,000 still tells costs apart.
_TAG_UNITS = 1_000
# Past this many users a lane forgets those who have nothing ahead of the virtual time.
_MOST_REMEMBERED = 10_000


class FairTags:
    """The virtual times of all lanes; used by one thread at a time."""

    def __init__(self, waiting: Iterable[tuple[str, int, int]] = ()) -> None:
        """Begin from waiting tasks: (lane, user id, tag)."""
        self._times: dict[str, int] = {}
        self._last: dict[str, dict[int, int]] = {}
        for lane, user_id, tag in waiting:
            last = self._last.setdefault(lane, {})
            last[user_id] = max(last.get(user_id, 0), tag)
            self._times[lane] = min(self._times.get(lane, tag), tag)

    def next_tag(self, lane: str, user_id: int, *, cost: int, weight: int = 1) -> int:
        """The tag of a new task; a free task counts as one unit, so that nobody floods a lane for nothing."""
        now = self._times.get(lane, 0)
        last = self._last.setdefault(lane, {})
        tag = max(now, last.get(user_id, 0)) + max(cost, 1) * _TAG_UNITS // weight
        last[user_id] = tag
        if len(last) > _MOST_REMEMBERED:
            self._last[lane] = {user: tag for user, tag in last.items() if tag > now}
        return tag

    def note_claim(self, lane: str, tag: int) -> None:
        """A task with this tag was claimed: the lane's virtual time has come this far."""
        self._times[lane] = max(self._times.get(lane, 0), tag)
