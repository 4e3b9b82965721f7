"""`ResponseStore` over a dict."""

from dataclasses import replace

from tutti.accounts.response import KeptResponse
from tutti.tasks.memory.tables import Tables

_UNFINISHED = frozenset({"queued", "in_progress"})


class MemoryResponses:
    """Responses that are kept."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def keep_response(self, kept: KeptResponse) -> bool:
        """Keep a response, or the end of one."""
        responses = self._tables.responses
        before = responses.get(kept.id)
        if before is not None and (before.user_id != kept.user_id or before.status not in _UNFINISHED):
            return False
        if before is not None:
            kept = replace(before, status=kept.status, response=kept.response, expires_at_ms=kept.expires_at_ms)
        responses[kept.id] = kept
        for older in self._chain(kept.previous_id, kept.user_id):
            responses[older.id] = replace(older, expires_at_ms=max(older.expires_at_ms, kept.expires_at_ms))
        return True

    async def find_response(self, response_id: str, *, user_id: int) -> KeptResponse | None:
        """A user's own response."""
        kept = self._tables.responses.get(response_id)
        return kept if kept is not None and self._is_there(kept, user_id) else None

    async def chain_of_responses(self, response_id: str, *, user_id: int) -> list[KeptResponse]:
        """A response and all that it goes on from."""
        return [kept for kept in self._chain(response_id, user_id) if self._is_there(kept, user_id)]

    async def delete_response(self, response_id: str, *, user_id: int) -> bool:
        """Forget a user's own response."""
        if await self.find_response(response_id, user_id=user_id) is None:
            return False
        del self._tables.responses[response_id]
        return True

    async def prune_responses(self, *, limit: int) -> int:
        """Forget responses whose time is over."""
        now_ms = self._tables.clock.now_ms()
        over = [kept.id for kept in self._tables.responses.values() if kept.expires_at_ms <= now_ms][:limit]
        for response_id in over:
            del self._tables.responses[response_id]
        return len(over)

    def _chain(self, response_id: str | None, user_id: int) -> list[KeptResponse]:
        chain: list[KeptResponse] = []
        kept = self._tables.responses.get(response_id or "")
        while kept is not None and kept.user_id == user_id and kept not in chain:
            chain.insert(0, kept)
            kept = self._tables.responses.get(kept.previous_id or "")
        return chain

    def _is_there(self, kept: KeptResponse, user_id: int) -> bool:
        return kept.user_id == user_id and kept.expires_at_ms > self._tables.clock.now_ms()
