"""A chat as a request in the Gemini wire."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tutti.intents.chat import Chat, Message, Tool
from tutti.intents.effort import budget_of
from tutti.vendors.drops import Drops
from tutti.vendors.gemini.parts import Turns
from tutti.vendors.gemini.schema import gemini_schema
from tutti.vendors.wire import Written
from tutti.wires import gemini

# Google refuses calls of these models that come without their seal, and takes this in its place for turns of other
# models. https://ai.google.dev/gemini-api/docs/thought-signatures, seen 2025-11.
_WANTS_SEALS = re.compile(r"gemini-(?:[3-9]|\d\d)")
_NO_SEAL = "skip_thought_signature_validator"
_MOST_STOPS = 5
_TIERS = {"default": "standard", "standard": "standard", "flex": "flex", "priority": "priority"}
_LEVELS = {
    "none": "MINIMAL",
    "minimal": "MINIMAL",
    "low": "LOW",
    "medium": "MEDIUM",
    "high": "HIGH",
    "xhigh": "HIGH",
    "max": "HIGH",
}


@dataclass(slots=True)
class _Draft:
    """The request on its way, and what found no place."""

    chat: Chat
    drops: Drops
    body: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)


def to_upstream(chat: Chat) -> Written:
    """The request. Raises `InvalidRequestError` for what must not be left out and can not be said."""
    draft = _Draft(chat, Drops(chat, "gemini"))
    for write in _WRITERS:
        write(draft)
    if chat.wire == "gemini":
        for path, value in chat.extra.items():
            _put(draft, path, value)
    if draft.config:
        draft.body["generationConfig"] = draft.config
    return Written(body=gemini.encoder.encode(draft.body), dropped=draft.drops.names)


def _write_turns(draft: _Draft) -> None:
    turns = Turns(draft.chat.messages, draft.drops)
    system: list[dict[str, Any]] = []
    contents: list[dict[str, Any]] = []
    for message in draft.chat.messages:
        if message.name is not None:
            draft.drops.add("Message.name")
        parts = [*turns.write(message.parts)]
        if message.role in {"system", "developer"}:
            system += parts
        elif parts:
            _add_turn(contents, message, parts)
    if _WANTS_SEALS.search(draft.chat.model):
        _excuse_missing_seals(contents)
    draft.body["contents"] = contents or [{"role": "user", "parts": [{"text": ""}]}]
    if system:
        draft.body["systemInstruction"] = {"parts": system}


def _add_turn(contents: list[dict[str, Any]], message: Message, parts: list[dict[str, Any]]) -> None:
    """Add a turn: all results of one turn's calls belong into one content, and so do the model's words and calls."""
    role = "model" if message.role == "assistant" else "user"
    if contents and contents[-1]["role"] == role and (role == "model" or _holds_results(contents[-1], parts)):
        contents[-1]["parts"] += parts
    else:
        contents.append({"role": role, "parts": parts})


def _holds_results(content: Mapping[str, Any], parts: list[dict[str, Any]]) -> bool:
    return any("functionResponse" in part for part in parts) and "functionResponse" in content["parts"][0]


def _excuse_missing_seals(contents: list[dict[str, Any]]) -> None:
    for content in contents:
        first = next((part for part in content["parts"] if "functionCall" in part), None)
        if first is not None:
            first.setdefault("thoughtSignature", _NO_SEAL)


def _write_sampling(draft: _Draft) -> None:
    chat, config = draft.chat, draft.config
    for name, value in (
        ("temperature", chat.temperature),
        ("topP", chat.top_p),
        ("topK", chat.top_k),
        ("candidateCount", chat.count),
        ("maxOutputTokens", chat.max_tokens),
        ("presencePenalty", chat.presence_penalty),
        ("frequencyPenalty", chat.frequency_penalty),
        ("seed", chat.seed),
        ("responseLogprobs", chat.logprobs),
        ("logprobs", chat.top_logprobs),
    ):
        if value is not None:
            config[name] = value
    if chat.stop:
        config["stopSequences"] = [*chat.stop[:_MOST_STOPS]]
        if len(chat.stop) > _MOST_STOPS:
            draft.drops.add("stop")


def _write_form(draft: _Draft) -> None:
    form = draft.chat.response_form
    if form is None or form.kind == "text":
        return
    draft.config["responseMimeType"] = "application/json"
    if form.schema is not None:
        draft.config["responseSchema"] = gemini_schema(
            form.schema, lambda keyword: draft.drops.add("response_form", keyword)
        )


def _write_thinking(draft: _Draft) -> None:
    reasoning = draft.chat.reasoning
    if reasoning is None:
        return
    thinking: dict[str, Any] = {}
    if reasoning.told is not None:
        thinking["includeThoughts"] = reasoning.told != "omitted"
    effort = reasoning.effort
    if reasoning.is_on is False:
        thinking["thinkingBudget"] = 0
    elif reasoning.budget_tokens is not None:
        thinking["thinkingBudget"] = reasoning.budget_tokens
    elif effort in _LEVELS and (draft.chat.wire == "gemini" or _WANTS_SEALS.search(draft.chat.model)):
        thinking["thinkingLevel"] = _LEVELS[effort]
    elif effort is not None:
        # Models up to 2.5 know budgets alone.
        thinking["thinkingBudget"] = 0 if effort == "none" else budget_of(effort)
    elif reasoning.is_on:
        # As much as it likes.
        thinking["thinkingBudget"] = -1
    if thinking:
        draft.config["thinkingConfig"] = thinking


def _write_modalities(draft: _Draft) -> None:
    chat = draft.chat
    if chat.modalities:
        draft.config["responseModalities"] = [kind.upper() for kind in chat.modalities]
    audio = chat.audio or {}
    voice = audio.get("voice")
    if isinstance(voice, str):
        draft.config["speechConfig"] = {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": voice}}}
    if audio.get("format", "pcm16") != "pcm16":
        draft.drops.add("audio.format")


def _write_tools(draft: _Draft) -> None:
    declared: list[dict[str, Any]] = []
    own: list[dict[str, Any]] = []
    for tool in draft.chat.tools:
        if isinstance(tool, Tool):
            declared.append(_declaration(draft, tool))
        elif tool.wire == "gemini":
            own.append(dict(tool.value))
        else:
            draft.drops.add_foreign(tool)
    tools = ([{"functionDeclarations": declared}] if declared else []) + own
    if tools:
        draft.body["tools"] = tools


def _declaration(draft: _Draft, tool: Tool) -> dict[str, Any]:
    if tool.cache is not None:
        draft.drops.add("CacheMark")
    if tool.is_strict:
        draft.drops.add("Tool.is_strict")
    told: dict[str, Any] = {"name": tool.name}
    if tool.description:
        told["description"] = tool.description
    # An object without members is refused: a function without parameters has none of this.
    if tool.schema and (tool.schema.get("properties") or "type" not in tool.schema):
        told["parameters"] = gemini_schema(tool.schema, lambda keyword: draft.drops.add("Tool.schema", keyword))
    return told


def _write_tool_choice(draft: _Draft) -> None:
    if draft.chat.parallel_tool_calls is False:
        draft.drops.add("parallel_tool_calls")
    choice = draft.chat.tool_choice
    if choice is None or not draft.chat.tools:
        return
    calling: dict[str, Any] = {"mode": {"auto": "AUTO", "none": "NONE"}.get(choice.mode, "ANY")}
    if choice.mode == "named":
        calling["allowedFunctionNames"] = [choice.name]
    draft.body["toolConfig"] = {"functionCallingConfig": calling}


def _write_rest(draft: _Draft) -> None:
    chat = draft.chat
    tier = _TIERS.get(chat.service_tier or "")
    if tier is not None:
        draft.body["serviceTier"] = tier
    elif chat.service_tier not in {None, "auto"}:
        draft.drops.add("service_tier")
    draft.drops.add_set("user", "metadata", "verbosity")


def _put(draft: _Draft, path: str, value: Any) -> None:
    *way, name = path.split(".")
    place = draft.body
    if way and way[0] == "generationConfig":
        place, way = draft.config, way[1:]
    for step in way:
        place = place.setdefault(step, {})
    place[name] = value


_WRITERS: tuple[Callable[[_Draft], None], ...] = (
    _write_turns,
    _write_sampling,
    _write_form,
    _write_thinking,
    _write_modalities,
    _write_tools,
    _write_tool_choice,
    _write_rest,
)
