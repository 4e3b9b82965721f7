"""Songs asked for in a chat: what was said becomes a song, the finished song becomes markdown."""

import re
from collections.abc import Sequence

from tutti.accounts.model import Caller
from tutti.errors import InvalidRequestError
from tutti.families.presenter import Ask
from tutti.families.services import Link, Services
from tutti.families.suno.lanes import offer_for
from tutti.families.suno.render import to_suno_task
from tutti.families.suno.submit import submit
from tutti.families.suno.translate import to_song
from tutti.families.suno.versions import DEFAULT_MV
from tutti.intents import Song
from tutti.routing.models import Offer
from tutti.tasks.model import Submitted, Task, TaskPart
from tutti.wires.suno import Clip, SubmitMusic, encoder

_MV_BY_MODEL = {"suno-v3": "chirp-v3-0", "suno-v3.5": "chirp-v3-5", "suno_music": DEFAULT_MV}
# A line that is a section mark, such as [Verse 2]: who writes one has written lyrics.
_SECTION_MARK = re.compile(r"^\s*[\[【][^\]】\n]{1,60}[\]】]\s*$", re.MULTILINE)
_CHINESE = re.compile("[\u4e00-\u9fff]")

_LABELS = {
    "en": {
        "accepted": "Your request was accepted and the song is being made.\n\n",
        "version": "Version",
        "clip": "Clip",
        "duration": "Duration",
        "style": "Style",
        "cover": "Cover",
        "audio": "Audio",
        "video": "Video",
        "task": "Task",
        "seconds": "s",
    },
    "zh": {
        "accepted": "请求已提交，歌曲正在生成中。\n\n",
        "version": "版本",
        "clip": "歌曲",
        "duration": "时长",
        "style": "风格",
        "cover": "封面",
        "audio": "音频",
        "video": "视频",
        "task": "任务",
        "seconds": "秒",
    },
}


class SongPresenter:
    """Asks for songs and tells them; fulfils `Presenter`."""

    heartbeat = "🎵"

    def __init__(self, services: Services) -> None:
        self._services = services

    async def submit(self, caller: Caller, offer: Offer, ask: Ask) -> Submitted:
        """Take the words as lyrics when they carry section marks, else as a wish."""
        form = to_form(ask.model, ask.text)
        song = _song_of(form)
        return await submit(
            self._services,
            caller,
            offer_for(self._services, caller, offer.priced_as, song),
            song,
            body=ask.body,
            request=encoder.encode(form),
            idempotency_key=ask.idempotency_key,
        )

    def accepted(self, ask: Ask) -> str:
        """The sentence of acceptance, in the language of the wish."""
        return _labels(ask.text)["accepted"]

    def result(self, task: Task, parts: Sequence[TaskPart], link: Link) -> str:
        """Title, version and lyrics, then both versions with their links."""
        clips = to_suno_task(task, parts, link).data
        assert isinstance(clips, tuple)
        first = clips[0]
        labels = _labels(first.metadata.gpt_description_prompt or first.prompt)
        head = [
            "\n\n---",
            f"### {first.title}",
            f"{labels['version']}: {first.major_model_version}",
            _as_verse(first.prompt),
        ]
        told = [_clip_lines(number, clip, labels) for number, clip in enumerate(clips, start=1)]
        return "\n\n".join([*head, *told, f"{labels['task']}: `{task.public_id}`"])


def _song_of(form: SubmitMusic) -> Song:
    """The song of a message. Raises `InvalidRequestError` that names what the caller sent, not what became of it."""
    try:
        return to_song(form)
    except InvalidRequestError as error:
        field = "model" if error.field == "mv" else "messages"
        raise InvalidRequestError(f"{field}: {error.message}", field=field) from error


def to_form(model: str, text: str) -> SubmitMusic:
    """The submit that a chat message amounts to."""
    mv = _MV_BY_MODEL.get(model, model)
    if _SECTION_MARK.search(text):
        return SubmitMusic(mv=mv, prompt=text)
    return SubmitMusic(mv=mv, gpt_description_prompt=text)


def _as_verse(lyrics: str) -> str:
    """Lyrics whose lines markdown keeps apart: two spaces at a line's end are a break."""
    return "  \n".join(lyrics.splitlines())


def _clip_lines(number: int, clip: Clip, labels: dict[str, str]) -> str:
    return "\n".join(
        [
            f"**{labels['clip']} {number}**: `{clip.id}`",
            f"- {labels['duration']}: {clip.duration or 0:.1f} {labels['seconds']}",
            f"- {labels['style']}: {clip.tags}",
            f"- {labels['cover']}: ![{labels['cover']}]({clip.image_large_url or clip.image_url})",
            f"- {labels['audio']}: [{clip.audio_url}]({clip.audio_url})",
            f"- {labels['video']}: [{clip.video_url}]({clip.video_url})",
        ]
    )


def _labels(text: str) -> dict[str, str]:
    return _LABELS["zh" if _CHINESE.search(text) else "en"]
