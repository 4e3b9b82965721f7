"""Embeddings, rerank and moderations: forms from OpenAI's openapi.yaml, rerank as Jina and Cohere have it."""

import base64
import hashlib
import struct
from typing import Annotated, Any, Literal

from msgspec import Meta

from tests.upstream.call import Call, Reply, Wire, reply_json, require, route
from tests.upstream.forms import Form
from tests.upstream.forms.openai import Image, Text
from tests.upstream.mind import pieces, tokens_in
from tests.upstream.openai import require_bearer, tell_error

CATEGORIES = (
    "hate",
    "hate/threatening",
    "harassment",
    "harassment/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/intent",
    "self-harm/instructions",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)

NonEmpty = Annotated[str, Meta(min_length=1)]


class EmbeddingsRequest(Form):
    model: str
    input: NonEmpty | Annotated[list[NonEmpty | int | list[int]], Meta(min_length=1, max_length=2048)]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: Annotated[int, Meta(ge=1)] | None = None
    user: str | None = None


class Document(Form):
    text: str


class RerankRequest(Form):
    model: str
    query: NonEmpty
    documents: Annotated[list[str | Document], Meta(min_length=1)]
    top_n: Annotated[int, Meta(ge=1)] | None = None
    return_documents: bool = False
    max_chunk_per_doc: int | None = None
    max_chunks_per_doc: int | None = None
    overlap_tokens: int | None = None


class ModerationRequest(Form):
    input: NonEmpty | Annotated[list[str | Text | Image], Meta(min_length=1)]
    model: str = "omni-moderation-latest"


def wire() -> Wire:
    """What answers with vectors and scores."""
    return Wire(
        name="vectors",
        routes=[
            route("POST", r"/embeddings", embeddings),
            route("POST", r"/rerank", rerank),
            route("POST", r"/moderations", moderations),
        ],
        tell_error=tell_error,
    )


def vector(text: str, size: int) -> list[float]:
    """Numbers that follow from the text, of length one."""
    raw = b"".join(hashlib.sha256(f"{number} {text}".encode()).digest() for number in range(size // 32 + 1))
    numbers = [byte / 255 - 0.5 for byte in raw[:size]]
    norm = sum(number * number for number in numbers) ** 0.5
    return [round(number / norm, 6) for number in numbers]


def embeddings(call: Call) -> Reply:
    """POST /v1/embeddings."""
    require_bearer(call)
    form = call.read(EmbeddingsRequest)
    given: list[Any] = [form.input] if isinstance(form.input, str) else list(form.input)
    if all(isinstance(one, int) for one in given):
        given = [given]
    require(not any(isinstance(one, int) for one in given), "'input' mixes tokens and texts.", param="input")
    rows = []
    for index, one in enumerate(given):
        numbers = vector(str(one), form.dimensions or 8)
        packed = base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()
        told = packed if form.encoding_format == "base64" else numbers
        rows.append({"object": "embedding", "index": index, "embedding": told})
    count = sum(tokens_in(one) if isinstance(one, str) else len(one) for one in given)
    usage = {} if call.fault.no_usage else {"usage": {"prompt_tokens": count, "total_tokens": count}}
    return reply_json({"object": "list", "data": rows, "model": form.model, **usage})


def rerank(call: Call) -> Reply:
    """POST /v1/rerank: the more words of the query a document holds, the higher it stands."""
    require_bearer(call)
    form = call.read(RerankRequest)
    texts = [one if isinstance(one, str) else one.text for one in form.documents]
    wanted = {word.strip().lower() for word in pieces(form.query)}
    scores = [len(wanted & {word.strip(" .,").lower() for word in pieces(text)}) / len(wanted) for text in texts]
    order = sorted(range(len(texts)), key=lambda index: (-scores[index], index))[: form.top_n]
    rows = [
        {
            "index": index,
            "relevance_score": round(scores[index], 4),
            **({"document": {"text": texts[index]}} if form.return_documents else {}),
        }
        for index in order
    ]
    count = tokens_in(form.query) * len(texts) + tokens_in(texts)
    usage = {} if call.fault.no_usage else {"usage": {"prompt_tokens": count, "total_tokens": count}}
    return reply_json({"id": "rerank-upstream", "model": form.model, "results": rows, **usage})


def moderations(call: Call) -> Reply:
    """POST /v1/moderations: what speaks of an attack is flagged as violence."""
    require_bearer(call)
    form = call.read(ModerationRequest)
    given = [form.input] if isinstance(form.input, str) else form.input
    texts = [one for one in given if isinstance(one, str)]
    if not texts:
        texts = [" ".join(one.text for one in given if isinstance(one, Text))]
    rows = [_judged("attack" in text) for text in texts]
    return reply_json({"id": "modr-upstream", "model": form.model, "results": rows})


def _judged(is_violent: bool) -> dict[str, Any]:  # noqa: FBT001 - one truth, named by its only caller
    return {
        "flagged": is_violent,
        "categories": {name: is_violent and name == "violence" for name in CATEGORIES},
        "category_scores": {name: 0.9 if is_violent and name == "violence" else 0.0001 for name in CATEGORIES},
        "category_applied_input_types": {name: ["text"] for name in CATEGORIES},
    }
