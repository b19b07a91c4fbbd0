"""What a gateway does while control is silent: every case of the decision, what is heard and seen, what is moved."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product

import pytest

from coldport import topics
from coldport.bus import Outgoing
from coldport.bus_memory import MemoryBroker
from coldport.codec import encode
from coldport.ids import PointId, SiteId
from coldport.messages.status import Presence
from coldport.site import Point, Quantity
from edge.health.births import Births
from edge.lines.stand_in import StandIn, Watched
from edge.observe import bad_reading, reading
from edge.points import Measured
from edge.ports import LinkDownError
from edge.protocols.framing import FrameError
from edge.spool.memory import MemorySpool
from edge.stand_in.deputy import Deputy, Post
from edge.stand_in.watch import Call, Watch, decide

AFTER_S, MUTE_S, AGAIN_S = 120.0, 180.0, 900.0
SETTINGS = StandIn(
    after_s=AFTER_S,
    outputs=("lamp", "siren"),
    mute_after_s=MUTE_S,
    again_after_s=AGAIN_S,
    watched=(Watched(point="a", above=8.0, below=2.0, for_s=600.0), Watched(point="b", above=-15.0, for_s=60.0)),
)
NOW_S = 100_000.0
AGES = (-0.001, 0.0, 0.001, MUTE_S - 0.001, MUTE_S, AGAIN_S - 0.001, AGAIN_S, AGAIN_S + MUTE_S)
"""How long ago something became true, in seconds; a negative one is not true yet."""


@pytest.mark.parametrize(("silent_for_s", "a_out_for_s", "b_out_for_s"), list(product(AGES, repeat=3)))
def test_in_every_case_lamps_are_on_while_something_is_out_and_sirens_since_the_last_of_what_began(
    silent_for_s, a_out_for_s, b_out_for_s
) -> None:
    within_s = {"a": NOW_S - 600.0 - a_out_for_s, "b": NOW_S - 60.0 - b_out_for_s}
    call = decide(SETTINGS, NOW_S - AFTER_S - silent_for_s, within_s, NOW_S)
    out = {name: for_s for name, for_s in (("a", a_out_for_s), ("b", b_out_for_s)) if for_s >= 0}
    if silent_for_s < 0:
        assert call == Call(silent=False, out=(), siren=False)
    elif not out:
        assert call == Call(silent=True, out=(), siren=False)
    else:
        newest_s = min(silent_for_s, *out.values())
        # By hand: heard for three minutes from its beginning, then for three minutes every quarter of an hour.
        heard = {-0.001: None, MUTE_S - 0.001: True, MUTE_S: False, AGAIN_S - 0.001: False}
        assert call == Call(silent=True, out=tuple(out), siren=heard.get(newest_s, newest_s != AGAIN_S + MUTE_S))


@pytest.mark.parametrize(
    ("mute_after_s", "again_after_s", "heard_at"),
    [
        (None, None, {0, 180, 900, 5000}),
        (180.0, None, {0}),
        (180.0, 900.0, {0, 900}),
        (None, 900.0, {0, 180, 900, 5000}),
    ],
)
def test_a_siren_without_a_time_is_never_muted_or_never_heard_again(mute_after_s, again_after_s, heard_at) -> None:
    settings = StandIn(
        outputs=("siren",), mute_after_s=mute_after_s, again_after_s=again_after_s, watched=SETTINGS.watched
    )
    moments = (0, 180, 900, 5000)
    heard = {s for s in moments if decide(settings, -120.0 - s, {"a": -600.0 - s, "b": 0.0}, 0.0).siren}
    assert heard == heard_at


@pytest.mark.parametrize(
    ("value", "age_s", "out_after_s"),
    [
        (8.0, 0.0, 700.0),  # at a limit is within
        (2.0, 0.0, 700.0),
        (8.001, 0.0, 600.0),
        (1.999, 0.0, 600.0),
        (None, 0.0, 600.0),  # a failed read
        (5.0, 40.0, 660.0),  # kept in the device for forty seconds
        (5.0, 500.0, 600.0),  # older than what is known
        (5.0, -3.0, 700.0),  # a clock that was set back a little
    ],
)
def test_a_point_is_out_when_it_was_not_seen_within_its_limits_for_its_time(value, age_s, out_after_s) -> None:
    watch = Watch(SETTINGS, 0.0)
    watch.see("a", value, age_s, 100.0)
    watch.see("b", -18.0, 0.0, 690.0)
    watch.see("nobody-watches", 99.0, 0.0, 100.0)
    assert watch.decide(out_after_s - 0.001).out == ()
    assert watch.decide(out_after_s).out == ("a",)


def test_control_is_silent_when_it_was_not_heard_for_its_time() -> None:
    watch = Watch(SETTINGS, 0.0)
    watch.heard(50.0)
    assert [watch.decide(at_s).silent for at_s in (169.999, 170.0)] == [False, True]
    watch.heard(171.0)
    assert not watch.decide(171.0).silent


@dataclass
class Relays:
    """An actuator that remembers, and fails when told to."""

    put_to: list[tuple[str, float]] = field(default_factory=list)
    error: Exception | None = None

    async def put(self, point: PointId, value: float) -> float:
        if self.error is not None:
            raise self.error
        self.put_to.append((point, value))
        return value


POINTS = {
    PointId(name): Point(id=name, quantity=quantity, every_s=1)
    for name, quantity in (
        ("a", Quantity.TEMPERATURE),
        ("b", Quantity.TEMPERATURE),
        ("lamp", Quantity.LAMP),
        ("siren", Quantity.SIREN),
    )
}


class Bench:
    """A deputy at work, whose control is played by the test."""

    def __init__(self, clock, board) -> None:
        self.clock, self.board, self.relays = clock, board, Relays()
        self.spool = MemorySpool("ab" * 16, limit=1_000)
        self.broker = MemoryBroker()
        self.actuators = {PointId(name): self.relays for name in ("lamp", "siren")}
        self.control = self.broker.client("control")
        self.topic = topics.presence(SiteId("s"), "control")
        self.bus = self.broker.client("edge", [self.topic])
        post = Post(points=POINTS, actuators=lambda: self.actuators, spool=self.spool, board=board, clock=clock)
        self.deputy = Deputy(SETTINGS, post)
        self.births = Births(self.bus, [self.deputy.control_is_there], clock)

    def see(self, **values: float | None) -> None:
        now = self.clock.now()
        self.deputy.see(
            bad_reading(PointId(name), now, "timeout")
            if value is None
            else reading(PointId(name), now, Measured(value))
            for name, value in values.items()
        )

    async def pass_time(self, duration_s: float, **values: float | None) -> None:
        for _ in range(round(duration_s / 10)):
            self.see(**values)
            await self.clock.advance(10.0)

    async def say(self, *, online: bool) -> None:
        presence = Presence(process="control", session="0" * 32, online=online, since=self.clock.now())
        await self.control.publish(Outgoing(self.topic, encode(presence)))

    async def confirm_one(self) -> None:
        await self.spool.append([reading(PointId("a"), self.clock.now(), Measured(5.0))])
        await self.spool.forget(1, self.spool.last)


@pytest.fixture
async def bench(clock, board):
    one = Bench(clock, board)
    tasks = [asyncio.create_task(part.run()) for part in (one.deputy, one.births)]
    yield one
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_a_point_that_is_out_calls_people_while_control_is_silent_and_no_longer(bench) -> None:
    await bench.pass_time(110, a=5.0, b=-10.0)
    assert (bench.board.states["stand-in"], bench.relays.put_to) == (None, [])
    await bench.pass_time(20, a=5.0, b=-10.0)
    assert bench.board.states["stand-in"] == "calling"
    assert bench.relays.put_to == [("lamp", 1.0), ("siren", 1.0)]
    await bench.pass_time(MUTE_S, a=5.0, b=-10.0)
    assert bench.relays.put_to[2:] == [("siren", 0.0)]
    await bench.pass_time(20, a=5.0, b=-18.0)
    assert bench.relays.put_to[3:] == [("lamp", 0.0)]
    assert bench.board.states["stand-in"] == "control-silent"
    await bench.confirm_one()
    await bench.clock.advance(2.0)
    assert bench.board.states["stand-in"] is None


async def test_a_point_that_fails_or_is_silent_calls_people_as_one_that_is_too_warm_does(bench) -> None:
    await bench.pass_time(130, a=5.0, b=None)
    assert bench.relays.put_to == [("lamp", 1.0), ("siren", 1.0)]
    await bench.pass_time(MUTE_S, a=5.0, b=-18.0)
    await bench.pass_time(80)
    assert bench.relays.put_to[2:4] == [("lamp", 0.0), ("siren", 0.0)]
    assert bench.relays.put_to[4:] == [("lamp", 1.0), ("siren", 1.0)]


async def test_while_control_confirms_it_alone_calls_people(bench) -> None:
    for _ in range(100):
        await bench.confirm_one()
        await bench.pass_time(10, a=20.0, b=20.0)
    assert bench.relays.put_to == []
    assert bench.board.changes == [(0.0, "stand-in", None)]


async def test_when_control_is_back_what_was_put_on_is_put_off_and_nothing_else_is_touched(bench) -> None:
    await bench.pass_time(130, a=20.0, b=20.0)
    await bench.confirm_one()
    await bench.pass_time(20, a=20.0, b=20.0)
    assert bench.relays.put_to == [("lamp", 1.0), ("siren", 1.0), ("lamp", 0.0), ("siren", 0.0)]
    await bench.confirm_one()
    await bench.pass_time(60, a=20.0, b=20.0)
    assert len(bench.relays.put_to) == 4


@pytest.mark.parametrize(("waiting", "calls"), [(False, False), (True, True)])
async def test_a_birth_of_control_counts_only_while_nothing_waits_to_be_confirmed(bench, waiting, calls) -> None:
    if waiting:
        await bench.spool.append([reading(PointId("a"), bench.clock.now(), Measured(5.0))])
    for _ in range(30):
        await bench.say(online=True)
        await bench.pass_time(10, a=20.0, b=20.0)
    assert bool(bench.relays.put_to) is calls


async def test_a_will_an_old_birth_that_the_broker_kept_and_nonsense_are_no_sign_of_control(bench, caplog) -> None:
    kept = Presence(process="control", session="0" * 32, online=True, since=bench.clock.now() - timedelta(days=1))
    for _ in range(30):
        await bench.say(online=False)
        bench.bus.offer(Outgoing(bench.topic, encode(kept), retained=True))
        bench.bus.offer(Outgoing(bench.topic, b"{}"))
        await bench.pass_time(10, a=20.0, b=20.0)
    assert bench.relays.put_to == [("lamp", 1.0), ("siren", 1.0), ("siren", 0.0)]
    assert "cannot be read" in caplog.text
    assert not bench.bus.unacknowledged


@pytest.mark.parametrize("error", [FrameError("timeout", "no answer"), LinkDownError("gone")])
async def test_an_output_that_does_not_move_is_tried_again_each_second_and_said_once(bench, caplog, error) -> None:
    bench.relays.error = error
    await bench.pass_time(150, a=20.0, b=20.0)
    assert caplog.text.count("could not be put") == 2
    bench.relays.error = None
    await bench.clock.advance(1.0)
    assert bench.relays.put_to == [("lamp", 1.0), ("siren", 1.0)]


async def test_an_output_whose_line_was_taken_out_is_waited_for(bench, caplog) -> None:
    bench.actuators.pop(PointId("siren"))
    await bench.pass_time(130, a=20.0, b=20.0)
    assert bench.relays.put_to == [("lamp", 1.0)]
    assert "siren could not be put to 1: no-line-moves-it" in caplog.text
