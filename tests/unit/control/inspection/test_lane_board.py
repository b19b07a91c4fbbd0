"""What a lane's screens are shown: its last verdicts as they stand, and the counts of the day."""

from lane_floor import EPC, OTHER_EPC, Floor, after, passage, scan, weighing
from msgspec.structs import replace

from control.inspection.clearance import Clearance
from control.inspection.lane.acts import Overridden
from control.inspection.lane.board import LAST_LIMIT
from control.inspection.lane.engine import SCAN_LIMIT
from control.inspection.lane.verdict import Verdict


def board(floor):
    return floor.lanes.board("lane-1")


def let_through(floor, count: int) -> None:
    for n in range(count):
        floor.hear(weighing(30.0 * n, number=n + 1), at_s=30.0 * n + 1)
        floor.wait(30.0 * n + 20)


def test_the_newest_parcel_is_first_and_eight_are_kept() -> None:
    floor = Floor()
    let_through(floor, LAST_LIMIT + 1)
    numbers = [one.presentation.rpartition("-")[2] for one in board(floor).last]
    assert numbers == [str(n) for n in range(LAST_LIMIT + 1, 1, -1)]
    assert board(floor).counts == {Verdict.HOLD: LAST_LIMIT + 1}


def test_a_verdict_instead_of_another_counts_instead_of_it_and_keeps_what_was_measured() -> None:
    floor = Floor()
    released = floor.judge(passage(), weighing())
    act = Overridden(
        judged=released.id,
        logistics_no="SF1",
        verdict=Verdict.INSPECT,
        reason="leaks",
        at=after(40),
        by="li",
        approved_by="wang",
    )
    floor.keep(floor.lanes.overrule(act, after(40), floor.facts("SF1")), 40)
    [shown] = board(floor).last
    assert (shown.verdict, shown.measured_kg, shown.epcs) == (Verdict.INSPECT, 2.0, (EPC,))
    assert board(floor).counts == {Verdict.RELEASE: 0, Verdict.INSPECT: 1}


def test_a_parcel_taken_back_after_others_have_passed_is_counted_and_is_no_news_of_the_lane() -> None:
    floor = Floor()
    floor.judge(passage(), weighing())
    for n in range(LAST_LIMIT):
        floor.hear(weighing(30.0 * (n + 1), number=n + 2), at_s=30.0 * (n + 1) + 1)
        floor.wait(30.0 * (n + 1) + 20)
    before = list(board(floor).last)
    floor.say(clearance=Clearance.DETAINED)
    floor.keep(floor.lanes.reconsider("SF1", after(900), floor.facts("SF1")), 900)
    assert board(floor).last == before
    assert board(floor).counts == {Verdict.RELEASE: 0, Verdict.HOLD: LAST_LIMIT, Verdict.INSPECT: 1}


def test_a_new_day_counts_from_nothing() -> None:
    floor = Floor()
    floor.judge(passage(), weighing())
    day_s = 86_400.0
    floor.hear(passage(day_s - 5, OTHER_EPC), weighing(day_s, number=2), at_s=day_s + 0.6)
    floor.wait(day_s + 30)
    assert board(floor).counts == {Verdict.RELEASE: 1}


def test_a_restart_shows_the_same() -> None:
    floor = Floor()
    floor.judge(passage(), weighing())
    before = board(floor)
    floor.restart()
    assert board(floor) == before


def test_a_scan_that_is_told_twice_is_known_by_its_name() -> None:
    floor = Floor()
    told = replace(scan(), id="0b7d1c2e-1")
    assert not floor.lanes.is_known(told)
    floor.hear(told)
    assert floor.lanes.is_known(told)
    assert not floor.lanes.is_known(scan())
    for n in range(SCAN_LIMIT):
        floor.hear(replace(scan(), id=f"station-{n}"))
    assert len(floor.lanes.state.scans) == SCAN_LIMIT
    assert not floor.lanes.is_known(told)
