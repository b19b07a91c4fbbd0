"""Builds the notices of a site: its outbox, its channels, and the loops that join them."""

import contextlib
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coldport.clock import Clock
from coldport.errors import RefusedError, UnavailableError
from coldport.site import Site
from coldport.supervise import for_ever
from control.alarms.definition import Definition
from control.notify import settings as kinds
from control.notify.channels.to_log import LogChannel
from control.notify.follow import NotifyFollower
from control.notify.load import find_secrets, secret_names
from control.notify.notice import Notice, Outcome
from control.notify.outbox_sqlite import SqliteOutbox
from control.notify.ports import Alarms, Channel
from control.notify.sender import Sender
from control.notify.settings import AnyChannel, NotifyFile
from control.notify.texts import Texts, catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What notices are made of, and about."""

    site: Site
    definitions: Sequence[Definition]
    alarms: Alarms
    data: Path
    clock: Clock


def outbox_path(data: Path) -> Path:
    """Return where the outbox lies in a data folder."""
    return data / "control" / "outbox.sqlite"


class MuteChannel:
    """A channel that cannot work, because its secret is missing or unusable."""

    def __init__(self, reason: str) -> None:
        """Be mute for `reason`."""
        self._reason = reason

    async def send(self, notice: Notice) -> Outcome:
        """Raise UnavailableError, so that the notice takes the fallback or waits."""
        del notice
        raise UnavailableError(self._reason)

    async def close(self) -> None:
        """Do nothing."""


def open_channel(settings: AnyChannel, secrets: Mapping[str, str], clock: Clock) -> Channel:
    """Return the channel that `settings` ask for. Only what its kind sends with is loaded: some take half a second."""
    match settings:
        case kinds.LogChannel():
            return LogChannel()
        case kinds.WebhookChannel():
            from control.notify.channels.webhook import WebhookChannel  # noqa: PLC0415 - see above

            return WebhookChannel(settings.url, secrets[settings.secret] if settings.secret else None)
        case kinds.BotChannel():
            from control.notify.channels.bots import BotChannel  # noqa: PLC0415 - see above

            sign_secret = secrets[settings.sign_secret] if settings.sign_secret else None
            key = secrets[settings.secret]
            return BotChannel(settings.service, key, clock=clock, sign_secret=sign_secret, url=settings.url)
        case kinds.AppriseChannel():
            from control.notify.channels.by_apprise import AppriseChannel  # noqa: PLC0415 - see above

            return AppriseChannel(secrets[settings.secret])


def open_channels(settings: NotifyFile, clock: Clock) -> dict[str, Channel]:
    """Open every channel. One without its secret is mute, as if its service were away: the alarms must not wait for it.

    Raises:
        SiteFileError: The secrets file cannot be used.
    """
    secrets, needed = find_secrets(settings), secret_names(settings)
    channels: dict[str, Channel] = {}
    for one in settings.channels:
        missing = [name for name in needed[one.id] if name not in secrets]
        if missing:
            channels[one.id] = MuteChannel(f"COLDPORT_NOTIFY_{missing[0]} is not set")
            continue
        try:
            channels[one.id] = open_channel(one, secrets, clock)
        except RefusedError as error:
            channels[one.id] = MuteChannel(str(error))
    return channels


@contextlib.asynccontextmanager
async def notices(settings: NotifyFile | None, around: Around) -> AsyncIterator[Sequence[Coroutine[Any, Any, None]]]:
    """Open what notices need, and give the loops to be run beside the others of control; without settings, none.

    Raises:
        SiteFileError: The secrets file cannot be used.
        UnavailableError: The outbox cannot be opened.
    """
    if settings is None:
        yield []
        return
    clock = around.clock
    channels = open_channels(settings, clock)
    outbox = SqliteOutbox(outbox_path(around.data))
    texts = Texts(around.site, around.definitions, settings, catalogue(settings.language))
    follower = NotifyFollower(around.site, settings, texts, around.alarms, outbox)
    loops = [for_ever("notices", lambda: follower.step(clock), clock)]
    for one in settings.channels:
        sender = Sender(one, channels[one.id], outbox, fallback_addresses(settings, one), clock)
        loops.append(for_ever(f"channel {one.id}", sender.step, clock))
    try:
        yield loops
    finally:
        for channel in channels.values():
            await channel.close()
        await outbox.close()


def fallback_addresses(settings: NotifyFile, channel: AnyChannel) -> dict[str, str]:
    """Return where recipients are found by a channel's fallback."""
    name = channel.fallback
    return {one.id: one.addresses[name] for one in settings.recipients if name and name in one.addresses}
