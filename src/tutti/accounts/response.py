"""A response that is kept for its user, to be read again and to be gone on from; and the seam to where it is stored."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptResponse:
    """A stored response."""

    id: str
    user_id: int
    # "queued", "in_progress", "completed", "incomplete", "failed" or "cancelled".
    status: str
    # The response object, and the items that went in with it alone, as JSON.
    response: bytes
    input: bytes
    # The response that it goes on from.
    previous_id: str | None
    is_background: bool
    created_at_ms: int
    # When it is forgotten.
    expires_at_ms: int


class ResponseStore(Protocol):
    """Where responses are kept; the stores of `tutti.tasks` fulfil it too."""

    async def keep_response(self, kept: KeptResponse) -> bool:
        """Keep a response, or the end of one that has not ended yet; whether it was written.

        Those that it goes on from are kept as long as it is. One that has ended stays as it is, and so does another
        user's of the same id.
        """
        ...

    async def find_response(self, response_id: str, *, user_id: int) -> KeptResponse | None:
        """A user's own response, None for an unknown, a foreign and a forgotten one."""
        ...

    async def chain_of_responses(self, response_id: str, *, user_id: int) -> list[KeptResponse]:
        """A response and all that it goes on from, the oldest first; the first may name one that is no longer there."""
        ...

    async def delete_response(self, response_id: str, *, user_id: int) -> bool:
        """Forget a user's own response; whether it was there."""
        ...

    async def prune_responses(self, *, limit: int) -> int:
        """Forget up to `limit` responses whose time is over; how many it were."""
        ...
