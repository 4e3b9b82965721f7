"""The Responses wire as callers speak it."""

import pytest

from tutti.errors import InvalidRequestError
from tutti.families.responses.wire import ResponsesWire
from tutti.kit.clock import ManualClock


@pytest.mark.parametrize("body", [b'{"input": "Hello"}', b'{"model": "", "input": "Hello"}'])
def test_a_request_without_the_name_of_a_model_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        ResponsesWire(ManualClock()).peek(body, {})
    assert "model" in refused.value.message
