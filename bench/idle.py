"""What an idle gateway costs: seconds until it is ready, memory, and processor time while nothing happens."""

import time

from bench.gateway import running_gateway
from tutti.cli.output import show_table

IDLE_S = 10.0


def main() -> None:
    """Print the table."""
    with running_gateway() as gateway:
        before = gateway.cpu_s()
        time.sleep(IDLE_S)
        share = (gateway.cpu_s() - before) / IDLE_S
        rows = [
            ("ready after, s", f"{gateway.ready_s:.2f}"),
            ("memory, MB", f"{gateway.memory_mb():.0f}"),
            ("idle processor, % of a core", f"{share * 100:.2f}"),
        ]
    show_table(("idle gateway", ""), rows)


if __name__ == "__main__":
    main()
