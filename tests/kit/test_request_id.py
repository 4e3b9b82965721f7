import re

from tutti.kit.request_id import new_request_id


def test_request_id_has_the_family_form():
    assert re.fullmatch(r"20\d{12}\d{9}[A-Za-z0-9]{8}", new_request_id())


def test_request_ids_differ():
    assert len({new_request_id() for _ in range(1000)}) == 1000
