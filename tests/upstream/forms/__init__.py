"""What requests may hold, wire by wire: a body that does not fit is refused."""

import msgspec


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A form that takes no field it does not know."""
