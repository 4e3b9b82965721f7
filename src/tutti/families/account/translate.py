"""Keys and accounts as the New-API family tells them. Pure.

The names are the family's: "usd" stands for the currency that units are shown in, and `total_usage` is in hundredths.
"""

import msgspec

from tutti.accounts.model import Key, User
from tutti.kit.money import UNITS_PER_USD

# What an unlimited key is said to be worth.
_NO_LIMIT = 100_000_000.0
_ROLE_USER, _ROLE_ROOT = 1, 100
_ENABLED = 1


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What a key has used in all its life, in hundredths of the currency."""

    object: str = "list"
    total_usage: float


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """What a key was given: the three limits are one figure; `access_until` in Unix seconds, 0 for ever."""

    object: str = "billing_subscription"
    has_payment_method: bool = True
    soft_limit_usd: float
    hard_limit_usd: float
    system_hard_limit_usd: float
    access_until: int


class TokenUsage(msgspec.Struct, frozen=True, kw_only=True):
    """A key in New-API's own form, in units."""

    object: str = "token_usage"
    name: str
    total_granted: int
    total_used: int
    total_available: int
    unlimited_quota: bool
    model_limits: dict[str, bool]
    model_limits_enabled: bool
    expires_at: int


class TokenReply(msgspec.Struct, frozen=True, kw_only=True):
    """The envelope of `TokenUsage`."""

    code: bool = True
    message: str = "ok"
    data: TokenUsage


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account with every field of the family; what is not known here is empty. Quotas in units."""

    id: int
    username: str
    password: str = ""
    display_name: str
    role: int
    status: int = _ENABLED
    email: str = ""
    github_id: str = ""
    wechat_id: str = ""
    oidc_id: str = ""
    google_id: str = ""
    verification_code: str = ""
    access_token: None = None
    quota: int
    used_quota: int
    request_count: int
    group: str
    can_use_self_group: bool = False
    aff_code: str = ""
    inviter_id: int = 0
    aff_count: int = 0
    aff_quota: int = 0
    aff_history_quota: int = 0
    created_at: int
    last_login_at: int = 0
    last_login_ip: str = ""
    deleted_at: None = None
    group_ratio: float
    topup_ratio: int = 1


class AccountReply(msgspec.Struct, frozen=True, kw_only=True):
    """The envelope of the dashboard API."""

    success: bool = True
    message: str = ""
    data: Account


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A dashboard call that failed."""

    success: bool = False
    message: str


encoder = msgspec.json.Encoder()


def to_usage(key: Key) -> Usage:
    """The key's lifetime usage."""
    return Usage(total_usage=key.used_quota / UNITS_PER_USD * 100)


def to_subscription(key: Key) -> Subscription:
    """The key's allowance: used and left together."""
    limit = _NO_LIMIT if key.quota is None else (key.used_quota + key.quota) / UNITS_PER_USD
    return Subscription(
        soft_limit_usd=limit, hard_limit_usd=limit, system_hard_limit_usd=limit, access_until=_seconds(key)
    )


def to_token_usage(key: Key) -> TokenReply:
    """All about the key."""
    left = key.quota or 0
    return TokenReply(
        data=TokenUsage(
            name=key.name,
            total_granted=left + key.used_quota,
            total_used=key.used_quota,
            total_available=left,
            unlimited_quota=key.quota is None,
            model_limits=dict.fromkeys(sorted(key.models or ()), True),
            model_limits_enabled=key.models is not None,
            expires_at=_seconds(key),
        )
    )


def to_account(user: User, *, request_count: int, group: str, group_ratio: float) -> AccountReply:
    """The account without its secrets."""
    return AccountReply(
        data=Account(
            id=user.id,
            username=user.name,
            display_name=user.name,
            role=_ROLE_ROOT if user.is_admin else _ROLE_USER,
            quota=user.quota,
            used_quota=user.used_quota,
            request_count=request_count,
            group=group,
            created_at=user.created_at_ms // 1000,
            group_ratio=group_ratio,
        )
    )


def _seconds(key: Key) -> int:
    return 0 if key.expires_at_ms is None else key.expires_at_ms // 1000
