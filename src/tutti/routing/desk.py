"""The deeds that concern channels, called alike by API, console and CLI.

Each one changes the store first and then the channels in memory, so that what it did holds for the very next request.
Secrets are sealed on their way to the store and opened on their way back, here and nowhere else.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import msgspec
import structlog

from tutti.errors import ConflictError, InvalidRequestError, NotFoundError
from tutti.kit.seal import Seal
from tutti.routing.channels import Channel, Channels
from tutti.routing.described import (
    ChannelSecrets,
    ChannelSettings,
    read_name,
    read_secrets,
    read_settings,
    to_channel,
)
from tutti.routing.store import ChannelRow, ChannelStore

# What the sealed texts are about: one that was sealed for something else does not open as a channel's.
_ABOUT = b"channel"

_log = structlog.get_logger("tutti.channels")
_encoder = msgspec.json.Encoder()
_settings_decoder = msgspec.json.Decoder(ChannelSettings)
_secrets_decoder = msgspec.json.Decoder(ChannelSecrets)


class ChannelDesk:
    """Channels and their store."""

    def __init__(
        self, store: ChannelStore, channels: Channels, seal: Seal, *, check: Callable[[Channel], None]
    ) -> None:
        """`check` raises `InvalidRequestError` for what its vendor cannot work with, see `vendors/checks.py`."""
        self._store = store
        self._channels = channels
        self._seal = seal
        self._check = check
        self._rows: dict[int, ChannelRow] = {}
        self._problems: dict[int, str] = {}
        # One change at a time: each begins with what the one before it wrote.
        self._changing = asyncio.Lock()

    async def load(self, declared: Iterable[Channel] = ()) -> None:
        """Fill the memory from the store and the settings; to be called once before the first request.

        Secrets that were sealed under an older key are sealed anew. Raises `InvalidRequestError` when what is declared
        does not make sense.
        """
        given = list(declared)
        for channel in given:
            self._check(channel)
        rows = await self._store.list_channels()
        opened = [self._take_up(row) for row in rows]
        self._channels.load([*given, *opened])
        for row in rows:
            if row.id not in self._problems and not self._seal.is_current(row.sealed):
                await self._write(row, row.settings, self._open(row))
                _log.info("channel_sealed_anew", channel=row.name)

    def all(self) -> list[Channel]:
        """Every channel, declared ones first."""
        return self._channels.all()

    def find(self, name: str) -> Channel:
        """The channel of this name. Raises `NotFoundError`."""
        for channel in self._channels.all():
            if channel.name == name:
                return channel
        raise NotFoundError(f"There is no channel named {name!r}.", field="name", subject=name)

    def problem(self, channel: Channel) -> str | None:
        """Why a channel cannot be used at all, None when it can."""
        return self._problems.get(channel.id)

    async def add(self, name: str, settings: Mapping[str, object], secrets: Mapping[str, object]) -> Channel:
        """A new channel. Raises `InvalidRequestError` naming the field, `ConflictError` when the name is taken."""
        name, told, kept = self.check(name, settings, secrets)
        async with self._changing:
            if any(channel.name == name for channel in self._channels.all()):
                raise ConflictError(f"There is a channel named {name!r} already.", field="name")
            row = await self._store.add_channel(name, settings=_encoder.encode(told), sealed=self._close(kept))
            return self._put(row)

    def check(
        self, name: str, settings: Mapping[str, object], secrets: Mapping[str, object]
    ) -> tuple[str, ChannelSettings, ChannelSecrets]:
        """A new channel as it would be. Raises `InvalidRequestError` naming the field."""
        name, told, kept = read_name(name), read_settings(settings), read_secrets(secrets)
        self._check(to_channel(0, name, told, kept))
        return name, told, kept

    async def change(self, name: str, settings: Mapping[str, object], secrets: Mapping[str, object]) -> Channel:
        """A channel with some settings or secrets replaced. Raises as `add`, and `NotFoundError`."""
        async with self._changing:
            row = self._row(name)
            said = msgspec.structs.asdict(_settings_decoder.decode(row.settings))
            told = read_settings({**said, **settings})
            before = ChannelSecrets() if row.id in self._problems else self._open(row)
            kept = read_secrets({**msgspec.structs.asdict(before), **secrets})
            self._check(to_channel(row.id, row.name, told, kept))
            return self._put(await self._write(row, _encoder.encode(told), kept))

    async def remove(self, name: str) -> None:
        """Forget a channel. Raises `NotFoundError`, and `ConflictError` for a declared one."""
        async with self._changing:
            row = self._row(name)
            await self._store.remove_channel(row.id)
            del self._rows[row.id]
            self._problems.pop(row.id, None)
            self._channels.remove(row.id)

    def _row(self, name: str) -> ChannelRow:
        channel = self.find(name)
        if channel.is_declared:
            raise ConflictError(f"The channel {name!r} is declared in tutti.toml: change it there and start anew.")
        return self._rows[channel.id]

    def _put(self, row: ChannelRow) -> Channel:
        channel = self._take_up(row)
        self._channels.put(channel)
        return channel

    def _take_up(self, row: ChannelRow) -> Channel:
        """A stored channel as it is used; one whose secrets do not open is off until it gets new ones."""
        self._rows[row.id] = row
        self._problems.pop(row.id, None)
        settings = _settings_decoder.decode(row.settings)
        try:
            channel = to_channel(row.id, row.name, settings, self._open(row))
            self._check(channel)
        except ValueError as error:
            self._note(
                row, f"its secrets cannot be opened ({error}): put back the file secrets/channel-key, or set them"
            )
        except InvalidRequestError as error:
            self._note(row, error.message)
        else:
            return channel
        return replace(to_channel(row.id, row.name, settings, ChannelSecrets()), is_on=False)

    def _note(self, row: ChannelRow, problem: str) -> None:
        self._problems[row.id] = problem
        _log.error("channel_unusable", channel=row.name, problem=problem)

    async def _write(self, row: ChannelRow, settings: bytes, secrets: ChannelSecrets) -> ChannelRow:
        changed = await self._store.change_channel(
            row.id, name=row.name, settings=settings, sealed=self._close(secrets)
        )
        self._rows[row.id] = changed
        return changed

    def _open(self, row: ChannelRow) -> ChannelSecrets:
        return _secrets_decoder.decode(self._seal.open(row.sealed, about=_ABOUT))

    def _close(self, secrets: ChannelSecrets) -> bytes:
        return self._seal.close(_encoder.encode(secrets), about=_ABOUT)
