"""One weight for each load: what begins one, what ends it, what is told of those that could not be weighed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldport.messages.observation import Quality
from edge.drivers.scales.load_cycle import Captured, LoadCycle
from edge.drivers.scales.stability import StabilityRule, StabilityWatch
from edge.lines.scale import Load, LoadKind
from edge.protocols.shown import Shown, bad
from edge.sources.scale import load_rule

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
D = 0.01
STEP_S = 0.1


class Bench:
    """A scale with ten frames a second, put through a course of masses."""

    def __init__(self, kind: LoadKind = LoadKind.PARCEL, *, flagged: bool = True) -> None:
        self.cycle = LoadCycle(load_rule(Load(kind=kind), D))
        self._watch = StabilityWatch(StabilityRule(division_kg=D, hold_s=kind.hold_s, rate_hz=10))
        self._flagged = flagged
        self._frame = 0
        self._before: float | None = None

    def show(self, shown: Shown) -> Captured | None:
        now_s = self._frame * STEP_S
        self._frame += 1
        verdict = self._watch.judge(now_s, shown.load_kg, device_stable=shown.device_stable)
        return self.cycle.follow(shown, verdict, NOON + timedelta(seconds=now_s), now_s)

    def course(self, *stretches: tuple[float, float]) -> list[Captured]:
        """Show masses, each for so many seconds; the scale's flag is up from the second equal frame on."""
        told = []
        for mass_kg, for_s in stretches:
            for _ in range(round(for_s / STEP_S)):
                stable = mass_kg == self._before if self._flagged else None
                self._before = mass_kg
                told.append(self.show(Shown(gross_kg=mass_kg, device_stable=stable)))
        return [one for one in told if one is not None]


EMPTY = (0.0, 1.0)
BOX = (5.0, 2.0)


def masses(told: list[Captured]) -> list[float | None]:
    return [one.shown.gross_kg for one in told]


def reasons(told: list[Captured]) -> list[str | None]:
    return [one.shown.reason for one in told]


@pytest.mark.parametrize("flagged", [True, False], ids=["flag", "derived"])
def test_a_load_is_weighed_once_however_long_it_lies(flagged: bool) -> None:
    told = Bench(flagged=flagged).course(EMPTY, (2.0, 0.1), (4.0, 0.1), (5.0, 3600.0), (2.0, 0.1), EMPTY)
    assert masses(told) == [5.0]
    assert (told[0].number, told[0].placed_at) == (1, NOON + timedelta(seconds=1.0))
    assert told[0].stable_by == ("device" if flagged else "derived")


def test_the_same_weight_twice_is_two_loads() -> None:
    told = Bench().course(EMPTY, BOX, EMPTY, BOX, EMPTY)
    assert masses(told) == [5.0, 5.0]
    assert [one.number for one in told] == [1, 2]


def test_another_parcel_that_comes_before_the_platform_is_empty_is_another_load() -> None:
    assert masses(Bench().course(EMPTY, BOX, (4.0, 0.1), (8.0, 2.0), EMPTY)) == [5.0, 8.0]
    assert masses(Bench().course(EMPTY, BOX, (5.15, 2.0), EMPTY)) == [5.0, 5.15]


def test_an_equal_parcel_that_comes_before_the_platform_is_empty_is_another_load() -> None:
    assert masses(Bench().course(EMPTY, BOX, (3.0, 0.1), BOX, EMPTY)) == [5.0, 5.0]
    assert masses(Bench().course(EMPTY, BOX, (8.0, 0.1), BOX, EMPTY)) == [5.0, 5.0]


def test_a_push_is_no_other_load() -> None:
    assert masses(Bench().course(EMPTY, BOX, (5.8, 0.1), (4.9, 0.1), BOX, EMPTY)) == [5.0]


def test_a_sum_that_stands_still_for_a_moment_while_parcels_change_is_no_load() -> None:
    assert masses(Bench().course(EMPTY, BOX, (7.0, 0.4), (6.0, 2.0), EMPTY)) == [5.0, 6.0]


@pytest.mark.parametrize("kind", [LoadKind.PALLET, LoadKind.TRUCK])
def test_goods_put_onto_a_pallet_in_pieces_are_one_load(kind: LoadKind) -> None:
    told = Bench(kind, flagged=False).course(EMPTY, (5.0, 5.0), (9.0, 5.0), (3.0, 5.0), EMPTY, (7.0, 5.0), EMPTY)
    assert masses(told) == [5.0, 7.0]


def test_a_pallet_changed_while_nothing_was_heard_is_another_load() -> None:
    bench = Bench(LoadKind.PALLET)
    assert masses(bench.course(EMPTY, BOX)) == [5.0]
    bench.show(bad("silent"))
    assert masses(bench.course((8.0, 2.0))) == [8.0]
    bench.show(bad("silent"))
    assert bench.course((8.0, 2.0)) == []


def test_a_load_that_never_rested_is_told_when_it_has_gone() -> None:
    shaken = [(5.0 + 0.1 * (step % 3), 0.1) for step in range(20)]
    told = Bench().course(EMPTY, *shaken, EMPTY)
    assert (masses(told), reasons(told)) == ([None], ["never-stable"])
    assert told[0].shown.quality is Quality.BAD


def test_a_platform_that_swings_when_a_load_has_gone_tells_of_no_load() -> None:
    assert masses(Bench().course(EMPTY, BOX, (0.0, 0.1), (1.1, 0.1), (0.2, 0.1), (0.9, 0.1), EMPTY)) == [5.0]


def test_a_load_too_light_to_be_weighed_is_told_once() -> None:
    told = Bench().course(EMPTY, (0.15, 60.0), EMPTY, BOX, EMPTY)
    assert reasons(told) == ["below-minimum", None]


def test_a_load_too_heavy_is_told_while_it_lies_and_weighed_when_it_is_lightened() -> None:
    bench = Bench()
    bench.course(EMPTY)
    told = [one for _ in range(50) if (one := bench.show(bad("overload"))) is not None]
    assert reasons(told) == ["overload"]
    assert masses(bench.course((30.0, 2.0), EMPTY)) == [30.0]


def test_a_load_too_heavy_that_goes_is_told_once() -> None:
    bench = Bench()
    bench.course(EMPTY)
    told = [bench.show(bad("overload")) for _ in range(50)]
    assert len([one for one in told if one]) == 1
    assert bench.course((30.0, 0.1), (10.0, 0.1), EMPTY) == []


def test_what_lies_there_at_the_start_may_have_been_weighed_before() -> None:
    told = Bench().course(BOX, EMPTY, BOX)
    assert [(one.shown.quality, one.shown.reason) for one in told] == [
        (Quality.UNCERTAIN, "placed-before-start"),
        (Quality.GOOD, None),
    ]


def test_silence_with_a_load_on_the_platform_does_not_weigh_it_again() -> None:
    bench = Bench()
    bench.course(EMPTY, BOX)
    for _ in range(100):
        assert bench.show(bad("silent")) is None
    assert bench.course(BOX, EMPTY) == []


def test_a_tare_pressed_under_a_load_is_no_other_load() -> None:
    bench = Bench()
    assert masses(bench.course(EMPTY, BOX)) == [5.0]
    taring = Shown(net_kg=0.0, tare_kg=5.0, device_stable=True)
    assert [bench.show(taring) for _ in range(20)] == [None] * 20
    filled = [bench.show(Shown(net_kg=3.0, tare_kg=5.0, device_stable=step > 2)) for step in range(20)]
    [told] = [one for one in filled if one]
    assert (told.shown.net_kg, told.shown.tare_kg, told.shown.gross_kg) == (3.0, 5.0, None)


def test_an_empty_platform_off_its_zero_for_a_minute_needs_its_zero_key_and_is_not_corrected() -> None:
    bench = Bench()
    bench.course((0.05, 59.0))
    assert not bench.cycle.needs_zero
    bench.course((0.05, 2.0))
    assert bench.cycle.needs_zero
    [told] = bench.course((5.05, 2.0))
    assert (told.shown.gross_kg, told.shown.quality, told.shown.reason) == (5.05, Quality.UNCERTAIN, "needs-zero")
    bench.course((0.05, 1.0))
    assert bench.cycle.needs_zero
    bench.course((0.04, 1.0))
    assert not bench.cycle.needs_zero


def test_a_zero_that_has_wandered_past_the_empty_band_neither_hides_nor_invents_loads() -> None:
    drifted = (0.15, 70.0)
    bench = Bench()
    told = bench.course(EMPTY, drifted, (5.15, 2.0), drifted, (5.15, 2.0), drifted)
    assert reasons(told) == ["below-minimum", "needs-zero", "needs-zero"]
    assert bench.cycle.needs_zero


def test_without_a_flag_the_weight_is_one_that_the_scale_showed_while_it_rested() -> None:
    course = [(5.03, 0.1), (5.02, 0.1), *[(5.01 + 0.01 * (step % 3 == 0), 0.1) for step in range(20)]]
    [told] = Bench(flagged=False).course(EMPTY, *course)
    assert told.shown.gross_kg == 5.01


@settings(max_examples=60)
@given(
    flagged=st.booleans(),
    loads=st.lists(
        st.tuples(st.integers(20, 3000), st.integers(20, 60), st.integers(3, 30), st.integers(0, 8)), max_size=8
    ),
)
def test_any_run_of_loads_with_an_empty_platform_between_is_weighed_load_by_load(flagged: bool, loads) -> None:
    bench, told = Bench(flagged=flagged), []
    for divisions, rest, gap, ramp in loads:
        mass_kg = round(divisions * D, 2)
        way = [(round(mass_kg * step / (ramp + 1), 2), STEP_S) for step in range(1, ramp + 1)]
        told += bench.course((0.0, gap * STEP_S), *way, (mass_kg, rest * STEP_S), *reversed(way))
    told += bench.course(EMPTY)
    assert masses([one for one in told if one.shown.reason != "below-minimum"]) == [
        round(divisions * D, 2) for divisions, *_ in loads
    ]
