"""The wires that are spoken."""

from tests.upstream import claude, gemini, media, openai, responses, suno, vectors
from tests.upstream.call import Wire


def new_wires() -> list[Wire]:
    """All of them, with nothing stored. Where two share a path, the first that claims a call answers it."""
    return [openai.wire(), claude.wire(), gemini.wire(), responses.wire(), vectors.wire(), media.wire(), suno.wire()]
