"""The id that a request is known by in replies, error texts and logs."""

import random
import time

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def new_request_id() -> str:
    """UTC time to the nanosecond (yyyymmddHHMMSS and nine digits), then eight letters or digits.

    The form is that of the One-API family: "20250611101530123456789AbCdEfGh".
    """
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(seconds))
    return f"{stamp}{nanoseconds:09d}{''.join(random.choices(_ALPHABET, k=8))}"
