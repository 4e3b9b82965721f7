"""A small upstream for tests: a real HTTP server in its own process, which can lose replies and break promises.

`python -m tests.vendors.upstream PORT`. Jobs are asked for with `POST /jobs` (header Idempotency-Key, JSON {"mode":
...}), read with `GET /jobs?ids=a,b`, found by key at `GET /keys/{key}`; `GET /count` says how many jobs were ever
taken. Modes: plain (done at the second poll), lose (taken, the connection cut instead of an answer), refuse (400),
busy (429), fail (fails at the first poll), forget (unknown to every poll), cut (its file ends half-way the first two
times), keyless (every POST is a new job, keys are not looked at).
"""

import asyncio
import sys
from typing import Any

from aiohttp import web

jobs: dict[str, dict[str, Any]] = {}
by_key: dict[str, str] = {}
downloads: dict[str, int] = {}
FILE = b"RIFF" + bytes(60_000)


async def submit(request: web.Request) -> web.StreamResponse:
    mode = (await request.json())["mode"]
    if mode in ("refuse", "busy"):
        return web.json_response({"error": mode}, status=400 if mode == "refuse" else 429)
    key = request.headers["Idempotency-Key"]
    if key not in by_key or mode == "keyless":
        job_id = f"job-{len(jobs) + 1}"
        jobs[job_id] = {"id": job_id, "mode": mode, "polls": 0}
        by_key[key] = job_id
    if mode == "lose":
        assert request.transport is not None
        request.transport.abort()
    return web.json_response({"id": by_key[key]})


async def poll(request: web.Request) -> web.Response:
    answers = []
    for job_id in request.query["ids"].split(","):
        job = jobs.get(job_id)
        if job is None or job["mode"] == "forget":
            continue
        job["polls"] += 1
        if job["mode"] == "fail":
            answers.append({"id": job_id, "status": "failed"})
        elif job["polls"] >= 2:
            file = f"{request.scheme}://{request.host}/files/{job_id}.wav"
            answers.append({"id": job_id, "status": "done", "result": {"clips": [{"files": {"audio": file}}]}})
        else:
            answers.append({"id": job_id, "status": "working", "progress": 40})
    return web.json_response(answers)


async def find(request: web.Request) -> web.Response:
    job_id = by_key.get(request.match_info["key"])
    return web.json_response({"id": job_id}, status=200 if job_id else 404)


async def download(request: web.Request) -> web.StreamResponse:
    job_id = request.match_info["name"].removesuffix(".wav")
    downloads[job_id] = downloads.get(job_id, 0) + 1
    response = web.StreamResponse(headers={"content-length": str(len(FILE))})
    await response.prepare(request)
    if jobs[job_id]["mode"] == "cut" and downloads[job_id] <= 2:
        await response.write(FILE[: len(FILE) // 2])
        assert request.transport is not None
        request.transport.abort()
        return response
    await response.write(FILE)
    return response


async def count(_request: web.Request) -> web.Response:
    return web.json_response(len(jobs))


async def main(port: int) -> None:
    app = web.Application()
    app.add_routes(
        [
            web.post("/jobs", submit),
            web.get("/jobs", poll),
            web.get("/keys/{key}", find),
            web.get("/files/{name}", download),
            web.get("/count", count),
        ]
    )
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
