"""From a request for a session to the call that its responses are charged as."""

from tutti.accounts.model import Caller
from tutti.families.immediate import refuse_unserved
from tutti.families.services import Services
from tutti.kit.asgi import Scope
from tutti.relay.call import Call
from tutti.relay.wires import Peek


def call_of(
    scope: Scope, services: Services, caller: Caller, *, model: str, is_beta: bool, transcribes: bool = False
) -> Call:
    """A session with a model that the caller may use and some channel serves. Raises `TuttiError`.

    `transcribes` is of one that only writes down what is said.
    """
    caller.require_model(model)
    trace = services.trace(scope)
    beta = {"openai-beta": "realtime=v1"} if is_beta else {}
    call = Call(
        caller=caller,
        request_id=scope.get("tutti.request_id", ""),
        client_ip=services.client_ip(scope),
        operations=("realtime_transcription" if transcribes else "realtime",),
        wire=None,
        peek=Peek(model=model, is_stream=True),
        body=b"",
        headers=beta if trace is None else {**beta, **trace.headers},
        only_channel=caller.channel,
        trace=trace,
    )
    if not services.relay.serves(call, call.operations):
        refuse_unserved(services, model)
    return call
