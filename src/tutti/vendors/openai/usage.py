"""OpenAI's figures as ours, in the spellings of those who speak its wire."""

from tutti.intents.chat import Usage
from tutti.wires import openai as wire


def usage_of(told: wire.Usage | None) -> Usage | None:
    """The figures; None where there are none."""
    if told is None or (told.prompt_tokens is None and told.completion_tokens is None):
        return None
    asked = told.prompt_tokens_details or wire.PromptDetails()
    answered = told.completion_tokens_details or wire.CompletionDetails()
    thought = answered.reasoning_tokens or 0
    # DeepSeek told cached tokens by this name first, and Moonshot tells them beside the prompt's.
    cached = asked.cached_tokens or told.prompt_cache_hit_tokens or told.cached_tokens or 0
    return Usage(
        input_tokens=told.prompt_tokens,
        output_tokens=_output(told, thought),
        cached_tokens=cached,
        cache_written_tokens=asked.cache_write_tokens or 0,
        reasoning_tokens=thought,
        audio_output_tokens=answered.audio_tokens or 0,
        audio_input_tokens=asked.audio_tokens or 0,
    )


def _output(told: wire.Usage, thought: int) -> int | None:
    """All tokens of the answer: xAI tells those of thoughts beside `completion_tokens`, and the total shows it."""
    said, asked = told.completion_tokens, told.prompt_tokens
    if said is None or asked is None or not thought:
        return said
    return said + thought if told.total_tokens == asked + said + thought else said
