"""OpenAI's Responses API, with what it stores; forms from OpenAI's published openapi.yaml."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from tests.upstream.call import Call, Refused, Reply, Wire, event, reply_events, reply_json, require, route
from tests.upstream.forms.responses import (
    CountRequest,
    CreateRequest,
    FunctionCall,
    FunctionOutput,
    InputFile,
    InputImage,
    InputText,
    Item,
    Message,
    NamedTool,
    OutputText,
    Refusal,
    Tool,
)
from tests.upstream.mind import Ask, Said, answer, tokens_in
from tests.upstream.openai import check_exchange, require_bearer, tell_error


def wire() -> Wire:
    """The Responses wire, with a store of its own."""
    shelf = Shelf()
    one = r"/responses/(?P<response_id>resp_\w+)"
    return Wire(
        name="responses",
        routes=[
            route("POST", r"/responses", shelf.create),
            route("POST", r"/responses/input_tokens", shelf.input_tokens),
            route("POST", r"/responses/compact", shelf.compact),
            route("GET", one, shelf.retrieve),
            route("DELETE", one, shelf.delete),
            route("POST", one + r"/cancel", shelf.cancel),
            route("GET", one + r"/input_items", shelf.input_items),
        ],
        tell_error=tell_error,
    )


class Shelf:
    """Answers, and keeps what it answered."""

    def __init__(self) -> None:
        self._responses: dict[str, dict[str, Any]] = {}
        self._inputs: dict[str, list[dict[str, Any]]] = {}

    def create(self, call: Call) -> Reply:
        """POST /v1/responses."""
        require_bearer(call)
        form = self._read(call, CreateRequest)
        items = self._items(form)
        _check(form, items)
        said = answer(_ask(form, items))
        response = _response(form, said, told=not call.fault.no_usage)
        if form.store is not False:
            self._responses[response["id"]] = response
            self._inputs[response["id"]] = _written(items)
        if form.background and not form.stream:
            return reply_json({**response, "status": "queued", "output": [], "usage": None})
        return reply_events(list(_events(response, said))) if form.stream else reply_json(response)

    def input_tokens(self, call: Call) -> Reply:
        """POST /v1/responses/input_tokens."""
        require_bearer(call)
        form = self._read(call, CountRequest)
        count = tokens_in(_prompt(form, self._items(form)))
        return reply_json({"object": "response.input_tokens", "input_tokens": count})

    def compact(self, call: Call) -> Reply:
        """POST /v1/responses/compact."""
        require_bearer(call)
        form = self._read(call, CreateRequest)
        said = answer(_ask(form, self._items(form)))
        item = {"id": f"cmp_{said.id}", "type": "compaction", "encrypted_content": "c2VhbGVk"}
        head = {"id": f"resp_{said.id}", "object": "response.compaction", "created_at": int(time.time())}
        return reply_json({**head, "output": [item], "usage": _usage(said)})

    def retrieve(self, call: Call) -> Reply:
        """GET /v1/responses/{id}."""
        return reply_json(self._find(call))

    def delete(self, call: Call) -> Reply:
        """DELETE /v1/responses/{id}."""
        response_id = self._find(call)["id"]
        del self._responses[response_id]
        return reply_json({"id": response_id, "object": "response", "deleted": True})

    def cancel(self, call: Call) -> Reply:
        """POST /v1/responses/{id}/cancel."""
        response = self._find(call)
        require(response["background"], "Cannot cancel a synchronous response.")
        return reply_json({**response, "status": "cancelled", "output": [], "usage": None})

    def input_items(self, call: Call) -> Reply:
        """GET /v1/responses/{id}/input_items."""
        items = self._inputs[self._find(call)["id"]]
        ids = {"first_id": items[0]["id"], "last_id": items[-1]["id"]}
        return reply_json({"object": "list", "data": items, **ids, "has_more": False})

    def _find(self, call: Call) -> dict[str, Any]:
        require_bearer(call)
        response_id = call.found["response_id"]
        if response_id not in self._responses:
            raise Refused(f"Response with id '{response_id}' not found.", status=404)
        return self._responses[response_id]

    def _read(self, call: Call, form: type[Any]) -> Any:
        body = dict(call.json)
        if isinstance(body.get("input"), list):
            body["input"] = [
                {"type": "message", **item} if isinstance(item, dict) and "role" in item else item
                for item in body["input"]
            ]
        return call.read(form, body)

    def _items(self, form: CountRequest) -> list[Item]:
        """The whole conversation: what was before, and what is new."""
        new: list[Item] = (
            [Message(role="user", content=form.input)] if isinstance(form.input, str) else form.input or []
        )
        if form.previous_response_id is None:
            return new
        if form.previous_response_id not in self._responses:
            message = f"Previous response with id '{form.previous_response_id}' not found."
            raise Refused(message, code="previous_response_not_found", param="previous_response_id")
        before = [
            *self._inputs[form.previous_response_id],
            *self._responses[form.previous_response_id]["output"],
        ]
        return [*msgspec.convert(before, list[Item]), *new]


def _check(form: CreateRequest, items: Sequence[Item]) -> None:
    require(items, "One of input or previous_response_id must be given.", param="input")
    for item in items:
        if isinstance(item, Message) and not isinstance(item.content, str):
            spoken = [isinstance(part, OutputText | Refusal) for part in item.content]
            fits = all(spoken) if item.role == "assistant" else not any(spoken)
            require(fits, f"A part does not belong into a message of the role {item.role}.", param="input")
    calls = [item.call_id for item in items if isinstance(item, FunctionCall)]
    check_exchange(calls, [item.call_id for item in items if isinstance(item, FunctionOutput)])
    names = [tool.name for tool in form.tools or () if tool.type == "function"]
    require(all(names) and len(set(names)) == len(names), "Each function needs a name of its own.", param="tools")
    if isinstance(form.tool_choice, NamedTool):
        require(form.tool_choice.name in names, "tool_choice names no tool.", param="tool_choice")
    require(not form.background or form.store is not False, "background needs store.", param="background")
    if form.text and form.text.format and form.text.format.type == "json_schema":
        require(form.text.format.name, "Missing text.format.name.", param="text.format.name")
        require(form.text.format.schema is not None, "Missing text.format.schema.", param="text.format.schema")


def _prompt(form: CountRequest, items: Sequence[Item]) -> object:
    return msgspec.to_builtins([form.instructions, list(items), form.tools])


def _ask(form: CreateRequest, items: Sequence[Item]) -> Ask:
    messages = [item for item in items if isinstance(item, Message)]
    last = next((one for one in reversed(messages) if one.role == "user"), None)
    parts = [] if last is None or isinstance(last.content, str) else last.content
    results = []
    for item in reversed(items):
        if not isinstance(item, FunctionOutput):
            break
        results.append(_plain(item.output))
    told = [_plain(one.content) for one in messages if one.role in ("system", "developer")]
    text = form.text.format if form.text else None
    choice = form.tool_choice
    return Ask(
        said=_plain(last.content) if last else "",
        prompt=_prompt(form, items),
        system=" ".join([*([form.instructions] if form.instructions else []), *told]),
        media=tuple(_note(part) for part in parts if isinstance(part, InputImage | InputFile)),
        results=tuple(reversed(results)),
        tools=() if choice == "none" else tuple(tool.name for tool in form.tools or () if tool.name),
        must_call=choice.name if isinstance(choice, NamedTool) else "" if choice == "required" else None,
        thinks=form.reasoning is not None and form.reasoning.effort not in (None, "none"),
        schema=None if text is None or text.type == "text" else text.schema or {},
        max_tokens=form.max_output_tokens,
    )


def _plain(content: str | Sequence[Any]) -> str:
    if isinstance(content, str):
        return content
    return " ".join(part.text for part in content if isinstance(part, InputText | OutputText))


def _note(part: InputImage | InputFile) -> str:
    if isinstance(part, InputImage):
        return f"image {part.image_url or part.file_id} {part.detail}"
    return f"file {part.filename} {part.file_data or part.file_url or part.file_id}"


def _written(items: Sequence[Item]) -> list[dict[str, Any]]:
    """The items as they are listed: each with its id, texts as parts."""
    rows = []
    for number, item in enumerate(items):
        row = {name: value for name, value in msgspec.to_builtins(item).items() if value is not None}
        if isinstance(row.get("content"), str):
            kind = "output_text" if row["role"] == "assistant" else "input_text"
            row["content"] = [{"type": kind, "text": row["content"]}]
        rows.append({"id": f"msg_{number}", **row} if isinstance(item, Message) else {"id": f"fc_{number}", **row})
    return rows


def _usage(said: Said) -> dict[str, Any]:
    return {
        "input_tokens": said.input_tokens,
        "input_tokens_details": {"cached_tokens": said.cached_tokens},
        "output_tokens": said.output_tokens,
        "output_tokens_details": {"reasoning_tokens": len(said.thoughts)},
        "total_tokens": said.input_tokens + said.output_tokens,
    }


def _response(form: CreateRequest, said: Said, *, told: bool) -> dict[str, Any]:
    is_short = said.end == "length"
    return {
        "id": f"resp_{said.id}",
        "object": "response",
        "created_at": int(time.time()),
        "status": "incomplete" if is_short else "completed",
        "background": bool(form.background),
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if is_short else None,
        "instructions": form.instructions,
        "max_output_tokens": form.max_output_tokens,
        "model": form.model,
        "output": _output(form, said),
        "parallel_tool_calls": form.parallel_tool_calls is not False,
        "previous_response_id": form.previous_response_id,
        "reasoning": msgspec.to_builtins(form.reasoning) or {"effort": None, "summary": None},
        "store": form.store is not False,
        "temperature": form.temperature,
        "text": {"format": {"type": "text"}} if form.text is None else msgspec.to_builtins(form.text),
        "tool_choice": msgspec.to_builtins(form.tool_choice) or "auto",
        "tools": [_tool(tool) for tool in form.tools or ()],
        "top_p": form.top_p,
        "truncation": form.truncation or "disabled",
        "usage": _usage(said) if told else None,
        "user": form.user,
        "metadata": form.metadata or {},
    }


def _tool(tool: Tool) -> dict[str, Any]:
    told = {name: value for name, value in msgspec.to_builtins(tool).items() if value is not None}
    return {**told, "parameters": tool.parameters, "strict": tool.strict} if tool.type == "function" else told


def _output(form: CreateRequest, said: Said) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    if said.thoughts:
        tells = form.reasoning is not None and form.reasoning.summary is not None
        summary = [{"type": "summary_text", "text": said.thought}] if tells else []
        item = {"id": f"rs_{said.id}", "type": "reasoning", "summary": summary}
        wants_seal = "reasoning.encrypted_content" in (form.include or ())
        items.append({**item, **({"encrypted_content": "c2VhbGVk"} if wants_seal else {})})
    if said.words:
        part = {"type": "output_text", "text": said.text, "annotations": [], "logprobs": []}
        if said.end == "refusal":
            part = {"type": "refusal", "refusal": said.text}
        status = "incomplete" if said.end == "length" else "completed"
        message = {"id": f"msg_{said.id}", "type": "message", "status": status, "role": "assistant"}
        items.append({**message, "content": [part]})
    for one in said.calls:
        head = {"id": f"fc_{one.id}", "type": "function_call", "status": "completed", "call_id": f"call_{one.id}"}
        items.append({**head, "name": one.name, "arguments": one.text})
    return items


def _events(response: dict[str, Any], said: Said) -> Iterator[bytes]:
    begun = {**response, "status": "in_progress", "output": [], "usage": None, "incomplete_details": None}
    rows: list[dict[str, Any]] = [
        {"type": "response.created", "response": begun},
        {"type": "response.in_progress", "response": begun},
    ]
    for index, item in enumerate(response["output"]):
        rows += _item_events(index, item, said)
    last = "response.incomplete" if response["status"] == "incomplete" else "response.completed"
    rows.append({"type": last, "response": response})
    for number, row in enumerate(rows):
        yield event({**row, "sequence_number": number}, row["type"])


def _item_events(index: int, item: dict[str, Any], said: Said) -> Iterator[dict[str, Any]]:
    empty = {"reasoning": {"summary": []}, "message": {"content": []}, "function_call": {"arguments": ""}}[item["type"]]
    at = {"item_id": item["id"], "output_index": index}
    begun = {**item, **empty, **({"status": "in_progress"} if "status" in item else {})}
    yield {"type": "response.output_item.added", "output_index": index, "item": begun}
    match item["type"]:
        case "reasoning":
            for part in item["summary"]:
                yield from _part_events("reasoning_summary", {**at, "summary_index": 0}, part, said.thoughts)
        case "message":
            yield from _part_events("content", {**at, "content_index": 0}, item["content"][0], said.words)
        case _:
            half = len(item["arguments"]) // 2
            for text in filter(None, (item["arguments"][:half], item["arguments"][half:])):
                yield {"type": "response.function_call_arguments.delta", **at, "delta": text}
            done = {"name": item["name"], "arguments": item["arguments"]}
            yield {"type": "response.function_call_arguments.done", **at, **done}
    yield {"type": "response.output_item.done", "output_index": index, "item": item}


def _part_events(
    place: str, at: dict[str, Any], part: dict[str, Any], words: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """A part from its beginning to its end: `place` is "content" or "reasoning_summary"."""
    name = {"output_text": "text", "summary_text": "text", "refusal": "refusal"}[part["type"]]
    kind = {"output_text": "output_text", "summary_text": "reasoning_summary_text", "refusal": "refusal"}[part["type"]]
    logprobs = {"logprobs": []} if kind == "output_text" else {}
    yield {"type": f"response.{place}_part.added", **at, "part": {**part, name: ""}}
    for word in words:
        yield {"type": f"response.{kind}.delta", **at, "delta": word, **logprobs}
    yield {"type": f"response.{kind}.done", **at, name: part[name], **logprobs}
    yield {"type": f"response.{place}_part.done", **at, "part": part}
