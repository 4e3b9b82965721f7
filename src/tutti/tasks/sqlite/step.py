"""One step inside a transaction: what every verb is given."""

from typing import NamedTuple

from tutti.database.driver import Connection
from tutti.tasks.fairness import FairTags
from tutti.tasks.render import Renderer


class Step(NamedTuple):
    """The connection within a transaction, and the moment at which all of it happens."""

    connection: Connection
    now_ms: int
    render: Renderer
    tags: FairTags
