"""How quickly the gateway answers while songs render on every core."""

import argparse
import json
import time
import urllib.request

import uvloop

from bench.gateway import running_gateway
from bench.load import fire, repeat, request_bytes
from tutti.cli.output import show_table

SONG = {"gpt_description_prompt": "a rainy market street at dusk, hopeful", "mv": "chirp-v3-5"}


def main() -> None:
    """Print p50 and p99 of /readyz and of a fetch, alone and while two songs render."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--songs", type=int, default=2)
    options = parser.parse_args()
    rows = []
    with running_gateway(song_workers=options.songs) as gateway:
        url = f"http://127.0.0.1:{gateway.port}"

        def measure(when: str, task_id: str) -> None:
            for path in ("/readyz", f"/suno/fetch/{task_id}"):
                request = request_bytes("GET", path, key=gateway.key)
                outcome = uvloop.run(fire(gateway.port, repeat(request, options.calls), connections=4))
                errors = sum(n for status, n in outcome.statuses.items() if status != 200)
                name = path if path == "/readyz" else "/suno/fetch/{id}"
                rows.append(
                    (when, name, f"{outcome.percentile_ms(0.5):.1f}", f"{outcome.percentile_ms(0.99):.1f}", errors)
                )

        def call(path: str, body: dict | None = None) -> dict:
            request = urllib.request.Request(
                url + path,
                data=None if body is None else json.dumps(body).encode(),
                headers={"authorization": f"Bearer {gateway.key}", "content-type": "application/json"},
            )
            with urllib.request.urlopen(request) as reply:
                return json.load(reply)

        ids = [call("/suno/submit/music", SONG)["data"] for _ in range(options.songs)]
        deadline = time.monotonic() + 600
        while any(call(f"/suno/fetch/{one}")["data"]["status"] != "IN_PROGRESS" for one in ids):
            if time.monotonic() > deadline:
                raise SystemExit("the songs did not start")
            time.sleep(0.5)
        time.sleep(10)  # past loading, into singing
        measure(f"while {options.songs} songs render", ids[0])
    show_table(("when", "call", "p50 ms", "p99 ms", "errors"), rows)


if __name__ == "__main__":
    main()
