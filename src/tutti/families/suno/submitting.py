"""The submits: a body in, a durable task out."""

from collections.abc import Sequence
from dataclasses import dataclass

from tutti.errors import NoChannelError
from tutti.families.endpoint import body_of, caller_of, idempotency_key_of
from tutti.families.services import Services
from tutti.families.suno.lanes import offer_for
from tutti.families.suno.orders import Orders
from tutti.families.suno.submit import priced_name, submit
from tutti.kit.asgi import Receive, Scope, Send, send_bytes
from tutti.tasks.model import Task
from tutti.wires.suno import Envelope, encoder


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """A submit that is durable, and the headers to tell it with."""

    task: Task
    headers: Sequence[tuple[bytes, bytes]]


class Submitting:
    """The routes under /suno/submit."""

    def __init__(self, services: Services, orders: Orders) -> None:
        self._services = services
        self._orders = orders

    async def submit(self, scope: Scope, receive: Receive, send: Send) -> None:
        """POST /suno/submit/{action}: the task's id, once it is durable."""
        await self._answer(scope, receive, send, action=scope["path_params"]["action"].lower())

    async def concat(self, scope: Scope, receive: Receive, send: Send) -> None:
        """POST /suno/submit/music/concat, the other address of a concat."""
        await self._answer(scope, receive, send, action="concat")

    async def _answer(self, scope: Scope, receive: Receive, send: Send, *, action: str) -> None:
        accepted = await self.accept(scope, receive, action=action)
        body = encoder.encode(Envelope(data=accepted.task.public_id))
        await send_bytes(send, status=200, body=body, headers=accepted.headers)

    async def accept(self, scope: Scope, receive: Receive, *, action: str) -> Accepted:
        """Read, price and store a submit. A key is asked whether it may use the action, whatever its task word.

        An unknown action is a model that has no channel, as in the New-API family.
        """
        caller = caller_of(scope, self._services)
        if action not in self._orders.by_action:
            raise NoChannelError(f"No available channel for model suno_{action}.", subject=f"suno_{action}")
        caller.require_model(f"suno_{action}")
        body = await body_of(scope, receive, self._services)
        order = await self._orders.by_action[action](caller, body)
        offer = offer_for(self._services, caller, priced_name(order.intent), order.intent)
        submitted = await submit(
            self._services,
            caller,
            offer,
            order.intent,
            body=body,
            notify_hook=order.notify_hook,
            idempotency_key=idempotency_key_of(scope),
        )
        headers = [(b"x-tutti-engine", offer.engine.encode())] if offer.engine else []
        return Accepted(task=submitted.task, headers=headers)
