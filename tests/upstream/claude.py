"""Anthropic's Messages API; forms from the types of its official SDK, refusals from what the service refuses.

Thoughts are sealed: the signature follows from the words, and thoughts that come back with another seal are refused, as
the service does. A test that needs a seal asks `seal`.
"""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from tests.upstream.call import Call, Refused, Reply, Wire, event, reply_events, reply_json, require, route
from tests.upstream.forms.claude import (
    Address,
    Base64,
    CountRequest,
    Document,
    FileId,
    Image,
    MessagesRequest,
    PlainText,
    RedactedThinking,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
)
from tests.upstream.mind import Ask, Said, answer, tokens_in
from tests.upstream.openai import check_exchange

STOP = {"end": "end_turn", "length": "max_tokens", "stop": "stop_sequence", "calls": "tool_use", "refusal": "refusal"}
KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
MODELS = ("claude-sonnet-5-5", "claude-3-5-sonnet-20240620")
MOST_CACHE_MARKS = 4


def wire() -> Wire:
    """The Claude wire."""
    return Wire(
        name="claude",
        routes=[
            route("POST", r"/messages", messages),
            route("POST", r"/messages/count_tokens", count_tokens),
            route("GET", r"/models", list_models),
            route("GET", r"/models/(?P<model>[^:]+)", one_model),
        ],
        tell_error=tell_error,
        is_mine=lambda call: "messages" in call.path or "anthropic-version" in call.headers,
    )


def tell_error(error: Refused) -> object:
    """The error object of this wire."""
    kind = KINDS.get(error.status, "api_error")
    return {"type": "error", "error": {"type": kind, "message": error.message}, "request_id": "req_upstream"}


def seal(thoughts: str) -> str:
    """The signature of thoughts."""
    return base64.b64encode(hashlib.sha256(f"sealed {thoughts}".encode()).digest()).decode()


def messages(call: Call) -> Reply:
    """POST /v1/messages."""
    _require_head(call)
    form = call.read(MessagesRequest)
    _check(form)
    said = answer(_ask(form))
    if form.stream:
        return reply_events(list(_events(form, said, told=not call.fault.no_usage)))
    usage = {} if call.fault.no_usage else {"usage": _usage(said)}
    return reply_json({**_head(form, said), "content": _content(said), **_ending(said), **usage})


def count_tokens(call: Call) -> Reply:
    """POST /v1/messages/count_tokens."""
    _require_head(call)
    form = call.read(CountRequest)
    _check_turns(form)
    return reply_json({"input_tokens": tokens_in(_prompt(form))})


def list_models(call: Call) -> Reply:
    """GET /v1/models."""
    _require_head(call)
    rows = [_model(name) for name in MODELS]
    return reply_json({"data": rows, "first_id": MODELS[0], "last_id": MODELS[-1], "has_more": False})


def one_model(call: Call) -> Reply:
    """GET /v1/models/{model}."""
    _require_head(call)
    if call.found["model"] not in MODELS:
        raise Refused(f"model: {call.found['model']}", status=404)
    return reply_json(_model(call.found["model"]))


def _model(name: str) -> dict[str, Any]:
    return {"type": "model", "id": name, "display_name": name, "created_at": "2025-09-29T00:00:00Z"}


def _require_head(call: Call) -> None:
    bearer = call.headers.get("authorization", "").startswith("Bearer ")
    if not bearer and "x-api-key" not in call.headers:
        raise Refused("x-api-key header is required", status=401)
    require("anthropic-version" in call.headers, "anthropic-version: header is required")


def _check(form: MessagesRequest) -> None:
    thinking = form.thinking
    if thinking is not None and thinking.type == "enabled":
        require(thinking.budget_tokens is not None, "thinking.enabled.budget_tokens: Field required")
        require((thinking.budget_tokens or 0) < form.max_tokens, "max_tokens must be greater than budget_tokens")
        require(form.temperature in (None, 1), "temperature may only be set to 1 when thinking is enabled")
        require(form.top_k is None, "top_k must be unset when thinking is enabled")
        require(
            form.tool_choice is None or form.tool_choice.type in ("auto", "none"),
            "Thinking may not be enabled when tool_choice forces tool use.",
        )
    names = [tool.name for tool in form.tools or ()]
    require(len(set(names)) == len(names), "tools: Tool names must be unique.")
    for tool in form.tools or ():
        is_own = tool.type == "custom"
        require(not is_own or (tool.input_schema or {}).get("type") == "object", "tools.input_schema.type: object")
    choice = form.tool_choice
    require(choice is None or form.tools, "tool_choice may only be specified while providing tools")
    if choice is not None and choice.type == "tool":
        require(choice.name in names, f"Tool {choice.name!r} not found in provided tools")
    require(_count_marks(msgspec.to_builtins(form)) <= MOST_CACHE_MARKS, "A maximum of 4 blocks with cache_control.")
    _check_turns(form)


def _check_turns(form: CountRequest) -> None:
    """Calls are answered at the start of the next turn; thoughts come back as they were."""
    calls: list[str] = []
    require(form.messages[0].role == "user", "messages: first message must use the user role")
    for message in form.messages:
        blocks = [] if isinstance(message.content, str) else message.content
        results = [block for block in blocks if isinstance(block, ToolResult)]
        require(blocks[: len(results)] == results, "tool_result blocks must come first in their turn")
        check_exchange(calls, [block.tool_use_id for block in results])
        calls = [block.id for block in blocks if isinstance(block, ToolUse)]
        is_user = message.role == "user"
        for block in blocks:
            place = isinstance(block, ToolUse | Thinking | RedactedThinking)
            require(place != is_user or isinstance(block, Text), f"{type(block).__name__} in a {message.role}'s turn")
            if isinstance(block, Thinking):
                require(block.signature == seal(block.thinking), "Invalid `signature` in `thinking` block")
    check_exchange(calls, [])
    _check_last_thoughts(form)


def _check_last_thoughts(form: CountRequest) -> None:
    """Whoever thinks between calls of tools is given back what it thought."""
    if form.thinking is None or form.thinking.type != "enabled":
        return
    last = next((one for one in reversed(form.messages) if one.role == "assistant"), None)
    if last is None or isinstance(last.content, str) or not any(isinstance(one, ToolUse) for one in last.content):
        return
    starts_right = isinstance(last.content[0], Thinking | RedactedThinking)
    require(starts_right, "Expected `thinking` or `redacted_thinking`, but found `tool_use`.")


def _count_marks(value: Any) -> int:
    if isinstance(value, dict):
        own = int(value.get("cache_control") is not None)
        return own + sum(_count_marks(inner) for name, inner in value.items() if name != "cache_control")
    return sum(map(_count_marks, value)) if isinstance(value, list) else 0


def _prompt(form: CountRequest) -> object:
    return msgspec.to_builtins([form.system, form.messages, form.tools])


def _ask(form: MessagesRequest) -> Ask:
    users = [one for one in form.messages if one.role == "user"]
    last = next((one for one in reversed(users) if _texts(one.content)), users[-1])
    blocks = [] if isinstance(form.messages[-1].content, str) else form.messages[-1].content
    choice = form.tool_choice
    wants_form = form.output_config.format if form.output_config else None
    thinking = form.thinking
    return Ask(
        said=" ".join(_texts(last.content)),
        prompt=_prompt(form),
        system=" ".join(_texts(form.system or "")),
        media=tuple(_note(one) for one in blocks if isinstance(one, Image | Document)),
        results=tuple(_result(one) for one in blocks if isinstance(one, ToolResult)),
        tools=() if choice and choice.type == "none" else tuple(tool.name for tool in form.tools or ()),
        must_call=None if choice is None else {"any": "", "tool": choice.name}.get(choice.type),
        thinks=thinking is not None and thinking.type != "disabled",
        schema=wants_form.schema if wants_form else None,
        max_tokens=form.max_tokens,
        stop=tuple(form.stop_sequences or ()),
    )


def _result(block: ToolResult) -> str:
    notes = [] if block.content is None or isinstance(block.content, str) else block.content
    media = [_note(one) for one in notes if isinstance(one, Image | Document)]
    return " ".join([*(["failed:"] if block.is_error else []), *_texts(block.content or ""), *media])


def _note(block: Image | Document) -> str:
    source = block.source
    match source:
        case Base64():
            told = f"{source.media_type} {source.data}"
        case Address():
            told = source.url
        case FileId():
            told = source.file_id
        case PlainText():
            told = source.data
        case _:
            told = " ".join(_texts(source.content))
    words = ["image"] if isinstance(block, Image) else ["document", *([block.title] if block.title else [])]
    return " ".join([*words, told])


def _texts(content: str | Sequence[Any]) -> list[str]:
    if isinstance(content, str):
        return [content] if content else []
    return [block.text for block in content if isinstance(block, Text)]


def _head(form: MessagesRequest, said: Said) -> dict[str, Any]:
    return {"id": f"msg_{said.id}", "type": "message", "role": "assistant", "model": form.model}


def _ending(said: Said) -> dict[str, Any]:
    return {"stop_reason": STOP[said.end], "stop_sequence": said.stop_word}


def _usage(said: Said) -> dict[str, Any]:
    """The figures as this wire counts: cached ones beside the others."""
    return {
        "input_tokens": said.input_tokens - said.cached_tokens - said.kept_tokens - said.kept_1h_tokens,
        "cache_creation_input_tokens": said.kept_tokens + said.kept_1h_tokens,
        "cache_read_input_tokens": said.cached_tokens,
        "cache_creation": {
            "ephemeral_5m_input_tokens": said.kept_tokens,
            "ephemeral_1h_input_tokens": said.kept_1h_tokens,
        },
        "output_tokens": said.output_tokens,
        "service_tier": "standard",
    }


def _content(said: Said) -> list[dict[str, Any]]:
    thoughts = [{"type": "thinking", "thinking": said.thought, "signature": seal(said.thought)}]
    return [
        *(thoughts if said.thoughts else []),
        *([{"type": "text", "text": said.text}] if said.words else []),
        *(_tool_use(one.id, one.name, one.arguments) for one in said.calls),
    ]


def _tool_use(call_id: str, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"type": "tool_use", "id": f"toolu_{call_id}", "name": name, "input": arguments}


def _events(form: MessagesRequest, said: Said, *, told: bool) -> Iterator[bytes]:
    begun = {} if not told else {"usage": {**_usage(said), "output_tokens": 1}}
    message = {**_head(form, said), "content": [], "stop_reason": None, "stop_sequence": None, **begun}
    yield _event({"type": "message_start", "message": message})
    yield _event({"type": "ping"})
    for index, (block, deltas) in enumerate(_blocks(said)):
        yield _event({"type": "content_block_start", "index": index, "content_block": block})
        for delta in deltas:
            yield _event({"type": "content_block_delta", "index": index, "delta": delta})
        yield _event({"type": "content_block_stop", "index": index})
    usage = {"usage": {"output_tokens": said.output_tokens}} if told else {}
    yield _event({"type": "message_delta", "delta": _ending(said), **usage})
    yield _event({"type": "message_stop"})


def _blocks(said: Said) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each block as it begins, and its deltas."""
    if said.thoughts:
        deltas = [{"type": "thinking_delta", "thinking": piece} for piece in said.thoughts]
        sealed = {"type": "signature_delta", "signature": seal(said.thought)}
        yield {"type": "thinking", "thinking": "", "signature": ""}, [*deltas, sealed]
    if said.words:
        yield {"type": "text", "text": ""}, [{"type": "text_delta", "text": piece} for piece in said.words]
    for one in said.calls:
        half = len(one.text) // 2
        texts = ["", one.text[:half], one.text[half:]]
        deltas = [{"type": "input_json_delta", "partial_json": text} for text in texts]
        yield _tool_use(one.id, one.name, {}), deltas


def _event(value: dict[str, Any]) -> bytes:
    return event(value, value["type"])
