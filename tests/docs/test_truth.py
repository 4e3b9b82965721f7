"""What the pages say is so: generated pages are fresh, links lead somewhere, every route and weight is told of."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.contracts.reading import built_entries
from tutti.admin.forms import NAMES
from tutti.cli.docs import pages
from tutti.models.catalogue import shipped_catalogue

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"```.*?```", re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@pytest.mark.parametrize("name", sorted(pages()))
def test_generated_page_is_what_the_code_makes(name: str) -> None:
    assert (REFERENCE / name).read_text("utf-8") == pages()[name], "run python -m tutti.cli.docs"


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_within_the_repository_lead_somewhere(page: Path) -> None:
    text = _FENCE.sub("", page.read_text("utf-8"))
    targets = [link for link in _LINK.findall(text) if not re.match(r"[a-z]+:", link)]
    assert [link for link in targets if not _resolves(page, link)] == []


def test_every_route_has_a_line_in_the_reference() -> None:
    told = "\n".join(page.read_text("utf-8") for page in REFERENCE.glob("*.md"))
    routes = {
        path
        for _, entry in built_entries()
        if not entry.get("outgoing")
        for path in (entry["path"], *entry.get("aliases", ()))
    }
    assert sorted(route for route in routes if not re.search(_pattern(route), told)) == []


def test_every_weight_stands_in_the_notice() -> None:
    notice = (ROOT / "NOTICE").read_text("utf-8").lower()
    # The first word of a weight's name is what it is known by.
    assert [model.name for model in shipped_catalogue() if model.name.partition("-")[0] not in notice] == []


def _pattern(route: str) -> str:
    """The route in a text, whatever its parameters are called there, and not as the beginning of another."""
    parts = [
        r"[\w{}<>_:-]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", route) if part
    ]
    return "".join(parts) + r"(?![\w/{])"


def _resolves(page: Path, link: str) -> bool:
    file, _, anchor = unquote(link).partition("#")
    target = (page.parent / file).resolve() if file else page
    if not target.exists():
        return False
    return not anchor or anchor in map(_anchor, _HEADING.findall(_FENCE.sub("", target.read_text("utf-8"))))


def _anchor(heading: str) -> str:
    """A heading's anchor: lower case, without marks, hyphens for spaces."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def test_every_deed_is_named_in_the_reference() -> None:
    told = (REFERENCE / "server.md").read_text("utf-8")
    assert [name for name in NAMES if f"`{name}`" not in told] == []
