"""The names of people, keys and channels, for rows that hold their ids."""

from dataclasses import dataclass

from tutti.accounts.model import Key, User
from tutti.accounts.service import Accounts
from tutti.routing.channels import Channel
from tutti.routing.desk import ChannelDesk
from tutti.routing.lanes import channel_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """Everyone and everything by id, as it is now."""

    users: dict[int, User]
    keys: dict[int, Key]
    channels: dict[int, Channel]

    @classmethod
    async def read(cls, accounts: Accounts, channels: ChannelDesk) -> "Names":
        """As it is now."""
        return cls(
            users={user.id: user for user in await accounts.list_users()},
            keys={key.id: key for key in await accounts.list_keys()},
            channels={channel.id: channel for channel in channels.all()},
        )

    def user(self, user_id: int) -> str:
        """A user's name, or the id of one who is gone."""
        return self.users[user_id].name if user_id in self.users else f"#{user_id}"

    def key(self, key_id: int) -> str:
        """A key's name, or the id of one that is gone."""
        return self.keys[key_id].name if key_id in self.keys else f"#{key_id}"

    def channel(self, channel_id: int | None) -> str | None:
        """A channel's name, or the id of one that is gone; None without a channel."""
        if channel_id is None:
            return None
        return self.channels[channel_id].name if channel_id in self.channels else f"#{channel_id}"

    def lane(self, lane: str) -> str:
        """A lane for people: the engine's, or the channel by its name."""
        found = channel_of(lane)
        return lane if found is None else f"channel {self.channel(found)}"
