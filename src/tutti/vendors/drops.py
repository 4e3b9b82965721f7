"""What of a request finds no place in an upstream's wire, in the caller's words."""

from tutti.intents.chat import Chat, Foreign, ServerTool


class Drops:
    """The names that the caller will read in `x-tutti-dropped`, each once and in order."""

    def __init__(self, chat: Chat, wire: str) -> None:
        """Begin with what the caller's side could not say, and what only its wire knows unless `wire` is the same."""
        self._chat = chat
        self._names = dict.fromkeys(chat.dropped)
        if chat.wire != wire:
            self._names |= dict.fromkeys(chat.extra)

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(self._names)

    @property
    def caller_wire(self) -> str:
        """The wire that the request came in."""
        return self._chat.wire

    def word(self, name: str) -> str:
        """What the caller calls a field of the chat or of a part, for errors."""
        return self._chat.word(name)

    def add(self, name: str, why: str = "") -> None:
        """Name a field of the chat or of a part (`Image.detail`), and in a word or two what became of it."""
        word = self._chat.word(name)
        self._names[f"{word} ({why})" if why else word] = None

    def add_set(self, *names: str) -> None:
        """Name those of these fields of the chat that the caller has set."""
        for name in names:
            if getattr(self._chat, name) not in (None, (), {}):
                self.add(name)

    def add_foreign(self, part: Foreign | ServerTool) -> None:
        """Name a part or a tool that only another wire knows, by its type; in Gemini's wire that is its only field."""
        self.add(type(part).__name__, str(part.value.get("type") or next(iter(part.value), "")))
