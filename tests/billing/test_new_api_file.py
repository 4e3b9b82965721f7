"""Files with options of the New-API family, in every form that operators have them."""

import json

import pytest

from tutti.billing.new_api_file import read_options
from tutti.errors import InvalidRequestError

RATIOS = {"gpt-4o": 1.25}


@pytest.mark.parametrize(
    "told",
    [
        {"ModelRatio": RATIOS, "SystemName": "x"},
        {"ModelRatio": json.dumps(RATIOS)},
        [{"key": "ModelRatio", "value": json.dumps(RATIOS)}, {"key": "SystemName", "value": "x"}, 5, {"key": 1}],
        {"success": True, "data": [{"key": "ModelRatio", "value": json.dumps(RATIOS)}]},
        {"success": True, "data": {"model_ratio": RATIOS}},
    ],
)
def test_options_are_found(told: object) -> None:
    (name, value), *more = read_options(json.dumps(told)).items()
    assert (name, json.loads(value), more) == ("ModelRatio", RATIOS, [])


@pytest.mark.parametrize("text", ["", "{", "5", "null", "{}", "[]", '{"ModelRatio": ""}', '"x"', "[" * 5000, b"\xff"])
def test_a_file_without_prices_is_refused(text: str | bytes) -> None:
    with pytest.raises(InvalidRequestError):
        read_options(text)
