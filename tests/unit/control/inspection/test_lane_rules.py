"""Which reason makes which verdict on a lane, and that whatever is unknown, late or missing releases nothing."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lane_floor import EPC, LANE, NOON, OTHER_EPC, Floor, image, passage, scan, weighing, whys
from msgspec.structs import replace

from coldport.messages.observation import Direction
from control.inspection.clearance import Clearance
from control.inspection.lane.rules import TABLE
from control.inspection.lane.settings import Draw
from control.inspection.lane.verdict import Verdict, Why

SCANNED = replace(LANE, scan_required=True)
IMAGED = replace(LANE, image_required=True)
EITHER = replace(LANE, tag_required=False)
UNTAGGED = replace(LANE, tag_required=False, scan_required=True)


def test_a_parcel_that_customs_released_and_that_weighs_what_was_declared_is_released() -> None:
    judged = Floor().judge(passage(), weighing())
    assert (judged.verdict, whys(judged)) == (Verdict.RELEASE, ["cleared"])
    assert (judged.logistics_no, judged.epcs, judged.measured_kg, judged.error_kg) == ("SF1", (EPC,), 2.0, 0.005)


PAPERS = [
    ({"known": False}, Verdict.HOLD, "unknown-parcel"),
    ({"clearance": Clearance.NONE}, Verdict.HOLD, "no-inventory"),
    ({"clearance": Clearance.INSPECT}, Verdict.INSPECT, "customs-holds"),
    ({"clearance": Clearance.SUSPENDED}, Verdict.INSPECT, "customs-holds"),
    ({"clearance": Clearance.DETAINED}, Verdict.INSPECT, "customs-holds"),
    ({"clearance": Clearance.REJECTED}, Verdict.HOLD, "customs-refuses"),
    ({"clearance": Clearance.RETURNED}, Verdict.HOLD, "customs-refuses"),
    ({"clearance": Clearance.CLOSED}, Verdict.HOLD, "customs-refuses"),
    ({"clearance": Clearance.PENDING}, Verdict.WAIT, "not-released-yet"),
    ({"watch": "w-17"}, Verdict.INSPECT, "watched"),
    ({"findings": ("order-sum",)}, Verdict.HOLD, "broken-documents"),
    ({"declared_kg": None}, Verdict.HOLD, "no-declared-weight"),
    ({"declared_kg": 0.0}, Verdict.HOLD, "no-declared-weight"),
    ({"declared_kg": 1.85}, Verdict.RECHECK, "weight-off"),
    ({"declared_kg": 3.0}, Verdict.INSPECT, "weight-far-off"),
    ({"seen_at": NOON - timedelta(days=182)}, Verdict.HOLD, "seen-earlier"),
    ({"seen_at": NOON - timedelta(days=184)}, Verdict.RELEASE, "cleared"),
    ({"cold": True, "cold_since": NOON - timedelta(seconds=601)}, Verdict.INSPECT, "too-warm"),
    ({"cold": True, "cold_since": NOON - timedelta(seconds=600)}, Verdict.RELEASE, "cleared"),
    ({"cold": True, "dwell_limit_s": 4.9}, Verdict.INSPECT, "too-warm"),
]


@pytest.mark.parametrize(("papers", "verdict", "why"), PAPERS)
def test_what_the_papers_say_decides_as_the_table_says(papers, verdict, why) -> None:
    floor = Floor()
    floor.say(**papers)
    judged = floor.judge(passage(), weighing())
    assert (judged.verdict, whys(judged)[0]) == (verdict, why)


SEEN = [
    (LANE, [weighing()], Verdict.HOLD, "no-tag"),
    (LANE, [passage(epc=None), weighing()], Verdict.HOLD, "no-tag"),
    (LANE, [passage(), passage(-4.0, OTHER_EPC), weighing()], Verdict.HOLD, "multi-tag"),
    (LANE, [passage(), passage(-4.0, "AAAA"), weighing()], Verdict.HOLD, "multi-tag"),
    (LANE, [passage(), passage(-4.0, None), weighing()], Verdict.HOLD, "untagged-beside"),
    (LANE, [passage(epc="AAAA"), weighing()], Verdict.HOLD, "unbound-tag"),
    (LANE, [passage(direction=Direction.OUT), weighing()], Verdict.HOLD, "went-back"),
    (LANE, [passage(direction=Direction.UNDETERMINED), weighing()], Verdict.RELEASE, "cleared"),
    (LANE, [passage(), scan(code="SF2"), weighing()], Verdict.HOLD, "tag-and-scan-differ"),
    (LANE, [passage(), scan(), scan(code="SF2"), weighing()], Verdict.HOLD, "scans-differ"),
    (SCANNED, [passage(), weighing()], Verdict.HOLD, "no-scan"),
    (SCANNED, [passage(), scan(), weighing()], Verdict.RELEASE, "cleared"),
    (UNTAGGED, [scan(), weighing()], Verdict.RELEASE, "cleared"),
    (EITHER, [scan(), weighing()], Verdict.RELEASE, "cleared"),
    (EITHER, [passage(), weighing()], Verdict.RELEASE, "cleared"),
    (EITHER, [weighing()], Verdict.HOLD, "unnamed"),
    (UNTAGGED, [scan(code="SF9"), weighing()], Verdict.HOLD, "unknown-parcel"),
    (LANE, [passage(), image(suspicious=True), weighing()], Verdict.INSPECT, "image-flagged"),
    (IMAGED, [passage(), weighing()], Verdict.RECHECK, "no-image"),
    (IMAGED, [passage(), image(), weighing()], Verdict.RELEASE, "cleared"),
    (LANE, [passage(), weighing(kg=None)], Verdict.RECHECK, "bad-weighing"),
    (LANE, [passage(), weighing(kg=61.0)], Verdict.RECHECK, "bad-weighing"),
    (LANE, [passage(), weighing(kg=-0.01)], Verdict.RECHECK, "bad-weighing"),
]


@pytest.mark.parametrize(("lane", "evidence", "verdict", "why"), SEEN)
def test_what_was_seen_decides_as_the_table_says(lane, evidence, verdict, why) -> None:
    judged = Floor(lane).judge(*evidence)
    assert (judged.verdict, whys(judged)[0]) == (verdict, why)


def test_a_tag_that_comes_to_no_scale_is_held_and_its_parcel_is_not_lost() -> None:
    judged = Floor().judge(passage())
    assert (judged.verdict, whys(judged), judged.logistics_no) == (Verdict.HOLD, ["unweighed"], "SF1")


@pytest.mark.parametrize("gate_s", [-9.0, -1.0, 1.0])
def test_a_parcel_that_was_weighed_by_its_label_gets_no_second_verdict_for_its_tag(gate_s) -> None:
    floor = Floor(EITHER)
    floor.hear(scan(), weighing())
    floor.hear(passage(gate_s), at_s=2.0)
    assert [(judged.verdict, judged.logistics_no) for judged in floor.wait(100.0)] == [(Verdict.RELEASE, "SF1")]


def test_the_tag_of_another_parcel_beside_one_that_was_weighed_is_held() -> None:
    floor = Floor(EITHER)
    floor.hear(scan(code="SF2"), weighing())
    floor.hear(passage(-1.0), at_s=2.0)
    judged = {one.logistics_no: (one.verdict, whys(one)[0]) for one in floor.wait(100.0)}
    assert judged["SF1"] == (Verdict.HOLD, "unweighed")


def test_what_is_told_long_after_it_happened_releases_nothing() -> None:
    floor = Floor()
    floor.hear(passage(), weighing(), at_s=3600.0)
    [judged] = floor.wait(3700.0)
    assert (judged.verdict, whys(judged)) == (Verdict.HOLD, ["late"])


def test_all_reasons_are_kept_and_the_first_of_the_table_decides() -> None:
    floor = Floor()
    floor.say(clearance=Clearance.INSPECT, watch="w-1", declared_kg=9.0, seen_at=NOON)
    judged = floor.judge(passage(), image(suspicious=True), weighing())
    assert whys(judged) == ["customs-holds", "watched", "image-flagged", "weight-far-off", "seen-earlier"]
    assert judged.verdict is Verdict.INSPECT


def test_a_site_may_hold_what_got_too_warm() -> None:
    floor = Floor(too_warm=Verdict.HOLD)
    floor.say(cold=True, dwell_limit_s=1.0)
    assert floor.judge(passage(), weighing()).verdict is Verdict.HOLD


def test_without_the_seed_of_the_day_nothing_is_released_where_parcels_are_drawn() -> None:
    floor = Floor(draw=Draw(rates={"all": 0.01}))
    assert whys(floor.judge(passage(), weighing())) == ["not-drawn-yet"]


def test_the_only_reason_of_the_table_that_releases_is_that_there_is_no_other() -> None:
    assert [why for why, verdict in TABLE.items() if verdict is Verdict.RELEASE] == [Why.CLEARED]


@given(
    st.builds(
        dict,
        known=st.booleans(),
        clearance=st.sampled_from(Clearance),
        declared_kg=st.none() | st.floats(0, 5),
        watch=st.none() | st.just("w"),
        findings=st.just(()) | st.just(("r",)),
        cold=st.booleans(),
        dwell_limit_s=st.sampled_from([0.0, 600.0]),
        seen_at=st.none() | st.just(NOON),
    ),
    st.permutations([passage(), weighing(), scan(), image()]).flatmap(
        lambda some: st.integers(0, 4).map(lambda n: some[:n])
    ),
)
def test_a_release_needs_every_paper_and_every_measurement(papers, evidence) -> None:
    """The rules once more, as one condition."""
    floor = Floor(replace(SCANNED, image_required=True))
    floor.say(**papers)
    floor.hear(*evidence)
    released = [one for one in floor.wait() if one.verdict is Verdict.RELEASE]
    declared = papers["declared_kg"] or 0.0
    may = (
        len(evidence) == 4
        and papers["known"]
        and papers["clearance"] is Clearance.RELEASED
        and declared > 0
        and round(abs(2.0 - declared), 6) <= round(max(0.02, 0.05 * declared) + 0.005, 6)
        and papers["watch"] is None
        and not papers["findings"]
        and papers["seen_at"] is None
        and not (papers["cold"] and papers["dwell_limit_s"] == 0)
    )
    assert bool(released) is may
