"""Addresses in plain words and `file_url` parts: passed on to gateways, said anew for whoever does not know them."""

import base64
import io
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway import OPENING_QUOTA, Gateway, make_gateway
from tests.relay.conftest import MODELS, channel
from tests.relay.test_calls import charged, events
from tests.upstream.handle import RunningUpstream
from tests.upstream.media import PNG
from tutti.billing.overrides import Override
from tutti.intents.chat import CacheMark, Chat, File, Image, Media, Message, Part, Text, ToolResult
from tutti.outside import OutsideClient
from tutti.relay.habits import has_file_urls, has_picture_addresses, reads_addresses, with_files_for_addresses

CHAT = "/v1/chat/completions"


def archive() -> bytes:
    """The bytes that an office document begins with, as far as anybody looks."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("word/document.xml", "<document/>")
    return content.getvalue()


FILES = {
    "/report.pdf": b"%PDF-1.4 report",
    "/notes.txt": "Lanterns 灯".encode(),
    "/long.txt": b"Lanterns and boats. " * 200,
    "/lamp.png": base64.b64decode(PNG),
    "/plan.docx": archive(),
    "/download": archive(),
    "/export.php": b"%PDF-1.4 report",
    "/": archive(),
    "/blob.dat": bytes(9),
    "/fake.png": b"no picture",
}
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF_DATA = base64.b64encode(FILES["/report.pdf"]).decode()
A_PDF, A_PICTURE = "https://files.example.org/a.pdf", "https://files.example.org/b.png"


@dataclass(frozen=True, kw_only=True, slots=True)
class Files:
    """A server of files on this machine, and what was asked of it."""

    url: str
    asked: list[str]


@pytest.fixture
async def files() -> AsyncIterator[Files]:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        content = FILES.get(request.path)
        return web.Response(status=404) if content is None else web.Response(body=content)

    app = web.Application()
    app.router.add_get("/{name:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield Files(url=f"http://127.0.0.1:{runner.addresses[0][1]}", asked=asked)
    await runner.cleanup()


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    """One that fetches through the guarded client, from this machine too."""
    async with OutsideClient(["127.0.0.0/8"]) as outside:
        gateway = await make_gateway(fetch=outside.fetch)
        prices = [Override("models", name, '{"input": 2, "output": 2}') for name in sorted(MODELS)]
        gateway.services.prices.override(prices)
        yield gateway


def lead_to(gateway: Gateway, upstream: RunningUpstream, kind: str, **changes: Any) -> None:
    """Map the names to one model of an upstream of this kind."""
    names = ("gpt-4o-all", "gpt-4-gizmo-g-1", "gpt-plain")
    gateway.channels.load([channel(upstream, type=kind, **{"model_map": dict.fromkeys(names, "m-1")} | changes)])


async def ask(gateway: Gateway, content: Any, model: str = "gpt-4o-all", **fields: Any) -> httpx.Response:
    body = {"model": model, "max_tokens": 99, "messages": [{"role": "user", "content": content}], **fields}
    async with gateway.client() as client:
        return await client.post(CHAT, json=body)


def content_sent(upstream: RunningUpstream) -> Any:
    [sent] = upstream.seen()
    return sent["json"]["messages"][-1]["content"]


@pytest.mark.anyio
@pytest.mark.parametrize("model", ["gpt-4o-all", "gpt-4-gizmo-g-1"])
async def test_a_gateway_gets_the_words_as_they_came(
    gateway: Gateway, upstream: RunningUpstream, files: Files, model: str
) -> None:
    gateway.channels.load([channel(upstream)])
    words = f"{files.url}/report.pdf Which port?"
    assert (await ask(gateway, words, model)).status_code == 200
    assert (content_sent(upstream), files.asked) == (words, [])


@pytest.mark.anyio
@pytest.mark.parametrize("model", ["gpt-4o-all", "gpt-4-gizmo-g-1"])
@pytest.mark.parametrize("kind", ["openai", "openai-compatible", "openrouter", "vllm"])
async def test_openais_wire_gets_pictures_by_address_and_documents_inside(
    gateway: Gateway, upstream: RunningUpstream, files: Files, kind: str, model: str
) -> None:
    lead_to(gateway, upstream, kind)
    words = f"Compare {files.url}/report.pdf with {files.url}/lamp.png and {files.url}/notes.txt\nWhich is longer?"
    reply = await ask(gateway, words, model, seed=7, logit_bias={"1": 2})
    assert reply.status_code == 200, reply.text
    assert content_sent(upstream) == [
        {"type": "text", "text": "Compare"},
        {"type": "file", "file": {"filename": "report.pdf", "file_data": f"data:application/pdf;base64,{PDF_DATA}"}},
        {"type": "text", "text": "with"},
        {"type": "image_url", "image_url": {"url": f"{files.url}/lamp.png"}},
        {"type": "text", "text": "and"},
        {"type": "text", "text": '<document name="notes.txt">\nLanterns 灯\n</document>'},
        {"type": "text", "text": "Which is longer?"},
    ]
    sent = upstream.seen()[0]["json"]
    assert (sent["model"], sent["seed"], sent["logit_bias"]) == ("m-1", 7, {"1": 2})
    assert "x-tutti-dropped" not in reply.headers


@pytest.mark.anyio
@pytest.mark.parametrize("source", ["plain", "object"])
@pytest.mark.parametrize("is_stream", [False, True])
async def test_pictures_by_address_are_brought_to_who_does_not_fetch_them(
    gateway: Gateway, upstream: RunningUpstream, files: Files, source: str, *, is_stream: bool
) -> None:
    url, words = f"{files.url}/lamp.png", {"type": "text", "text": "What is it?"}
    parts = [words, {"type": "image_url", "image_url": url if source == "plain" else {"url": url, "detail": "low"}}]
    # OpenAI's form has an object there, what Ollama's own examples write passes to nobody else.
    for kind in ("openai-compatible", "vllm") if source == "object" else ():
        upstream.reset()
        lead_to(gateway, upstream, kind)
        assert (await ask(gateway, parts, "gpt-plain", stream=is_stream)).status_code == 200
        assert (content_sent(upstream), files.asked) == (parts, [])
    upstream.reset()
    lead_to(gateway, upstream, "ollama")
    reply = await ask(gateway, parts, "gpt-plain", stream=is_stream, seed=7, reasoning_effort="low")
    assert reply.status_code == 200, reply.text
    detail = {} if source == "plain" else {"detail": "low"}
    inside = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}", **detail}}
    assert (content_sent(upstream), files.asked) == ([words, inside], ["/lamp.png"])
    sent = upstream.seen()[0]["json"]
    assert (sent["model"], sent["seed"], sent["reasoning_effort"]) == ("m-1", 7, "low")
    assert "x-tutti-dropped" not in reply.headers


@pytest.mark.anyio
async def test_pictures_in_hand_pass_as_they_came(gateway: Gateway, upstream: RunningUpstream) -> None:
    lead_to(gateway, upstream, "ollama")
    parts = [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}]
    assert (await ask(gateway, parts, "gpt-plain")).status_code == 200
    assert content_sent(upstream) == parts


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/none.png", "/fake.png"])
async def test_picture_that_cannot_be_had_is_a_clear_400_that_costs_nothing(
    gateway: Gateway, upstream: RunningUpstream, files: Files, path: str
) -> None:
    lead_to(gateway, upstream, "ollama")
    reply = await ask(gateway, [{"type": "image_url", "image_url": {"url": f"{files.url}{path}"}}], "gpt-plain")
    assert (reply.status_code, reply.json()["error"]["param"]) == (400, "messages")
    assert upstream.seen() == []
    assert await charged(gateway) == 0


@pytest.mark.anyio
async def test_ollama_gets_pictures_inside(gateway: Gateway, upstream: RunningUpstream, files: Files) -> None:
    lead_to(gateway, upstream, "ollama")
    assert (await ask(gateway, f"{files.url}/lamp.png What is it?")).status_code == 200
    assert content_sent(upstream)[0] == {
        "type": "image_url",
        "image_url": {"url": f"data:image/png;base64,{PNG}"},
    }


@pytest.mark.anyio
async def test_claude_gets_documents_by_address_and_gemini_inside(
    gateway: Gateway, upstream: RunningUpstream, files: Files
) -> None:
    words = f"{files.url}/report.pdf Which port?"
    lead_to(gateway, upstream, "anthropic")
    assert (await ask(gateway, words)).status_code == 200
    document, question = content_sent(upstream)
    assert (document["type"], document["source"]) == ("document", {"type": "url", "url": f"{files.url}/report.pdf"})
    assert question == {"type": "text", "text": "Which port?"}

    upstream.reset()
    lead_to(gateway, upstream, "gemini")
    assert (await ask(gateway, words)).status_code == 200
    [turn] = upstream.seen()[0]["json"]["contents"]
    assert turn["parts"] == [
        {"inlineData": {"mimeType": "application/pdf", "data": PDF_DATA}},
        {"text": "Which port?"},
    ]


@pytest.mark.anyio
@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize(
    ("kind", "path", "asked", "sent"),
    [
        ("anthropic", "/v1/messages", "messages", ["document", "text"]),
        ("openai", "/v1/responses", "input", ["input_file", "input_text"]),
    ],
)
async def test_callers_of_other_wires_have_the_habit_too(
    gateway: Gateway,
    upstream: RunningUpstream,
    files: Files,
    kind: str,
    path: str,
    asked: str,
    sent: list[str],
    *,
    is_stream: bool,
) -> None:
    lead_to(gateway, upstream, kind)
    turns = [{"role": "user", "content": f"{files.url}/report.pdf Which port?"}]
    body = {"model": "gpt-4o-all", asked: turns, "stream": is_stream}
    async with gateway.client() as client:
        reply = await client.post(path, json=body | ({"max_tokens": 99} if asked == "messages" else {}))
    assert reply.status_code == 200, reply.text
    assert [part["type"] for part in upstream.seen()[0]["json"][asked][0]["content"]] == sent


@pytest.mark.anyio
async def test_office_documents_keep_the_type_that_their_name_tells(
    gateway: Gateway, upstream: RunningUpstream, files: Files
) -> None:
    lead_to(gateway, upstream, "openai")
    assert (await ask(gateway, f"{files.url}/plan.docx What is planned?")).status_code == 200
    file = content_sent(upstream)[0]["file"]
    assert file["filename"] == "plan.docx"
    assert file["file_data"].startswith(f"data:{DOCX};")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "content", ["Tell me of https://example.org/ please", "Hello", [{"type": "text", "text": "Hi"}]]
)
async def test_what_names_no_file_passes_byte_by_byte(
    gateway: Gateway, upstream: RunningUpstream, content: Any
) -> None:
    lead_to(gateway, upstream, "openai", model_map={}, models=frozenset({"gpt-4o-all"}))
    body = httpx.Request("POST", CHAT, json={"model": "gpt-4o-all", "messages": [{"role": "user", "content": content}]})
    async with gateway.client() as client:
        assert (await client.post(CHAT, content=body.read())).status_code == 200
    assert upstream.seen()[0]["body"].encode() == body.read()


@pytest.mark.anyio
async def test_words_of_other_models_and_of_other_roles_are_words(
    gateway: Gateway, upstream: RunningUpstream, files: Files
) -> None:
    lead_to(gateway, upstream, "openai")
    assert (await ask(gateway, f"{files.url}/report.pdf Which port?", "gpt-plain")).status_code == 200
    messages = [
        {"role": "system", "content": f"Never open {files.url}/report.pdf"},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": f"See {files.url}/report.pdf"},
        {"role": "user", "content": "Why?"},
    ]
    assert (await ask(gateway, "", messages=messages)).status_code == 200
    assert upstream.seen()[1]["json"]["messages"] == messages
    assert files.asked == []


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/none.pdf", "/fake.png"])
@pytest.mark.parametrize("is_stream", [False, True])
async def test_file_that_cannot_be_had_is_a_clear_400_that_costs_nothing(
    gateway: Gateway, upstream: RunningUpstream, files: Files, path: str, *, is_stream: bool
) -> None:
    lead_to(gateway, upstream, "ollama")
    reply = await ask(gateway, f"{files.url}{path} What is it?", stream=is_stream)
    assert reply.status_code == 400
    assert reply.json()["error"]["param"] == "messages"
    assert upstream.seen() == []
    assert await charged(gateway) == 0


@pytest.mark.anyio
@pytest.mark.parametrize("is_stream", [False, True])
async def test_files_are_held_for_before_they_are_sent(
    gateway: Gateway, upstream: RunningUpstream, files: Files, *, is_stream: bool
) -> None:
    lead_to(gateway, upstream, "ollama")
    poor = await gateway.new_secret("poor", quota=2000)
    statuses = []
    async with gateway.client(poor) as client:
        for path in ("/notes.txt", "/long.txt"):
            turn = {"role": "user", "content": f"{files.url}{path} What is it?"}
            body = {"model": "gpt-4o-all", "max_tokens": 99, "stream": is_stream, "messages": [turn]}
            statuses.append((await client.post(CHAT, json=body)).status_code)
    assert statuses == [200, 403]
    assert len(upstream.seen()) == 1
    await gateway.services.wallet.close()
    [quota] = [user.quota for user in await gateway.accounts.list_users() if user.name == "poor"]
    assert 0 < quota < 2000


@pytest.mark.anyio
async def test_file_within_the_operators_network_is_refused(upstream: RunningUpstream) -> None:
    async with OutsideClient() as outside:
        gateway = await make_gateway(fetch=outside.fetch)
        lead_to(gateway, upstream, "gemini")
        reply = await ask(gateway, "http://127.0.0.1:9/secret.pdf What is it?")
    assert reply.status_code == 400
    assert "127.0.0.1" in reply.json()["error"]["message"]
    assert await gateway.balance() == OPENING_QUOTA


@pytest.mark.anyio
@pytest.mark.parametrize("asks", [False, True])
async def test_a_stream_is_settled_by_its_figures_and_tells_them_when_asked(
    gateway: Gateway, upstream: RunningUpstream, files: Files, *, asks: bool
) -> None:
    lead_to(gateway, upstream, "openai")
    options = {"stream_options": {"include_usage": True}} if asks else {}
    reply = await ask(gateway, f"{files.url}/lamp.png Hi", stream=True, **options)
    told = events(reply)
    assert ("usage" in told[-1] and not told[-1]["choices"]) is asks
    assert "[image " in "".join(choice["delta"].get("content", "") for one in told for choice in one["choices"])
    await gateway.services.wallet.flush()
    [call] = [one.call for one in await gateway.store.list_calls(limit=9)]
    assert not call.is_estimated
    assert call.units > 0


@pytest.mark.anyio
@pytest.mark.parametrize("source", ["plain", "object"])
async def test_file_urls_pass_to_who_knows_them_and_are_said_anew_for_others(
    gateway: Gateway, upstream: RunningUpstream, files: Files, source: str
) -> None:
    url = f"{files.url}/report.pdf"
    parts = [
        {"type": "text", "text": "Which port?"},
        {"type": "file_url", "file_url": url if source == "plain" else {"url": url}},
    ]
    for kind in ("gateway", "zhipu"):
        upstream.reset()
        lead_to(gateway, upstream, kind)
        await ask(gateway, parts, "gpt-plain")
        assert (content_sent(upstream), files.asked) == (parts, [])
    upstream.reset()
    lead_to(gateway, upstream, "openai")
    assert (await ask(gateway, parts, "gpt-plain")).status_code == 200
    assert content_sent(upstream)[0] == parts[0]
    assert content_sent(upstream)[1]["type"] == "file"
    assert content_sent(upstream)[1]["file"]["file_data"].endswith(PDF_DATA)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("path", "name", "kind"),
    [
        ("/report.pdf?v=1", "report.pdf", "application/pdf"),
        ("/plan.docx", "plan.docx", DOCX),
        ("/download?id=7", "download.docx", DOCX),
        ("/export.php", "export.php.pdf", "application/pdf"),
        ("/", "document.docx", DOCX),
        ("/blob.dat", "blob.dat", "application/octet-stream"),
    ],
)
async def test_documents_are_named_by_their_address_and_what_they_are(
    gateway: Gateway, upstream: RunningUpstream, files: Files, path: str, name: str, kind: str
) -> None:
    lead_to(gateway, upstream, "openai")
    reply = await ask(gateway, [{"type": "file_url", "file_url": {"url": f"{files.url}{path}"}}], "gpt-plain")
    assert reply.status_code == 200, reply.text
    file = content_sent(upstream)[0]["file"]
    assert (file["filename"], file["file_data"].partition(";")[0]) == (name, f"data:{kind}")


@pytest.mark.anyio
async def test_a_name_that_the_caller_did_not_give_is_not_told_as_dropped(
    gateway: Gateway, upstream: RunningUpstream, files: Files
) -> None:
    lead_to(gateway, upstream, "gemini")
    part = {"type": "file_url", "file_url": {"url": f"{files.url}/report.pdf"}}
    reply = await ask(gateway, [part], "gpt-plain")
    assert reply.status_code == 200, reply.text
    assert "x-tutti-dropped" not in reply.headers


@pytest.mark.parametrize(
    ("body", "holds"),
    [
        (b'{"messages": [{"content": [{"type": "file_url", "file_url": "x"}]}]}', True),
        (b'{"messages": [{"content": "\\"file_url\\""}], "tools": [{"type": "file_url"}]}', False),
        (b'{"messages": [{"content": [{"type": "text", "text": "a", "file_url": 1}, 7, null]}]}', False),
        (b'{"messages": [{"content": null}, {}], "file_url": 1}', False),
        (b'{"messages": "file_url", "file_url": 1}', False),
        (b'"file_url"', False),
        (b"\xff", False),
    ],
)
def test_file_urls_are_found_in_turns_alone(body: bytes, *, holds: bool) -> None:
    assert has_file_urls(body) is holds


@pytest.mark.parametrize(
    ("part", "holds"),
    [
        ('{"type": "image_url", "image_url": {"url": "HTTPS://e.org/a"}}', True),
        ('{"type": "image_url", "image_url": "http://e.org/a"}', True),
        ('{"type": "image_url", "image_url": "data:image/png;base64,http"}', False),
        ('{"type": "image_url", "image_url": {"url": 7}}', False),
        ('{"type": "image_url", "image_url": null}', False),
        ('{"type": "text", "text": "\\"image_url\\": http://e.org/a"}', False),
        ('"image_url"', False),
        ("7", False),
        ("", False),
        ("[", False),
    ],
)
def test_pictures_by_address_are_found_in_turns_alone(part: str, *, holds: bool) -> None:
    body = f'{{"messages": [{{"role": "user", "content": [{part}]}}, {{"content": null}}], "image_url": 1}}'
    assert has_picture_addresses(body.encode()) is holds


@pytest.mark.parametrize(
    ("model", "reads"),
    [
        ("gpt-4o-all", True),
        ("o3-ALL", True),
        ("gpt-4-gizmo-g-bo0FiWLY7", True),
        ("gpt-4o-gizmo-g-1", True),
        ("gpt-gizmo-g-1", True),
        ("gpt-4o", False),
        ("all", False),
        ("gpt-4o-all-mini", False),
        ("gizmo-1", False),
    ],
)
def test_names_that_promise_to_read_addresses(model: str, *, reads: bool) -> None:
    assert reads_addresses(model) is reads


def chat(*parts: Part) -> Chat:
    return Chat(model="m", messages=(Message(role="user", parts=parts),))


def parts_of(text: str) -> tuple[Part, ...]:
    return with_files_for_addresses(chat(Text(text=text))).messages[0].parts


def a_file(url: str = A_PDF, name: str = "a.pdf", media_type: str = "application/pdf") -> File:
    return File(media=Media(media_type=media_type, url=url), name=name)


def a_picture(url: str = A_PICTURE) -> Image:
    return Image(media=Media(media_type="image/png", url=url))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (f"{A_PDF} Why?", (a_file(), Text(text="Why?"))),
        (f"{A_PDF} {A_PICTURE}  ", (a_file(), a_picture())),
        (f"Why {A_PDF}, {A_PDF}", (Text(text="Why"), a_file(), Text(text=","), a_file())),
        (
            f"{A_PDF} https://x.org/ https://x.org/a.html ok",
            (a_file(), Text(text="https://x.org/ https://x.org/a.html ok")),
        ),
        (
            "https://x.org/a%20b.CSV?v=1",
            (a_file("https://x.org/a%20b.CSV?v=1", "a b.CSV", "text/csv"),),
        ),
    ],
)
def test_files_stand_where_their_addresses_stood(text: str, parts: tuple[Part, ...]) -> None:
    assert parts_of(text) == parts


@pytest.mark.parametrize("ending", ["", "/", "/pdf", "/a.html", "/a.mp4", "/a.mp3", "/2301.00001", "/a.pdfx", "?a.pdf"])
def test_an_address_that_names_no_picture_or_document_is_words(ending: str) -> None:
    given = chat(Text(text=f"Open https://x.org{ending} now"))
    assert with_files_for_addresses(given) is given


def test_results_of_tools_and_other_parts_are_left_alone() -> None:
    result = ToolResult(call_id="1", parts=(Text(text=A_PDF),))
    given = chat(result, a_picture("https://x.org/c.png"), Text(text="Why?"))
    assert with_files_for_addresses(given) is given


def test_cache_mark_stays_at_the_end_of_what_it_stood_on() -> None:
    mark = CacheMark(ttl="1h")
    told = with_files_for_addresses(chat(Text(text=f"See {A_PDF}", cache=mark), Text(text="Why?"))).messages[0].parts
    assert [getattr(part, "cache", None) for part in told] == [None, mark, None]


@given(st.lists(st.text() | st.sampled_from([A_PDF, A_PICTURE, "https://x.org/", " ", "。"])))
def test_no_word_is_lost(texts: list[str]) -> None:
    text = "".join(texts)
    told = [part.text if isinstance(part, Text) else part.media.url for part in parts_of(text)]  # type: ignore[union-attr]
    assert "".join("".join(filter(None, told)).split()) == "".join(text.split())


@given(st.lists(st.text().map(lambda text: text.replace("://", ":/"))))
def test_words_without_an_address_are_never_changed(texts: list[str]) -> None:
    given = chat(*(Text(text=text) for text in texts))
    assert with_files_for_addresses(given) is given
