"""From a stored task to the request that an upstream of the family is sent: the caller's own body. Pure.

Only what must change is changed: ids of clips and tasks become the upstream's own, the webhook becomes our callback
address, names are mapped, and the channel's overrides are put in.
"""

from typing import Any

import msgspec

from tutti.errors import VendorRefusedError
from tutti.intents import AnyIntent, Concat, LyricsWish, Origin, Song
from tutti.intents.stored import sources_of
from tutti.routing.channels import Channel
from tutti.vendors.gateway.refs import VendorRef

_VERBS: dict[type[Any], str] = {Song: "submit/music", LyricsWish: "submit/lyrics", Concat: "submit/concat"}


def verb_of(intent: AnyIntent) -> str:
    """The path below /suno/ that this work is asked for at. Raises `VendorRefusedError` for work of other kinds."""
    verb = _VERBS.get(type(intent))
    if verb is None:
        raise VendorRefusedError(f"Work of the kind {intent.kind} is done here, not by an upstream.")
    return verb


def to_upstream(request: bytes, intent: AnyIntent, channel: Channel, *, callback: str | None) -> bytes:
    """The body to send; `callback` is where the upstream may tell that it is done.

    Raises `VendorRefusedError` when a clip that the work starts from is not the upstream's.
    """
    body = msgspec.json.decode(request)
    body = _with_their_ids(body, origins_of(intent)) if isinstance(body, dict) else {}
    if isinstance(intent, Song) and intent.persona is not None and intent.persona.origin is not None:
        # Our personas are unknown there; the clip that its singer is known by is not.
        body.pop("persona_id", None)
        body["artist_clip_id"] = intent.persona.origin.clip_id
    body.pop("notify_hook", None)
    if callback is not None:
        body["notify_hook"] = callback
    if isinstance(body.get("mv"), str):
        body["mv"] = channel.upstream_model(body["mv"])
    return msgspec.json.encode(body | dict(channel.param_overrides))


def origins_of(intent: AnyIntent) -> dict[str, Origin]:
    """Our id of each clip that the work starts from -> where the upstream has it.

    Raises `VendorRefusedError` for a clip that was made elsewhere.
    """
    origins = {}
    for clip in sources_of(intent):
        if clip.origin is None:
            raise VendorRefusedError(f"The clip {clip.clip_id} was not made by this upstream.")
        origins[clip.clip_id] = clip.origin
    return origins


def _with_their_ids(body: dict[str, Any], origins: dict[str, Origin]) -> dict[str, Any]:
    """The body with the upstream's ids in place of ours, wherever siblings put them."""
    renamed: dict[str, Any] = _renamed(body, {clip_id: origin.clip_id for clip_id, origin in origins.items()})
    if renamed.get("task_id"):
        parent = origins.get(str(body.get("continue_clip_id")))
        if parent is None:
            del renamed["task_id"]
        else:
            renamed["task_id"] = VendorRef.read(parent.vendor_ref).id
    return renamed


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, dict):
        return {name: _renamed(inner, names) for name, inner in value.items()}
    return [_renamed(inner, names) for inner in value] if isinstance(value, list) else value
