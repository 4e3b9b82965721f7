"""Puts the film together and encodes it: H.264 and AAC in an mp4 that starts while it loads.

Everything that does not change is drawn once (backdrop, captions, the lit colours of the bars); a frame is cuts and
pastes of those, which takes a fraction of a millisecond, so that the encoder is all that costs.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from tutti.engines.song.cover.cover import Cover
from tutti.engines.song.cover.palettes import Palette
from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio, TimedLine
from tutti.engines.song.video.bars import BARS, bar_heights, paint_bars
from tutti.engines.song.video.captions import Caption, draw_captions
from tutti.engines.song.video.planes import Planes, from_image

SIZE = 640
FPS = 12

# Where things stand: the cover's picture, captions, bars and the line of time passed. All even.
_ART_TOP, _ART_SIZE = 44, 300
_CAPTION_TOP, _CAPTION_HEIGHT = 372, 156
_BARS_LEFT, _BARS_TOP, _BARS_HEIGHT = 64, 544, 52
_TIME_TOP, _TIME_HEIGHT = 616, 4

_AUDIO_CHUNK = 1024
_AUDIO_BIT_RATE = 160_000


@dataclass(frozen=True, slots=True)
class _Scene:
    """All pictures of the film, ready to be cut from."""

    backdrop: Planes
    captions: list[Caption]
    # The bars' place fully lit.
    lit_bars: Planes
    # The line of time fully run.
    run_time: Planes
    heights: np.ndarray[tuple[int, ...], np.dtype[np.float32]]
    length_s: float


def write_video(path: Path, audio: Audio, *, cover: Cover, lines: tuple[TimedLine, ...], font: Path) -> None:
    """Write the film of a song: 640x640 at 12 frames a second, exactly as long as the audio (2, samples)."""
    length_s = audio.shape[1] / SAMPLE_RATE_HZ
    frames = max(1, round(length_s * FPS))
    scene = _prepare(audio, cover, lines, font, frames)
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        picture, sound = _video_stream(container), _audio_stream(container)
        done = 0
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(_compose(scene, index), format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            container.mux(picture.encode(frame))
            done = _write_sound(container, sound, audio, done, (index + 1) * SAMPLE_RATE_HZ // FPS)
        _write_sound(container, sound, audio, done, audio.shape[1] + _AUDIO_CHUNK)
        container.mux(picture.encode())
        container.mux(sound.encode())


def _video_stream(container: OutputContainer) -> VideoStream:
    stream = container.add_stream("libx264", rate=FPS)
    stream.width = stream.height = SIZE
    stream.pix_fmt = "yuv420p"
    stream.time_base = Fraction(1, FPS)
    # One thread: engines share the machine by whole steps, not by threads.
    stream.codec_context.thread_count = 1
    # A backdrop that stands still leaves the slower presets nothing to find: this one looks the same (49 dB of PSNR) at
    # half of their time.
    stream.options = {"preset": "ultrafast", "crf": "27", "g": str(FPS * 10)}
    return stream


def _audio_stream(container: OutputContainer) -> AudioStream:
    stream = container.add_stream("aac", rate=SAMPLE_RATE_HZ, layout="stereo")
    stream.bit_rate = _AUDIO_BIT_RATE
    # The usual search for the best quantisers takes twice as long.
    stream.options = {"aac_coder": "fast"}
    return stream


def _write_sound(container: OutputContainer, stream: AudioStream, audio: Audio, done: int, until: int) -> int:
    """Encode whole chunks up to `until` samples (the last one may be short); returns the samples done."""
    while done + _AUDIO_CHUNK <= until and done < audio.shape[1]:
        chunk = np.ascontiguousarray(audio[:, done : done + _AUDIO_CHUNK])
        frame = av.AudioFrame.from_ndarray(chunk, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE_HZ, done, Fraction(1, SAMPLE_RATE_HZ)
        container.mux(stream.encode(frame))
        done += chunk.shape[1]
    return done


def _prepare(audio: Audio, cover: Cover, lines: tuple[TimedLine, ...], font: Path, frames: int) -> _Scene:
    image = _backdrop(cover)
    band = image.crop((0, _CAPTION_TOP, SIZE, _CAPTION_TOP + _CAPTION_HEIGHT))
    captions = draw_captions(lines, band, font=font, sung_colour=cover.palette.glow, light_colour=cover.palette.light)
    backdrop = from_image(image)
    width = SIZE - 2 * _BARS_LEFT
    return _Scene(
        backdrop=backdrop,
        captions=captions,
        lit_bars=from_image(_blend_row(cover.palette, width, _BARS_HEIGHT)),
        run_time=from_image(Image.new("RGB", (width, _TIME_HEIGHT), cover.palette.glow)),
        heights=bar_heights(audio, frames=frames, fps=FPS),
        length_s=audio.shape[1] / SAMPLE_RATE_HZ,
    )


def _backdrop(cover: Cover) -> Image.Image:
    """The cover blurred and dark over the whole square, and sharp with round corners above the captions."""
    small = cover.picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    ground = ImageEnhance.Brightness(small.filter(ImageFilter.GaussianBlur(26))).enhance(0.42)
    art = cover.picture.resize((_ART_SIZE, _ART_SIZE), Image.Resampling.LANCZOS)
    left = (SIZE - _ART_SIZE) // 2
    shadow = Image.new("L", (SIZE, SIZE), 0)
    ImageDraw.Draw(shadow).rectangle((left, _ART_TOP + 10, left + _ART_SIZE, _ART_TOP + _ART_SIZE + 10), fill=170)
    ground = Image.composite(Image.new("RGB", ground.size, 0), ground, shadow.filter(ImageFilter.GaussianBlur(16)))
    corners = Image.new("L", (_ART_SIZE * 4, _ART_SIZE * 4), 0)
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, _ART_SIZE * 4 - 1, _ART_SIZE * 4 - 1), radius=56, fill=255)
    ground.paste(art, (left, _ART_TOP), corners.resize(art.size, Image.Resampling.LANCZOS))
    bar = Image.new("RGB", (SIZE - 2 * _BARS_LEFT, _TIME_HEIGHT), cover.palette.light)
    ground.paste(bar, (_BARS_LEFT, _TIME_TOP), Image.new("L", bar.size, 70))
    return ground


def _blend_row(palette: Palette, width: int, height: int) -> Image.Image:
    way = np.linspace(0, 1, width, dtype=np.float32)[None, :, None]
    colours = palette.colour("accent") * (1 - way) + palette.colour("glow") * way
    pixels = np.broadcast_to(colours * 255, (height, width, 3)).astype(np.uint8)
    return Image.fromarray(pixels, "RGB")


def _compose(scene: _Scene, index: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The frame's planes as one array."""
    second = index / FPS
    picture = scene.backdrop.copy()
    caption = next((c for c in scene.captions if c.start_s <= second < c.end_s), None)
    if caption is not None:
        _paint_caption(picture, caption, second)
    width = scene.lit_bars.width
    area = picture.crop(_BARS_LEFT, _BARS_TOP, width // BARS * BARS, _BARS_HEIGHT)
    paint_bars(area, scene.lit_bars.crop(0, 0, area.width, area.height), scene.heights[index])
    passed = int(width * min(1.0, second / scene.length_s)) // 2 * 2
    picture.paste(scene.run_time.crop(0, 0, passed, _TIME_HEIGHT), _BARS_LEFT, _TIME_TOP)
    return picture.to_frame()


def _paint_caption(picture: Planes, caption: Caption, second: float) -> None:
    picture.paste(caption.unsung, 0, _CAPTION_TOP)
    for row in caption.rows:
        reached = int(np.interp(second, row.times_s, row.columns, left=0.0)) // 2 * 2
        if reached:
            sung = caption.sung.crop(0, row.top, reached, row.height)
            picture.paste(sung, 0, _CAPTION_TOP + row.top)
