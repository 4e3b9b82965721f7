"""What models behind the OpenAI wire take, by their names: data, so that a new model is a row here.

https://platform.openai.com/docs/guides/reasoning, https://api-docs.deepseek.com/guides/thinking_mode,
https://help.aliyun.com/zh/model-studio/deep-thinking, https://docs.z.ai/guides/capabilities/thinking-mode, 2026-11.
"""

import re
from typing import Literal, NamedTuple


class Traits(NamedTuple):
    """What a model takes."""

    # How it is told to think: `reasoning_effort`; `thinking` {type}; `enable_thinking` and `thinking_budget`; or not.
    thinks_by: Literal["effort", "thinking", "switch", "nothing"] = "nothing"
    # OpenAI's own reasoning models: another name for the limit on tokens, and no sampling.
    is_reasoner: bool = False
    # The word that turns thinking off, where there is one.
    off: str | None = None
    # Whether it knows the role `developer`, which OpenAI put in the place of `system`.
    knows_developer: bool = True
    # Whether it wants its thoughts back while it works with tools.
    wants_thoughts: bool = False


# The first pattern found in the name counts; vendors' prefixes ("deepseek-ai/") may stand before.
_ROWS: tuple[tuple[str, Traits], ...] = (
    (r"\bgpt-5[\w.-]*-chat", Traits()),
    (r"\bgpt-5(-mini|-nano|-pro|-codex|-20\d\d|$)", Traits(thinks_by="effort", is_reasoner=True, off="minimal")),
    (r"\bgpt-[5-9]", Traits(thinks_by="effort", is_reasoner=True, off="none")),
    (r"\bo[1-9](-|$)", Traits(thinks_by="effort", is_reasoner=True)),
    (r"\bgpt-oss|\bgrok-", Traits(thinks_by="effort")),
    (r"\bgemini-", Traits(thinks_by="effort", off="none")),
    (r"\bqw(en|q)", Traits(thinks_by="switch")),
    (
        r"\bdeepseek-|\bglm-|\bkimi-|\bdoubao-|\bmimo-|\bminimax-",
        Traits(thinks_by="thinking", knows_developer=False, wants_thoughts=True),
    ),
    (r"\bclaude-", Traits(thinks_by="thinking", knows_developer=False)),
)
_UNKNOWN = Traits()


def traits_of(model: str) -> Traits:
    """What a model takes."""
    name = model.lower()
    return next((traits for pattern, traits in _ROWS if re.search(pattern, name)), _UNKNOWN)
