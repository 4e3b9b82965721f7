"""Claude's figures as ours: its prompt comes in three parts that we keep as one whole."""

from tutti.intents.chat import Usage
from tutti.wires import claude as wire


def usage_of(told: wire.Usage | None) -> Usage | None:
    """The figures; None where there are none."""
    if told is None or (told.input_tokens is None and told.output_tokens is None):
        return None
    read, written = told.cache_read_input_tokens or 0, told.cache_creation_input_tokens or 0
    details = told.output_tokens_details
    return Usage(
        input_tokens=None if told.input_tokens is None else told.input_tokens + read + written,
        output_tokens=told.output_tokens,
        cached_tokens=read,
        cache_written_tokens=written,
        cache_written_1h_tokens=(told.cache_creation.ephemeral_1h_input_tokens or 0) if told.cache_creation else 0,
        reasoning_tokens=(details.thinking_tokens or 0) if details else 0,
    )
