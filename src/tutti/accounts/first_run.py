"""The first start on an empty data directory: an admin with credit, a key without limit, a system access token.

They are shown once on a terminal, or written to a file that only its owner can read; there is no default password.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from tutti.accounts.keyring import hash_secret
from tutti.accounts.service import Accounts
from tutti.kit.ids import random_text

ADMIN_NAME = "admin"
# 200 US dollars, as the New-API family starts its root user with.
ADMIN_UNITS = 100_000_000
TOKEN_LENGTH = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class FirstRun:
    """What is shown once."""

    key: str
    access_token: str


async def set_up_first_admin(accounts: Accounts) -> FirstRun | None:
    """Make admin, key and token when there is nobody yet; None when there is."""
    if await accounts.list_users():
        return None
    token = random_text(TOKEN_LENGTH)
    admin = await accounts.create_user(
        ADMIN_NAME, quota=ADMIN_UNITS, is_admin=True, access_token_hash=hash_secret(token)
    )
    issued = await accounts.create_key(admin, "first")
    return FirstRun(key=issued.secret, access_token=token)


def greeting(first: FirstRun, base_url: str) -> str:
    """What a person reads at the first start, with a call to paste."""
    return f"""\
Tutti is ready at {base_url}

  API key              {first.key}
  system access token  {first.access_token}

Keep them: they are stored hashed and cannot be shown again. Your first song:

  curl -s {base_url}/suno/submit/music \\
    -H 'Authorization: Bearer {first.key}' \\
    -H 'Content-Type: application/json' \\
    -d '{{"prompt": "[Verse]\\nLanterns drift along the quay\\n[Chorus]\\nCarry me home",
         "title": "Lanterns", "tags": "acoustic folk, warm"}}'

Its answer holds the task's id; the song is at

  curl -s {base_url}/suno/fetch/TASK_ID -H 'Authorization: Bearer {first.key}'
"""


def write_for_owner(path: Path, text: str) -> None:
    """Write a file that only its owner can read; an older one is replaced."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
