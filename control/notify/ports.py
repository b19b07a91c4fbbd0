"""What notices need from outside: the alarms, a durable outbox, and ways out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from coldport.messages.alarm import Alarm
from control.notify.notice import Notice, Outcome

WAITING_LIMIT = 5_000
"""Notices that wait in an outbox; beyond it the oldest that is not critical is given up. Nobody reads so many."""

SETTLED_LIMIT = 20_000
"""Notices whose end is remembered: months of them, and what a repeat is known by."""


class Alarms(Protocol):
    """The alarms of a site, as they move."""

    def journal_last(self) -> int:
        """Return the number of the journal's newest entry."""
        ...

    def alarms_since(self, transition: int) -> list[Alarm]:
        """Return the newest occurrence of each alarm, if it moved after entry `transition`, in the order they moved."""
        ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that is due, and how often it has been tried."""

    notice: Notice
    tried: int


@dataclass(frozen=True, slots=True)
class Record:
    """What became of a notice: `waiting`, `sent`, `refused` or `given-up`. `at` is when it last changed."""

    key: str
    channel: str
    recipient: str
    state: str
    at: datetime
    tried: int
    reason: str | None = None


class Outbox(Protocol):
    """Notices until they are sent, and the planner's memory beside them. Every method raises UnavailableError."""

    async def load(self) -> tuple[int, bytes] | None:
        """Return the journal number that was applied last, and the planner's state then; None in a new outbox."""
        ...

    async def commit(self, applied: int, state: bytes, notices: Sequence[Notice]) -> int:
        """Keep number, state and notices in one transaction; one whose key is known is not added again.

        Returns:
            How many waiting ones were given up to make room.
        """
        ...

    async def due(self, channel: str, now: datetime, *, critical_only: bool = False) -> Waiting | None:
        """Return what a channel should send next: critical ones first, then the oldest. None: nothing is due."""
        ...

    async def sent(self, key: str, at: datetime) -> None:
        """Mark one as sent."""
        ...

    async def refused(self, key: str, at: datetime, reason: str) -> None:
        """Mark one as refused for good."""
        ...

    async def again(self, key: str, at: datetime, due: datetime, reason: str) -> None:
        """Count a try that failed at `at`; it is not `due` again before then."""
        ...

    async def reroute(self, channel: str, to: str, addresses: dict[str, str]) -> int:
        """Move what waits on a channel to another one, for the recipients who have an address there."""
        ...

    async def sent_since(self, channel: str, at: datetime) -> Sequence[datetime]:
        """Return when the channel sent something from `at` on."""
        ...

    async def records(self, limit: int) -> Sequence[Record]:
        """Return the newest records, newest first."""
        ...

    async def close(self) -> None:
        """Release the store."""
        ...


class Channel(Protocol):
    """A way out."""

    async def send(self, notice: Notice) -> Outcome:
        """Send one notice, within ten seconds.

        Raises:
            UnavailableError: The service is away; it may be tried again.
        """
        ...

    async def close(self) -> None:
        """Release connections."""
        ...
