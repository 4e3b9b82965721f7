"""Contracts and routes match one another, and contracts have their form."""

import pytest
from jsonschema import Draft202012Validator

from tests.contracts.fixtures import FIXTURES
from tests.contracts.reading import FILES, SCHEMA, built_entries, contracts
from tests.gateway import make_gateway
from tutti.families.gemini.wire import ACTIONS

# Served by the framework for people, not for programs.
_FRAMEWORK_PATHS = {"/docs", "/docs/oauth2-redirect", "/redoc", "/openapi.json"}
# A route that serves several entries by one of its path's parts, and a mount that serves one.
_PARTS = {
    "/suno/submit/{action}": tuple(f"/suno/submit/{action}" for action in ("music", "lyrics", "concat", "stems")),
    **{
        f"/{version}/models/{{rest:path}}": tuple(f"/{version}/models/{{model}}:{action}" for action in sorted(ACTIONS))
        for version in ("v1beta", "v1")
    },
    "/files": ("/files/{key}",),
}


@pytest.mark.parametrize("contract", contracts(), ids=[path.stem for path in FILES])
def test_contract_validates(contract):
    Draft202012Validator.check_schema(SCHEMA)
    assert not [error.message for error in Draft202012Validator(SCHEMA).iter_errors(contract)]


def test_contract_is_named_for_its_family():
    assert [contract["family"] for contract in contracts()] == [path.stem for path in FILES]


def test_contract_ids_are_unique():
    ids = [entry["id"] for contract in contracts() for entry in contract["endpoints"]]
    assert len(ids) == len(set(ids))


def test_contract_keeps_every_id_of_the_catalogue():
    ids = {entry["id"] for contract in contracts() for entry in contract["endpoints"] if entry["status"] == "built"}
    assert {
        "suno.intro",
        "suno.chat.song",
        "suno.submit.music",
        "suno.submit.lyrics",
        "suno.fetch.batch",
        "suno.fetch.one",
        "suno.webhook",
    } <= ids


def test_contract_names_only_known_fixtures():
    cases = [case for _, entry in built_entries() for case in (*entry["examples"], *entry.get("errors", ()))]
    cases += [error for contract in contracts() for error in contract.get("errors", ())]
    assert {case["given"] for case in cases if "given" in case} <= FIXTURES.keys()


@pytest.mark.anyio
async def test_routes_and_contracts_match():
    gateway = await make_gateway()
    served = set()
    prefixes = {prefix for contract in contracts() for prefix in contract.get("prefixes", ())}
    assert {route.path for route in gateway.api.routes if route.name == "suno.prefix"} == prefixes
    for whole, route in _routes(gateway.api.routes):
        if whole not in _FRAMEWORK_PATHS | prefixes:
            # Contracts write a part that may hold slashes like any other.
            for path in _PARTS.get(whole, (whole.replace(":path}", "}"),)):
                served |= {(method, path) for method in getattr(route, "methods", {"GET"}) - {"HEAD"}}
    promised = {
        (entry["method"], path)
        for _, entry in built_entries()
        if not entry.get("outgoing")
        for path in (entry["path"], *entry.get("aliases", ()))
    }
    assert served == promised


def _routes(routes):
    """Every route with its whole path, those of the admin API in place of its mount."""
    for route in routes:
        if route.name == "admin":
            yield from ((route.path + inner.path, inner) for inner in route.routes)
        else:
            yield route.path, route
