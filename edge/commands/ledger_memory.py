"""The ledger of commands in memory: the twin of `ledger_sqlite` for tests."""

from collections.abc import Sequence
from datetime import timedelta

from edge.commands.ledger import ENDS, KEPT, KEPT_H
from edge.ports import Taken


class MemoryLedger:
    """Commands in a dictionary. See `edge.ports.Ledger` for what it promises."""

    def __init__(self) -> None:
        """Start empty."""
        self._taken: dict[str, Taken] = {}

    async def find(self, command_id: str) -> Taken | None:
        """Return what is known of a command."""
        return self._taken.get(command_id)

    async def keep(self, taken: Taken) -> None:
        """Keep the stage of a command."""
        self._taken[taken.command.id] = taken
        oldest = taken.reply.at - timedelta(hours=KEPT_H)
        newest = sorted(self._taken.values(), key=lambda one: one.reply.at)[-KEPT:]
        self._taken = {one.command.id: one for one in newest if one.reply.at >= oldest}

    async def unfinished(self) -> Sequence[Taken]:
        """Return the commands that have not ended, oldest first."""
        running = [one for one in self._taken.values() if one.reply.stage not in ENDS]
        return sorted(running, key=lambda one: one.reply.at)

    async def close(self) -> None:
        """Do nothing: there is no file."""
