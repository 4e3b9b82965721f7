"""The id that a request is known by in replies, error texts and logs."""

import random
import time
from functools import lru_cache


def new_request_id() -> str:
    """UTC time to the nanosecond (yyyymmddHHMMSS and nine digits), then eight random hexadecimal digits.

    The form is that of the One-API family: "20250611101530123456789a1b2c3d4".
    """
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    return f"{_stamp(seconds)}{nanoseconds:09d}{random.getrandbits(32):08x}"


@lru_cache(maxsize=2)
def _stamp(seconds: int) -> str:
    """Many requests come within one second."""
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(seconds))
