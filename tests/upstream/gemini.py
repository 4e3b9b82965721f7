"""Google's Gemini API; forms from the types of its official SDK and the published reference.

Snake case is taken like camel case, as the service does. A declaration's `parameters` may hold only what an OpenAPI
schema of the service knows; `parametersJsonSchema` may hold any JSON schema.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from tests.upstream.call import Call, Refused, Reply, Wire, encode, event, reply_events, reply_json, require, route
from tests.upstream.forms.gemini import (
    BatchRequest,
    Blob,
    CallingConfig,
    Content,
    CountRequest,
    Declaration,
    EmbedRequest,
    FileData,
    FunctionResponse,
    GenerateRequest,
    GenerationConfig,
    Part,
)
from tests.upstream.mind import Ask, Said, answer, pieces, tokens_in
from tests.upstream.vectors import vector

FINISH = {"end": "STOP", "length": "MAX_TOKENS", "stop": "STOP", "calls": "STOP", "refusal": "SAFETY"}
STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
MODELS = ("gemini-2.5-flash", "gemini-2.5-pro", "gemini-embedding-001")
# What stands under these is the caller's own and keeps its spelling.
FREE = frozenset(
    {"args", "response", "parameters", "parameters_json_schema", "response_schema", "response_json_schema"}
)
SCHEMA_WORDS = frozenset(
    {
        "type",
        "format",
        "title",
        "description",
        "nullable",
        "enum",
        "items",
        "minItems",
        "maxItems",
        "properties",
        "required",
        "minProperties",
        "maxProperties",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "pattern",
        "example",
        "anyOf",
        "propertyOrdering",
        "default",
    }
)
# A picture of one pixel.
PNG = base64.b64encode(bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000")).decode()


def wire() -> Wire:
    """The Gemini wire."""
    model = r"/models/(?P<model>[^/]+?)"
    return Wire(
        name="gemini",
        routes=[
            route("POST", model + r"(?::|%3A)generateContent", generate),
            route("POST", model + r"(?::|%3A)streamGenerateContent", generate),
            route("POST", model + r"(?::|%3A)countTokens", count_tokens),
            route("POST", model + r"(?::|%3A)embedContent", embed),
            route("POST", model + r"(?::|%3A)batchEmbedContents", batch_embed),
            route("GET", r"/models", list_models),
            route("GET", r"/models/(?P<model>[^:]+)", one_model),
        ],
        tell_error=tell_error,
        # The official client speaks to /v1 as well as to /v1beta, where other wires list their models too.
        is_mine=lambda call: ":" in call.path or "%3A" in call.path or _holds_key(call),
    )


def tell_error(error: Refused) -> object:
    """The error object of this wire."""
    told = {"code": error.status, "message": error.message, "status": STATUS.get(error.status, "UNKNOWN")}
    return {"error": told}


def generate(call: Call) -> Reply:
    """POST /v1beta/models/{model}:generateContent and :streamGenerateContent."""
    form = _read(call, GenerateRequest)
    _check(form)
    said = answer(_ask(form))
    if "stream" not in call.path:
        return reply_json(_whole(call, form, said))
    chunks = list(_chunks(call, form, said))
    if call.query.get("alt") == "sse":
        return reply_events([event(chunk) for chunk in chunks])
    rows = [(b"[" if number == 0 else b",\r\n") + encode(chunk) for number, chunk in enumerate(chunks)]
    return Reply(chunks=(*rows, b"]"))


def count_tokens(call: Call) -> Reply:
    """POST /v1beta/models/{model}:countTokens."""
    form = _read(call, CountRequest)
    inner = form.generate_content_request
    require((form.contents is None) != (inner is None), "Give contents or generateContentRequest.")
    total = tokens_in(_prompt(inner) if inner else msgspec.to_builtins(form.contents))
    return reply_json({"totalTokens": total, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": total}]})


def embed(call: Call) -> Reply:
    """POST /v1beta/models/{model}:embedContent."""
    return reply_json({"embedding": _embedding(_read(call, EmbedRequest))})


def batch_embed(call: Call) -> Reply:
    """POST /v1beta/models/{model}:batchEmbedContents."""
    form = _read(call, BatchRequest)
    for one in form.requests:
        require(one.model == f"models/{call.found['model']}", "Each request must name the model of the path.")
    return reply_json({"embeddings": [_embedding(one) for one in form.requests]})


def list_models(call: Call) -> Reply:
    """GET /v1beta/models."""
    _require_key(call)
    return reply_json({"models": [_model(name) for name in MODELS]})


def one_model(call: Call) -> Reply:
    """GET /v1beta/models/{model}."""
    _require_key(call)
    if call.found["model"] not in MODELS:
        raise Refused(f"models/{call.found['model']} is not found for API version v1beta", status=404)
    return reply_json(_model(call.found["model"]))


def _model(name: str) -> dict[str, Any]:
    return {"name": f"models/{name}", "displayName": name, "supportedGenerationMethods": ["generateContent"]}


def _holds_key(call: Call) -> bool:
    return "x-goog-api-key" in call.headers or "key" in call.query


def _require_key(call: Call) -> None:
    if not call.key:
        raise Refused("Method doesn't allow unregistered callers.", status=403)


def _read(call: Call, form: type[Any]) -> Any:
    _require_key(call)
    return call.read(form, _camel(call.json))


def _camel(value: Any) -> Any:
    if isinstance(value, list):
        return [_camel(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return {
        re.sub(r"_([a-z])", lambda match: match[1].upper(), name): inner
        if re.sub(r"([A-Z])", lambda match: f"_{match[1].lower()}", name) in FREE
        else _camel(inner)
        for name, inner in value.items()
    }


def _check(form: GenerateRequest) -> None:
    calls: list[str] = []
    for content in form.contents:
        for part in content.parts:
            require(part.count == 1, "contents.parts: a part must hold exactly one kind of data.")
            _check_signature(part.thought_signature)
        results = [part.function_response.name for part in content.parts if part.function_response is not UNSET]
        # The service counts; who goes by names only meets that when two calls have one name.
        is_answered = sorted(results) == sorted(calls)
        require(is_answered, "The function responses of a turn must equal the function calls of the turn before.")
        calls = [part.function_call.name for part in content.parts if part.function_call is not UNSET]
        require(not calls or content.role == "model", "functionCall in a turn that is not the model's.")
        require(not results or content.role in ("user", "function"), "functionResponse in a model's turn.")
    require(not calls, "The last turn's function calls have no responses.")
    config = form.generation_config or GenerationConfig()
    is_json = config.response_mime_type in ("application/json", "text/x.enum")
    has_schema = config.response_schema is not None or config.response_json_schema is not None
    require(not has_schema or is_json, "A response schema needs responseMimeType application/json.")
    require(config.response_schema is None or config.response_json_schema is None, "Give one response schema.")
    _check_schema(config.response_schema)
    names = [one.name for one in _declarations(form)]
    require(len(set(names)) == len(names), "Duplicate function declaration found.")
    for one in _declarations(form):
        _check_schema(one.parameters)
        require(one.parameters is None or one.parameters_json_schema is None, "Give one kind of parameters.")
    _check_choice(form, names)


def _check_choice(form: GenerateRequest, names: Sequence[str]) -> None:
    choice = form.tool_config.function_calling_config if form.tool_config else None
    if choice is None:
        return
    allowed = choice.allowed_function_names or ()
    require(not allowed or choice.mode in ("ANY", "VALIDATED"), "allowedFunctionNames needs the mode ANY.")
    require(set(allowed) <= set(names), "allowedFunctionNames names no declared function.")


def _check_signature(signature: str | None) -> None:
    try:
        base64.b64decode((signature or "").replace("-", "+").replace("_", "/"), validate=True)
    except ValueError as error:
        raise Refused("thoughtSignature is no base64.") from error


def _check_schema(schema: Any) -> None:
    """Refuse words of JSON schema that the service's own kind of schema does not know."""
    if not isinstance(schema, dict):
        return
    unknown = [name for name in schema if name not in SCHEMA_WORDS]
    require(not unknown, f'Invalid JSON payload received. Unknown name "{", ".join(unknown)}" in a schema.')
    require(isinstance(schema.get("type", ""), str), "A schema's type must be one word.")
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", ()), schema.get("items")]
    for one in inner:
        _check_schema(one)


def _declarations(form: GenerateRequest) -> list[Declaration]:
    return [one for tool in form.tools or () for one in tool.function_declarations or ()]


def _prompt(form: GenerateRequest) -> object:
    return msgspec.to_builtins([form.system_instruction, form.contents, form.tools])


def _ask(form: GenerateRequest) -> Ask:
    config = form.generation_config or GenerationConfig()
    choice = (form.tool_config.function_calling_config if form.tool_config else None) or CallingConfig()
    users = [one for one in form.contents if one.role != "model"]
    spoken = next((one for one in reversed(users) if _text(one)), users[-1] if users else form.contents[-1])
    schema = config.response_json_schema or config.response_schema
    is_json = config.response_mime_type == "application/json"
    thinking = config.thinking_config
    return Ask(
        said=_text(spoken),
        prompt=_prompt(form),
        system=_text(form.system_instruction) if form.system_instruction else "",
        media=tuple(note for part in form.contents[-1].parts for note in _notes(part)),
        results=tuple(
            encode(part.function_response.response).decode()
            for part in form.contents[-1].parts
            if isinstance(part.function_response, FunctionResponse)
        ),
        tools=() if choice.mode == "NONE" else tuple(one.name for one in _declarations(form)),
        must_call=(choice.allowed_function_names or [""])[0] if choice.mode == "ANY" else None,
        thinks=thinking is not None and thinking.thinking_budget != 0,
        schema=schema or {} if is_json else None,
        max_tokens=config.max_output_tokens,
        stop=tuple(config.stop_sequences or ()),
    )


def _text(content: Content) -> str:
    return " ".join(part.text for part in content.parts if isinstance(part.text, str) and not part.thought)


def _notes(part: Part) -> Iterator[str]:
    if isinstance(part.inline_data, Blob):
        yield f"{part.inline_data.mime_type} {part.inline_data.data}"
    if isinstance(part.file_data, FileData):
        yield f"file {part.file_data.file_uri}"


def _tells_thoughts(form: GenerateRequest) -> bool:
    thinking = (form.generation_config or GenerationConfig()).thinking_config
    return bool(thinking and thinking.include_thoughts)


def _parts(form: GenerateRequest, said: Said) -> list[dict[str, Any]]:
    """The parts of an answer piece by piece; joined they are those of a whole reply."""
    thoughts = said.thoughts if _tells_thoughts(form) else ()
    calls = [
        {
            "functionCall": {"name": one.name, "args": one.arguments},
            **({"thoughtSignature": _seal(said)} if first else {}),
        }
        for one, first in zip(said.calls, [True, *[False] * len(said.calls)], strict=False)
    ]
    modalities = (form.generation_config or GenerationConfig()).response_modalities or ()
    picture = [{"inlineData": {"mimeType": "image/png", "data": PNG}}] if "IMAGE" in modalities else []
    return [
        *({"text": word, "thought": True} for word in thoughts),
        *({"text": word} for word in said.words),
        *calls,
        *picture,
    ]


def _seal(said: Said) -> str:
    return base64.b64encode(hashlib.sha256(f"sealed {said.id}".encode()).digest()).decode()


def _whole(call: Call, form: GenerateRequest, said: Said) -> dict[str, Any]:
    joined: list[dict[str, Any]] = []
    for part in _parts(form, said):
        if joined and "text" in part and "text" in joined[-1] and part.get("thought") == joined[-1].get("thought"):
            joined[-1]["text"] += part["text"]
        else:
            joined.append(dict(part))
    count = (form.generation_config or GenerationConfig()).candidate_count or 1
    candidates = [
        {"content": {"role": "model", "parts": joined}, "finishReason": FINISH[said.end], "index": index}
        for index in range(count)
    ]
    return {"candidates": candidates, **_usage(call, said, count=count, is_last=True), **_tail(call, said)}


def _chunks(call: Call, form: GenerateRequest, said: Said) -> Iterator[dict[str, Any]]:
    parts = _parts(form, said) or [{"text": ""}]
    for number, part in enumerate(parts, start=1):
        is_last = number == len(parts)
        finish = {"finishReason": FINISH[said.end]} if is_last else {}
        candidate = {"content": {"role": "model", "parts": [part]}, **finish, "index": 0}
        yield {"candidates": [candidate], **_usage(call, said, count=1, is_last=is_last), **_tail(call, said)}


def _usage(call: Call, said: Said, *, count: int, is_last: bool) -> dict[str, Any]:
    """The figures as this wire counts: thoughts beside the answer."""
    if call.fault.no_usage:
        return {}
    usage: dict[str, Any] = {"promptTokenCount": said.input_tokens}
    if said.cached_tokens:
        usage["cachedContentTokenCount"] = said.cached_tokens
    made = (len(said.words) + said.call_tokens) * count
    if is_last:
        usage["candidatesTokenCount"] = made
        if said.thoughts:
            usage["thoughtsTokenCount"] = len(said.thoughts)
    usage["totalTokenCount"] = said.input_tokens + (made + len(said.thoughts) if is_last else 0)
    return {"usageMetadata": usage}


def _tail(call: Call, said: Said) -> dict[str, Any]:
    return {"modelVersion": call.found["model"], "responseId": said.id}


def _embedding(form: EmbedRequest) -> dict[str, Any]:
    text = _text(form.content)
    require(pieces(text), "content: there is no text")
    return {"values": vector(text, form.output_dimensionality or 8)}
