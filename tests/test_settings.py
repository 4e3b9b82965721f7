import pytest

from tutti.settings import Settings


@pytest.mark.parametrize(
    ("written", "read"),
    [("10.1.0.0/16", ("10.1.0.0/16",)), ("10.1.0.0/16, fd00::/8", ("10.1.0.0/16", "fd00::/8")), ("", ())],
)
def test_lists_in_variables_are_split_at_commas(monkeypatch, written, read):
    monkeypatch.setenv("TUTTI_ALLOW_PRIVATE_ADDRESSES", written)
    assert Settings().allow_private_addresses == read


def test_lists_given_as_lists_stay_as_they_are():
    assert Settings(allow_private_addresses=("127.0.0.0/8",)).allow_private_addresses == ("127.0.0.0/8",)
