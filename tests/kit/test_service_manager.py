"""A service manager hears the states it asked for."""

import socket

import pytest

from tutti.kit.service_manager import READY, STOPPING, tell_service_manager


@pytest.mark.parametrize("kind", ["file", "abstract"])
def test_states_arrive_at_the_socket_that_was_named(kind, tmp_path):
    name = str(tmp_path / "notify") if kind == "file" else f"\0{tmp_path}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name)
        manager.settimeout(10)
        for state in (READY, STOPPING):
            tell_service_manager(state, {"NOTIFY_SOCKET": name.replace("\0", "@")})
            assert manager.recv(100) == state.encode()


def test_nobody_is_told_when_nobody_asked():
    tell_service_manager(READY, {})


def test_a_manager_that_is_gone_is_an_error_of_its_socket(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        tell_service_manager(READY, {"NOTIFY_SOCKET": str(tmp_path / "gone")})
