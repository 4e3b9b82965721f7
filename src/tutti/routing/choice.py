"""Which channel serves a request: the highest priority first, among its healthy channels by weight.

Everybody who picks reports once how it ended; that is what limits, breakers and key rotation live on. Deterministic
with the clock and the generator it is given.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import ClassVar

from tutti.kit.clock import Clock
from tutti.routing.channels import Candidate, Channel, Channels, Tier
from tutti.routing.health import ChannelHealth, KeyHealth, Standing

# So many draws before the healthy ones are sorted out: a draw that meets a resting channel costs less than that.
_DRAWS = 8


class OutcomeKind(StrEnum):
    """How a request to a channel ended."""

    OK = "ok"
    BUSY = "busy"  # it said later
    FAILED = "failed"
    TIMEOUT = "timeout"
    KEY_REFUSED = "key_refused"
    CALLER_FAULT = "caller_fault"  # the request was wrong, or its caller went: says nothing of the channel


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a request to a channel ended: one of the constants, or `Outcome.busy`."""

    kind: OutcomeKind
    # What the upstream asked for, of a busy one.
    retry_after_s: float | None = None

    OK: ClassVar["Outcome"]
    FAILED: ClassVar["Outcome"]
    TIMEOUT: ClassVar["Outcome"]
    KEY_REFUSED: ClassVar["Outcome"]
    CALLER_FAULT: ClassVar["Outcome"]

    @classmethod
    def busy(cls, retry_after_s: float | None = None) -> "Outcome":
        """It said later."""
        return cls(OutcomeKind.BUSY, retry_after_s)

    @property
    def is_of_key(self) -> bool:
        """Whether it failed by the key that was used: another one of the channel may do."""
        return self.kind in {OutcomeKind.BUSY, OutcomeKind.KEY_REFUSED}


Outcome.OK = Outcome(OutcomeKind.OK)
Outcome.FAILED = Outcome(OutcomeKind.FAILED)
Outcome.TIMEOUT = Outcome(OutcomeKind.TIMEOUT)
Outcome.KEY_REFUSED = Outcome(OutcomeKind.KEY_REFUSED)
Outcome.CALLER_FAULT = Outcome(OutcomeKind.CALLER_FAULT)


@dataclass(kw_only=True, slots=True, eq=False)
class Pick:
    """A channel chosen for one request, one of its keys, and what is asked of it. Report it to the chooser, once."""

    channel: Channel
    key_index: int
    key: str = field(repr=False)
    # Finds this key again for work that must return to the account that began it, see `Chooser.pick`.
    key_tag: str
    upstream_model: str
    operation: str
    # Another key of the channel failed the same request.
    follows_key: bool = False
    # Set by the chooser, so that nothing counts twice.
    is_answered: bool = False
    is_reported: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Why nobody can be asked; no reasons: nobody serves the name at all."""

    # The name of each channel that serves it, and why it cannot be asked now.
    reasons: dict[str, str]
    # When the first of them may be asked again, where that is known.
    retry_after_s: int | None


class Chooser:
    """Chooses."""

    def __init__(
        self,
        channels: Channels,
        *,
        clock: Clock,
        rng: Random,
        told: Callable[[Pick, Outcome], None] = lambda _pick, _outcome: None,
    ) -> None:
        """`rng` draws among channels of one priority; `told` hears of every report, for those who watch."""
        self._told = told
        self._channels = channels
        self._clock = clock
        self._rng = rng
        self._healths: dict[int, ChannelHealth] = {}

    def pick(
        self,
        model: str,
        group: str,
        operations: Collection[str],
        *,
        tried: AbstractSet[int] = frozenset(),
        only: int | None = None,
        only_key: str | None = None,
        spent_keys: AbstractSet[str] = frozenset(),
        affinity: int | None = None,
    ) -> Pick | None:
        """A channel that can be asked now, None when there is none.

        `tried` are channels to leave out. `only` is the one that must do it, whatever its groups, `only_key` the tag of
        its key, and `spent_keys` those of its keys that failed this request; `affinity` the one that is preferred
        while it is well.
        """
        now_ms = self._clock.now_ms()
        tiers = self._channels.tiers(model, None if only is not None else group, operations)
        wanted = only if only is not None else affinity
        if wanted is not None:
            pick = None if wanted in tried else self._take_one(tiers, wanted, now_ms, only_key, spent_keys)
            if pick is not None or only is not None:
                return pick
        for tier in tiers:
            pick = self._draw(tier, tried, now_ms)
            if pick is not None:
                return pick
        return None

    def answered(self, pick: Pick) -> None:
        """An answer has begun well: what rested is well again at once, not only at the end of a long stream.

        The pick goes on holding its place until its report, which counts only what it says of the rest.
        """
        health = self._healths.get(pick.channel.id)
        if health is not None and not pick.is_answered and not pick.is_reported:
            pick.is_answered = True
            self._judge(health, _key_of(pick, health), Outcome.OK)

    def report(self, pick: Pick, outcome: Outcome) -> None:
        """How a pick ended; later reports of the same pick are ignored."""
        if pick.is_reported:
            return
        pick.is_reported = True
        self._told(pick, outcome)
        health = self._healths.get(pick.channel.id)
        if health is None:
            return
        health.in_flight -= 1
        if pick.follows_key and outcome.kind is OutcomeKind.KEY_REFUSED:
            # Two keys in a row: it may be the request that is refused, and one request must not disable them all.
            outcome = Outcome.CALLER_FAULT
        if not (pick.is_answered and outcome.kind is OutcomeKind.OK):
            self._judge(health, _key_of(pick, health), outcome)

    def refusal(self, model: str, group: str, operations: Collection[str]) -> Refusal:
        """Why `pick` gives nobody who has not been tried."""
        now_ms = self._clock.now_ms()
        found = {
            one.channel.name: self._health(one.channel, now_ms).standing(now_ms)
            for tier in self._channels.tiers(model, group, operations)
            for one in tier.candidates
        }
        ends = [standing.until_ms for standing in found.values() if standing.until_ms]
        return Refusal(
            reasons={name: standing.reason for name, standing in found.items() if not standing.is_well},
            retry_after_s=max(1, -(-(min(ends) - now_ms) // 1000)) if ends else None,
        )

    def withdraw(self, pick: Pick) -> None:
        """Nobody is asked after all: as if the pick had not been made. Stands for its report."""
        if pick.is_reported:
            return
        pick.is_reported = True
        health = self._healths.get(pick.channel.id)
        if health is not None and health.channel is pick.channel:
            health.withdraw(pick.key_index)

    def standing(self, channel: Channel) -> Standing:
        """Whether a channel can be asked now, and why not."""
        now_ms = self._clock.now_ms()
        return self._health(channel, now_ms).standing(now_ms)

    def in_flight(self, channel: Channel) -> int:
        """Requests that it is working on."""
        return self._health(channel, self._clock.now_ms()).in_flight

    def _judge(self, health: ChannelHealth, key: KeyHealth, outcome: Outcome) -> None:
        now_ms = self._clock.now_ms()
        if outcome.kind is OutcomeKind.OK:
            health.breaker.succeed(now_ms)
            key.breaker.succeed(now_ms)
            key.refusals = 0
            return
        match outcome.kind:
            case OutcomeKind.FAILED | OutcomeKind.TIMEOUT:
                health.breaker.fail(now_ms, is_timeout=outcome.kind is OutcomeKind.TIMEOUT)
                key.breaker.say_nothing()
                return
            case OutcomeKind.BUSY:
                key.say_later(now_ms, after_s=outcome.retry_after_s)
            case OutcomeKind.KEY_REFUSED:
                key.refuse(now_ms, is_last=not health.has_other_key(key, now_ms))
            case OutcomeKind.CALLER_FAULT:
                key.breaker.say_nothing()
        health.breaker.say_nothing()

    def _take_one(
        self,
        tiers: tuple[Tier, ...],
        channel_id: int,
        now_ms: int,
        only_key: str | None,
        spent_keys: AbstractSet[str],
    ) -> Pick | None:
        for tier in tiers:
            for candidate in tier.candidates:
                if candidate.channel.id == channel_id:
                    return self._take(candidate, now_ms, only_key, spent_keys)
        return None

    def _draw(self, tier: Tier, tried: AbstractSet[int], now_ms: int) -> Pick | None:
        """One of a tier by weight; drawing again when one cannot be asked leaves the others' chances as they are."""
        candidates, bounds = tier.candidates, tier.bounds
        if len(candidates) == 1:
            only = candidates[0]
            return None if only.channel.id in tried else self._take(only, now_ms)
        total = bounds[-1]
        if total:
            for _ in range(_DRAWS):
                candidate = candidates[bisect_right(bounds, self._rng.random() * total, 0, len(bounds) - 1)]
                if candidate.channel.id not in tried:
                    pick = self._take(candidate, now_ms)
                    if pick is not None:
                        return pick
        return self._draw_among_well([one for one in candidates if one.channel.id not in tried], now_ms)

    def _draw_among_well(self, candidates: list[Candidate], now_ms: int) -> Pick | None:
        healths = [self._health(one.channel, now_ms) for one in candidates]
        well = [
            one
            for one, health in zip(candidates, healths, strict=True)
            # The first is what most of those that cannot be asked fail at, and costs no call.
            if health.breaker.shut_until_ms <= now_ms and health.usable_key(now_ms) is not None
        ]
        if not well:
            return None
        weights = [one.channel.weight for one in well]
        return self._take(self._rng.choices(well, weights if any(weights) else None)[0], now_ms)

    def _take(
        self,
        candidate: Candidate,
        now_ms: int,
        only_key: str | None = None,
        spent_keys: AbstractSet[str] = frozenset(),
    ) -> Pick | None:
        """Use a channel, None when it cannot be asked now."""
        channel = candidate.channel
        health = self._health(channel, now_ms)
        index = health.usable_key(now_ms, only_key, spent_keys)
        if index is None:
            return None
        health.begin(index, now_ms)
        return Pick(
            channel=channel,
            key_index=index,
            key=channel.keys[index] if channel.keys else "",
            key_tag=health.keys[index].tag,
            upstream_model=candidate.upstream_model,
            operation=candidate.operation,
            follows_key=bool(spent_keys),
        )

    def _health(self, channel: Channel, now_ms: int) -> ChannelHealth:
        known = self._healths.get(channel.id)
        if known is None:
            known = self._healths[channel.id] = ChannelHealth(channel, now_ms)
        elif known.channel is not channel:
            known = self._healths[channel.id] = known.renewed(channel, now_ms)
        return known


def _key_of(pick: Pick, health: ChannelHealth) -> KeyHealth:
    """The key that was used; one that nobody keeps when the channel has got other keys meanwhile."""
    keys = health.keys
    if pick.key_index < len(keys) and keys[pick.key_index].tag == pick.key_tag:
        return keys[pick.key_index]
    return next((one for one in keys if one.tag == pick.key_tag), KeyHealth(""))
