"""The seam to traces: a call is part of the trace of whoever made it, and the upstream's work part of ours.

`tutti.traces` fulfils it where an operator wants traces; nothing here costs anything where nobody does.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from tutti.billing.records import CallRecord
from tutti.kit.asgi import Headers
from tutti.routing.choice import Pick


class Trace(Protocol):
    """One call in its trace."""

    @property
    def headers(self) -> Mapping[str, str]:
        """What the upstream is told of it, names in lower case."""
        ...

    def tell(self, call: CallRecord, pick: Pick | None) -> None:
        """The call was settled; a session tells each of its responses."""
        ...


# Begins the part of a call in the trace that its headers name, or a new trace.
BeginTrace = Callable[[Headers], Trace]
