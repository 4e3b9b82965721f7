"""Sources of an answer as this wire tells them, from the annotations of OpenAI's wire.

https://ai.google.dev/gemini-api/docs/google-search, seen 2025-05: segments are counted in bytes of UTF-8.
"""

from collections.abc import Iterable
from typing import Any

from tutti.intents.chat import JsonObject


def grounding_metadata(citations: Iterable[tuple[JsonObject, str]]) -> dict[str, Any] | None:
    """The sources of an answer; with each citation goes the text that it counts its place in. None without any."""
    chunks: list[dict[str, Any]] = []
    supports: list[dict[str, Any]] = []
    for citation, text in citations:
        address = citation.get("url_citation", citation)
        url = address.get("url")
        if not url:
            continue
        web = {"uri": url, "title": address.get("title", "")}
        if {"web": web} not in chunks:
            chunks.append({"web": web})
        start, end = address.get("start_index"), address.get("end_index")
        if isinstance(start, int) and isinstance(end, int) and end > start:
            segment = {
                "startIndex": len(text[:start].encode()),
                "endIndex": len(text[:end].encode()),
                "text": text[start:end],
            }
            supports.append({"segment": segment, "groundingChunkIndices": [chunks.index({"web": web})]})
    if not chunks:
        return None
    return {"groundingChunks": chunks, "groundingSupports": supports} if supports else {"groundingChunks": chunks}
