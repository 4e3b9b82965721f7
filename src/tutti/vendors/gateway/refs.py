"""Where a piece of work lies at an upstream: its id there, and the account it was asked for with. Pure.

Stored in `Task.vendor_ref` as "<key tag>/<id>": a gateway of this family knows a task only to the key that submitted
it, and one channel may hold the keys of several accounts.
"""

from typing import NamedTuple

from tutti.routing.channels import Channel, key_tag


class VendorRef(NamedTuple):
    """A task at an upstream."""

    tag: str
    id: str

    @classmethod
    def read(cls, stored: str) -> "VendorRef":
        """From the form in which a task row keeps it."""
        tag, _, task_id = stored.partition("/")
        return cls(tag, task_id)

    def __str__(self) -> str:
        return f"{self.tag}/{self.id}"


def key_of(channel: Channel, tag: str) -> str:
    """The key of this tag; the first one when it is gone, for most often the same account got a new key."""
    held = {key_tag(key): key for key in channel.keys}
    return held.get(tag) or next(iter(channel.keys), "")
