"""What is read from the databases of other gateways."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.admin.new_api.databases import UPSTREAM, make_database
from tutti.accounts.keyring import hash_secret
from tutti.admin.new_api import read_takeover
from tutti.admin.taken import Takeover
from tutti.errors import InvalidRequestError

NOW_MS = 1_700_000_000_000


def read(path: Path) -> tuple[Takeover, dict[tuple[str, str], str]]:
    taken, left_out = read_takeover(path, source="old", now_ms=NOW_MS)
    assert {line.outcome for line in left_out} <= {"left out"}
    return taken, {(line.kind, line.name): line.note for line in left_out}


def test_users_come_with_what_is_left_to_them(tmp_path: Path) -> None:
    taken, left_out = read(make_database(tmp_path, "new-api"))
    told = [(user.ref, user.name, user.units, user.group, user.is_admin) for user in taken.users]
    assert told == [
        ("old:user:1", "root", 100_000_000, "default", True),
        ("old:user:2", "mira", 7_500_000, "vip-users", False),
        ("old:user:3", "noor", 10, "default", False),
        ("old:user:5", "admin", 0, "default", False),
    ]
    assert taken.users[0].access_token_hash == hash_secret("a" * 32)
    assert "owed 40 units" in taken.users[3].note
    assert left_out["user", "gone"] == "deleted there"


def test_keys_are_told_by_their_hash(tmp_path: Path) -> None:
    path = make_database(tmp_path, "new-api")
    taken, left_out = read(path)
    main, phone, used = taken.keys
    assert main.secret_hash == hash_secret("sk-RootKey0" + "a" * 40)
    assert (main.quota, main.expires_at_ms, main.models, main.group, main.places) == (None, None, None, None, ())
    assert (phone.quota, phone.expires_at_ms, phone.models) == (500_000, 4_102_444_800_000, ("gpt-4o", "o3"))
    assert (phone.group, phone.places) == ("vip-users", ("127.0.0.1", "10.0.0.0/8"))
    assert (used.quota, used.group, bool(used.note)) == (0, None, True)
    assert set(left_out.values()) >= {"disabled or expired there", "expired", "its user is disabled there"}
    assert left_out["key", "gone (sk-...aaaa)"] == "its user is left out"


def test_channels_have_our_types(tmp_path: Path) -> None:
    taken, left_out = read(make_database(tmp_path, "new-api"))
    main, claude, azure, vertex, nowhere = taken.channels
    assert main.keys == ["sk-upstream-one-000001", "sk-upstream-two-000002"]
    assert main.headers == {"OpenAI-Organization": "org-1", "X-Title": "house"}
    assert main.note == ""
    assert main.settings == {
        "type": "openai-compatible",
        "base_url": UPSTREAM,
        "models": ("gpt-4o", "gpt-4o-mini", "fast"),
        "model_map": {"fast": "gpt-4o-mini"},
        "groups": ("default", "vip-users"),
        "priority": 7,
        "weight": 1,
        "param_overrides": {"temperature": 0.2},
        "options": {},
        "is_on": True,
    }
    assert (claude.name, claude.settings["type"], claude.settings["is_on"]) == ("main #2", "anthropic", False)
    assert [word in claude.note for word in ("setting", "status codes", "operations")] == [True, True, True]
    assert azure.settings["options"] == {"api_version": "2025-01-01"}
    assert vertex.settings["options"] == {"project": "p-1", "region": "europe-west1"}
    assert '"project_id":"p-1"' in vertex.keys[0]
    assert nowhere.settings["base_url"] == ""
    assert "Kling" in left_out["channel", "kling"]


def test_only_prices_are_read_of_the_options(tmp_path: Path) -> None:
    taken, _ = read(make_database(tmp_path, "new-api"))
    assert taken.prices.keys() == {"ModelRatio", "CompletionRatio", "ModelPrice", "GroupRatio"}
    assert taken.prices["GroupRatio"] == '{"default":1,"vip-users":0.5}'
    assert "secret-of-mail" not in str(taken)


def test_one_api_counts_its_types_in_its_own_way(tmp_path: Path) -> None:
    taken, left_out = read(make_database(tmp_path, "one-api"))
    assert [(channel.name, channel.settings["type"]) for channel in taken.channels] == [
        ("azure", "azure"),
        ("groq", "groq"),
        ("doubao", "volcengine"),
    ]
    assert taken.channels[0].settings["options"] == {"api_version": "2025-01-01"}
    assert "system prompt" in taken.channels[1].note
    (key,) = taken.keys
    assert (key.quota, key.models, key.places) == (300, ("gpt-4o",), ("10.0.0.0/8", "192.168.0.0/16"))
    assert left_out["user", "gone"] == "deleted there"


def test_odd_rows_are_no_reason_to_stop(tmp_path: Path) -> None:
    path = make_database(tmp_path, "new-api")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("""UPDATE channels SET model_mapping = '[', priority = 'high', weight = 1e300,
            channel_info = x'ff', header_override = '5', models = NULL, "group" = '' WHERE id = 1""")
        connection.execute("UPDATE users SET username = CAST(x'6d69ff' AS TEXT), quota = 'many' WHERE id = 2")
        connection.execute("""UPDATE tokens SET name = NULL, expired_time = NULL, "group" = '!!' WHERE id = 1""")
        connection.execute("UPDATE options SET value = '5' WHERE key = 'GroupRatio'")
    taken, _ = read(path)
    assert (taken.users[1].name, taken.users[1].units) == ("mi\ufffd", 0)
    assert (taken.keys[0].name, taken.keys[0].group) == ("#1", "-")
    settings = taken.channels[0].settings
    assert (settings["priority"], settings["models"], settings["groups"]) == (0, (), ("default",))


@pytest.mark.parametrize("content", [b"", b"no database at all, but long enough" * 200, None])
def test_another_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "other.db"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidRequestError, match=r"other\.db"):
        read(path)
