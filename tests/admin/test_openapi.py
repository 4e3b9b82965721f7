"""The admin API's description is true, and nothing that fits or does not fit it ends in a fault of ours."""

import asyncio
import contextlib
import json
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from jsonschema import Draft202012Validator
from schemathesis.generation import GenerationMode
from starlette.applications import Starlette
from starlette.routing import Mount

from tutti.accounts.keyring import Keyring, hash_secret
from tutti.accounts.service import Accounts
from tutti.admin.deeds import Deeds
from tutti.admin.forms import NAMES
from tutti.admin.local import LocalDeeds
from tutti.admin.openapi import PATH, document
from tutti.admin.routes import DeedRoutes, TokenGate
from tutti.billing.price_desk import PriceDesk
from tutti.billing.prices import Prices
from tutti.database.care import DatabaseCare
from tutti.kit.clock import ManualClock
from tutti.kit.seal import Seal
from tutti.routing.channels import Channels
from tutti.routing.choice import Chooser
from tutti.routing.desk import ChannelDesk
from tutti.tasks.memory import InMemoryTaskStore
from tutti.vendors.checks import check_channel
from tutti.vendors.registry import SERVED

TOKEN = "t" * 32
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
# Those that write files or speak to others.
_OUTWARD = ("backup", "check", "test_channel")


@pytest.fixture
def api(tmp_path: Path) -> Any:
    """The description, served by the admin API that it describes, over a store in memory."""
    store, clock = InMemoryTaskStore(), ManualClock()
    channels, accounts, prices = Channels(SERVED), Accounts(store, Keyring(clock)), Prices.load()
    deeds = LocalDeeds(
        accounts,
        DatabaseCare(tmp_path / "none.db"),
        ChannelDesk(store, channels, Seal(bytes(32)), check=check_channel),
        Chooser(channels, clock=clock, rng=Random(1)),
        price_desk=PriceDesk(store, prices),
        prices=prices,
        store=store,
    )

    async def prepare() -> None:
        user = await accounts.create_user("root", quota=0, is_admin=True, access_token_hash=hash_secret(TOKEN))
        await accounts.create_key(user, "first")

    asyncio.run(prepare())
    app = Starlette(routes=[Mount(PATH, TokenGate(accounts, DeedRoutes(deeds).routes))])
    return schemathesis.openapi.from_asgi(f"{PATH}/openapi.json", app, headers=HEADERS)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_whatever_is_sent_is_no_fault_of_ours(api: Any, mode: GenerationMode) -> None:
    asked = set()
    for found in api.exclude(operation_id=list(_OUTWARD)).get_all_operations():
        operation = found.ok()

        @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: schemathesis.Case) -> None:
            reply = case.call(headers=HEADERS)
            assert reply.status_code < 500, (case.path, case.body, reply.text)
            asked.add((case.path, reply.status_code))

        with contextlib.suppress(Unsatisfiable):  # there is nothing wrong to send to what takes nothing
            ask()
    assert {status for _, status in asked} >= ({200, 404} if mode is GenerationMode.POSITIVE else {400})
    assert len({path for path, _ in asked}) > 15


def test_every_deed_is_described() -> None:
    told = json.loads(document())
    assert {path.rpartition("/")[2] for path in told["paths"]} == {*NAMES, "openapi.json"}
    assert set(NAMES) == {name for name in vars(Deeds) if not name.startswith("_")}
    for component in told["components"]["schemas"].values():
        Draft202012Validator.check_schema(component)
    names = set(re.findall(r'"#/components/schemas/(\w+)"', document().decode()))
    assert names <= told["components"]["schemas"].keys()
