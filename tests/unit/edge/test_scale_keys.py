"""Keys of a scale pressed from afar: by somebody, one at a time, and done only when the scale shows it."""

import asyncio
import logging
from collections.abc import Sequence
from decimal import Decimal

import pytest

from coldport.errors import RefusedError
from coldport.ids import LinkId, PointId
from coldport.messages.observation import Quality
from edge.drivers.scales.keys import End, Outcome, Press, took_effect
from edge.drivers.scales.report import WeightReport
from edge.drivers.scales.scale import Scale
from edge.drivers.scales.sics import SicsDialect
from edge.drivers.scales.stability import StabilityRule
from edge.lines.scale import Key
from edge.links.memory_link import null_modem
from edge.ports import Link
from edge.protocols.shown import Shown, bad

NAME = LinkId("lane-1-weight")
POINT = "lane-1-scale"
RULE = StabilityRule(division_kg=0.01)
LOADED = Shown(gross_kg=5.0, tare_kg=0.0, device_stable=True)
TARED = Shown(net_kg=0.0, tare_kg=5.0, device_stable=True)


class Indicator:
    """A dialect whose scale shows what it is told to, ten times a second."""

    def __init__(self, clock) -> None:
        self._clock = clock
        self.shown = LOADED
        self.refusal: str | None = None
        self.pressed: list[Press] = []
        self.after_press: Shown | None = None

    def begin(self) -> None:
        """Nothing to forget."""

    async def listen(self, link: Link) -> Sequence[Shown]:
        await link.read(0)
        await self._clock.sleep(0.1)
        return [self.shown]

    def spoiled(self) -> Sequence[str]:
        return ()

    async def press(self, link: Link, press: Press) -> str | None:
        self.pressed.append(press)
        self.shown = self.after_press or self.shown
        return self.refusal


@pytest.fixture
async def there(outlet, clock):
    near, _ = null_modem(clock)
    indicator = Indicator(clock)
    scale = Scale(NAME, near, indicator, WeightReport(PointId(POINT), RULE), 0.01, outlet)
    running = asyncio.create_task(scale.run())
    await clock.advance(0.15)
    yield scale, indicator, near
    running.cancel()
    await asyncio.wait([running])


async def outcome(clock, press, seconds: float) -> Outcome:
    pressing = asyncio.create_task(press)
    await clock.advance(seconds)
    return await pressing


async def test_a_key_is_done_when_the_scale_shows_it_and_the_log_names_who_pressed_it(there, clock, caplog) -> None:
    scale, indicator, _ = there
    indicator.after_press = TARED
    with caplog.at_level(logging.INFO, "edge.scale"):
        assert await outcome(clock, scale.tare("Li Na"), 1.0) == Outcome(End.DONE)
    assert caplog.messages == ["lane-1-weight: tare by Li Na is done"]
    assert indicator.pressed == [Press(Key.TARE, "Li Na")]


async def test_no_weight_is_shown_while_a_key_is_being_pressed(there, clock, sink) -> None:
    scale, indicator, _ = there
    indicator.after_press = TARED
    await outcome(clock, scale.tare("Li Na"), 1.0)
    reasons = [weight.reason for weight in sink.of(POINT)]
    assert "key-pressed" in reasons
    assert sink.of(POINT)[reasons.index("key-pressed")].quality is Quality.BAD


async def test_a_key_that_changes_nothing_is_not_verified(there, clock) -> None:
    scale, _, _ = there
    assert await outcome(clock, scale.tare("Li Na"), 5.0) == Outcome(End.NOT_VERIFIED, "no-effect")


async def test_a_key_that_the_scale_refuses_says_why(there, clock) -> None:
    scale, indicator, _ = there
    indicator.refusal = "not-ready"
    assert await outcome(clock, scale.zero("Li Na"), 1.0) == Outcome(End.REFUSED, "not-ready")


@pytest.mark.parametrize("by", ["", "  "])
async def test_nobody_presses_no_key(there, by: str) -> None:
    scale, indicator, _ = there
    for press in (scale.zero, scale.tare, scale.clear_tare):
        with pytest.raises(RefusedError, match="name the operator"):
            await press(by)
    assert indicator.pressed == []


@pytest.mark.parametrize("tare", ["-0.01", "NaN", "Infinity"])
async def test_a_tare_that_cannot_be_is_not_sent(there, tare: str) -> None:
    scale, indicator, _ = there
    with pytest.raises(RefusedError):
        await scale.preset_tare("Li Na", Decimal(tare))
    assert indicator.pressed == []


async def test_one_key_at_a_time(there, clock) -> None:
    scale, _, _ = there
    first = asyncio.create_task(scale.tare("Li Na"))
    await clock.advance(0.05)
    assert await outcome(clock, scale.zero("Wu Wei"), 0.0) == Outcome(End.REFUSED, "busy")
    await clock.advance(5.0)
    assert (await first).end is End.NOT_VERIFIED


async def test_a_line_that_breaks_while_a_key_is_being_pressed_leaves_it_unverified(there, clock) -> None:
    scale, _, near = there
    pressing = asyncio.create_task(scale.tare("Li Na"))
    await clock.advance(0.5)
    near.unplug()
    await clock.advance(0.2)
    assert await pressing == Outcome(End.NOT_VERIFIED, "link-down")
    assert await scale.tare("Li Na") == Outcome(End.REFUSED, "link-down")


@pytest.mark.parametrize(
    ("key", "shown", "proven"),
    [
        (Key.ZERO, Shown(gross_kg=0.01), True),
        (Key.ZERO, Shown(gross_kg=0.02), False),
        (Key.ZERO, Shown(net_kg=-0.01, tare_kg=1.0), True),
        (Key.ZERO, bad("overload"), False),
        (Key.TARE, Shown(net_kg=0.0), True),
        (Key.TARE, Shown(gross_kg=0.0), False),
        (Key.CLEAR_TARE, Shown(gross_kg=5.0, tare_kg=0.0), True),
        (Key.CLEAR_TARE, Shown(net_kg=0.0, tare_kg=5.0), False),
        (Key.PRESET_TARE, Shown(net_kg=3.8, tare_kg=1.2), True),
        (Key.PRESET_TARE, Shown(net_kg=3.8), False),
    ],
)
def test_what_a_scale_shows_proves_a_key_or_does_not(key: Key, shown: Shown, proven: bool) -> None:
    assert took_effect(Press(key, "Li Na", Decimal("1.2") if key is Key.PRESET_TARE else None), shown, 0.01) is proven


async def test_a_scale_changed_for_another_while_it_was_silent_is_not_read(outlet, clock, sink, board, caplog) -> None:
    near, far = null_modem(clock)
    answers = {"I4": 'I4 A "B021"', "TA": "TA A 0.000 kg", "SI": "S S 5.000 kg"}
    silent = False

    async def answer() -> None:
        while True:
            for command in (await far.read(3600)).decode().split():
                if not silent:
                    await far.write(answers[command].encode() + b"\r\n")

    scale = Scale(NAME, near, SicsDialect(0.2, clock, "B021"), WeightReport(PointId(POINT), RULE), 0.01, outlet)
    running = [asyncio.create_task(scale.run()), asyncio.create_task(answer())]
    await clock.advance(1.0)
    assert board.states[NAME] is None
    silent = True
    await clock.advance(2.5)
    assert board.states[NAME] == "silent"
    silent, answers["I4"] = False, 'I4 A "C077"'
    await clock.advance(3.0)
    assert board.states[NAME] == "wrong-device"
    assert sink.of(POINT)[-1].reason == "wrong-device"
    assert "scale 'C077' answers, 'B021' belongs here" in caplog.text
    answers["I4"] = 'I4 A "B021"'
    await clock.advance(2.0)
    assert board.states[NAME] is None
    assert sink.of(POINT)[-1].gross_kg == 5.0
    for task in running:
        task.cancel()
    await asyncio.wait(running)
