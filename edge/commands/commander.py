"""Carries out commands: judged, taken on record, moved one at a time for each output, read back, answered.

Each stage is on disk before it is told, and a command that moves something is on record as EXECUTING before it does:
after a crash nobody has to guess. A repeat is answered with what is on record and moves nothing.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from coldport import topics
from coldport.bus import Bus, Outgoing
from coldport.clock import Clock
from coldport.codec import MalformedMessageError, decode, encode
from coldport.errors import UnavailableError
from coldport.ids import GatewayId, PointId, SiteId
from coldport.messages.command import Command, CommandReply, Stage
from coldport.messages.observation import Observation, Reading
from coldport.site import Point
from coldport.supervise import LONGEST_WAIT_S, for_ever
from edge.commands.verdict import ACCEPTED, Verdict, is_effective, judge
from edge.health.clock_watch import ClockState
from edge.ports import Actuator, Ledger, Limits, LinkDownError, Taken
from edge.protocols.framing import FrameError

REPLY_LIMIT = 1_000
"""Replies not yet told; past it the oldest are given up, as a repeat of their command brings the end again."""

COMMANDS_AT_ONCE = 20

CLOCK_LOOK_S = 0.5

SETTLE_S = 15.0
"""How long after a start the outputs are read before an interrupted command is called unknown."""

log = logging.getLogger("edge.commander")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a commander judges by: the site's points, the lines' outputs at the moment, and what the clock is worth."""

    points: Mapping[PointId, Point]
    actuators: Callable[[], Mapping[PointId, Actuator]]
    clock_state: Callable[[], ClockState]
    clock: Clock


class Commander:
    """The commands to one gateway."""

    def __init__(self, site: SiteId, gateway: GatewayId, ledger: Ledger, bus: Bus, around: Surroundings) -> None:
        """Answer on `bus`, which must listen to `coldport.topics.commands` of the gateway."""
        self._gateway = gateway
        self._commands = topics.commands(site, gateway)
        self._topic = topics.replies(site, gateway)
        self._ledger = ledger
        self._bus = bus
        self._around = around
        self._clock = around.clock
        self._replies: deque[CommandReply] = deque(maxlen=REPLY_LIMIT)
        self._some = asyncio.Event()
        self._waiting: dict[PointId, Command] = {}
        self._moving: set[PointId] = set()
        self._shown: dict[PointId, float] = {}

    async def run(self) -> None:
        """Take commands, carry them out and answer, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(for_ever("the replies to commands", self._tell, self._clock))
            taken = await self._at_start()
            tasks.create_task(self._settle([one for one in taken if one.reply.stage is Stage.EXECUTING]))
            # A moment after the start the first receipt says what the clock is worth; until then nothing can be judged.
            while self._around.clock_state() is ClockState.STARTING:
                await self._clock.sleep(CLOCK_LOOK_S)
            for one in taken:
                if one.reply.stage is not Stage.EXECUTING:
                    await self._queue(one.command, tasks)
            tasks.create_task(for_ever("commands", lambda: self._hear(tasks), self._clock))

    def see(self, observations: Iterable[Observation]) -> None:
        """Look at what is being recorded: where the outputs are is told by their readings."""
        for observation in observations:
            if isinstance(observation, Reading) and observation.value is not None:
                point = self._around.points.get(PointId(observation.point))
                if point is not None and point.quantity.is_output:
                    self._shown[PointId(observation.point)] = observation.value

    async def _at_start(self) -> Sequence[Taken]:
        """Return what had not ended when the agent did; waits for a disk that fails."""
        while True:
            try:
                return await self._ledger.unfinished()
            except UnavailableError as error:
                log.warning("commands wait: %s", error)
                await self._clock.sleep(LONGEST_WAIT_S)

    async def _settle(self, interrupted: Sequence[Taken]) -> None:
        """Answer what was being moved when the agent ended: done if the output is there now, unknown else."""
        if not interrupted:
            return
        await self._clock.sleep(SETTLE_S)
        outputs = self._outputs()
        for one in interrupted:
            point = PointId(one.command.point)
            shown = self._shown.get(point)
            if shown is not None and point in outputs and is_effective(one.command.value, shown, outputs[point]):
                await self._come_to(one.command, Stage.DONE, observed=shown)
            else:
                await self._come_to(one.command, Stage.FAILED, "unknown-outcome", shown)

    async def _hear(self, tasks: asyncio.TaskGroup) -> None:
        for received in await self._bus.receive(COMMANDS_AT_ONCE):
            if received.topic == self._commands:
                try:
                    await self._take(decode(Command, received.payload), tasks)
                except MalformedMessageError as error:
                    log.warning("a command cannot be read: %s", error)
            received.ack()

    async def _take(self, command: Command, tasks: asyncio.TaskGroup) -> None:
        known = await self._ledger.find(command.id)
        if known is not None:
            # Another command under a used id is refused without touching what is on record of the first.
            same = known.command == command
            self._answer(known.reply if same else self._reply(command, Stage.REJECTED, "id-used-before"))
            return
        self._answer(self._reply(command, Stage.RECEIVED))
        verdict = self._judge(command)
        await self._come_to(command, verdict.stage, verdict.reason)
        if verdict == ACCEPTED:
            await self._queue(command, tasks)

    async def _queue(self, command: Command, tasks: asyncio.TaskGroup) -> None:
        """Let a command wait for its output, in place of an older one that still waits."""
        point = PointId(command.point)
        superseded = self._waiting.get(point)
        self._waiting[point] = command
        if point not in self._moving:
            self._moving.add(point)
            tasks.create_task(self._move_all(point), name=f"output {point}")
        if superseded is not None:
            await self._come_to(superseded, Stage.REJECTED, "superseded")

    async def _move_all(self, point: PointId) -> None:
        """Carry out what waits for one output, one after the other."""
        while (command := self._waiting.pop(point, None)) is not None:
            await self._move(command, point)
        self._moving.discard(point)

    async def _move(self, command: Command, point: PointId) -> None:
        verdict = self._judge(command)  # once more: it has waited, and the clock or the line may have changed
        if verdict != ACCEPTED:
            await self._come_to(command, verdict.stage, verdict.reason)
            return
        actuator = self._around.actuators()[point]
        await self._come_to(command, Stage.EXECUTING)
        try:
            observed = await actuator.put(point, command.value)
        except (FrameError, LinkDownError) as error:
            await self._come_to(command, Stage.FAILED, error.reason)
            return
        if is_effective(command.value, observed, actuator.outputs[point]):
            await self._come_to(command, Stage.DONE, observed=observed)
        else:
            await self._come_to(command, Stage.FAILED, "not-effective", observed)

    def _judge(self, command: Command) -> Verdict:
        around = self._around
        return judge(command, self._clock.now(), around.clock_state(), around.points, self._outputs())

    def _outputs(self) -> Mapping[PointId, Limits]:
        return {point: actuator.outputs[point] for point, actuator in self._around.actuators().items()}

    async def _come_to(
        self, command: Command, stage: Stage, reason: str | None = None, observed: float | None = None
    ) -> None:
        """Put a stage on record, then tell it; waits for a disk that fails, so that nothing moves off the record."""
        reply = self._reply(command, stage, reason, observed)
        while True:
            try:
                await self._ledger.keep(Taken(command, reply))
                break
            except UnavailableError as error:
                log.warning("commands wait: %s", error)
                await self._clock.sleep(LONGEST_WAIT_S)
        log.info(
            "command %s: %s to %g by %s: %s %s",
            command.id,
            command.point,
            command.value,
            command.issued_by,
            stage,
            reason or "",
        )
        self._answer(reply)

    def _reply(
        self, command: Command, stage: Stage, reason: str | None = None, observed: float | None = None
    ) -> CommandReply:
        return CommandReply(
            gateway=self._gateway,
            id=command.id,
            point=command.point,
            stage=stage,
            at=self._clock.now(),
            reason=reason,
            observed=observed,
        )

    def _answer(self, reply: CommandReply) -> None:
        self._replies.append(reply)
        self._some.set()

    async def _tell(self) -> None:
        """Tell the oldest reply; one that the broker did not take is told again, so that they stay in order."""
        if not self._replies:
            self._some.clear()
            await self._some.wait()
        reply = self._replies[0]
        await self._bus.publish(Outgoing(self._topic, encode(reply)))
        if self._replies and self._replies[0] is reply:
            self._replies.popleft()
