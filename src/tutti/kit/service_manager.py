"""Telling the service manager that started us how far we are: sd_notify(3), which is a datagram to a named socket.

https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
"""

import os
import socket
from collections.abc import Mapping

READY = "READY=1"
STOPPING = "STOPPING=1"


def tell_service_manager(state: str, variables: Mapping[str, str] = os.environ) -> None:
    """Say a state, such as `READY`, to whoever asked for it in NOTIFY_SOCKET. Raises `OSError` when nobody hears it."""
    address = variables.get("NOTIFY_SOCKET", "")
    if not address:
        return
    # "@" stands for the null byte that addresses without a file begin with.
    name = f"\0{address[1:]}" if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.connect(name)
        sender.send(state.encode())
