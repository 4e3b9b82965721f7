"""From a chat request in the OpenAI wire to what the caller wants."""

from collections.abc import Mapping
from typing import Any

from tutti.errors import InvalidRequestError
from tutti.families.chat.messages import messages_of
from tutti.families.chat.reasoning import reasoning_of
from tutti.families.chat.tools import choice_of, tools_of
from tutti.families.reading import Reading, convert, object_of, unknown
from tutti.intents.chat import Chat, ResponseForm
from tutti.wires.openai_request import CompletionRequest, ResponseFormat

# What is called otherwise here than in `Chat`.
WORDS: Mapping[str, str] = {
    "count": "n",
    "response_form": "response_format",
    "ResponseForm.name": "response_format.json_schema.name",
    "ResponseForm.description": "response_format.json_schema.description",
    "ResponseForm.is_strict": "response_format.json_schema.strict",
    "Message.name": "messages[].name",
    "Thinking": "messages[].reasoning_content",
    "Refusal": "messages[].refusal",
    "Image": "messages[].content[].image_url",
    "Image.detail": "messages[].content[].image_url.detail",
    "Audio": "messages[].content[].input_audio",
    "Video": "messages[].content[].video_url",
    "File": "messages[].content[].file",
    "File.name": "messages[].content[].file.filename",
    "ToolCall": "messages[].tool_calls",
    "ToolCall.signature": "messages[].tool_calls[].extra_content",
    "ToolResult": "messages[].content",
    "Foreign": "messages[].content[]",
    "ServerTool": "tools[]",
    "Tool.is_strict": "tools[].function.strict",
    "CacheMark": "cache_control",
}


def chat_of(body: bytes) -> Chat:
    """The whole request. Raises `InvalidRequestError` naming the field."""
    raw = object_of(body)
    request = convert(CompletionRequest, raw)
    reading = Reading()
    tools, choice = choice_of(request, tools_of(request, reading), reading)
    reasoning, reasoning_word = reasoning_of(request, reading)
    return Chat(
        model=request.model,
        messages=messages_of(request.messages, reading),
        is_stream=bool(request.stream),
        wants_usage=bool(request.stream_options and request.stream_options.include_usage),
        max_tokens=request.max_tokens if request.max_completion_tokens is None else request.max_completion_tokens,
        temperature=request.temperature,
        top_p=request.top_p,
        top_k=request.top_k,
        stop=(request.stop,) if isinstance(request.stop, str) else tuple(request.stop or ()),
        seed=request.seed,
        count=request.n,
        presence_penalty=request.presence_penalty,
        frequency_penalty=request.frequency_penalty,
        logprobs=request.logprobs,
        top_logprobs=request.top_logprobs,
        tools=tools,
        tool_choice=choice,
        parallel_tool_calls=request.parallel_tool_calls,
        response_form=_form_of(request.response_format, reading),
        reasoning=reasoning,
        modalities=tuple(request.modalities or ()),
        audio=request.audio,
        user=request.user or request.safety_identifier,
        metadata=request.metadata,
        service_tier=request.service_tier,
        verbosity=request.verbosity,
        wire="openai",
        extra=unknown(CompletionRequest, raw),
        dropped=reading.dropped,
        words={**WORDS, "reasoning": reasoning_word},
    )


def _form_of(value: dict[str, Any] | None, reading: Reading) -> ResponseForm | None:
    if value is None:
        return None
    form = reading.read(ResponseFormat, value, "response_format")
    if form.type == "text":
        return ResponseForm(kind="text")
    if form.type == "json_object":
        return ResponseForm(kind="json")
    if form.type != "json_schema" or form.json_schema is None:
        field = "response_format.json_schema" if form.type == "json_schema" else "response_format.type"
        raise InvalidRequestError(
            f"{field}: use text, json_object, or json_schema with the schema in json_schema.", field=field
        )
    schema = form.json_schema
    return ResponseForm(
        kind="schema",
        name=schema.name,
        description=schema.description or "",
        schema=schema.schema,
        is_strict=schema.strict,
    )
