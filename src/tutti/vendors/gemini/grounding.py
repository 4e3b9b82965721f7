"""The sources that an answer leans on, as annotations in the form of OpenAI's wire.

https://ai.google.dev/gemini-api/docs/google-search, seen 2025-05: segments are counted in bytes of UTF-8.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tutti.intents.chat import JsonObject
from tutti.wires import gemini


def citations_of(candidate: gemini.Candidate, text: str) -> tuple[JsonObject, ...]:
    """The sources of an answer; `text` is all of it, which places are counted in."""
    return (*_grounding(candidate.grounding_metadata or {}, text), *_cited(candidate.citation_metadata or {}, text))


def _grounding(metadata: Mapping[str, Any], text: str) -> Iterator[JsonObject]:
    webs = [chunk.get("web") or chunk.get("retrievedContext") or {} for chunk in metadata.get("groundingChunks") or ()]
    placed: set[int] = set()
    for support in metadata.get("groundingSupports") or ():
        segment = support.get("segment") or {}
        for index in support.get("groundingChunkIndices") or ():
            if isinstance(index, int) and 0 <= index < len(webs) and webs[index].get("uri"):
                placed.add(index)
                yield _citation(webs[index], text, segment)
    for index, web in enumerate(webs):
        if index not in placed and web.get("uri"):
            yield _citation(web, text, {})


def _cited(metadata: Mapping[str, Any], text: str) -> Iterator[JsonObject]:
    for source in metadata.get("citationSources") or metadata.get("citations") or ():
        if source.get("uri"):
            yield _citation(source, text, source)


def _citation(source: Mapping[str, Any], text: str, segment: Mapping[str, Any]) -> JsonObject:
    address: dict[str, Any] = {"url": source["uri"], "title": source.get("title", "")}
    address["start_index"] = _characters(text, segment.get("startIndex", 0))
    address["end_index"] = _characters(text, segment.get("endIndex", 0))
    return {"type": "url_citation", "url_citation": address}


def _characters(text: str, place: int) -> int:
    """A place counted in bytes, in characters."""
    return len(text.encode()[:place].decode("utf-8", "ignore"))
