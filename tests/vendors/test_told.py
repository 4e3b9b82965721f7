"""What upstreams say of their failures, in every form that they have been seen in."""

import pytest

from tutti.vendors.told import told_of
from tutti.vendors.wire import Told


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            b'{"error":{"message":"Too long","type":"invalid_request_error","code":"context_length_exceeded"}}',
            Told(message="Too long", code="context_length_exceeded", kind="invalid_request_error"),
        ),
        (
            b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
            Told(message="Overloaded", kind="overloaded_error"),
        ),
        (
            b'[{"error":{"code":429,"message":"Quota","status":"RESOURCE_EXHAUSTED"}}]',
            Told(message="Quota", code="429", kind="RESOURCE_EXHAUSTED"),
        ),
        (b'{"error":"model is loading"}', Told(message="model is loading")),
        (b'{"message":"Not here","code":1002}', Told(message="Not here", code="1002")),
        (b'{"detail":"Not Found"}', Told(message="Not Found")),
        (b'"plain words"', Told(message="plain words")),
        (b"upstream connect error", Told(message="upstream connect error")),
        (
            b"<html><head><style>p{}</style></head><body><h1>502  Bad Gateway</h1></body></html>",
            Told(message="502 Bad Gateway"),
        ),
        (b"", Told(message="The upstream answered with status 502.")),
        (b"\xff\xfe", Told(message="\ufffd\ufffd")),
        (b'{"error":{"message":null}}', Told(message='{"error":{"message":null}}')),
    ],
)
def test_words_of_a_failure_are_found(body, told):
    assert told_of(502, body) == told


def test_long_page_is_cut():
    assert len(told_of(502, b"x" * 10**6).message) == 2000
