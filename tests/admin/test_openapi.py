"""The description of the admin API; tests/flows/test_admin_api.py sends what it says to a server."""

import json
import re

from jsonschema import Draft202012Validator

from tutti.admin.deeds import Deeds
from tutti.admin.forms import NAMES
from tutti.admin.openapi import document


def test_every_deed_is_described() -> None:
    told = json.loads(document())
    assert {path.rpartition("/")[2] for path in told["paths"]} == {*NAMES, "openapi.json"}
    assert set(NAMES) == {name for name in vars(Deeds) if not name.startswith("_")}
    for component in told["components"]["schemas"].values():
        Draft202012Validator.check_schema(component)
    names = set(re.findall(r'"#/components/schemas/(\w+)"', document().decode()))
    assert names <= told["components"]["schemas"].keys()
