"""Chats with models whose answer is durable work, streamed and not.

The work is a task like any other; the call waits for it. A caller who leaves before the answer never learnt of the
task, so it is cancelled and refunded, unless an Idempotency-Key lets them come back for it.
"""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass

from tutti.errors import NoChannelError, TuttiError, WorkFailedError
from tutti.families.chat.translate import Teller, last_user_text, usage_of
from tutti.families.endpoint import decode, idempotency_key_of, require_size
from tutti.families.errors import openai_body
from tutti.families.presenter import Ask, Presenter
from tutti.families.services import Link, Services
from tutti.kit.asgi import (
    Receive,
    Scope,
    Send,
    end_body,
    send_bytes,
    send_event,
    start_events,
    while_connected,
)
from tutti.relay.call import Call
from tutti.routing.lanes import channel_of
from tutti.tasks.model import Submitted, Task
from tutti.tasks.states import TaskState
from tutti.tasks.wait import refunded_if_unheard, wait_until_done
from tutti.wires.openai import DONE, ChatChunk, ChatRequest, chat_request_decoder, encoder

# Seconds between heartbeats, as in Suno-API; and how often a waiting call looks whether one is due.
BEAT_S = 5.0
_LOOK_S = 1.0
# A task ends by its deadline at the latest, and the wait with it.
_UNTIL_ITS_END = math.inf


@dataclass(frozen=True, kw_only=True, slots=True)
class _Work:
    """One chat whose work has been accepted."""

    request: ChatRequest
    ask: Ask
    presenter: Presenter
    submitted: Submitted
    teller: Teller
    link: Link
    headers: tuple[tuple[bytes, bytes], ...]


class DurableChat:
    """Answers chats by tasks."""

    def __init__(self, services: Services, presenters: Mapping[str, Presenter], *, beat_s: float = BEAT_S) -> None:
        """`presenters` holds one for each kind of work that can be asked for in a chat."""
        self._services = services
        self._presenters = presenters
        self._beat_s = beat_s

    async def answer(self, asked: Call, scope: Scope, receive: Receive, send: Send) -> None:
        """Accept the work, wait for it, tell it."""
        work = await self._accept(asked, scope)
        has_key = work.ask.idempotency_key is not None
        async with refunded_if_unheard(self._services.store, work.submitted, has_idempotency_key=has_key):
            answer = self._stream(work, scope, send) if work.request.stream else self._reply(work, send)
            await while_connected(answer, receive)

    async def _accept(self, asked: Call, scope: Scope) -> _Work:
        caller, body = asked.caller, asked.body
        require_size(body, self._services)
        request = decode(chat_request_decoder, body)
        offer = self._services.models.offer(request.model)
        caller.require_model(request.model, offer.priced_as)
        presenter = self._presenters.get(offer.kind)
        if presenter is None:
            raise NoChannelError(f"{request.model} is not a chat model.", subject=request.model)
        ask = Ask(
            model=request.model,
            text=last_user_text(request),
            body=body,
            idempotency_key=idempotency_key_of(scope),
        )
        submitted = await presenter.submit(caller, offer, ask)
        # A channel answers to the name that it was asked by.
        is_ours = channel_of(submitted.task.lane) is None
        return _Work(
            request=request,
            ask=ask,
            presenter=presenter,
            submitted=submitted,
            teller=Teller(
                reply_id=f"chatcmpl-{submitted.task.id.replace('-', '')}",
                created_s=submitted.task.created_at_ms // 1000,
                model=offer.honest_name if is_ours else request.model,
                tells_usage=request.wants_usage,
            ),
            link=self._services.link(scope),
            headers=((b"x-tutti-engine", offer.engine.encode()),) if is_ours else (),
        )

    async def _reply(self, work: _Work, send: Send) -> None:
        task = await wait_until_done(self._services.store, work.submitted.task, timeout_s=_UNTIL_ITS_END)
        text = await self._result(work, task)
        reply = work.teller.whole(text, usage_of(work.request, text))
        await send_bytes(send, status=200, body=encoder.encode(reply), headers=work.headers)

    async def _stream(self, work: _Work, scope: Scope, send: Send) -> None:
        await start_events(send, headers=work.headers)
        await _say(send, work.teller.opening())
        await _say(send, work.teller.words(work.presenter.accepted(work.ask)))
        try:
            task = await self._beat_until_done(work, send)
            text = await self._result(work, task)
        except TuttiError as error:
            # The status has been sent already: SDKs raise on an event that holds an error object.
            await send_event(send, openai_body(error, scope, error_type=self._services.settings.error_type))
            await end_body(send)
            return
        await _say(send, work.teller.words(text))
        await _say(send, work.teller.closing())
        if work.request.wants_usage:
            await _say(send, work.teller.usage(usage_of(work.request, text)))
        await send_event(send, DONE)
        await end_body(send)

    async def _beat_until_done(self, work: _Work, send: Send) -> Task:
        now_s = asyncio.get_running_loop().time
        beat_at_s = now_s() + self._beat_s

        async def beat(_task: Task) -> None:
            nonlocal beat_at_s
            if now_s() >= beat_at_s:
                await _say(send, work.teller.words(work.presenter.heartbeat))
                beat_at_s += self._beat_s

        look_s = min(_LOOK_S, self._beat_s)
        return await wait_until_done(
            self._services.store, work.submitted.task, timeout_s=_UNTIL_ITS_END, heartbeat=beat, every_s=look_s
        )

    async def _result(self, work: _Work, task: Task) -> str:
        """The finished work as text. Raises `WorkFailedError` when there is none."""
        if task.state is not TaskState.SUCCEEDED:
            reason = task.error.message if task.error else f"The task was {task.state.value}."
            raise WorkFailedError(reason, subject=task.public_id)
        parts = await self._services.store.parts([task.id])
        return work.presenter.result(task, parts.get(task.id, ()), work.link)


async def _say(send: Send, chunk: ChatChunk) -> None:
    await send_event(send, encoder.encode(chunk))
