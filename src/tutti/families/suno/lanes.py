"""Who does a piece of this family's work: a channel, or the embedded engine.

What goes on from a clip stays with the channel and the account that made the clip; files and stems of a clip, and sound
that is brought, are our own engine's business whatever the clip came from.
"""

from tutti.accounts.model import Caller
from tutti.errors import InvalidRequestError
from tutti.families.services import Services
from tutti.families.suno.errors import ChannelOffError
from tutti.intents import AnyIntent, Concat, LyricsWish, Song
from tutti.intents.stored import sources_of
from tutti.routing.models import Offer
from tutti.singable import check_singable

OPERATION = "suno"
# What upstreams do; all else is done here.
_GOES_OUT = (Song, LyricsWish, Concat)


def offer_for(services: Services, caller: Caller, name: str, intent: AnyIntent) -> Offer:
    """Who does this work, known by the name that it is priced under.

    Raises `UnknownModelError`, `NoChannelError`, `ChannelOffError`, and `InvalidRequestError` for work on clips of
    several makers, and for words in a language that nobody sings who could be asked.
    """
    offer = _offer(services, caller, name, intent)
    if offer.engine and isinstance(intent, Song):
        check_singable(intent.lyrics or "")
    return offer


def _offer(services: Services, caller: Caller, name: str, intent: AnyIntent) -> Offer:
    if not isinstance(intent, _GOES_OUT):
        return services.models.offer(name)
    makers = {None if clip.origin is None else clip.origin.lane for clip in sources_of(intent)}
    if not makers:
        return services.lanes.offer(name, caller.group, OPERATION)
    if makers == {None}:
        return services.models.offer(name)
    if len(makers) == 1:
        (lane,) = makers
        offer = services.lanes.offer_at(name, lane or "")
        if offer is not None:
            return offer
    if isinstance(intent, Concat):  # our engine joins the sound of any clips
        return services.models.offer(name)
    if len(makers) == 1:
        raise ChannelOffError
    raise InvalidRequestError("The clips were made by different upstreams: work on those of one.", field="clip_id")
