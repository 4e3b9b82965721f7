"""One streamed reply of each wire, as its vendor's streams go: tests/data/chat/<wire>.sse."""

from pathlib import Path

FOLDER = Path(__file__).parents[1] / "data" / "chat"
STREAMS = {path.stem: path.read_bytes() for path in sorted(FOLDER.glob("*.sse"))}
