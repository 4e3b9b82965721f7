"""countTokens: what is to be counted of a request, and the reply."""

from typing import Any

from tutti.errors import InvalidRequestError
from tutti.families.gemini.body import request_of
from tutti.families.gemini.from_caller import from_caller
from tutti.wires import gemini


def prompt_of(body: bytes, *, model: str) -> bytes:
    """What a model would read of a request, bare contents or a whole one inside. Raises `InvalidRequestError`."""
    sent = request_of(body)
    request = sent.get("generateContentRequest", sent)
    if not isinstance(request, dict):
        raise InvalidRequestError("generateContentRequest: Expected object.", field="generateContentRequest")
    prompt: dict[str, Any] = {
        name: request[name] for name in ("contents", "systemInstruction", "tools") if name in request
    }
    told = gemini.encoder.encode(prompt)
    from_caller(told, model=model, is_stream=False)
    return told


def count_reply(tokens: int) -> bytes:
    """The reply."""
    details = [{"modality": "TEXT", "tokenCount": tokens}]
    return gemini.encoder.encode({"totalTokens": tokens, "promptTokensDetails": details})
