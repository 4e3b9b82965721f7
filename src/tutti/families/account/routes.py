"""What a key was given and has used, and what is left to its account, as clients of the New-API family ask for it."""

from collections.abc import Awaitable, Callable

from starlette.routing import BaseRoute, Route

from tutti.accounts.model import Key, User
from tutti.errors import UnknownKeyError
from tutti.families.account.errors import tell_error
from tutti.families.account.translate import encoder, to_account, to_subscription, to_token_usage, to_usage
from tutti.families.endpoint import Endpoint, caller_of
from tutti.families.errors import openai_teller
from tutti.families.services import Services
from tutti.kit.asgi import Receive, Scope, Send, header, send_bytes

# What a caller may name the account by; their token says it already, so it must only not contradict.
_USER_HEADERS = (b"x-api-user", b"new-api-user", b"rix-api-user")


def routes(services: Services) -> list[BaseRoute]:
    """The routes of keys and of accounts."""
    account = _Account(services)
    tell_openai = openai_teller(error_type=services.settings.error_type)

    def of_key(tell: Callable[[Key], object]) -> Endpoint:
        return Endpoint(account.answer(lambda scope: account.told_of_key(scope, tell)), tell_openai)

    usage, limit = of_key(to_usage), of_key(to_subscription)
    return [
        *_gets("account.token.usage", usage, "/v1/dashboard/billing/usage", "/dashboard/billing/usage"),
        *_gets("account.token.limit", limit, "/v1/dashboard/billing/subscription", "/dashboard/billing/subscription"),
        *_gets(
            "account.ext.usage_token",
            Endpoint(account.answer(lambda scope: account.told_of_key(scope, to_token_usage)), tell_error),
            "/api/usage/token/",
            "/api/usage/token",
        ),
        *_gets("account.user.self", Endpoint(account.answer(account.told_of_user), tell_error), "/api/user/self"),
    ]


def _gets(name: str, endpoint: Endpoint, *paths: str) -> list[Route]:
    return [Route(path, endpoint, methods=["GET"], name=name) for path in paths]


class _Account:
    def __init__(self, services: Services) -> None:
        self._services = services

    def answer(self, tell: Callable[[Scope], Awaitable[object]]) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
        """A raw route that tells what a function gives."""

        async def answer(scope: Scope, _receive: Receive, send: Send) -> None:
            await send_bytes(send, status=200, body=encoder.encode(await tell(scope)))

        return answer

    async def told_of_key(self, scope: Scope, tell: Callable[[Key], object]) -> object:
        """What `tell` says of the key that the call came with."""
        caller = caller_of(scope, self._services)
        keys = await self._services.accounts.list_keys(user_id=caller.user_id)
        return tell(next(key for key in keys if key.id == caller.key_id))

    async def told_of_user(self, scope: Scope) -> object:
        """The account of whoever calls, by their system access token or by a key of theirs."""
        user = await self._user(scope)
        named = next((value for name in _USER_HEADERS if (value := header(scope, name))), None)
        if named is not None and named.strip() != str(user.id):
            raise UnknownKeyError(f"The token is not one of user {named!r}.")
        count = await self._services.accounts.request_count(user.id)
        return to_account(user, request_count=count, group=user.group, group_ratio=1.0)

    async def _user(self, scope: Scope) -> User:
        accounts = self._services.accounts
        credential = (header(scope, b"authorization") or "").strip()
        token = credential[7:].strip() if credential[:7].lower() == "bearer " else credential
        try:
            return await accounts.user_of_token(token)
        except UnknownKeyError:
            caller = caller_of(scope, self._services)
        return next(user for user in await accounts.list_users() if user.id == caller.user_id)
