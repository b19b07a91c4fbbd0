"""The outbox's twin without a disk, for tests and rehearsals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from control.notify.notice import Notice
from control.notify.ports import SETTLED_LIMIT, WAITING_LIMIT, Record, Waiting


@dataclass(slots=True)
class _Row:
    notice: Notice
    state: str
    at: datetime
    due: datetime
    tried: int = 0
    reason: str | None = None


class MemoryOutbox:
    """An `Outbox` in a dict; see `control.notify.ports.Outbox` for what it promises."""

    def __init__(self, waiting_limit: int = WAITING_LIMIT, settled_limit: int = SETTLED_LIMIT) -> None:
        """Start one without notices."""
        self._kept: tuple[int, bytes] | None = None
        self._rows: dict[str, _Row] = {}
        self._limits = (waiting_limit, settled_limit)

    async def load(self) -> tuple[int, bytes] | None:
        """Return what was committed last."""
        return self._kept

    async def commit(self, applied: int, state: bytes, notices: Sequence[Notice]) -> int:
        """Keep number, state and new notices."""
        self._kept = (applied, state)
        for notice in notices:
            self._rows.setdefault(notice.key, _Row(notice, "waiting", notice.at, notice.at))
        waiting_limit, settled_limit = self._limits
        waiting = sorted(self._waiting(), key=lambda row: (row.notice.critical, row.notice.at))
        given_up = waiting[: max(0, len(waiting) - waiting_limit)]
        for row in given_up:
            row.state, row.reason = "given-up", "the outbox was full"
        settled = sorted((r for r in self._rows.values() if r.state != "waiting"), key=lambda r: r.at)
        for row in settled[: max(0, len(settled) - settled_limit)]:
            del self._rows[row.notice.key]
        return len(given_up)

    async def due(self, channel: str, now: datetime, *, critical_only: bool = False) -> Waiting | None:
        """Return what a channel should send next."""
        due = [row for row in self._waiting(channel) if row.due <= now and (row.notice.critical or not critical_only)]
        row = min(due, key=lambda r: (not r.notice.critical, r.notice.at), default=None)
        return Waiting(row.notice, row.tried) if row else None

    async def sent(self, key: str, at: datetime) -> None:
        """Mark one as sent."""
        self._settle(key, "sent", at, None)

    async def refused(self, key: str, at: datetime, reason: str) -> None:
        """Mark one as refused."""
        self._settle(key, "refused", at, reason)

    async def again(self, key: str, at: datetime, due: datetime, reason: str) -> None:
        """Count a failed try."""
        self._settle(key, "waiting", at, reason)
        self._rows[key].due = due

    async def reroute(self, channel: str, to: str, addresses: dict[str, str]) -> int:
        """Move what waits to another channel."""
        moved = [row for row in self._waiting(channel) if row.notice.recipient in addresses]
        for row in moved:
            address = addresses[row.notice.recipient]
            row.notice = msgspec.structs.replace(row.notice, channel=to, address=address)
            row.due, row.tried = row.notice.at, 0
        return len(moved)

    async def sent_since(self, channel: str, at: datetime) -> Sequence[datetime]:
        """Return when the channel sent something."""
        rows = self._rows.values()
        return sorted(r.at for r in rows if r.notice.channel == channel and r.state == "sent" and r.at >= at)

    async def records(self, limit: int) -> Sequence[Record]:
        """Return the newest records."""
        rows = sorted(self._rows.values(), key=lambda r: r.at, reverse=True)[:limit]
        return [
            Record(r.notice.key, r.notice.channel, r.notice.recipient, r.state, r.at, r.tried, r.reason) for r in rows
        ]

    async def close(self) -> None:
        """Do nothing."""

    def _waiting(self, channel: str | None = None) -> list[_Row]:
        rows = self._rows.values()
        return [r for r in rows if r.state == "waiting" and channel in (None, r.notice.channel)]

    def _settle(self, key: str, state: str, at: datetime, reason: str | None) -> None:
        row = self._rows[key]
        row.state, row.at, row.reason, row.tried = state, at, reason, row.tried + 1
