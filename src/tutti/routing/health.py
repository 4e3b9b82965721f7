"""What is known of one channel's health while it is used: its breaker, those of its keys, and its limits.

Nothing here chooses, see `choice.py`; nothing is stored, so a restart looks at everybody afresh.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from tutti.routing.breaker import Breaker, BreakerPolicy
from tutti.routing.channels import Channel, key_tag

# A key whose vendor says "later" without saying when is asked again soon.
_KEY_POLICY = BreakerPolicy(failures=3, rest_ms=1_000, most_rest_ms=60_000)
# A refused key may have been paid for, or let in, meanwhile: asked again after this long, then after twice as long ...
_REFUSED_REST_MS = 60_000
_MOST_REFUSED_REST_MS = 3_600_000
# The last key of a channel goes on until so many refusals in a row: a single one may be the request's own fault.
_REFUSALS_OF_LAST_KEY = 3
# No vendor's word keeps a key away for longer.
_MOST_RETRY_AFTER_MS = 3_600_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Whether a channel can be asked now, and if not why and until when (0: as soon as another request ends)."""

    is_well: bool
    reason: str = ""
    until_ms: int = 0


class KeyHealth:
    """One key."""

    __slots__ = ("breaker", "refusals", "tag")

    def __init__(self, key: str) -> None:
        self.tag = key_tag(key)
        self.breaker = Breaker(_KEY_POLICY)
        self.refusals = 0

    def say_later(self, now_ms: int, *, after_s: float | None) -> None:
        """The vendor is busy for this key; `after_s` when it said for how long."""
        if after_s is None:
            self.breaker.fail(now_ms)
        else:
            self.breaker.rest(now_ms, for_ms=min(int(after_s * 1000), _MOST_RETRY_AFTER_MS))

    def refuse(self, now_ms: int, *, is_last: bool) -> None:
        """The vendor did not accept the key."""
        self.refusals += 1
        if is_last and self.refusals < _REFUSALS_OF_LAST_KEY:
            self.breaker.say_nothing()
            return
        rest_ms = min(_REFUSED_REST_MS << min(self.refusals - 1, 10), _MOST_REFUSED_REST_MS)
        self.breaker.rest(now_ms, for_ms=rest_ms)


class ChannelHealth:
    """One channel."""

    __slots__ = ("_next_key", "_room", "_room_at_ms", "breaker", "channel", "in_flight", "keys")

    def __init__(self, channel: Channel, now_ms: int) -> None:
        self.channel = channel
        self.breaker = Breaker()
        # A server without keys has one empty key.
        self.keys = [KeyHealth(key) for key in channel.keys or ("",)]
        self.in_flight = 0
        self._next_key = 0
        self._room = float(channel.max_per_minute or 0)
        self._room_at_ms = now_ms

    def renewed(self, channel: Channel, now_ms: int) -> "ChannelHealth":
        """As it stands after the channel was changed: another address or other keys are looked at afresh."""
        if (channel.base_url, channel.keys) != (self.channel.base_url, self.channel.keys):
            fresh = ChannelHealth(channel, now_ms)
            fresh.in_flight = self.in_flight
            return fresh
        if channel.max_per_minute != self.channel.max_per_minute:
            self._room = float(channel.max_per_minute or 0)
        self.channel = channel
        return self

    def usable_key(
        self, now_ms: int, only_tag: str | None = None, spent_tags: AbstractSet[str] = frozenset()
    ) -> int | None:
        """The index of the key whose turn it is, None when the channel cannot be asked now.

        `spent_tags` are those of keys to leave out, `only_tag` that of the one to use.
        """
        if self.breaker.shut_until_ms > now_ms:
            return None
        channel = self.channel
        if channel.max_parallel is not None and self.in_flight >= channel.max_parallel:
            return None
        if channel.max_per_minute is not None and self._refilled(now_ms) < 1:
            return None
        keys = self.keys
        count = len(keys)
        for turn in range(self._next_key, self._next_key + count):
            index = turn % count
            key = keys[index]
            if key.breaker.shut_until_ms > now_ms or key.tag in spent_tags:
                continue
            if only_tag is None or key.tag == only_tag:
                return index
        return None

    def begin(self, key_index: int, now_ms: int) -> None:
        """A request goes out with this key."""
        self.in_flight += 1
        self._next_key = (key_index + 1) % len(self.keys)
        if self.channel.max_per_minute is not None:
            self._room -= 1
        self.breaker.begin(now_ms)
        self.keys[key_index].breaker.begin(now_ms)

    def withdraw(self, key_index: int) -> None:
        """The request that was to go out with this key never did: it is that key's turn again."""
        self.in_flight -= 1
        self._next_key = key_index
        if self.channel.max_per_minute is not None:
            self._room += 1
        self.breaker.say_nothing()
        self.keys[key_index].breaker.say_nothing()

    def has_other_key(self, key: KeyHealth, now_ms: int) -> bool:
        """Whether another key than this one can be used."""
        return any(one is not key and one.breaker.allows(now_ms) for one in self.keys)

    def standing(self, now_ms: int) -> Standing:
        """In words, for operators and for errors."""
        if not self.breaker.allows(now_ms):
            return Standing(is_well=False, reason="resting after failures", until_ms=self.breaker.shut_until_ms)
        if not any(key.breaker.allows(now_ms) for key in self.keys):
            soonest = min(key.breaker.shut_until_ms for key in self.keys)
            return Standing(is_well=False, reason="its keys are set aside", until_ms=soonest)
        if self.usable_key(now_ms) is None:
            return Standing(is_well=False, reason="at its limit")
        return Standing(is_well=True)

    def _refilled(self, now_ms: int) -> float:
        """Requests that the minute's limit leaves room for."""
        most = self.channel.max_per_minute or 0
        self._room = min(most, self._room + (now_ms - self._room_at_ms) * most / 60_000)
        self._room_at_ms = now_ms
        return self._room
