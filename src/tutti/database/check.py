"""Prove that the books are right: every balance equals its ledger, every task has what it must, and no more.

Each rule is one row: what should never be, and the SQL that finds it. Add a rule by adding a row. Nothing is mended
here; what is off is given as values, and `tutti check` prints them.
"""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from tutti.database.driver import Connection, open_for_reading, sqlite, store_error


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is off: which rule, what it concerns, and the numbers."""

    rule: str
    subject: str
    detail: str


# What a live task of a user or key holds and has not yet been charged.
_HELD = "coalesce((SELECT sum(price) FROM tasks WHERE tasks.{owner} = {table}.id AND finished_at_ms = 0), 0)"
_HELD_BY_USER = _HELD.format(owner="user_id", table="users")
_HELD_BY_KEY = _HELD.format(owner="key_id", table="keys")
_BOOKED_TO_USER = "coalesce((SELECT sum(amount) FROM ledger WHERE ledger.user_id = users.id), 0)"
_WORKED_FOR_USER = """
    coalesce((SELECT sum(amount) FROM ledger WHERE ledger.user_id = users.id
              AND kind NOT IN ('topup', 'adjust')), 0)
"""
# What is out in the memory of a process and not yet charged.
_OUT = "coalesce((SELECT sum(units) FROM wallet_leases WHERE wallet_leases.{owner} = {table}.id), 0)"
_OUT_OF_USER = _OUT.format(owner="user_id", table="users")
_OUT_OF_KEY = _OUT.format(owner="key_id", table="keys")
_BOOKED_TO_KEY = "coalesce((SELECT sum(amount) FROM ledger WHERE ledger.key_id = keys.id), 0)"

# A UUID, with which the references of a flush begin. The oldest flush in the log may have lost some of its calls, and
# those before it all.
_ID_LENGTH = 36

# rule -> SELECT subject, detail of everything that breaks it
RULES: dict[str, str] = {
    "balance equals ledger": f"""
        SELECT 'user ' || id, 'balance ' || quota || ', slices ' || {_OUT_OF_USER} || ', ledger ' || {_BOOKED_TO_USER}
        FROM users WHERE quota + {_OUT_OF_USER} <> {_BOOKED_TO_USER}
    """,
    "user's use equals what was charged": f"""
        SELECT 'user ' || id, 'used ' || used_quota || ', charged ' || (-{_WORKED_FOR_USER} - {_HELD_BY_USER})
        FROM users WHERE used_quota <> -{_WORKED_FOR_USER} - {_HELD_BY_USER}
    """,
    "key's quota equals grant less holds": f"""
        SELECT 'key ' || id, 'quota ' || quota || ', slices ' || {_OUT_OF_KEY} || ', granted ' || granted
            || ', ledger ' || {_BOOKED_TO_KEY}
        FROM keys WHERE (quota IS NULL) <> (granted IS NULL) OR quota + {_OUT_OF_KEY} <> granted + {_BOOKED_TO_KEY}
    """,
    "key's use equals what was charged": f"""
        SELECT 'key ' || id, 'used ' || used_quota || ', charged ' || (-{_BOOKED_TO_KEY} - {_HELD_BY_KEY})
        FROM keys WHERE used_quota <> -{_BOOKED_TO_KEY} - {_HELD_BY_KEY}
    """,
    "a flush equals its calls": f"""
        SELECT 'flush ' || flush_id || ', key ' || key_id, 'charged ' || sum(charged) || ', calls ' || sum(logged)
        FROM (SELECT flush_id, key_id, 0 AS charged, units AS logged FROM usage_log UNION ALL
              SELECT substr(ref, 1, {_ID_LENGTH}), key_id, -amount, 0 FROM ledger
              WHERE kind = 'flush' AND ref NOT LIKE 'folded:%')
        WHERE flush_id > (SELECT flush_id FROM usage_log ORDER BY id LIMIT 1)
        GROUP BY flush_id, key_id HAVING sum(charged) <> sum(logged)
    """,
    "every task has its hold": """
        SELECT 'task ' || tasks.id, 'price ' || price || ', hold ' || coalesce(amount, 'missing')
        FROM tasks LEFT JOIN ledger ON ledger.kind = 'hold' AND ref = tasks.id WHERE amount IS NOT -price
    """,
    "every ended task is settled": """
        SELECT 'task ' || tasks.id, 'price ' || price || ', cost ' || coalesce(final_cost, 'missing')
            || ', settle ' || coalesce(amount, 'missing')
        FROM tasks LEFT JOIN ledger ON ledger.kind = 'settle' AND ref = tasks.id
        WHERE finished_at_ms > 0 AND amount IS NOT price - final_cost
    """,
    "no live task is settled": """
        SELECT 'task ' || tasks.id, 'state ' || state
        FROM tasks JOIN ledger ON ledger.kind = 'settle' AND ref = tasks.id WHERE finished_at_ms = 0
    """,
    "a hold without a task was settled": """
        SELECT 'hold ' || ref, 'amount ' || amount FROM ledger AS hold WHERE kind = 'hold'
            AND NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.id = hold.ref)
            AND NOT EXISTS (SELECT 1 FROM ledger AS settle WHERE settle.kind = 'settle' AND settle.ref = hold.ref)
    """,
    "a settlement has its hold": """
        SELECT 'settle ' || ref, 'amount ' || amount FROM ledger AS settle WHERE kind = 'settle'
            AND NOT EXISTS (SELECT 1 FROM ledger AS hold WHERE hold.kind = 'hold' AND hold.ref = settle.ref)
    """,
    "state, end and lease agree": """
        SELECT 'task ' || id, 'state ' || state FROM tasks WHERE
            (finished_at_ms > 0) <> (state IN ('succeeded', 'failed', 'cancelled', 'expired'))
            OR (lease_until_ms IS NOT NULL) <> (state IN ('running', 'submitting', 'storing'))
            OR (lease_owner IS NOT NULL) <> (lease_until_ms IS NOT NULL)
            OR (next_poll_at_ms IS NOT NULL) <> (state = 'waiting')
    """,
    "an ended task with a hook has one last event": """
        SELECT 'task ' || id, 'last events ' || last_events FROM (
            SELECT id, finished_at_ms,
                (SELECT count(*) FROM outbox WHERE task_id = tasks.id AND is_terminal) AS last_events
            FROM tasks WHERE notify_hook IS NOT NULL)
        WHERE last_events <> (finished_at_ms > 0)
    """,
    "no event follows the last": """
        SELECT 'task ' || last.task_id, 'event ' || later.seq || ' after ' || last.seq
        FROM outbox AS last JOIN outbox AS later ON later.task_id = last.task_id AND later.seq > last.seq
        WHERE last.is_terminal
    """,
}


def check(path: Path) -> list[Finding]:
    """Everything that is off in a database at one point in time, even while a server writes; empty when all is well.

    Raises `StoreError` when the file cannot be read at all.
    """
    try:
        with contextlib.closing(open_for_reading(path)) as connection:
            connection.execute("BEGIN")
            return [*_damage(connection), *_breaches(connection)]
    except sqlite.Error as error:
        raise store_error(error) from error


def _damage(connection: Connection) -> list[Finding]:
    """What SQLite finds wrong with the file and with references between rows."""
    pages = [text for (text,) in connection.execute("PRAGMA integrity_check") if text != "ok"]
    orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
    return [
        *(Finding(rule="file is sound", subject="database", detail=text) for text in pages),
        *(
            Finding(rule="references hold", subject=f"{table} row {row}", detail=f"refers to no row of {parent}")
            for table, row, parent, _ in orphans
        ),
    ]


def _breaches(connection: Connection) -> list[Finding]:
    return [
        Finding(rule=rule, subject=subject, detail=detail)
        for rule, query in RULES.items()
        for subject, detail in connection.execute(query)
    ]
