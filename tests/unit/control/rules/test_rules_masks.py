"""Masks postpone HI alarms of air, within their cap, and touch nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldport.site import Quantity
from control.alarms.definition import Kind
from control.alarms.mask import Cause, Mask, MaskRule, MaskState, postponed
from control.exposure.custody import LotMoved

HI = {"id": "hi", "on_delay_s": 10}


def rule(cause=Cause.DEFROST, **more) -> MaskRule:
    fields = {"id": "m", "cause": cause, "zones": ("z",), "points": ("d",), "recovery_s": 20.0, "cap_s": 100.0}
    return MaskRule(**(fields | more))


@pytest.fixture
def masked(room, point):
    """A room with an air probe `p` and the cause `d`; what is asked for is read each second up to `until`."""

    def play(*definitions, warm, on, until=200, probe=None, value=9.0, **more):
        place = room([probe or point("p"), point("d", Quantity.DEFROST)], *definitions, masks=(rule(**more),))
        for second in range(until):
            place.read("d", second, float(on[0] <= second < on[1]))
            place.read("p", second, value if warm[0] <= second < warm[1] else 5.0)
        return place

    return play


def test_an_alarm_due_under_a_mask_is_raised_when_the_mask_ends(masked):
    assert masked(HI, warm=(30, 90), on=(25, 45)).moves("hi") == [("raise", 65), ("clear", 90)]


def test_air_that_is_cold_again_before_the_mask_ends_raises_nothing(masked):
    assert masked(HI, warm=(30, 64), on=(25, 45)).moves("hi") == []


def test_an_alarm_due_before_the_mask_begins_is_not_postponed(masked):
    assert masked(HI, warm=(30, 90), on=(41, 60)).moves("hi")[0] == ("raise", 40)


def test_what_is_raised_is_not_taken_back(masked):
    assert masked(HI, warm=(30, 90), on=(50, 60)).moves("hi") == [("raise", 40), ("clear", 90)]


def test_what_returns_under_a_mask_is_cleared_when_it_is_due(masked):
    assert masked(HI | {"off_delay_s": 5}, warm=(30, 55), on=(50, 60)).moves("hi") == [("raise", 40), ("clear", 60)]


def test_a_mask_ends_at_its_cap_though_its_cause_lasts(masked):
    overrun = {"id": "overrun", "kind": Kind.ON, "quantity": Quantity.DEFROST, "points": ("d",), "limit": None}
    overrun |= {"unit": "s", "on_delay_s": 100}
    place = masked(HI, overrun, warm=(30, 190), on=(25, 180))
    assert place.moves("hi")[0] == ("raise", 125)
    assert place.moves("overrun")[0] == ("raise", 125)


def test_a_cause_that_comes_and_goes_has_one_cap(room, point):
    place = room([point("p"), point("d", Quantity.DEFROST)], HI, masks=(rule(),))
    for second in range(200):
        place.read("d", second, float(second % 10 < 5))
        place.read("p", second, 9.0)
    assert place.moves("hi") == [("raise", 100)]


def test_a_door_lengthens_the_delay_and_its_closing_ends_that(masked):
    longer = {"cause": Cause.DOOR, "on_delay_s": 40.0, "recovery_s": 0.0}
    assert masked(HI, warm=(30, 190), on=(25, 190), **longer).moves("hi")[0] == ("raise", 70)
    assert masked(HI, warm=(30, 190), on=(25, 55), **longer).moves("hi")[0] == ("raise", 55)


def test_a_start_up_is_masked_from_the_return_and_not_while_it_stands(masked):
    start_up = {"cause": Cause.START_UP, "recovery_s": 50.0, "cap_s": 60.0}
    assert masked(HI, warm=(60, 190), on=(65, 190), **start_up).moves("hi")[0] == ("raise", 115)
    assert masked(HI, warm=(10, 190), on=(65, 190), **start_up).moves("hi")[0] == ("raise", 20)
    assert masked(HI, warm=(0, 190), on=(0, 190), **start_up).moves("hi")[0] == ("raise", 10)  # it never stood


@pytest.mark.parametrize(
    ("other", "value"),
    [
        ({"id": "a", "kind": Kind.LO, "limit": 2.0, "on_delay_s": 10}, 1.0),
        ({"id": "a", "kind": Kind.LOLO, "limit": 2.0, "on_delay_s": 10}, 1.0),
        ({"id": "a", "kind": Kind.HIHI, "on_delay_s": 10}, 9.0),
        ({"id": "a", "kind": Kind.CUMULATIVE_HI, "window_s": 3_600.0, "allowed_s": 10.0}, 9.0),
    ],
)
def test_no_other_kind_is_masked(masked, other, value):
    assert masked(other, warm=(30, 90), on=(25, 60), value=value).moves("a")[0] == ("raise", 40)


def test_a_product_probe_is_not_masked(masked, product):
    assert masked(HI, warm=(30, 90), on=(25, 60), probe=product("p")).moves("hi")[0] == ("raise", 40)


def test_a_bad_reading_of_the_cause_says_nothing(room, point):
    place = room([point("p"), point("d", Quantity.DEFROST)], HI, masks=(rule(),))
    place.series("d", {0: 1.0, 1: None})
    place.series("p", dict.fromkeys(range(2, 150), 9.0))
    assert place.moves("hi") == [("raise", 100)]


def test_a_mask_goes_on_after_a_restart(room, point):
    place = room([point("p"), point("d", Quantity.DEFROST)], HI, masks=(rule(),))
    for second in range(80):
        place.read("d", second, float(second < 45))
        place.read("p", second, 9.0)
        place.restart()
    assert place.moves("hi") == [("raise", 65)]


def test_goods_brought_into_the_zone_mask_its_air_until_it_has_had_time(room, point, at):
    load = rule(cause=Cause.LOAD, points=(), recovery_s=50.0, cap_s=60.0)
    place = room([point("p")], HI, masks=(load,))
    place.series("p", dict.fromkeys(range(5), 9.0))
    place.take(LotMoved(lot="a", zone="elsewhere", at=at(4), by="wang"), 4)
    place.take(LotMoved(lot="b", zone="z", at=at(5), by="wang"), 5)
    place.series("p", dict.fromkeys(range(5, 80), 9.0))
    assert place.moves("hi") == [("raise", 55)]


def test_a_mask_that_ends_in_another_goes_on_in_it(at):
    masks = [Mask(rule(cap_s=10.0), MaskState()), Mask(rule(id="n", cap_s=30.0), MaskState())]
    masks[0].hear("d", 1.0, at(0))
    masks[1].hear("d", 1.0, at(5))
    assert postponed(masks, at(1), at(0)) == at(35)
    assert postponed(masks[::-1], at(1), at(0)) == at(35)
    assert postponed(masks, at(35), at(0)) == at(35)


events = st.lists(st.tuples(st.sampled_from("dp"), st.integers(1, 5), st.integers(0, 12)), min_size=1, max_size=60)


def judged_by(room, probe, definitions, history, masks, product):
    """Return the moves of each definition over a history of (who, seconds later, what)."""
    place = room([probe("p") if not product else product("p"), probe("d", Quantity.DEFROST)], *definitions, masks=masks)
    second = 0
    for who, later, what in history:
        second += later
        place.read(who, second, float(what if who == "p" else what > 6))
    place.read("p", second + 1, 5.0)
    return {one["id"]: place.moves(one["id"]) for one in definitions}


@settings(max_examples=100, deadline=None)
@given(history=events, recovery=st.integers(0, 30), cap=st.integers(1, 40), longer=st.none() | st.integers(1, 20))
def test_no_mask_ever_moves_lo_product_or_hihi(room, point, product, history, recovery, cap, longer):
    masks = (rule(recovery_s=recovery, cap_s=cap, on_delay_s=longer),)
    others = [
        {"id": "lo", "kind": Kind.LO, "limit": 3.0, "on_delay_s": 4},
        {"id": "hihi", "kind": Kind.HIHI, "on_delay_s": 4},
    ]
    assert judged_by(room, point, others, history, masks, None) == judged_by(room, point, others, history, (), None)
    hi = [{"id": "hi", "on_delay_s": 4}]
    assert judged_by(room, point, hi, history, masks, product) == judged_by(room, point, hi, history, (), product)


@settings(max_examples=100, deadline=None)
@given(history=events, recovery=st.integers(0, 30), cap=st.integers(1, 40))
def test_a_mask_makes_no_alarm_earlier_nor_later_than_its_cap(room, point, history, recovery, cap):
    masks = (rule(recovery_s=min(recovery, cap), cap_s=cap),)
    hi = [{"id": "hi", "on_delay_s": 4}]
    plain = judged_by(room, point, hi, history, (), None)["hi"]
    under = judged_by(room, point, hi, history, masks, None)["hi"]
    spans = list(zip(plain[::2], plain[1::2], strict=False))
    for edge, at_s in under:
        if edge == "raise":
            assert any(raised[1] <= at_s <= min(cleared[1], raised[1] + cap) for raised, cleared in spans)


def test_a_load_masks_its_own_zone_and_no_other(room, point, at):
    load = rule(Cause.LOAD, points=(), zones=("elsewhere",), recovery_s=20.0)
    place = room([point("p")], HI, masks=(load,))
    place.take(LotMoved(lot="l", zone="z", at=at(0), by="Li"), 0)
    place.series("p", dict.fromkeys(range(30), 9.0))
    assert place.moves("hi") == [("raise", 10)]


def test_what_was_due_is_told_before_a_mask_changes(room, point):
    place = room([point("p", every_s=10), point("d", Quantity.DEFROST)], HI, masks=(rule(),))
    place.read("d", 0, 0.0)
    place.series("p", dict.fromkeys(range(0, 30, 10), 5.0))
    place.read("p", 30, 9.0)
    place.read("d", 45, 1.0)
    assert place.moves("hi") == [("raise", 40)]


def test_moist_air_is_not_masked(room, point):
    moist = HI | {"quantity": Quantity.HUMIDITY, "points": ("h",), "unit": "%RH"}
    place = room([point("h", Quantity.HUMIDITY), point("d", Quantity.DEFROST)], moist, masks=(rule(),))
    for second in range(30):
        place.read("d", second, 1.0)
        place.read("h", second, 90.0)
    assert place.moves("hi") == [("raise", 10)]
