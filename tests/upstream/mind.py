"""What the upstream's models say: words that follow from the request alone.

The answer echoes what was understood, so that a test sees whether a system prompt, a picture or a tool's result
arrived. What the last user says steers it:

    call NAME {"a": 1}     calls that tool, when it was given; several calls in one message are parallel
    count to 30            "1 2 3 ... 30": a long answer
    refuse                 refuses
    cached 5               five tokens of the prompt come from the cache
    kept 3 and 2           three of its tokens are written to the cache for five minutes, two for an hour
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

End = Literal["end", "length", "stop", "calls", "refusal"]

_decoder = json.JSONDecoder()


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """What a request asks for, whatever its wire."""

    # Words of the last user's turn.
    said: str
    # Everything that is counted as prompt: any JSON.
    prompt: object
    system: str = ""
    # What else came with the last turn: "image https://...", "file report.pdf".
    media: tuple[str, ...] = ()
    # What the tools gave, when the last turn is theirs.
    results: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    # The tool that must be called; "" for any, None for none.
    must_call: str | None = None
    thinks: bool = False
    # JSON is wanted: its schema, {} for any.
    schema: dict[str, Any] | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolCall:
    """A tool that is to be run."""

    # Eight characters that a wire puts its own prefix before.
    id: str
    name: str
    arguments: dict[str, Any]

    @property
    def text(self) -> str:
        """The arguments as JSON text."""
        return json.dumps(self.arguments, ensure_ascii=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """An answer in pieces; each piece of words is one token."""

    id: str
    thoughts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    end: End = "end"
    # The stop word that came up.
    stop_word: str | None = None
    input_tokens: int = 0
    cached_tokens: int = 0
    # Written to the cache for five minutes and for an hour.
    kept_tokens: int = 0
    kept_1h_tokens: int = 0

    @property
    def text(self) -> str:
        """All words."""
        return "".join(self.words)

    @property
    def thought(self) -> str:
        """All thoughts."""
        return "".join(self.thoughts)

    @property
    def call_tokens(self) -> int:
        """The tokens of the calls."""
        return sum(1 + len(pieces(call.text)) for call in self.calls)

    @property
    def output_tokens(self) -> int:
        """All that was made, thoughts included."""
        return len(self.thoughts) + len(self.words) + self.call_tokens


def answer(ask: Ask) -> Said:
    """What a model says to that."""
    thoughts = tuple(pieces(f"They said: {ask.said}")) if ask.thinks else ()
    calls = () if ask.results else tuple(_calls(ask))
    end: End = "calls" if calls else "refusal" if "refuse" in ask.said and not ask.results else "end"
    words = pieces("Let me look." if calls and ask.must_call is None else "" if calls else _text(ask, end))
    words, stop_word = _stopped(words, ask.stop)
    if stop_word is not None:
        end = "stop"
    if ask.max_tokens is not None and len(thoughts) + len(words) > ask.max_tokens:
        thoughts = thoughts[: ask.max_tokens]
        words, calls, end, stop_word = words[: ask.max_tokens - len(thoughts)], (), "length", None
    input_tokens = tokens_in(ask.prompt)
    cached = re.search(r"\bcached (\d+)", ask.said)
    kept = re.search(r"\bkept (\d+) and (\d+)", ask.said)
    return Said(
        id=hashlib.sha256(json.dumps(ask.prompt, sort_keys=True, default=str).encode()).hexdigest()[:16],
        thoughts=thoughts,
        words=tuple(words),
        calls=calls,
        end=end,
        stop_word=stop_word,
        input_tokens=input_tokens,
        cached_tokens=min(int(cached[1]), input_tokens) if cached else 0,
        kept_tokens=int(kept[1]) if kept else 0,
        kept_1h_tokens=int(kept[2]) if kept else 0,
    )


def pieces(text: str) -> list[str]:
    """The text cut before its words: what a token is here."""
    return re.findall(r"\s*\S+(?:\s+$)?|\s+", text)


def tokens_in(value: object) -> int:
    """The words in all strings of a JSON value."""
    if isinstance(value, str):
        return len(pieces(value))
    if isinstance(value, dict):
        return sum(map(tokens_in, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(tokens_in, value))
    return 0


def filled(schema: dict[str, Any], said: str) -> Any:
    """A value that a JSON schema takes: the words where a string is wanted, else something small."""
    if "enum" in schema:
        return schema["enum"][0]
    schema = schema.get("anyOf", [schema])[0]
    kind = schema.get("type", "object")
    name = (kind[0] if isinstance(kind, list) else kind).lower()
    if name == "object":
        return {name: filled(inner, said) for name, inner in schema.get("properties", {}).items()}
    if name == "array":
        return [filled(schema.get("items", {"type": "string"}), said)]
    return {"string": said, "boolean": True, "null": None}.get(name, 1)


def _text(ask: Ask, end: End) -> str:
    if end == "refusal":
        return "I will not do that."
    if ask.results:
        return f"The tools said: {'; '.join(ask.results)}"
    if ask.schema is not None:
        return json.dumps(filled(ask.schema, ask.said) if ask.schema else {"said": ask.said}, ensure_ascii=False)
    count = re.search(r"\bcount to (\d+)", ask.said)
    if count:
        return " ".join(map(str, range(1, int(count[1]) + 1)))
    notes = [*(f"[{note}]" for note in ask.media), *([f"(told: {ask.system})"] if ask.system else [])]
    return " ".join([f"You said: {ask.said}", *notes])


def _calls(ask: Ask) -> Iterator[ToolCall]:
    asked = [
        (match[1], _arguments(ask.said[match.end() :]))
        for match in re.finditer(r"\bcall ([\w-]+)", ask.said)
        if match[1] in ask.tools
    ]
    if not asked and ask.must_call is not None and ask.tools:
        asked = [(ask.must_call or ask.tools[0], {})]
    for number, (name, arguments) in enumerate(asked):
        digest = hashlib.sha256(f"{number} {name} {ask.said}".encode()).hexdigest()[:8]
        yield ToolCall(id=digest, name=name, arguments=arguments)


def _arguments(rest: str) -> dict[str, Any]:
    """The JSON object that follows a tool's name, {} without one."""
    rest = rest.lstrip()
    if not rest.startswith("{"):
        return {}
    value, _ = _decoder.raw_decode(rest)
    return dict(value)


def _stopped(words: list[str], stop: tuple[str, ...]) -> tuple[list[str], str | None]:
    """The words before the first stop word, and that word."""
    text = "".join(words)
    found = min(((text.find(word), word) for word in stop if word in text), default=None)
    return (words, None) if found is None else (pieces(text[: found[0]]), found[1])
