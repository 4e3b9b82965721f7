"""`python -m tests.upstream [--port 0] [--forgetful]`: serve until killed; the first line of output is the address."""

import argparse
import json
import logging
import socket

import uvicorn

from tests.upstream.app import Upstream


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--forgetful", action="store_true", help="keep no requests: for benchmarks")
    options = parser.parse_args()
    # A broken connection is what a fault wants; it is no news.
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL + 1)
    listener = socket.create_server(("127.0.0.1", options.port))
    print(json.dumps({"address": f"http://127.0.0.1:{listener.getsockname()[1]}"}), flush=True)  # noqa: T201
    config = uvicorn.Config(
        Upstream(remembers=not options.forgetful),
        log_config=None,
        access_log=False,
        lifespan="off",
        backlog=2048,
        ws="websockets-sansio",
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
