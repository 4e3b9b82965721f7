"""OpenAI chat completions, legacy completions and the list of models; forms from OpenAI's published openapi.yaml."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from tests.upstream.call import Call, Refused, Reply, Wire, encode, event, reply_events, reply_json, require, route
from tests.upstream.forms.openai import (
    Assistant,
    ChatRequest,
    CompletionRequest,
    Developer,
    File,
    Image,
    InputAudio,
    Message,
    NamedTool,
    System,
    Text,
    ToolResult,
    User,
    UserPart,
)
from tests.upstream.mind import Ask, Said, answer

FINISH = {"end": "stop", "length": "length", "stop": "stop", "calls": "tool_calls", "refusal": "content_filter"}
# What vendors of this wire are known for, and these do not refuse.
MODELS = ("gpt-4o", "gpt-4o-mini", "text-embedding-3-small")


def wire() -> Wire:
    """The OpenAI wire."""
    return Wire(
        name="openai",
        routes=[
            route("POST", r"/chat/completions", chat),
            route("POST", r"/completions", completions),
            route("GET", r"/models", list_models),
            route("GET", r"/models/(?P<model>[^:]+)", one_model),
        ],
        tell_error=tell_error,
        is_mine=lambda call: "anthropic-version" not in call.headers and "x-goog-api-key" not in call.headers,
    )


def tell_error(error: Refused) -> object:
    """The error object of this wire and of its kin."""
    kind = "server_error" if error.status >= 500 else "invalid_request_error"
    return {"error": {"message": error.message, "type": kind, "param": error.param, "code": error.code}}


def require_bearer(call: Call) -> None:
    """Refuse a call without a key where this wire has it."""
    if not call.headers.get("authorization", "").startswith("Bearer ") and "api-key" not in call.headers:
        raise Refused("You didn't provide an API key.", status=401, code="invalid_api_key")


def chat(call: Call) -> Reply:
    """POST /v1/chat/completions."""
    require_bearer(call)
    form = call.read(ChatRequest)
    _check(form)
    said = answer(_ask(form))
    if form.stream:
        told = form.stream_options is not None and form.stream_options.include_usage and not call.fault.no_usage
        return reply_events(list(_chunks(form, said, told=told)))
    choices = [
        {
            "index": index,
            "message": _message(form, said),
            "logprobs": _logprobs(said.words) if form.logprobs else None,
            "finish_reason": FINISH[said.end],
        }
        for index in range(form.n or 1)
    ]
    return reply_json(
        {
            "id": f"chatcmpl-{said.id}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": form.model,
            "choices": choices,
            "system_fingerprint": "fp_upstream",
            **({} if call.fault.no_usage else {"usage": usage_of(said, count=form.n or 1)}),
        }
    )


def completions(call: Call) -> Reply:
    """POST /v1/completions."""
    require_bearer(call)
    form = call.read(CompletionRequest)
    prompts = [form.prompt] if isinstance(form.prompt, str) else form.prompt
    said = answer(
        Ask(said=prompts[-1], prompt=prompts, max_tokens=form.max_tokens or 16, stop=_words(form.stop)),
    )
    head = {"id": f"cmpl-{said.id}", "object": "text_completion", "created": int(time.time()), "model": form.model}
    if form.stream:
        told = form.stream_options is not None and form.stream_options.include_usage and not call.fault.no_usage
        rows = [
            *({**head, "choices": [_completed(index=0, text=word)]} for word in said.words),
            {**head, "choices": [_completed(index=0, text="", finish=FINISH[said.end])]},
            *([{**head, "choices": [], "usage": usage_of(said)}] if told else []),
        ]
        return reply_events([*map(event, rows), b"data: [DONE]\n\n"])
    choices = [_completed(index=index, text=said.text, finish=FINISH[said.end]) for index in range(len(prompts))]
    usage = {} if call.fault.no_usage else {"usage": usage_of(said, count=len(prompts))}
    return reply_json({**head, "choices": choices, **usage})


def list_models(call: Call) -> Reply:
    """GET /v1/models."""
    require_bearer(call)
    return reply_json({"object": "list", "data": [_model(name) for name in MODELS]})


def one_model(call: Call) -> Reply:
    """GET /v1/models/{model}."""
    require_bearer(call)
    name = call.found["model"]
    if name not in MODELS:
        raise Refused(f"The model {name!r} does not exist", status=404, code="model_not_found", param="model")
    return reply_json(_model(name))


def usage_of(said: Said, *, count: int = 1) -> dict[str, Any]:
    """The figures as this wire counts: cached ones and thoughts included in their sums."""
    output = said.output_tokens * count
    return {
        "prompt_tokens": said.input_tokens,
        "completion_tokens": output,
        "total_tokens": said.input_tokens + output,
        "prompt_tokens_details": {"cached_tokens": said.cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": len(said.thoughts) * count, "audio_tokens": 0},
    }


def check_exchange(calls: Sequence[str], results: Sequence[str]) -> None:
    """Refuse results that no call asked for, and calls without a result."""
    missing = [name for name in calls if name not in results]
    unknown = [name for name in results if name not in calls]
    require(not missing, f"No tool output found for function call {', '.join(missing)}.", param="messages")
    require(not unknown, f"There is no call {', '.join(unknown)} in the turn before.", param="messages")
    require(len(set(results)) == len(results), "A call has two results.", param="messages")


def _check(form: ChatRequest) -> None:
    require(form.stream or form.stream_options is None, "stream_options is only allowed with stream.")
    require(form.max_tokens is None or form.max_completion_tokens is None, "Set max_tokens or max_completion_tokens.")
    require(form.top_logprobs is None or form.logprobs, "top_logprobs needs logprobs.", param="top_logprobs")
    names = [tool.function.name for tool in form.tools or ()]
    require(len(set(names)) == len(names), "Two tools have one name.", param="tools")
    require(form.tools or form.tool_choice in (None, "none"), "tool_choice needs tools.", param="tool_choice")
    require(form.tools or form.parallel_tool_calls is None, "parallel_tool_calls needs tools.")
    if isinstance(form.tool_choice, NamedTool):
        require(form.tool_choice.function.name in names, "tool_choice names no tool.", param="tool_choice")
    if form.response_format and form.response_format.type == "json_schema":
        require(form.response_format.json_schema, "Missing response_format.json_schema.", param="response_format")
    require("audio" not in (form.modalities or ()) or form.audio, "modalities audio needs audio.", param="audio")
    _check_turns(form.messages)


def _check_turns(messages: Sequence[Message]) -> None:
    """Every call is answered right after its turn, and nothing else is."""
    calls: list[str] = []
    results: list[str] = []
    for message in messages:
        if isinstance(message, ToolResult):
            results.append(message.tool_call_id)
            continue
        check_exchange(calls, results)
        calls, results = [], []
        if isinstance(message, Assistant):
            calls = [one.id for one in message.tool_calls or ()]
            has_words = message.content or message.refusal or message.audio or message.reasoning_content
            require(calls or has_words or message.content == "", "An assistant's turn is empty.", param="messages")
    check_exchange(calls, results)


def _ask(form: ChatRequest) -> Ask:
    last_user = next((one for one in reversed(form.messages) if isinstance(one, User)), None)
    parts = [] if last_user is None or isinstance(last_user.content, str) else last_user.content
    results = []
    for message in reversed(form.messages):
        if not isinstance(message, ToolResult):
            break
        results.append(_plain(message.content))
    choice = form.tool_choice
    form_of_answer = form.response_format
    return Ask(
        said=_plain(last_user.content) if last_user else "",
        prompt=msgspec.to_builtins(form.messages),
        system=" ".join(_plain(one.content) for one in form.messages if isinstance(one, System | Developer)),
        media=tuple(_note(part) for part in parts if not isinstance(part, Text)),
        results=tuple(reversed(results)),
        tools=() if choice == "none" else tuple(tool.function.name for tool in form.tools or ()),
        must_call=choice.function.name if isinstance(choice, NamedTool) else "" if choice == "required" else None,
        thinks=_thinks(form),
        schema=None
        if form_of_answer is None or form_of_answer.type == "text"
        else (form_of_answer.json_schema.schema or {} if form_of_answer.json_schema else {}),
        max_tokens=form.max_completion_tokens or form.max_tokens,
        stop=_words(form.stop),
    )


def _thinks(form: ChatRequest) -> bool:
    by_effort = form.reasoning_effort not in (None, "none")
    by_kin = (form.thinking or {}).get("type") in ("enabled", "adaptive") or bool(
        form.enable_thinking or form.reasoning
    )
    return by_effort or by_kin


def _message(form: ChatRequest, said: Said) -> dict[str, Any]:
    is_refusal = said.end == "refusal"
    message: dict[str, Any] = {
        "role": "assistant",
        "content": None if is_refusal or not said.words else said.text,
        "refusal": said.text if is_refusal else None,
        "annotations": [],
    }
    if said.thoughts:
        message["reasoning_content"] = said.thought
    if said.calls:
        message["tool_calls"] = [
            {"id": f"call_{one.id}", "type": "function", "function": {"name": one.name, "arguments": one.text}}
            for one in said.calls
        ]
    if "audio" in (form.modalities or ()):
        message["content"] = None
        sound = {"id": f"audio_{said.id}", "data": "UklGRg==", "expires_at": 4_000_000_000, "transcript": said.text}
        message["audio"] = sound
    return message


def _chunks(form: ChatRequest, said: Said, *, told: bool) -> Iterator[bytes]:
    head = {
        "id": f"chatcmpl-{said.id}",
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": form.model,
        "system_fingerprint": "fp_upstream",
    }
    usage = {"usage": None} if told else {}
    for index in range(form.n or 1):
        for delta, words in _deltas(said):
            logprobs = _logprobs(words) if form.logprobs else None
            choice = {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": None}
            yield event({**head, "choices": [choice], **usage})
        last = {"index": index, "delta": {}, "logprobs": None, "finish_reason": FINISH[said.end]}
        yield event({**head, "choices": [last], **usage})
    if told:
        yield event({**head, "choices": [], "usage": usage_of(said, count=form.n or 1)})
    yield b"data: [DONE]\n\n"


def _deltas(said: Said) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
    """Each delta, and the words in it."""
    yield {"role": "assistant", "content": "", "refusal": None}, ()
    for thought in said.thoughts:
        yield {"reasoning_content": thought}, ()
    for word in said.words:
        yield {"refusal" if said.end == "refusal" else "content": word}, (word,)
    for index, one in enumerate(said.calls):
        function = {"name": one.name, "arguments": ""}
        yield {"tool_calls": [{"index": index, "id": f"call_{one.id}", "type": "function", "function": function}]}, ()
        half = len(one.text) // 2
        for text in filter(None, (one.text[:half], one.text[half:])):
            yield {"tool_calls": [{"index": index, "function": {"arguments": text}}]}, ()


def _note(part: UserPart) -> str:
    match part:
        case Image(image_url=image):
            return f"image {image.url} {image.detail}"
        case InputAudio(input_audio=sound):
            return f"audio {sound.format} {sound.data}"
        case File(file=file):
            return f"file {file.filename} {file.file_id or file.file_data}"
        case _:
            return encode(part).decode()


def _plain(content: str | Sequence[Any] | None) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    return " ".join(part.text for part in content if isinstance(part, Text))


def _words(stop: str | list[str] | None) -> tuple[str, ...]:
    return (stop,) if isinstance(stop, str) else tuple(stop or ())


def _logprobs(words: Sequence[str]) -> dict[str, Any]:
    rows = [{"token": word, "logprob": -0.5, "bytes": list(word.encode()), "top_logprobs": []} for word in words]
    return {"content": rows, "refusal": None}


def _completed(*, index: int, text: str, finish: str | None = None) -> dict[str, Any]:
    return {"index": index, "text": text, "logprobs": None, "finish_reason": finish}


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 1_715_367_049, "owned_by": "upstream"}
