"""What reading a reply raises that is not what its wire promises: any object in it may be of any type."""

import msgspec

from tutti.errors import VendorError
from tutti.intents.chat_events import Events, Failed

# To be caught around all that takes a reply apart.
GARBAGE = (AttributeError, KeyError, TypeError, ValueError, RecursionError, msgspec.MsgspecError)


def unreadable() -> VendorError:
    """What the call fails with then."""
    return VendorError("The upstream's answer could not be read.")


def bad_event() -> Events:
    """What is read of an event of a stream then."""
    return (Failed(message="The upstream sent an event that can not be read.", code="bad_event"),)
