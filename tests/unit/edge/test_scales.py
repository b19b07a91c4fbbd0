"""Scales on a null modem: which frames become weights, what silence is, and how MT-SICS is asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from coldport.clock import ManualClock
from coldport.ids import LinkId, PointId
from coldport.messages.observation import Quality
from edge.drivers.scales.report import WeightReport
from edge.drivers.scales.scale import Dialect, Scale
from edge.drivers.scales.sics import SicsDialect
from edge.drivers.scales.stability import StabilityRule
from edge.drivers.scales.stream import StreamDialect
from edge.links.memory_link import MemoryLink, null_modem
from edge.ports import Outlet
from edge.protocols.shown import Shown
from edge.protocols.toledo import continuous_stream

POINT = "lane-1-scale"
ANSWER_S = 0.02
RULE = StabilityRule(division_kg=0.01)

# Mettler Toledo IND245 manual, continuous output, with checksum.
GROSS_12_34 = bytes.fromhex("022c302020203132333420202020 20300d1b")
NET_MOVING = bytes.fromhex("022d39202031323334352020203235300d55")
OVERLOAD = bytes.fromhex("022c342020202020203020202020 20300d51")


class SicsScale:
    """The far end of the line: answers `TA` and `SI` as a scale does, or as it is told to."""

    def __init__(self, link: MemoryLink, clock: ManualClock) -> None:
        self._link = link
        self._clock = clock
        self.replies: dict[str, str | None] = {"TA": "TA A      0.000 kg", "SI": "S S     12.345 kg"}
        self.asked: list[str] = []

    async def run(self) -> None:
        while True:
            for command in (await self._link.read(3600)).decode().split():
                self.asked.append(command)
                reply = self.replies[command]
                await self._clock.sleep(ANSWER_S)
                if reply is not None:
                    await self._link.write(reply.encode() + b"\r\n")


@asynccontextmanager
async def listening(link: MemoryLink, dialect: Dialect, outlet: Outlet) -> AsyncIterator[None]:
    scale = Scale(LinkId("lane-1-weight"), link, dialect, WeightReport(PointId(POINT), RULE), 0.01, outlet)
    running = asyncio.create_task(scale.run())
    yield
    running.cancel()
    await asyncio.wait([running])
    assert running.cancelled()


@asynccontextmanager
async def sics(outlet: Outlet, clock: ManualClock) -> AsyncIterator[tuple[SicsScale, MemoryLink]]:
    near, far = null_modem(clock)
    scale = SicsScale(far, clock)
    running = asyncio.create_task(scale.run())
    async with listening(near, SicsDialect(0.2, clock), outlet):
        yield scale, near
    running.cancel()


def test_a_weight_that_does_not_change_is_recorded_once_a_second(clock) -> None:
    report = WeightReport(PointId(POINT), RULE)
    shown = Shown(gross_kg=12.0, device_stable=False)
    at_s = [step / 10 for step in range(31) if report.weigh(shown, clock.now(), step / 10)]
    assert at_s == [0.0, 1.0, 2.0, 3.0]


def test_a_changed_weight_is_recorded_at_once(clock) -> None:
    report = WeightReport(PointId(POINT), RULE)
    assert report.weigh(Shown(gross_kg=12.0, device_stable=False), clock.now(), 0.0)
    assert report.weigh(Shown(gross_kg=12.01, device_stable=False), clock.now(), 0.1)


def test_becoming_stable_is_a_change(clock) -> None:
    report = WeightReport(PointId(POINT), RULE)
    shown = Shown(gross_kg=12.0, device_stable=True)
    weights = [report.weigh(shown, clock.now(), at_s) for at_s in (0.0, 0.1, 0.2)]
    assert [[weight.stable for weight in told] for told in weights] == [[False], [True], []]


def test_stability_that_the_scale_does_not_tell_is_marked_as_derived(clock) -> None:
    report = WeightReport(PointId(POINT), RULE)
    weights = [one for step in range(12) for one in report.weigh(Shown(gross_kg=12.0), clock.now(), step / 10)]
    assert {weight.stable_by for weight in weights} == {"derived"}
    assert [weight.stable for weight in weights] == [False, True]


async def test_continuous_frames_become_weights_with_each_mass_as_the_scale_gave_it(outlet, clock, sink) -> None:
    near, far = null_modem(clock)
    async with listening(near, StreamDialect(lambda: continuous_stream(with_checksum=True), {}, clock), outlet):
        await clock.advance(0.1)
        for frame in (GROSS_12_34, GROSS_12_34, NET_MOVING, OVERLOAD):
            await far.write(frame)
            await clock.advance(0.1)
    first, steady, net, overload = sink.of(POINT)
    assert (first.gross_kg, first.net_kg, first.stable) == (12.34, None, False)
    assert (steady.gross_kg, steady.stable, steady.stable_by) == (12.34, True, "device")
    assert (net.gross_kg, net.tare_kg, net.net_kg, net.stable) == (None, 0.25, 12.345, False)
    assert (overload.gross_kg, overload.net_kg, overload.quality, overload.reason) == (
        None,
        None,
        Quality.BAD,
        "overload",
    )


async def test_a_continuous_scale_is_silent_after_a_second_and_every_second_on(outlet, clock, sink, board) -> None:
    near, far = null_modem(clock)
    async with listening(near, StreamDialect(lambda: continuous_stream(with_checksum=True), {}, clock), outlet):
        await clock.advance(0.0)
        await far.write(GROSS_12_34)
        await clock.advance(0.95)
        assert [weight.reason for weight in sink.of(POINT)] == [None]
        await clock.advance(2.1)
        assert [weight.reason for weight in sink.of(POINT)] == [None, "silent", "silent", "silent"]
        assert board.states["lane-1-weight"] == "silent"
        await far.write(GROSS_12_34)
        await clock.advance(0.0)
        assert board.states["lane-1-weight"] is None


async def test_a_scale_whose_frames_are_all_spoiled_says_why(outlet, clock, sink, board) -> None:
    near, far = null_modem(clock)
    async with listening(near, StreamDialect(lambda: continuous_stream(with_checksum=True), {}, clock), outlet):
        for _ in range(11):
            await far.write(GROSS_12_34[:-1] + b"\x00")
            await clock.advance(0.1)
    assert [weight.reason for weight in sink.of(POINT)] == ["checksum"]
    assert board.states["lane-1-weight"] == "checksum"
    pulse = outlet.health._pulses["lane-1-weight"]
    assert (pulse.frames, pulse.last_error) == (0, "checksum")
    assert pulse.errors >= 9


async def test_an_overloaded_scale_is_heard_as_well_as_another(outlet, clock, sink) -> None:
    near, far = null_modem(clock)
    async with listening(near, StreamDialect(lambda: continuous_stream(with_checksum=True), {}, clock), outlet):
        await clock.advance(0.1)
        await far.write(OVERLOAD)
        await clock.advance(0.1)
    assert [weight.reason for weight in sink.of(POINT)] == ["overload"]
    assert outlet.health._pulses["lane-1-weight"].errors == 0


async def test_a_scale_without_tare_shows_gross(outlet, clock, sink) -> None:
    async with sics(outlet, clock) as (scale, _):
        await clock.advance(0.5)
    assert [weight.gross_kg for weight in sink.of(POINT)] == [12.345, 12.345]
    assert [weight.stable for weight in sink.of(POINT)] == [False, True]
    assert scale.asked == ["TA", *["SI", "TA"] * 3]


async def test_a_scale_with_a_tare_in_memory_shows_net(outlet, clock, sink) -> None:
    async with sics(outlet, clock) as (scale, _):
        scale.replies["TA"] = "TA A      0.250 kg"
        await clock.advance(0.1)
    [weight] = sink.of(POINT)
    assert (weight.gross_kg, weight.tare_kg, weight.net_kg) == (None, 0.25, 12.345)


async def test_a_tare_pressed_between_two_questions_labels_no_weight_wrongly(outlet, clock, sink) -> None:
    async with sics(outlet, clock) as (scale, _):
        await clock.advance(0.1)
        scale.replies |= {"TA": "TA A     12.345 kg", "SI": "S S      0.000 kg"}
        await clock.advance(0.3)
    assert [(one.gross_kg, one.net_kg) for one in sink.of(POINT)] == [(12.345, None), (None, 0.0)]


async def test_a_tare_that_the_scale_does_not_tell_makes_no_gross_weight(outlet, clock, sink) -> None:
    async with sics(outlet, clock) as (scale, _):
        scale.replies["TA"] = "TA I"
        await clock.advance(0.1)
    assert [(one.gross_kg, one.reason) for one in sink.of(POINT)] == [(None, "tare-unknown")]


async def test_a_scale_that_knows_no_tare_is_asked_for_it_once(outlet, clock, sink) -> None:
    async with sics(outlet, clock) as (scale, _):
        scale.replies["TA"] = "ES"
        await clock.advance(0.5)
    assert scale.asked == ["TA", "SI", "SI", "SI"]
    assert sink.of(POINT)[0].gross_kg == 12.345


@pytest.mark.parametrize(
    ("reply", "reason"), [("S +", "overload"), ("S -", "underload"), ("S I", "not-ready"), ("ES", "syntax")]
)
async def test_a_reply_without_a_weight_is_bad_and_says_why(outlet, clock, sink, reply: str, reason: str) -> None:
    async with sics(outlet, clock) as (scale, _):
        scale.replies["SI"] = reply
        await clock.advance(0.1)
    [weight] = sink.of(POINT)
    assert (weight.gross_kg, weight.net_kg, weight.quality, weight.reason) == (None, None, Quality.BAD, reason)


async def test_a_scale_that_does_not_answer_is_silent_and_found_again(outlet, clock, sink, board) -> None:
    async with sics(outlet, clock) as (scale, _):
        scale.replies["TA"] = None
        await clock.advance(1.1)
        assert board.states["lane-1-weight"] == "silent"
        scale.replies["TA"] = "TA A      0.000 kg"
        await clock.advance(2.0)
    assert sink.of(POINT)[0].reason == "silent"
    assert sink.of(POINT)[-1].gross_kg == 12.345


async def test_the_print_key_pressed_between_two_questions_does_not_confuse_the_answers(outlet, clock, sink) -> None:
    async with sics(outlet, clock) as (scale, near):
        await clock.advance(0.1)
        assert near.peer is not None
        await near.peer.write(b"S S     99.999 kg\r\n")
        scale.replies["SI"] = "S S     12.355 kg"
        await clock.advance(0.2)
    assert [weight.gross_kg for weight in sink.of(POINT)] == [12.345, 12.355]


async def test_an_unplugged_scale_is_bad_and_is_back_within_five_seconds(outlet, clock, sink, board) -> None:
    async with sics(outlet, clock) as (_, near):
        await clock.advance(0.1)
        near.unplug()
        await clock.advance(3.0)
        assert board.states["lane-1-weight"] == "link-down"
        assert {weight.reason for weight in sink.of(POINT)} == {None, "link-down"}
        near.plugged = True
        await clock.advance(5.0)
    assert board.states["lane-1-weight"] is None
    assert sink.of(POINT)[-1].gross_kg == 12.345
