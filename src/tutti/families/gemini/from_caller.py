"""A request in the Gemini wire as a chat; its contents are told apart in `parts.py`, its schemas in `schema.py`."""

from collections.abc import Iterator, Mapping
from typing import Any

from tutti.errors import InvalidRequestError
from tutti.families.gemini.body import request_of
from tutti.families.gemini.parts import Calls, parts_of
from tutti.families.gemini.schema import json_schema
from tutti.families.reading import Reading, convert, unknown
from tutti.intents.chat import Chat, Message, Reasoning, ResponseForm, ServerTool, Tool, ToolChoice
from tutti.wires import gemini

# What is called otherwise here than in `Chat`.
WORDS: Mapping[str, str] = {
    "max_tokens": "generationConfig.maxOutputTokens",
    "temperature": "generationConfig.temperature",
    "top_p": "generationConfig.topP",
    "top_k": "generationConfig.topK",
    "stop": "generationConfig.stopSequences",
    "seed": "generationConfig.seed",
    "count": "generationConfig.candidateCount",
    "presence_penalty": "generationConfig.presencePenalty",
    "frequency_penalty": "generationConfig.frequencyPenalty",
    "logprobs": "generationConfig.responseLogprobs",
    "top_logprobs": "generationConfig.logprobs",
    "tool_choice": "toolConfig",
    "response_form": "generationConfig.responseSchema",
    "reasoning": "generationConfig.thinkingConfig",
    "modalities": "generationConfig.responseModalities",
    "audio": "generationConfig.speechConfig",
    "service_tier": "serviceTier",
    "Thinking": "contents[].parts[].thought",
    "ToolCall": "contents[].parts[].functionCall",
    "ToolResult.is_error": "contents[].parts[].functionResponse.response.error",
    "ToolResult": "contents[].parts[].functionResponse",
    "Image": "contents[].parts[].inlineData",
    "Audio": "contents[].parts[].inlineData",
    "Video": "contents[].parts[].inlineData",
    "File": "contents[].parts[].inlineData",
    "Foreign": "contents[].parts[]",
    "ServerTool": "tools[]",
}
# Fields of this wire alone, kept for upstreams that speak it; a dot leads into an object.
EXTRA = (
    "safetySettings",
    "cachedContent",
    "labels",
    "toolConfig.retrievalConfig",
    "generationConfig.imageConfig",
    "generationConfig.mediaResolution",
    "generationConfig.audioTimestamp",
    "generationConfig.speechConfig.languageCode",
    "generationConfig.speechConfig.multiSpeakerVoiceConfig",
)
# Callers who never thought of roles send none; old clients answer calls as "function" or "tool".
_ROLES: Mapping[str | None, Any] = {
    None: "user",
    "user": "user",
    "model": "assistant",
    "function": "user",
    "tool": "user",
}


def from_caller(body: bytes, *, model: str, is_stream: bool) -> Chat:
    """The whole request. Raises `InvalidRequestError` naming the field."""
    sent = request_of(body)
    request = convert(gemini.GenerateRequest, sent)
    config = request.generation_config or gemini.GenerationConfig()
    calling = (request.tool_config and request.tool_config.function_calling_config) or gemini.FunctionCallingConfig()
    reading = Reading()
    messages = tuple(_messages(request, reading))
    tools = tuple(_tools(request, calling, reading))
    response_form = _response_form(config, reading)
    return Chat(
        wire="gemini",
        words=WORDS,
        model=model,
        is_stream=is_stream,
        messages=messages,
        tools=tools,
        tool_choice=_tool_choice(calling),
        service_tier=request.service_tier,
        reasoning=_reasoning(config.thinking_config),
        response_form=response_form,
        max_tokens=config.max_output_tokens,
        temperature=config.temperature,
        top_p=config.top_p,
        top_k=None if config.top_k is None else int(config.top_k),
        stop=tuple(config.stop_sequences or ()),
        seed=config.seed,
        count=config.candidate_count,
        presence_penalty=config.presence_penalty,
        frequency_penalty=config.frequency_penalty,
        logprobs=config.response_logprobs,
        top_logprobs=config.logprobs,
        modalities=tuple(kind.lower() for kind in config.response_modalities or ()),
        audio=_voice(config.speech_config),
        extra=dict(_extra(sent)),
        dropped=reading.dropped,
    )


def _messages(request: gemini.GenerateRequest, reading: Reading) -> Iterator[Message]:
    calls = Calls()
    if request.system_instruction is not None:
        yield Message(
            role="system", parts=parts_of(request.system_instruction.parts, "systemInstruction", calls, reading)
        )
    if not request.contents:
        raise InvalidRequestError("contents must hold at least one content.", field="contents")
    for at, content in enumerate(request.contents):
        place = f"contents[{at}]"
        if content.role not in _ROLES:
            raise InvalidRequestError(f'{place}.role must be "user" or "model".', field=f"{place}.role")
        yield Message(role=_ROLES[content.role], parts=parts_of(content.parts, place, calls, reading))


def _tools(
    request: gemini.GenerateRequest, calling: gemini.FunctionCallingConfig, reading: Reading
) -> Iterator[Tool | ServerTool]:
    """The tools; where only some functions are allowed, those."""
    allowed = set(calling.allowed_function_names or ())
    for at, tool in enumerate(request.tools or ()):
        for declared in convert(gemini.FunctionTool, tool, f"tools[{at}]").function_declarations:
            if not allowed or declared.name in allowed:
                yield _tool(declared, reading)
        for name, value in tool.items():
            if name != "functionDeclarations":
                yield ServerTool(wire="gemini", value={name: value})


def _tool(declared: gemini.FunctionDeclaration, reading: Reading) -> Tool:
    if declared.response is not None or declared.response_json_schema is not None:
        reading.drop("tools[].functionDeclarations[].response")
    if declared.behavior is not None:
        reading.drop("tools[].functionDeclarations[].behavior")
    schema = declared.parameters_json_schema
    if schema is None and declared.parameters is not None:
        schema = json_schema(declared.parameters)
    return Tool(name=declared.name, description=declared.description or "", schema=schema)


def _tool_choice(calling: gemini.FunctionCallingConfig) -> ToolChoice | None:
    mode = (calling.mode or "").upper()
    names = calling.allowed_function_names or ()
    if mode == "ANY" and len(names) == 1:
        return ToolChoice(mode="named", name=names[0])
    # VALIDATED lets the model choose, and only promises that its calls fit their schema.
    known: Mapping[str, Any] = {"AUTO": "auto", "VALIDATED": "auto", "ANY": "any", "NONE": "none"}
    return ToolChoice(mode=known[mode]) if mode in known else None


def _reasoning(config: gemini.ThinkingConfig | None) -> Reasoning | None:
    if config is None:
        return None
    budget = config.thinking_budget
    told = None if config.include_thoughts is None else "auto" if config.include_thoughts else "omitted"
    return Reasoning(
        is_on=None if budget is None else budget != 0,
        effort=config.thinking_level.lower() if config.thinking_level else None,
        budget_tokens=budget if budget is not None and budget > 0 else None,
        told=told,
    )


def _response_form(config: gemini.GenerationConfig, reading: Reading) -> ResponseForm | None:
    schema = config.response_json_schema
    if schema is None and config.response_schema is not None:
        schema = json_schema(config.response_schema)
    kind = config.response_mime_type
    if kind == "application/json":
        return ResponseForm(kind="json") if schema is None else ResponseForm(kind="schema", schema=schema)
    if kind not in {None, "text/plain"}:
        # An answer that is one of some words, bare: no other wire knows it.
        reading.drop("generationConfig.responseMimeType")
    return None


def _voice(config: gemini.SpeechConfig | None) -> dict[str, Any] | None:
    """A voice in the form of OpenAI's `audio`; this wire always answers in linear samples."""
    voice = config and config.voice_config and config.voice_config.prebuilt_voice_config
    return {"voice": voice.voice_name, "format": "pcm16"} if voice and voice.voice_name else None


def _extra(sent: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for path in EXTRA:
        value: Any = sent
        for name in path.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        if value is not None:
            yield path, value
    yield from unknown(gemini.GenerateRequest, {name: value for name, value in sent.items() if name != "model"}).items()
