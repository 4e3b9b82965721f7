"""A `Vendor` that speaks to `upstream.py` over real HTTP."""

from collections.abc import Sequence
from pathlib import Path

import aiohttp
import msgspec

from tutti.errors import VendorBusyError, VendorError, VendorRefusedError, VendorReplyLostError
from tutti.tasks.model import Task, TaskFailure
from tutti.tasks.vendor import LostReplyPolicy, VendorAnswer

LANE = "channel:test"


class HttpVendor:
    """The test upstream behind a channel."""

    lane = LANE

    def __init__(
        self, base_url: str, *, lost_reply: LostReplyPolicy = LostReplyPolicy.FAIL_AND_REFUND, can_look_up: bool = True
    ) -> None:
        self.lost_reply = lost_reply
        self._base_url = base_url
        self._can_look_up = can_look_up

    async def submit(self, task: Task, *, idempotency_key: str) -> str:
        mode = msgspec.json.decode(task.intent)["mode"]
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.post(
                    f"{self._base_url}/jobs", json={"mode": mode}, headers={"Idempotency-Key": idempotency_key}
                ) as reply,
            ):
                if reply.status == 429:
                    raise VendorBusyError
                if reply.status >= 400:
                    raise VendorRefusedError
                return str((await reply.json())["id"])
        except aiohttp.ClientConnectorError as error:
            raise VendorBusyError from error
        except aiohttp.ClientError as error:
            raise VendorReplyLostError from error

    async def look_up(self, idempotency_key: str) -> str | None:
        if not self._can_look_up:
            return None
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self._base_url}/keys/{idempotency_key}") as reply,
        ):
            return (await reply.json())["id"] if reply.status == 200 else None

    async def poll(self, vendor_refs: Sequence[str]) -> Sequence[VendorAnswer]:
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"{self._base_url}/jobs", params={"ids": ",".join(vendor_refs)}) as reply,
            ):
                return [_answer(job) for job in await reply.json()]
        except aiohttp.ClientError as error:
            raise VendorError(str(error)) from error

    async def fetch(self, address: str, target: Path) -> None:
        try:
            async with aiohttp.ClientSession() as session, session.get(address) as reply:
                target.write_bytes(await reply.read())  # noqa: ASYNC240 - 60 kB in a test
        except aiohttp.ClientError as error:
            raise VendorError(str(error)) from error


def _answer(job: dict) -> VendorAnswer:
    if job["status"] == "failed":
        return VendorAnswer(vendor_ref=job["id"], failure=TaskFailure(code="upstream_said_no", message="It failed."))
    if job["status"] == "done":
        return VendorAnswer(vendor_ref=job["id"], result=msgspec.json.encode(job["result"]))
    return VendorAnswer(vendor_ref=job["id"], progress=job["progress"])
