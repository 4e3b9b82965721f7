import os
import threading

import pytest

from tutti.kit import logs


@pytest.mark.parametrize("is_blocking", [True, False])
def test_long_line_is_written_whole_into_a_slow_pipe(is_blocking):
    source, target = os.pipe()
    os.set_blocking(target, is_blocking)
    line = "a" * 300_000
    read = bytearray()

    def drain():
        while chunk := os.read(source, 4096):
            read.extend(chunk)

    reader = threading.Thread(target=drain)
    reader.start()
    with os.fdopen(target, "w") as stream:
        logs._PlainLogger(stream).msg(line)
    reader.join(timeout=10)
    os.close(source)
    assert read.decode() == line + "\n"
