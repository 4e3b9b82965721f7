"""Durable submits over real HTTP: key check, validation, hold, task row and commit, with 64 connections."""

import argparse
import json

import uvloop

from bench.gateway import running_gateway
from bench.load import fire, repeat, request_bytes
from tutti.billing.prices import Prices
from tutti.cli.output import show_table

SONG = {
    "prompt": "[Verse]\nLanterns drift along the quay\n[Chorus]\nCarry me home",
    "title": "Lanterns",
    "tags": "folk",
}
WARM_UP = 300


def main() -> None:
    """Print submits a second, their times and the server's processor time for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submits", type=int, default=20_000)
    parser.add_argument("--connections", type=int, default=64)
    options = parser.parse_args()
    rows = []
    # Nothing renders here: the tasks stay queued.
    with running_gateway(song_workers=0) as gateway:
        gateway.top_up((WARM_UP + options.submits) * Prices.load().per_call("suno_music"))
        submit = request_bytes("POST", "/suno/submit/music", key=gateway.key, body=json.dumps(SONG).encode())
        health = request_bytes("GET", "/healthz", key=gateway.key)
        uvloop.run(fire(gateway.port, repeat(submit, WARM_UP), connections=options.connections))
        for name, request in (("submit", submit), ("healthz, for the ratio", health)):
            before = gateway.cpu_s()
            outcome = uvloop.run(fire(gateway.port, repeat(request, options.submits), connections=options.connections))
            errors = sum(n for status, n in outcome.statuses.items() if status != 200)
            cpu_us = (gateway.cpu_s() - before) / len(outcome.times_s) * 1e6
            rows.append(
                (
                    name,
                    len(outcome.times_s),
                    f"{outcome.rate:,.0f}",
                    f"{outcome.percentile_ms(0.5):.1f}",
                    f"{outcome.percentile_ms(0.99):.1f}",
                    f"{cpu_us:.0f}",
                    errors,
                )
            )
        rows.append(("memory after it, MB", f"{gateway.memory_mb():.0f}", "", "", "", "", ""))
    show_table(("what", "calls", "a second", "p50 ms", "p99 ms", "server CPU us", "errors"), rows)


if __name__ == "__main__":
    main()
