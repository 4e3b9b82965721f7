"""Every wire, as callers and as upstreams speak it, with the least that each of them can say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from tests.upstream.forms import Form
from tests.upstream.forms import claude as claude_form
from tests.upstream.forms import gemini as gemini_form
from tests.upstream.forms import openai as openai_form
from tests.upstream.forms import responses as responses_form
from tutti.families.chat.wire import ChatWire
from tutti.families.claude.wire import ClaudeWire
from tutti.families.gemini.wire import GeminiWire
from tutti.families.responses.wire import ResponsesWire
from tutti.intents.chat import Chat
from tutti.kit.clock import ManualClock
from tutti.relay.wires import CallerWire
from tutti.vendors.anthropic.wire import AnthropicWire
from tutti.vendors.gemini.wire import GeminiUpstream
from tutti.vendors.openai.wire import OpenAIWire
from tutti.vendors.responses.wire import ResponsesUpstream
from tutti.vendors.wire import UpstreamWire, Written
from tutti.wires import claude_request, gemini, openai_request, responses

Json = dict[str, Any]
# A wire more is an entry in each of the three below, and tables for its pairs in docs/reference/conversions.
# A model whose upstream takes everything that its wire can say.
MODELS = {
    "openai": "qwen-max",
    "claude": "claude-3-7-sonnet-20250219",
    "gemini": "gemini-2.5-flash",
    "responses": "gpt-5.1",
}


@dataclass(frozen=True, kw_only=True)
class Caller:
    """A wire as callers speak it."""

    wire: CallerWire
    # The least request, and the names of all fields that one may have.
    request: Json
    fields: frozenset[str]
    path: Mapping[str, str] = field(default_factory=dict)

    def chat(self, **fields: Any) -> Chat:
        """What a request with these fields asks for; None leaves one out."""
        body = {name: value for name, value in {**self.request, **fields}.items() if value is not None}
        # A wire that has the model in its path reads it there.
        return self.wire.from_caller(msgspec.json.encode(body), {**self.path, "model": body.get("model", "any")})


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """A wire as upstreams speak it."""

    wire: UpstreamWire
    # What the test upstream makes sure that requests of this wire are.
    form: type[Form]
    # The least reply.
    reply: Json


def _openai_choice(message: Json) -> Json:
    return {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}


CALLERS: dict[str, Caller] = {
    "openai": Caller(
        wire=ChatWire(ManualClock(), error_type="new_api_error"),
        request={"model": "any", "messages": [{"role": "user", "content": "Hello"}]},
        fields=frozenset(openai_request.CompletionRequest.__struct_encode_fields__),
    ),
    "claude": Caller(
        wire=ClaudeWire(),
        request={"model": "any", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]},
        fields=frozenset(claude_request.MessagesRequest.__struct_encode_fields__),
    ),
    "gemini": Caller(
        wire=GeminiWire(),
        request={"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]},
        fields=frozenset(gemini.GenerateRequest.__struct_encode_fields__),
        path={"model": "any", "action": "generateContent"},
    ),
    "responses": Caller(
        wire=ResponsesWire(ManualClock()),
        request={"model": "any", "input": "Hello"},
        fields=frozenset(responses.CreateRequest.__struct_encode_fields__),
    ),
}
UPSTREAMS: dict[str, Upstream] = {
    "openai": Upstream(
        wire=OpenAIWire(),
        form=openai_form.ChatRequest,
        reply={
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1746960000,
            "model": MODELS["openai"],
            "choices": [_openai_choice({"role": "assistant", "content": "Hi"})],
            "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
        },
    ),
    "claude": Upstream(
        wire=AnthropicWire(),
        form=claude_form.MessagesRequest,
        reply={
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": MODELS["claude"],
            "content": [{"type": "text", "text": "Hi"}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 3, "output_tokens": 2},
        },
    ),
    "gemini": Upstream(
        wire=GeminiUpstream(),
        form=gemini_form.GenerateRequest,
        reply={
            "candidates": [{"content": {"role": "model", "parts": [{"text": "Hi"}]}, "finishReason": "STOP"}],
            "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5},
            "modelVersion": MODELS["gemini"],
            "responseId": "reply-1",
        },
    ),
    "responses": Upstream(
        wire=ResponsesUpstream(),
        form=responses_form.CreateRequest,
        reply={
            "id": "resp_1",
            "object": "response",
            "created_at": 1746960000,
            "status": "completed",
            "model": MODELS["responses"],
            "output": [
                {
                    "id": "msg_1",
                    "type": "message",
                    "role": "assistant",
                    "status": "completed",
                    "content": [{"type": "output_text", "text": "Hi", "annotations": []}],
                }
            ],
            "usage": {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5},
        },
    ),
}


def sent(caller: str, upstream: str, **fields: Any) -> tuple[Json, Written]:
    """What an upstream receives of a caller's request, which must have the form of its wire; and what was written."""
    chat = CALLERS[caller].chat(**{"model": MODELS[upstream], **fields})
    written = UPSTREAMS[upstream].wire.to_upstream(chat)
    msgspec.json.decode(written.body, type=UPSTREAMS[upstream].form)
    return msgspec.json.decode(written.body), written


def told(caller: str, upstream: str, **fields: Any) -> Json:
    """What a caller receives of an upstream's reply."""
    body = msgspec.json.encode({**UPSTREAMS[upstream].reply, **fields})
    answer = UPSTREAMS[upstream].wire.from_upstream(body)
    return msgspec.json.decode(CALLERS[caller].wire.to_caller(answer, CALLERS[caller].chat()))
