"""The parts of a lane's verdict by themselves: masses, the draw, labels, lamps."""

import hashlib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lane_floor import LANE, Floor, after, passage, weighing
from msgspec.structs import replace

from coldport.errors import NotFoundError, RefusedError
from coldport.messages.observation import Quality
from control.inspection.lane.acts import DrawCommitted, DrawRevealed, RateSet
from control.inspection.lane.draw import drawn_again, joined, selected, wilson
from control.inspection.lane.evidence import Shown
from control.inspection.lane.label import parcel_number
from control.inspection.lane.outputs import wanted
from control.inspection.lane.settings import Outputs
from control.inspection.lane.verdict import Verdict
from control.inspection.lane.weight import Band, Fit, ScaleType, error_kg, fit, measured_kg

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
DAY = date(2026, 7, 1)
SEED = bytes(range(32))
BAND = Band()
SCALE = ScaleType(e_kg=0.01, max_kg=60)


@pytest.mark.parametrize(
    ("accuracy_class", "intervals", "e"),
    [
        ("III", 500, 1.0),
        ("III", 501, 2.0),
        ("III", 2000, 2.0),
        ("III", 2001, 3.0),
        ("II", 5000, 1.0),
        ("II", 20_001, 3.0),
        ("IIII", 51, 2.0),
        ("I", 50_001, 2.0),
    ],
)
def test_the_error_of_a_scale_in_service_is_twice_that_of_its_verification(accuracy_class, intervals, e) -> None:
    scale = ScaleType(e_kg=0.01, max_kg=10_000, accuracy_class=accuracy_class)
    assert error_kg(intervals * 0.01, scale) == pytest.approx(e * 0.01)


@pytest.mark.parametrize(
    ("measured", "declared", "how"),
    [
        (0.225, 0.2, Fit.RIGHT),
        (0.226, 0.2, Fit.OFF),
        (0.255, 0.2, Fit.OFF),
        (0.256, 0.2, Fit.FAR_OFF),
        (2.105, 2.0, Fit.RIGHT),
        (2.106, 2.0, Fit.OFF),
        (2.205, 2.0, Fit.OFF),
        (2.206, 2.0, Fit.FAR_OFF),
        (1.795, 2.0, Fit.OFF),
        (1.794, 2.0, Fit.FAR_OFF),
    ],
)
def test_a_mass_at_the_edge_of_a_band_is_within_it(measured, declared, how) -> None:
    assert fit(measured, declared, 0.005, BAND) is how


@given(st.floats(0.01, 60), st.floats(0.01, 60), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_error_never_makes_a_band_narrower(measured, declared, error, more) -> None:
    order = list(Fit)
    narrow, wide = fit(measured, declared, error, BAND), fit(measured, declared, error + more, BAND)
    assert order.index(wide) <= order.index(narrow)


def test_a_tray_is_taken_off_once_and_a_net_mass_has_none() -> None:
    tray = ScaleType(e_kg=0.01, max_kg=60, tare_kg=0.8)
    assert measured_kg(weighing(kg=2.8), tray) == 2.0
    assert measured_kg(weighing(kg=None, quality=Quality.GOOD, reason=None, net_kg=2.0), tray) == 2.0


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("00106141412345678908", "106141412345678908"),
        ("]C100106141412345678908", "106141412345678908"),
        ("\x1d00106141412345678908", "106141412345678908"),
        ("00106141412345678907", "00106141412345678907"),
        (" SF1234567890123 ", "SF1234567890123"),
        ("]C0SF1", "SF1"),
        ("]", "]"),
        ("https://]", "https://]"),
    ],
)
def test_a_label_names_its_logistic_unit_or_is_a_number_of_the_carriers_own(code, number) -> None:
    assert parcel_number(code) == number


@given(st.text(min_size=1, max_size=60))
def test_no_text_of_a_label_breaks_the_reader(code) -> None:
    parcel_number(code)


class TestTheDraw:
    """Anybody can repeat the draw of a day, and nobody foresees it."""

    def opened(self, rate: float = 0.3, second: bytes | None = None) -> Floor:
        floor = Floor()
        floor.seeds[DAY] = joined(SEED, second)
        floor.do(RateSet(stratum="all", rate=rate, reason="opening", at=NOON, by="chen"), NOON)
        hashed = hashlib.sha256(second).hexdigest() if second else None
        floor.do(self.committed(second_sha256=hashed), NOON)
        return floor

    def committed(self, **changes) -> DrawCommitted:
        fields = {"day": DAY, "sha256": hashlib.sha256(SEED).hexdigest(), "at": NOON, "by": "chen"}
        return DrawCommitted(**(fields | changes))

    def revealed(self, **changes) -> DrawRevealed:
        return DrawRevealed(**({"day": DAY, "seed": SEED.hex(), "at": NOON, "by": "chen"} | changes))

    def test_a_rate_is_met_within_its_interval(self) -> None:
        drawn = sum(selected(SEED, f"SF{number}", DAY, "lane-1", 0.02) for number in range(20_000))
        low, high = wilson(drawn, 20_000)
        assert low <= 0.02 <= high

    def test_a_rate_of_nothing_draws_none_and_of_everything_all(self) -> None:
        assert not any(selected(SEED, f"SF{number}", DAY, "lane-1", 0.0) for number in range(1000))
        assert all(selected(SEED, f"SF{number}", DAY, "lane-1", 1.0) for number in range(1000))

    def test_two_shares_make_one_seed_that_is_neither(self) -> None:
        other = bytes(reversed(SEED))
        assert joined(SEED, other) not in (SEED, other)
        assert joined(joined(SEED, other), other) == SEED

    def test_drawn_parcels_are_opened_and_counted_once_for_each_lane(self) -> None:
        floor = self.opened(rate=1.0)
        for turn in range(2):
            floor.hear(passage(100.0 * turn - 5), weighing(100.0 * turn, number=turn + 1), at_s=100.0 * turn + 1)
            floor.wait(100.0 * turn + 2)
        assert [one.verdict for one in floor.judged] == [Verdict.INSPECT, Verdict.HOLD]
        count = floor.lanes.state.draw.days[DAY.isoformat()].strata["all"]
        assert (count.parcels, count.drawn, count.expected) == (1, 1, 1.0)

    def test_a_changed_rate_is_that_of_later_parcels_only(self) -> None:
        floor = self.opened(rate=0.0)
        floor.hear(passage(-5), weighing(0))
        floor.wait(1)
        floor.do(RateSet(stratum="all", rate=1.0, reason="a hint", at=after(2), by="chen"), after(2))
        floor.hear(passage(95, "3055A537C837754000000002"), weighing(100, number=2), at_s=101)
        floor.wait(102)
        assert [one.drawn.rate for one in floor.judged] == [0.0, 1.0]
        assert [one.verdict for one in floor.judged] == [Verdict.RELEASE, Verdict.INSPECT]

    def test_a_seed_that_was_not_committed_draws_nothing(self) -> None:
        floor = Floor()
        floor.seeds[DAY] = SEED
        floor.do(RateSet(stratum="all", rate=0.5, reason="x", at=NOON, by="chen"), NOON)
        assert floor.judge(passage(), weighing()).verdict is Verdict.HOLD

    def test_the_day_of_a_draw_is_that_of_the_site(self) -> None:
        floor = self.opened()
        floor.seeds.clear()  # at 16:00 UTC it is tomorrow at the site
        late = (datetime(2026, 7, 1, 16, tzinfo=UTC) - NOON).total_seconds()
        floor.do(self.committed(day=date(2026, 7, 2)), NOON)
        floor.seeds[date(2026, 7, 2)] = SEED
        floor.hear(passage(late - 5), weighing(late), at_s=late + 1)
        [judged] = floor.wait(late + 2)
        assert judged.drawn.day == date(2026, 7, 2)

    def test_a_verdict_that_is_not_the_draws_is_found(self) -> None:
        floor = self.opened()
        floor.hear(passage(), weighing())
        floor.wait()
        assert drawn_again(SEED, floor.judged) == []
        lying = [replace(one, drawn=replace(one.drawn, selected=not one.drawn.selected)) for one in floor.judged]
        assert drawn_again(SEED, lying) == [one.id for one in floor.judged]

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"seed": "00" * 32}, "not the seed"),
            ({"second_share": "00" * 32}, "second share"),
        ],
    )
    def test_another_seed_than_the_committed_one_cannot_be_revealed(self, changes, said) -> None:
        with pytest.raises(RefusedError, match=said):
            self.opened().lanes.check(self.revealed(**changes), NOON, dict)

    def test_a_second_share_is_revealed_with_the_seed(self) -> None:
        share = bytes([7] * 32)
        floor = self.opened(second=share)
        with pytest.raises(RefusedError, match="second share"):
            floor.lanes.check(self.revealed(), NOON, dict)
        with pytest.raises(RefusedError, match="not the second share"):
            floor.lanes.check(self.revealed(second_share="00" * 32), NOON, dict)
        floor.lanes.check(self.revealed(second_share=share.hex()), NOON, dict)

    def test_a_day_is_committed_once_and_revealed_once(self) -> None:
        floor = self.opened()
        with pytest.raises(RefusedError, match="committed already"):
            floor.lanes.check(self.committed(), NOON, dict)
        floor.do(self.revealed(), NOON)
        with pytest.raises(RefusedError, match="revealed already"):
            floor.lanes.check(self.revealed(), NOON, dict)
        with pytest.raises(NotFoundError):
            floor.lanes.check(self.revealed(day=date(2026, 7, 9)), NOON, dict)


def test_wilson_knows_nothing_of_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("verdict", "after_s", "on", "way"),
    [
        (Verdict.RELEASE, 29, "green", 1),
        (Verdict.RELEASE, 30, None, 0),
        (Verdict.WAIT, 1, "amber", 2),
        (Verdict.RECHECK, 1, "amber", 0),
        (Verdict.HOLD, 9999, "red", 0),
        (Verdict.INSPECT, 9999, "red", 0),
        (None, 0, None, 0),
    ],
)
def test_lamps_and_diverter_show_the_verdict_and_fall_back_on_holding(verdict, after_s, on, way) -> None:
    ways = {Verdict.RELEASE: 1, Verdict.HOLD: 0, Verdict.WAIT: 2}
    outputs = Outputs(gateway="g", green="green", amber="amber", red="red", diverter="d", ways=ways)
    shown = Shown("p", NOON, verdict, NOON) if verdict else None
    values = wanted(outputs, shown, NOON + timedelta(seconds=after_s))
    assert values == {"green": on == "green", "amber": on == "amber", "red": on == "red", "d": way}


def test_after_a_fall_the_lamps_are_what_they_were() -> None:
    floor = Floor()
    floor.hear(passage(), weighing())
    floor.wait(1)
    shown = floor.lanes.shown(LANE.id)
    floor.restart()
    assert floor.lanes.shown(LANE.id) == shown
    assert shown.verdict is Verdict.RELEASE
