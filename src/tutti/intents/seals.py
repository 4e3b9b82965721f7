"""Seals of thoughts that tell whose they are.

A vendor signs what its model thought and takes it back in the next turn only with that seal; another vendor's seal
makes it refuse the whole request. Callers of every wire carry seals from turn to turn without reading them, so a seal
bears the name of its wire: a conversation may then change its vendor at any turn. A seal without a name is Claude's,
whose wire carries seals bare.
"""

CLAUDE = "claude"
GEMINI = "gemini"
RESPONSES = "responses"

_NAMED = (GEMINI, RESPONSES)


def name_seal(wire: str, seal: str) -> str:
    """A vendor's seal with its wire's name."""
    return f"{wire}:{seal}" if wire in _NAMED else seal


def owner_of(signature: str) -> str:
    """The wire that a seal belongs to."""
    wire, colon, _ = signature.partition(":")
    return wire if colon and wire in _NAMED else CLAUDE


def seal_for(wire: str, signature: str | None) -> str | None:
    """The seal as its vendor gave it, None when it is another's."""
    if signature is None or owner_of(signature) != wire:
        return None
    return signature.removeprefix(f"{wire}:")
