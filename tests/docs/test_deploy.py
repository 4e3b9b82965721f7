"""The container and the unit name what is there, and the page on them names the same."""

import json
import re
import shlex
import tomllib
from configparser import RawConfigParser
from pathlib import Path

import pytest
import yaml

from tutti.settings import Settings

ROOT = Path(__file__).parents[2]
CONTAINERFILE = (ROOT / "deploy" / "Containerfile").read_text("utf-8").replace("\\\n", "")
UNIT = (ROOT / "deploy" / "tutti.service").read_text("utf-8")
COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text("utf-8"))["services"]["tutti"]
PAGE = (ROOT / "docs" / "how-to" / "deploy.md").read_text("utf-8")
SETUP = (ROOT / "script" / "setup").read_text("utf-8")
KEPT = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}


def instructions(name: str) -> list[str]:
    """What follows a word of the Containerfile, wherever it stands."""
    return re.findall(rf"^{name} +(.+)$", CONTAINERFILE, re.MULTILINE)


def of_image(variable: str) -> str:
    """A variable that the image sets."""
    words = [word for line in instructions("ENV") for word in shlex.split(line)]
    return dict(word.split("=", 1) for word in words)[variable]


def of_unit(name: str) -> str:
    """A line of the unit's service, the last one of that name."""
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign] - names are what they are
    parser.read_string(UNIT)
    return parser["Service"][name]


def test_what_the_image_is_built_from_is_there_and_holds_all_that_setup_reads():
    assert [name for name in sorted(KEPT) if not (ROOT / name).exists()] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    read = {"pyproject.toml", "requirements", "script", "src", project["readme"], *project["license-files"]}
    assert read == KEPT


def test_setup_knows_the_purposes_that_image_and_page_name():
    purposes = set(re.findall(r"^(\w+)\) groups=", SETUP, re.MULTILINE))
    default = next(line.split("=")[1] for line in instructions("ARG") if line.startswith("PURPOSE="))
    named = set(re.findall(r"(?:PURPOSE=|script/setup )(\w+)", PAGE))
    assert default == "server"
    assert {default, "gateway"} == named
    assert named < purposes


@pytest.mark.parametrize(
    "variable", sorted({*re.findall(r"TUTTI_\w+", CONTAINERFILE + UNIT + PAGE)}), ids=lambda name: name
)
def test_every_variable_that_is_named_is_a_setting(variable):
    assert variable.removeprefix("TUTTI_").lower() in Settings.model_fields


def test_image_compose_and_page_agree_on_the_port():
    port = Settings.model_fields["port"].default
    published = f"127.0.0.1:{port}:{port}"
    assert int(of_image("TUTTI_PORT")) == port
    assert instructions("EXPOSE") == [str(port)]
    assert COMPOSE["ports"] == [published]
    assert f"-p {published}" in PAGE


def test_image_and_page_agree_on_the_user():
    (user,) = instructions("USER")
    number = user.split(":")[0]
    assert int(number) > 0
    assert f"--uid {number} " in CONTAINERFILE
    assert f"runs as user {number} " in PAGE
    assert f"-o {number} -g {number} " in PAGE


def test_all_that_the_image_writes_lies_in_its_one_volume():
    (volume,) = instructions("VOLUME")
    assert of_image("TUTTI_DATA") == volume
    assert Path(of_image("TUTTI_CACHE_DIR")).is_relative_to(volume)
    assert COMPOSE["volumes"] == [f"data:{volume}"]
    assert f"-v tutti-data:{volume} " in PAGE


def test_the_health_check_is_a_program():
    (check,) = instructions("HEALTHCHECK")
    _, dash_c, program = json.loads(check.partition(" CMD ")[2])
    assert dash_c == "-c"
    compile(program, "HEALTHCHECK", "exec")


def test_the_unit_runs_the_command_that_the_page_installs():
    program, command = shlex.split(of_unit("ExecStart"))
    clone = Path(program).parents[2]
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    assert program == f"{clone}/.venv/bin/{next(iter(scripts))}"
    assert command == "serve"
    assert f"ADDRESS-OF-THIS-REPOSITORY {clone}\n" in PAGE
    assert f"{clone}/script/setup server\n" in PAGE
    assert f"env -C {of_unit('WorkingDirectory')} {program} " in PAGE
    assert f"TUTTI_CACHE_DIR=/var/cache/{of_unit('CacheDirectory')} " in PAGE
    assert f"/var/lib/{of_unit('StateDirectory')}" == of_unit("WorkingDirectory")


def test_they_wait_longer_than_the_server_drains():
    drain_s = Settings.model_fields["drain_s"].default
    graces = [of_unit("TimeoutStopSec"), COMPOSE["stop_grace_period"], *re.findall(r"--stop-timeout (\d+)", PAGE)]
    # A song that does not heed is ended 5 s after, and what was cut gets 5 s to be settled.
    assert all(int(grace.removesuffix("s")) >= drain_s + 10 for grace in graces), graces
    assert len(graces) == 3
