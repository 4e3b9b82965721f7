"""Users and keys of the New-API family, in our words. Pure."""

from collections.abc import Collection, Sequence

from tutti.accounts.keyring import PREFIX, hash_secret
from tutti.admin.new_api.database import Row, Rows, group, listed, number, text
from tutti.admin.taken import TakenKey, TakenUser, TakeoverLine

_ENABLED = 1
# Of a token whose units are used up; it works again when it is given more.
_EXHAUSTED = 4
# Roles from here on are administrators: 10 and, of the first one, 100.
_ADMIN = 10
_TAIL = 4


def take_users(rows: Sequence[Row], source: str) -> tuple[list[TakenUser], list[TakeoverLine]]:
    """Everyone who is not deleted, with what is left to them."""
    users, missing = [], []
    for row in rows:
        name = text(row, "username")
        if _is_deleted(row):
            missing.append(_left_out("user", name, "deleted there"))
        elif not name:
            missing.append(_left_out("user", f"#{number(row, 'id')}", "has no name"))
        else:
            users.append(_user(row, name, source))
    return users, missing


def take_keys(
    rows: Rows, source: str, known: Collection[str], *, now_ms: int
) -> tuple[list[TakenKey], list[TakeoverLine]]:
    """The keys that work there, of users whose references are `known`."""
    is_off = {_ref(source, row.get("id")) for row in rows.users if number(row, "status", _ENABLED) != _ENABLED}
    keys, missing = [], []
    for row in rows.tokens:
        ref, secret = _ref(source, row.get("user_id")), text(row, "key").removeprefix(PREFIX)
        name = text(row, "name") or f"#{number(row, 'id')}"
        why = _why_not(row, secret, now_ms=now_ms)
        if not why and ref not in known:
            why = "its user is left out"
        if not why and ref in is_off:
            why = "its user is disabled there"
        if why:
            missing.append(_left_out("key", f"{name} (sk-...{secret[-_TAIL:]})", why))
        else:
            keys.append(_key(row, name, secret, ref))
    return keys, missing


def _user(row: Row, name: str, source: str) -> TakenUser:
    quota, token, named = number(row, "quota"), text(row, "access_token"), text(row, "group") or "default"
    notes = (
        f"owed {-quota} units there" if quota < 0 else "",
        "disabled there: its keys are left out" if number(row, "status", _ENABLED) != _ENABLED else "",
        f"group {named} there" if group(named) != named else "",
    )
    return TakenUser(
        ref=_ref(source, row.get("id")),
        name=name,
        units=max(0, quota),
        group=group(named),
        is_admin=number(row, "role") >= _ADMIN,
        access_token_hash=hash_secret(token) if token else None,
        note="; ".join(note for note in notes if note),
    )


def _key(row: Row, name: str, secret: str, ref: str) -> TakenKey:
    # new-api has model_limits with a switch beside it and allow_ips, one-api has models and subnet.
    models = listed(row, "model_limits") if number(row, "model_limits_enabled") else listed(row, "models")
    ends, named = number(row, "expired_time", -1), text(row, "group")
    is_auto = named == "auto"
    return TakenKey(
        user_ref=ref,
        name=name,
        secret_hash=hash_secret(PREFIX + secret),
        tail=secret[-_TAIL:],
        quota=None if number(row, "unlimited_quota") else max(0, number(row, "remain_quota")),
        expires_at_ms=ends * 1000 if ends > 0 else None,
        models=models or None,
        group=group(named) if named and not is_auto else None,
        places=listed(row, "allow_ips") or listed(row, "subnet"),
        note="its group auto is its user's here" if is_auto else "",
    )


def _why_not(row: Row, secret: str, *, now_ms: int) -> str:
    """Why a key is left out, empty when it is not."""
    if _is_deleted(row):
        return "deleted there"
    if not secret or "-" in secret:
        return "no key that can be told from a key and a channel's number"
    if number(row, "status", _ENABLED) not in {_ENABLED, _EXHAUSTED}:
        return "disabled or expired there"
    if 0 < number(row, "expired_time", -1) * 1000 <= now_ms:
        return "expired"
    return ""


def _is_deleted(row: Row) -> bool:
    """new-api keeps the time of it; one-api has a status 3 for users."""
    return row.get("deleted_at") is not None or ("username" in row and number(row, "status", _ENABLED) == 3)


def _ref(source: str, user_id: object) -> str:
    return f"{source}:user:{user_id}"


def _left_out(kind: str, name: str, why: str) -> TakeoverLine:
    return TakeoverLine(kind=kind, name=name, outcome="left out", note=why)
