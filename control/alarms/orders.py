"""Commands that did not do what they should: refused, failed, expired, or not read back in time.

It is true from then on until a later command for the same output has been read back.
"""

from datetime import datetime, timedelta

from msgspec import Struct

from coldport.messages.command import Command, CommandReply, Stage
from control.alarms.definition import Definition
from control.alarms.detector import Move
from control.alarms.lifecycle import Stimulus

FAILURES = frozenset({Stage.REJECTED, Stage.FAILED, Stage.EXPIRED})


class OrderState(Struct):
    """The newest command for an output: its id, when it was issued, whether it waits for its end; and the condition."""

    command: str = ""
    issued_at: datetime | None = None
    waits: bool = False
    raised: bool = False


class Order:
    """The condition of one definition at one output."""

    __slots__ = ("_definition", "_limit", "_point", "state")

    def __init__(self, definition: Definition, point: str, state: OrderState) -> None:
        """Go on from `state`, which becomes the order's own."""
        self._definition = definition.id
        self._point = point
        self._limit = timedelta(seconds=definition.limit or 0.0)
        self.state = state

    def command(self, command: Command) -> None:
        """Take in what somebody told the output; it takes the place of what was told before."""
        state = self.state
        if state.issued_at is None or command.issued_at >= state.issued_at:
            state.command, state.issued_at, state.waits = command.id, command.issued_at, True

    def reply(self, reply: CommandReply, moves: list[Move]) -> None:
        """Take in how far a command has come; only the newest matters."""
        if reply.id != self.state.command:
            return
        if reply.stage in FAILURES:
            self._raise(reply.at, moves)
        elif reply.stage is Stage.DONE:
            self.state.waits = False
            if self.state.raised:
                self.state.raised = False
                moves.append(Move(self._definition, self._point, Stimulus.RETURN, reply.at, reply.observed))

    def tick(self, now: datetime, moves: list[Move]) -> None:
        """Tell of a command that has waited too long."""
        state = self.state
        if state.waits and state.issued_at is not None and now - state.issued_at >= self._limit:
            self._raise(state.issued_at + self._limit, moves)

    def _raise(self, at: datetime, moves: list[Move]) -> None:
        self.state.waits = False
        if not self.state.raised:
            self.state.raised = True
            moves.append(Move(self._definition, self._point, Stimulus.OCCUR, at, None))
