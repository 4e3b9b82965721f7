"""The routes of the Suno family, in one table; each file beside this one holds what answers a group of them."""

from collections.abc import Iterable

from starlette.routing import BaseRoute, Mount, Route, Router

from tutti.families.endpoint import Answer, Endpoint
from tutti.families.services import Services
from tutti.families.suno.acts import WAIT_S, Acts
from tutti.families.suno.clips import Clips
from tutti.families.suno.errors import teller
from tutti.families.suno.fetching import Fetching
from tutti.families.suno.orders import Orders
from tutti.families.suno.personas import Personas
from tutti.families.suno.raw import Raw
from tutti.families.suno.submitting import Submitting
from tutti.families.suno.upload_forms import FORM_PATH
from tutti.families.suno.uploads import Uploads

# Other prefixes that siblings serve the same routes under.
PREFIXES = ("/sunoapi", "/sunoi", "/suno/v1")
_OWN = "/suno"

# Method, path, what answers, and the name of its contract entry.
_Row = tuple[str, str, Answer, str]


def routes(services: Services, *, wait_s: float = WAIT_S) -> list[BaseRoute]:
    """What the app serves for this family; `wait_s` is how long a call waits for a file that is being made."""
    tell_error = teller(error_type=services.settings.error_type)
    own = [
        Route(path, Endpoint(answer, tell_error), methods=[method], name=name)
        for method, path, answer, name in _rows(services, wait_s)
    ]
    return [*own, *(Mount(prefix, Router(_below(own)), name="suno.prefix") for prefix in PREFIXES)]


def _below(own: Iterable[Route]) -> list[Route]:
    """The same routes, to be mounted under another prefix."""
    return [
        Route(route.path.removeprefix(_OWN), route.endpoint, methods=list(route.methods or ()), name=route.name)
        for route in own
    ]


def _rows(services: Services, wait_s: float) -> list[_Row]:
    """A path whose last part is a parameter stands behind those that it would be taken for."""
    clips = Clips(services)
    orders = Orders(services, clips)
    submitting = Submitting(services, orders)
    return [
        *_task_rows(submitting, Fetching(services)),
        *_act_rows(Acts(services, clips, orders, wait_s=wait_s)),
        ("POST", "/suno/submit/{action}", submitting.submit, "suno.submit"),
        *_upload_rows(Uploads(services)),
        *_persona_rows(Personas(services, clips)),
        *_raw_rows(Raw(services, clips, submitting)),
    ]


def _task_rows(submitting: Submitting, fetching: Fetching) -> list[_Row]:
    return [
        ("POST", "/suno/fetch", fetching.many, "suno.fetch.batch"),
        ("POST", "/suno/submit/fetch", fetching.many, "suno.fetch.batch"),
        ("GET", "/suno/fetch/{task_id}", fetching.one, "suno.fetch.one"),
        ("POST", "/suno/submit/music/concat", submitting.concat, "suno.ext.concat"),
    ]


def _act_rows(acts: Acts) -> list[_Row]:
    return [
        ("POST", "/suno/submit/UPSAMPLE_TAGS", acts.submit_tags, "suno.ext.tags.submit"),
        ("POST", "/suno/act/tags", acts.tags, "suno.ext.tags"),
        ("GET", "/suno/act/wav/{clip_id}", acts.wav, "suno.ext.wav"),
        ("GET", "/suno/act/mp4/{clip_id}", acts.mp4, "suno.ext.mp4"),
        ("GET", "/suno/act/timing/{clip_id}", acts.timing, "suno.ext.timing"),
        ("GET", "/suno/act/midi/{clip_id}", acts.midi, "suno.ext.midi"),
        ("GET", "/suno/act/stems/{clip_id}", acts.stems, "suno.ext.stems_act"),
    ]


def _upload_rows(uploads: Uploads) -> list[_Row]:
    one = "/suno/uploads/audio/{upload_id}"
    return [
        ("POST", "/suno/uploads/audio-url", uploads.from_address, "suno.ext.upload_url"),
        ("POST", "/suno/uploads/audio", uploads.begin, "suno.ext.upload_file"),
        ("POST", FORM_PATH + "{upload_id}", uploads.post_form, "suno.ext.upload_form"),
        ("GET", one, uploads.state, "suno.ext.upload_state"),
        ("POST", f"{one}/upload-finish", uploads.finish, "suno.ext.upload_finish"),
        ("POST", f"{one}/initialize-clip", uploads.initialize, "suno.ext.upload_initialize"),
    ]


def _persona_rows(personas: Personas) -> list[_Row]:
    return [
        ("POST", "/suno/persona/create/", personas.create, "suno.ext.persona_create"),
        ("POST", "/suno/persona/create", personas.create, "suno.ext.persona_create"),
        ("GET", "/suno/persona/{persona_id}", personas.get, "suno.ext.persona_get"),
    ]


def _raw_rows(raw: Raw) -> list[_Row]:
    return [
        ("POST", "/suno/generate", raw.generate, "suno.ext.v1"),
        ("POST", "/suno/generate/concat", raw.concat, "suno.ext.v1.concat"),
        ("POST", "/suno/generate/lyrics/", raw.generate_lyrics, "suno.ext.v1.lyrics"),
        ("POST", "/suno/generate/lyrics", raw.generate_lyrics, "suno.ext.v1.lyrics"),
        ("GET", "/suno/feed/{ids}", raw.feed, "suno.ext.v1.feed"),
        ("GET", "/suno/lyrics/{lyrics_id}", raw.lyrics, "suno.ext.v1.lyrics_get"),
    ]
