"""A receiver of webhooks in a process of its own: `python -m tests.crash.receiver PORT LOG`.

Every event is written to LOG before it is answered, one JSON line each. The path says how it is answered: /taken 200,
/gone 410, and for the first time /failing 500, /hanging never; then 200.
"""

import asyncio
import os
import sys
from collections import Counter

import msgspec
from aiohttp import web


def main(port: int, log: str) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    seen: Counter[str] = Counter()

    async def take(request: web.Request) -> web.Response:
        told = msgspec.json.decode(await request.read())
        event_id = request.headers["webhook-id"]
        seen[event_id] += 1
        line = {"event": event_id, "path": request.path, "told": told}
        os.write(descriptor, msgspec.json.encode(line) + b"\n")
        if request.path == "/hanging" and seen[event_id] == 1:
            await asyncio.Event().wait()
        if request.path == "/gone":
            return web.Response(status=410)
        return web.Response(status=500 if request.path == "/failing" and seen[event_id] == 1 else 200)

    async def alive(_request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.add_routes([web.get("/", alive), web.post("/{how}", take)])
    web.run_app(app, host="127.0.0.1", port=port, print=None, shutdown_timeout=0)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
