"""A whole gateway under test: its process, its directory, and what can be read of it from outside."""

import json
import os
import shutil
import signal
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from tests.crash import server_main
from tests.processes import forking, free_port, wait_until_up
from tests.waiting import eventually
from tutti.accounts.keyring import Keyring
from tutti.accounts.service import Accounts
from tutti.database.check import Finding, check
from tutti.kit.clock import SystemClock
from tutti.places import Places
from tutti.tasks.sqlite import SqliteTaskStore

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

OPENING_UNITS = 10**12


class Server:
    """Lives of a gateway on one data directory and port."""

    def __init__(self, data: Path) -> None:
        self.places = Places(data)
        # What the next lives are set to beside the usual.
        self.settings: dict[str, Any] = {}
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.log = data.with_suffix(".log")
        self.secret = ""
        self.process: BaseProcess | None = None

    async def seed(self, empty_database: Path) -> None:
        """An account whose key callers hold."""
        self.places.make()
        shutil.copy(empty_database, self.places.database)
        clock = SystemClock()
        store = SqliteTaskStore(self.places.database, clock=clock, render_event=lambda _task, _parts: b"{}")
        await store.open()
        accounts = Accounts(store, Keyring(clock))
        user = await accounts.create_user("mira", quota=OPENING_UNITS)
        self.secret = (await accounts.create_key(user, "test")).secret
        await store.close()

    def start(self, *, drain_s: float = 20.0) -> None:
        """Begin a life and wait until it serves."""
        self.process = self.new_life(drain_s=drain_s)
        wait_until_up(f"{self.base_url}/healthz", self.process.is_alive)

    def new_life(self, *, drain_s: float = 20.0, port: int | None = None) -> "BaseProcess":
        """A process that begins to serve the directory, and ends with ours at the latest."""
        arguments = (self.places.data, self.port if port is None else port, drain_s, self.log, self.settings)
        process = forking().Process(target=server_main.run, args=arguments, daemon=True)
        process.start()
        return process

    def use_channel(self, base_url: str) -> None:
        """Have songs and words made by another gateway, in the lives to come."""
        keys = self.places.data.with_suffix(".keys")
        keys.write_text("sk-upstream")
        names = ["suno_music", "suno_lyrics"]
        channel = {"name": "other", "type": "gateway", "base_url": base_url, "models": names, "key_file": str(keys)}
        self.settings["channels"] = (channel,)

    @property
    def is_up(self) -> bool:
        """Whether a life goes on."""
        return self.process is not None and self.process.is_alive()

    def end(self, number: signal.Signals) -> int | None:
        """Send a signal and wait for the end; gives the exit code."""
        assert self.process is not None
        assert self.process.is_alive(), "the server ended by itself"
        os.kill(self.process.pid or 0, number)
        self.process.join(60)
        return self.process.exitcode

    def client(self) -> httpx.AsyncClient:
        """A client that holds the key."""
        return httpx.AsyncClient(
            base_url=self.base_url, headers={"authorization": f"Bearer {self.secret}"}, timeout=30, trust_env=False
        )

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database holds."""
        connection = sqlite3.connect(self.places.database)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def findings(self) -> list[Finding]:
        """What is wrong with the books."""
        return check(self.places.database)

    async def has_logged(self, event: str, **fields: object) -> dict[str, Any]:
        """The first log line of an event with these fields, once it is there."""
        found: list[dict[str, Any]] = []

        def is_there() -> bool:
            lines = [json.loads(line) for line in self.log.read_bytes().splitlines() if line.startswith(b"{")]
            wanted = {"event": event, **fields}
            found[:] = [line for line in lines if wanted.items() <= line.items()]
            return bool(found)

        await eventually(is_there, deadline_s=60)
        return found[0]

    async def is_done(self, *, deadline_s: float = 120) -> None:
        """Return once every task has ended and every event was told or given up."""
        await eventually(
            lambda: (
                self.rows(
                    "SELECT (SELECT count(*) FROM tasks WHERE finished_at_ms = 0)"
                    " + (SELECT count(*) FROM outbox WHERE state = 'pending')"
                )
                == [(0,)]
            ),
            deadline_s=deadline_s,
        )
