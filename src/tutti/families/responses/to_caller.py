"""From an answer to a whole reply in the Responses wire."""

from tutti.families.responses.output import items_of
from tutti.families.responses.response import Response, begun, ended, new_item_id
from tutti.intents.chat import Answer, Chat, Choice


def response_of(answer: Answer, chat: Chat, *, created_s: int) -> Response:
    """A whole response. Of several answers the first is told: this wire knows one."""
    choice = answer.choices[0] if answer.choices else Choice(parts=())
    return ended(
        begun(chat, created_s=created_s, model=answer.model),
        stop=choice.stop,
        output=items_of(choice.parts, new_item_id, logprobs=choice.logprobs),
        usage=answer.usage,
        service_tier=answer.service_tier,
    )
