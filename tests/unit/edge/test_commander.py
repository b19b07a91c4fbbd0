"""Commands to outputs: judged, moved once, read back, answered in order; whatever comes twice, late or in between."""

import asyncio
import itertools
from collections.abc import Sequence
from datetime import timedelta
from random import Random

import msgspec
import pytest

from coldport import topics
from coldport.bus import Outgoing
from coldport.bus_memory import MemoryBroker
from coldport.clock import ManualClock
from coldport.codec import decode, encode
from coldport.errors import UnavailableError
from coldport.ids import GatewayId, PointId, SiteId
from coldport.messages.command import LONGEST_LIFE_S, Command, CommandReply, Stage
from coldport.site import Point, Quantity
from edge.commands.commander import SETTLE_S, Commander, Surroundings
from edge.commands.ledger_memory import MemoryLedger
from edge.health.clock_watch import ClockState
from edge.observe import reading
from edge.points import Measured
from edge.ports import Limits, LinkDownError, Taken
from edge.protocols.framing import FrameError

SITE, GATEWAY = SiteId("s"), GatewayId("edge-1")
LAMP, SETPOINT = PointId("lamp"), PointId("c1-setpoint")
POINTS = {
    LAMP: Point(id="lamp", quantity=Quantity.LAMP, every_s=5),
    SETPOINT: Point(id="c1-setpoint", quantity=Quantity.SETPOINT, every_s=60),
    PointId("c1-t"): Point(id="c1-t", quantity=Quantity.TEMPERATURE, every_s=2),
    PointId("siren"): Point(id="siren", quantity=Quantity.SIREN, every_s=5),
}
IDS = (f"00000000-0000-0000-0000-{number:012x}" for number in itertools.count(1))


class Outputs:
    """A line with a lamp and a set point in tenths; it takes a second for each, or refuses."""

    def __init__(self, clock: ManualClock) -> None:
        self.outputs = {LAMP: Limits(0.0, 1.0, 1.0), SETPOINT: Limits(-30.0, 15.0, 0.1)}
        self._clock = clock
        self.writes: list[tuple[str, float]] = []
        self.error: Exception | None = None
        self.stuck: float | None = None

    async def put(self, point: PointId, value: float) -> float:
        self.writes.append((point, value))
        await self._clock.sleep(1.0)
        if self.error is not None:
            raise self.error
        return value if self.stuck is None else self.stuck


class FailingLedger(MemoryLedger):
    """A ledger whose disk can be full."""

    def __init__(self) -> None:
        super().__init__()
        self.full = False

    async def keep(self, taken: Taken) -> None:
        if self.full:
            raise UnavailableError("the disk is full")
        await super().keep(taken)


class Bench:
    """A gateway that takes commands, and a desk that sends them and reads the replies."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.broker = MemoryBroker()
        self.desk = self.broker.client("desk", [topics.replies(SITE, GATEWAY)])
        self.ledger = FailingLedger()
        self.line = Outputs(clock)
        self.state = ClockState.TRUSTED
        self.start()

    def start(self) -> None:
        around = Surroundings(
            points=POINTS,
            actuators=lambda: dict.fromkeys(self.line.outputs, self.line),
            clock_state=lambda: self.state,
            clock=self.clock,
        )
        self.bus = self.broker.client("edge", [topics.commands(SITE, GATEWAY)])
        self.commander = Commander(SITE, GATEWAY, self.ledger, self.bus, around)
        self._running = asyncio.create_task(self.commander.run())

    async def stop(self) -> None:
        self._running.cancel()
        await asyncio.wait([self._running])

    def command(self, point: str = LAMP, value: float = 1.0, life_s: float = 10.0, in_s: float = 0.0) -> Command:
        issued_at = self.clock.now() + timedelta(seconds=in_s)
        return Command(
            id=next(IDS),
            point=point,
            value=value,
            issued_at=issued_at,
            expires_at=issued_at + timedelta(seconds=life_s),
            issued_by="li",
        )

    async def send(self, *commands: Command) -> None:
        for command in commands:
            await self.bus.publish(Outgoing(topics.commands(SITE, GATEWAY), encode(command)))
        await self.clock.settle()

    async def replies(self, command: Command, after_s: float = 3.0) -> Sequence[CommandReply]:
        await self.clock.advance(after_s)
        replies = [decode(CommandReply, message.payload) for message in self.desk.waiting]
        return [reply for reply in replies if reply.id == command.id]


@pytest.fixture
async def bench(clock):
    bench = Bench(clock)
    yield bench
    await bench.stop()


def stages(replies: Sequence[CommandReply]) -> list[str]:
    return [f"{reply.stage}{f' {reply.reason}' if reply.reason else ''}" for reply in replies]


async def test_a_lamp_that_is_lit_is_answered_stage_by_stage_and_with_what_was_read_back(bench) -> None:
    command = bench.command()
    await bench.send(command)
    replies = await bench.replies(command)
    assert stages(replies) == ["received", "accepted", "executing", "done"]
    assert replies[-1].observed == 1.0
    assert bench.line.writes == [(LAMP, 1.0)]
    assert not bench.bus.unacknowledged


@pytest.mark.parametrize(
    ("wrong", "end"),
    [
        ({"point": "lamp-9"}, "rejected unknown-point"),
        ({"point": "c1-t"}, "rejected not-an-output"),
        ({"point": "siren"}, "rejected no-line-moves-it"),
        ({"value": 1.1}, "rejected out-of-range"),
        ({"value": -0.1}, "rejected out-of-range"),
        ({"life_s": LONGEST_LIFE_S + 1}, "rejected lives-too-long"),
        ({"in_s": 2.1}, "rejected from-the-future"),
        ({"in_s": -10.0}, "expired"),
        ({"in_s": -60.0}, "expired"),
    ],
)
async def test_what_may_not_be_carried_out_is_refused_with_its_reason_and_moves_nothing(bench, wrong, end) -> None:
    command = bench.command(**wrong)
    await bench.send(command)
    assert stages(await bench.replies(command)) == ["received", end]
    assert bench.line.writes == []


@pytest.mark.parametrize(
    "right",
    [{"value": 0.0}, {"life_s": LONGEST_LIFE_S}, {"in_s": 1.9}, {"in_s": -9.9}, {"point": SETPOINT, "value": 15}],
)
async def test_what_is_just_allowed_is_carried_out(bench, right) -> None:
    command = bench.command(**right)
    await bench.send(command)
    assert stages(await bench.replies(command))[-1] == "done"


@pytest.mark.parametrize("state", [ClockState.OFFSET, ClockState.UNKNOWN, ClockState.STEPPED])
async def test_a_gateway_that_does_not_trust_its_clock_moves_nothing(bench, state) -> None:
    bench.state = state
    command = bench.command()
    await bench.send(command)
    assert stages(await bench.replies(command)) == ["received", "rejected clock-not-trusted"]
    assert bench.line.writes == []


@pytest.mark.parametrize(
    ("state", "end"), [(ClockState.TRUSTED, "done"), (ClockState.UNKNOWN, "rejected clock-not-trusted")]
)
async def test_right_after_a_start_commands_wait_until_something_is_known_of_the_clock(bench, state, end) -> None:
    await bench.stop()
    bench.state = ClockState.STARTING
    bench.start()
    command = bench.command()
    await bench.send(command)
    assert stages(await bench.replies(command)) == []
    bench.state = state
    assert stages(await bench.replies(command))[-1] == end


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (FrameError("exception-2", "refused"), "failed exception-2"),
        (FrameError("timeout", "silent"), "failed timeout"),
        (LinkDownError("pulled"), "failed link-down"),
    ],
)
async def test_a_device_that_does_not_do_it_is_told_by_its_reason(bench, error, end) -> None:
    bench.line.error = error
    command = bench.command()
    await bench.send(command)
    assert stages(await bench.replies(command))[2:] == ["executing", end]


async def test_a_device_that_says_yes_and_does_nothing_is_found_out_by_reading_back(bench) -> None:
    bench.line.stuck = 0.0
    command = bench.command()
    await bench.send(command)
    replies = await bench.replies(command)
    assert stages(replies)[-1] == "failed not-effective"
    assert replies[-1].observed == 0.0


@pytest.mark.parametrize(("held", "end"), [(-18.05, "done"), (-18.06, "failed not-effective")])
async def test_a_set_point_counts_as_reached_within_half_of_what_the_device_can_show(bench, held, end) -> None:
    bench.line.stuck = held
    command = bench.command(SETPOINT, -18.0)
    await bench.send(command)
    assert stages(await bench.replies(command))[-1] == end


async def test_a_repeat_is_answered_with_the_end_and_moves_nothing_even_after_it_has_expired(bench, clock) -> None:
    command = bench.command()
    await bench.send(command)
    [*_, end] = await bench.replies(command)
    await clock.advance(60.0)
    await bench.send(command, command)
    assert (await bench.replies(command))[4:] == [end, end]
    assert len(bench.line.writes) == 1


async def test_a_repeat_of_one_under_way_is_answered_with_its_stage(bench) -> None:
    command = bench.command()
    await bench.send(command)
    await bench.send(command)
    assert stages(await bench.replies(command)) == ["received", "accepted", "executing", "executing", "done"]


async def test_another_command_under_a_used_id_is_refused_and_the_first_stays_on_record(bench) -> None:
    command = bench.command()
    await bench.send(command)
    await bench.replies(command)
    await bench.send(msgspec.structs.replace(command, value=0.0))
    assert stages(await bench.replies(command))[-1] == "rejected id-used-before"
    assert (await bench.ledger.find(command.id)).reply.stage is Stage.DONE
    assert len(bench.line.writes) == 1


async def test_one_output_is_moved_by_one_command_at_a_time_and_the_newest_of_those_that_wait(bench) -> None:
    first, second, third = bench.command(value=1.0), bench.command(value=0.0), bench.command(value=1.0)
    other = bench.command(SETPOINT, -20.0)
    await bench.send(first)
    await bench.send(second, third, other)
    assert bench.line.writes == [(LAMP, 1.0), (SETPOINT, -20.0)]
    assert stages(await bench.replies(second)) == ["received", "accepted", "rejected superseded"]
    assert stages(await bench.replies(third))[-1] == "done"
    assert bench.line.writes == [(LAMP, 1.0), (SETPOINT, -20.0), (LAMP, 1.0)]


async def test_a_command_that_expires_while_it_waits_is_not_carried_out(bench) -> None:
    await bench.send(bench.command(value=1.0))
    late = bench.command(value=0.0, life_s=0.5)
    await bench.send(late)
    assert stages(await bench.replies(late)) == ["received", "accepted", "expired"]


async def test_nothing_is_moved_before_it_is_on_record(bench, clock) -> None:
    bench.ledger.full = True
    command = bench.command(life_s=60.0)
    await bench.send(command)
    await clock.advance(20.0)
    assert bench.line.writes == []
    assert bench.bus.unacknowledged
    bench.ledger.full = False
    assert stages(await bench.replies(command, after_s=10.0))[-1] == "done"


async def test_replies_wait_for_a_broker_that_is_away_and_come_in_order(bench, clock) -> None:
    command = bench.command()
    await bench.send(command)
    bench.broker.up = False
    await clock.advance(20.0)
    bench.broker.up = True
    assert stages(await bench.replies(command, after_s=6.0)) == ["received", "accepted", "executing", "done"]


async def test_what_cannot_be_read_is_passed_over(bench, caplog) -> None:
    await bench.bus.publish(Outgoing(topics.commands(SITE, GATEWAY), b'{"id": 7}'))
    command = bench.command()
    await bench.send(command)
    assert stages(await bench.replies(command))[-1] == "done"
    assert "a command cannot be read" in caplog.text


@pytest.mark.parametrize(
    ("shown", "end"), [(1.0, "done"), (0.0, "failed unknown-outcome"), (None, "failed unknown-outcome")]
)
async def test_a_command_cut_off_by_a_crash_is_done_if_the_output_is_there_and_unknown_else(
    bench, clock, shown, end
) -> None:
    command = bench.command()
    await bench.send(command)
    await bench.stop()
    bench.start()
    await clock.settle()
    if shown is not None:
        bench.commander.see([reading(LAMP, clock.now(), Measured(shown))])
    assert stages(await bench.replies(command, after_s=SETTLE_S + 1.0)) == ["received", "accepted", "executing", end]
    assert len(bench.line.writes) == 1


async def test_what_was_accepted_before_a_crash_is_carried_out_after_it_the_newest_only_and_in_time_only(
    bench, clock
) -> None:
    await bench.stop()
    late, older, newer = bench.command(life_s=1.0), bench.command(SETPOINT, -20.0), bench.command(SETPOINT, -21.0)
    for command in (late, older, newer):
        at = clock.now()
        await bench.ledger.keep(
            Taken(
                command, CommandReply(gateway=GATEWAY, id=command.id, point=command.point, stage=Stage.ACCEPTED, at=at)
            )
        )
        await clock.advance(0.5)
    bench.start()
    assert stages(await bench.replies(late)) == ["expired"]
    assert stages(await bench.replies(older)) == ["rejected superseded"]
    assert stages(await bench.replies(newer)) == ["executing", "done"]
    assert bench.line.writes == [(SETPOINT, -21.0)]


@pytest.mark.parametrize("seed", range(5))
async def test_whatever_is_sent_twice_or_cut_off_a_command_has_one_end_and_at_most_one_move(bench, clock, seed) -> None:
    dice = Random(seed)
    sent: list[Command] = []
    for _ in range(60):
        match dice.randrange(5):
            case 0:
                await bench.stop()
                bench.start()
            case 1 if sent:
                await bench.send(dice.choice(sent))
            case 2:
                bench.broker.up = True
                await clock.advance(dice.choice((0.5, 3.0, 20.0)))
            case _:
                value = dice.choice((0.0, 1.0))
                sent.append(bench.command(dice.choice((LAMP, SETPOINT)), value, dice.choice((1.0, 30.0))))
                await bench.send(sent[-1])
    await clock.advance(60.0)
    ends = (Stage.DONE, Stage.FAILED, Stage.REJECTED, Stage.EXPIRED)
    for command in sent:
        told = {(reply.stage, reply.reason) for reply in await bench.replies(command, 0.0) if reply.stage in ends}
        assert len(told) == 1, (command, told)
    executed = [decode(CommandReply, message.payload) for message in bench.desk.waiting]
    moves = {(reply.id, reply.at) for reply in executed if reply.stage is Stage.EXECUTING}
    assert len(bench.line.writes) <= len(moves) == len({reply_id for reply_id, _ in moves})
