"""The schema and its upgrades, crashes in the middle included."""

import contextlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from tutti.database import migrate, schema
from tutti.database.check import check
from tutti.database.migrate import alembic_config, upgrade
from tutti.database.schema import REVISIONS, ensure_schema, revision_of
from tutti.database.tables import metadata
from tutti.errors import StoreError
from tutti.tasks.states import LEASED, TERMINAL

KILLED = 137

OLD_TASK = """
    INSERT INTO tasks (id, public_id, family, kind, model, user_id, key_id, intent, request, lane, state, priority,
        vtag, run_at_ms, max_attempts, price, created_at_ms, deadline_at_ms)
    VALUES (:id, :id, 'suno', :kind, 'm', 1, 1, :intent, x'7b7d', 'l', 'queued', 5, 0, 0, 3, 0, 1, 9)
"""

OLD_CALL = """
    INSERT INTO usage_log (flush_id, request_id, at_ms, user_id, key_id, operation, model, upstream_model, units,
        status, attempts, client_ip)
    VALUES ('f', 'r', 1, 1, 1, 'chat', 'm', '', 7, 200, '', '')
"""

NEXT_STEP = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "9999", "{before}"


def upgrade():
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("nickname", sa.Text()))
    op.execute("UPDATE users SET nickname = name")
"""

# What a later version of Tutti does at its start, in a process of its own.
UPGRADE_LATER = """
import pathlib, sys
from tutti.database import migrate, schema
schema.REVISIONS = (*schema.REVISIONS, "9999")
migrate.SCRIPTS = pathlib.Path(sys.argv[2])
migrate.upgrade(pathlib.Path(sys.argv[1]))
"""


def _schema(path: Path) -> dict[str, list[str]]:
    """The parts of every table and index by name, whatever their order and layout."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    connection.close()
    return {
        name: sorted(part.strip(" ()") for part in " ".join(sql.split()).split(", "))
        for name, sql in rows
        if name != "alembic_version"
    }


def _add_user(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO users (name, created_at_ms) VALUES ('mira', 1)")
    connection.commit()
    connection.close()


@pytest.fixture
def later_scripts(tmp_path: Path) -> Path:
    """The migrations with one step more."""
    scripts = tmp_path / "migrations"
    (scripts / "versions").mkdir(parents=True)
    for source in (migrate.SCRIPTS / "env.py", *(migrate.SCRIPTS / "versions").glob("*.py")):
        (scripts / source.relative_to(migrate.SCRIPTS)).write_text(source.read_text())
    (scripts / "versions" / "9999_later.py").write_text(NEXT_STEP.format(before=REVISIONS[-1]))
    return scripts


def test_the_migrations_make_the_tables_of_the_code(empty_database: Path, tmp_path: Path) -> None:
    declared = tmp_path / "declared.sqlite3"
    engine = create_engine(f"sqlite:///{declared}")
    metadata.create_all(engine)
    engine.dispose()
    assert _schema(empty_database) == _schema(declared)


def test_the_list_of_revisions_is_that_of_the_scripts() -> None:
    scripts = ScriptDirectory.from_config(alembic_config(None))
    assert tuple(script.revision for script in scripts.walk_revisions())[::-1] == REVISIONS


def test_the_states_in_sql_are_those_of_the_code() -> None:
    """`check` names the states in SQL, where it cannot import them."""
    from tutti.database.check import RULES  # noqa: PLC0415 - only this test looks inside

    rule = RULES["state, end and lease agree"]
    for states in (TERMINAL, LEASED):
        assert any(
            {word.strip("' ") for word in part.split(")")[0].split(",")} == set(states)
            for part in rule.split("IN (")[1:]
        )


def test_a_new_database_is_made_in_a_child_process(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite3"
    ensure_schema(path)
    assert revision_of(path) == REVISIONS[-1]
    assert check(path) == []


def test_an_ordinary_start_loads_no_migration_library(database: Path) -> None:
    program = (
        "import pathlib, sys, tutti.tasks.sqlite, tutti.database.schema as schema\n"
        "schema.ensure_schema(pathlib.Path(sys.argv[1]))\n"
        "sys.exit(bool({'sqlalchemy', 'alembic'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", program, database], check=False).returncode == 0


def test_an_up_to_date_database_is_left_alone(database: Path) -> None:
    before = database.read_bytes()
    assert upgrade(database) is None
    assert database.read_bytes() == before


def test_a_database_newer_than_the_code_is_refused(database: Path) -> None:
    connection = sqlite3.connect(database)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    for bring_up in (upgrade, ensure_schema):
        with pytest.raises(StoreError, match="newer than this version"):
            bring_up(database)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tutti.sqlite3"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError, match="not a Tutti database"):
        ensure_schema(path)


def test_songs_of_the_first_schema_are_found_by_their_clips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.sqlite3"
    monkeypatch.setattr(schema, "REVISIONS", ("0001",))
    upgrade(path)
    monkeypatch.undo()
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            OLD_TASK, {"id": "t1", "kind": "song", "intent": b'{"seats":[{"clip_id":"c1"},{"clip_id":"c2"}]}'}
        )
        connection.execute(OLD_TASK, {"id": "t2", "kind": "lyrics", "intent": b'{"prompt":"rain"}'})
    upgrade(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT part_id, task_id FROM part_ids ORDER BY part_id").fetchall()
    assert found == [("c1", "t1"), ("c2", "t1")]


def test_calls_of_an_older_schema_tell_that_they_are_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.sqlite3"
    monkeypatch.setattr(schema, "REVISIONS", REVISIONS[: REVISIONS.index("0006") + 1])
    upgrade(path)
    monkeypatch.undo()
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(OLD_CALL)
    upgrade(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        query = "SELECT units, group_name, cache_written_tokens, thing, thing_count FROM usage_log"
        assert connection.execute(query).fetchall() == [(7, "", 0, "", 0)]


def test_an_upgrade_keeps_a_copy_and_the_rows(
    database: Path, later_scripts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _add_user(database)
    monkeypatch.setattr(schema, "REVISIONS", (*REVISIONS, "9999"))
    monkeypatch.setattr(migrate, "SCRIPTS", later_scripts)
    copy = upgrade(database)
    assert copy == database.with_name(f"tutti.sqlite3.before-{REVISIONS[-1]}")
    assert revision_of(copy) == REVISIONS[-1]
    connection = sqlite3.connect(database)
    assert connection.execute("SELECT name, nickname FROM users").fetchall() == [("mira", "mira")]
    connection.close()


@pytest.mark.parametrize("failpoint", ["migrate-copied", "migrate-written"])
def test_row_25_killed_during_an_upgrade_the_next_start_completes_it(
    database: Path, later_scripts: Path, failpoint: str
) -> None:
    _add_user(database)
    command = [sys.executable, "-c", UPGRADE_LATER, database, later_scripts]
    killed = subprocess.run(command, env=os.environ | {"TUTTI_FAILPOINT": failpoint}, check=False)
    assert killed.returncode == KILLED
    assert revision_of(database) == REVISIONS[-1]
    assert check(database) == []
    subprocess.run(command, check=True)
    assert revision_of(database) == "9999"
    connection = sqlite3.connect(database)
    assert connection.execute("SELECT nickname FROM users").fetchall() == [("mira",)]
    connection.close()


def test_row_25_killed_while_a_database_is_made_the_next_start_makes_it(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite3"
    command = [sys.executable, "-m", "tutti.database.migrate", path]
    killed = subprocess.run(command, env=os.environ | {"TUTTI_FAILPOINT": "migrate-written"}, check=False)
    assert killed.returncode == KILLED
    assert revision_of(path) is None
    ensure_schema(path)
    assert revision_of(path) == REVISIONS[-1]
