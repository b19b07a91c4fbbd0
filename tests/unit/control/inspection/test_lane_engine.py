"""Verdicts of lanes over time: one for each passing, in whatever order it is told, whenever control falls."""

from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lane_floor import EPC, LANE, NOON, OTHER_EPC, Floor, after, fold, image, passage, scan, weighing, whys
from msgspec.structs import replace

from coldport.errors import NotFoundError, RefusedError
from control.inspection.clearance import Clearance
from control.inspection.lane.acts import Overridden, Scanned, TagBound
from control.inspection.lane.verdict import Verdict

WHOLE = replace(LANE, scan_required=True, image_required=True)
NEXT_EPC = "3055A537C837754000000003"


def passing(at_s: float, epc: str = EPC, number: int = 1, kg: float | None = 2.0) -> list:
    return [passage(at_s - 5.0, epc), weighing(at_s, kg, number)]


def test_a_verdict_comes_when_all_is_there_and_it_has_been_quiet_for_the_settling_time() -> None:
    floor = Floor()
    floor.hear(weighing(), at_s=0.6)
    assert floor.lanes.due_at() == after(5.6)
    floor.hear(passage(), at_s=3.0)
    assert floor.lanes.due_at() == after(3.05)
    assert floor.wait(3.04) == []
    assert [one.verdict for one in floor.wait(3.05)] == [Verdict.RELEASE]
    assert floor.lanes.due_at() is None


def test_patience_is_not_endless() -> None:
    floor = Floor()
    floor.hear(weighing(), at_s=0.6)
    assert floor.wait(5.59) == []
    assert [whys(one) for one in floor.wait(5.6)] == [["no-tag", "unnamed"]]


def test_a_lane_that_takes_tag_or_scan_waits_for_both_as_long_as_its_patience() -> None:
    floor = Floor(replace(LANE, tag_required=False))
    floor.hear(weighing(), scan(), at_s=0.6)
    assert floor.lanes.due_at() == after(5.6)
    floor.hear(passage(), at_s=2.0)
    assert floor.lanes.due_at() == after(2.05)


@pytest.mark.parametrize("order", list(permutations([passage(), weighing(), scan(), image()])))
def test_the_order_in_which_it_is_told_changes_nothing(order) -> None:
    judged = Floor(WHOLE).judge(*order)
    assert (judged.verdict, whys(judged)) == (Verdict.RELEASE, ["cleared"])


@given(st.randoms(use_true_random=False), st.lists(st.integers(0, 5), min_size=1, max_size=5))
def test_shuffled_things_of_many_parcels_give_the_same_verdicts(dice, kinds) -> None:
    """Parcels follow each other every twelve seconds; each misses something, or nothing."""
    things: list = []
    for number, kind in enumerate(kinds, 1):
        at_s = 12.0 * number
        whole = [
            passage(at_s - 5.0, (EPC, OTHER_EPC)[number % 2]),
            weighing(at_s, 2.0 if kind < 5 else 3.0, number),
            scan(at_s - 1.0, ("SF1", "SF2")[number % 2]),
            image(at_s),
        ]
        things += whole[:kind] if kind < 4 else whole
    straight, shuffled = Floor(WHOLE), Floor(WHOLE)
    straight.hear(*things, at_s=60.0)
    dice.shuffle(things)
    shuffled.hear(*things, at_s=60.0)
    told = [
        [(one.presentation, one.verdict, one.reasons) for one in floor.wait(90.0)] for floor in (straight, shuffled)
    ]
    assert told[0] == told[1]


def test_two_parcels_nearer_than_they_may_be_share_a_tag_and_both_are_held() -> None:
    floor = Floor()
    floor.hear(passage(-5.0), weighing(0.0, number=1), weighing(2.0, number=2), at_s=2.6)
    assert [(one.verdict, whys(one)[0]) for one in floor.wait()] == [(Verdict.HOLD, "tag-of-two")] * 2


def test_a_second_tag_that_is_told_late_takes_the_release_back() -> None:
    floor = Floor()
    floor.hear(*passing(0.0))
    [first] = floor.wait(1.0)
    floor.hear(passage(-4.0, OTHER_EPC), at_s=2.0)
    [second] = floor.wait(2.5)
    assert (first.verdict, second.verdict, second.supersedes) == (Verdict.RELEASE, Verdict.HOLD, first.id)
    assert whys(second) == ["came-late", "multi-tag"]


def test_a_tag_that_is_told_late_names_the_parcel_and_releases_it_not() -> None:
    floor = Floor()
    floor.hear(weighing())
    [first] = floor.wait(6.0)
    floor.hear(passage(), at_s=7.0)
    [second] = floor.wait(8.0)
    assert (first.logistics_no, second.logistics_no, second.verdict) == (None, "SF1", Verdict.HOLD)
    assert whys(second)[0] == "came-late"


def test_what_waits_for_customs_goes_round_three_times_and_is_then_put_aside() -> None:
    floor = Floor()
    floor.say(clearance=Clearance.PENDING)
    for turn in range(4):
        floor.hear(*passing(100.0 * turn, number=turn + 1), at_s=100.0 * turn + 1)
        floor.wait(100.0 * turn + 2)
    assert [one.verdict for one in floor.judged] == [Verdict.WAIT] * 3 + [Verdict.HOLD]
    assert whys(floor.judged[-1])[0] == "went-round"


def test_what_waited_is_released_when_customs_has_answered() -> None:
    floor = Floor()
    floor.say(clearance=Clearance.PENDING)
    floor.hear(*passing(0.0))
    floor.wait(1.0)
    floor.say(clearance=Clearance.RELEASED)
    floor.hear(*passing(100.0, number=2), at_s=101.0)
    assert [one.verdict for one in floor.wait(102.0)] == [Verdict.RELEASE]


def test_what_waited_is_no_repetition_of_itself_though_the_record_knows_its_verdict() -> None:
    floor = Floor()
    floor.say(clearance=Clearance.PENDING)
    floor.hear(*passing(0.0))
    floor.wait(1.0)
    floor.say(clearance=Clearance.RELEASED, seen_at=after(1.0))
    floor.hear(*passing(100.0, number=2), at_s=101.0)
    [judged] = floor.wait(102.0)
    floor.hear(passage(95.1), at_s=103.0)
    assert judged.verdict is Verdict.RELEASE
    assert floor.wait(104.0) == []


def test_a_number_may_come_again_after_half_a_year() -> None:
    floor = Floor()
    floor.hear(*passing(0.0))
    floor.wait(1.0)
    later = 184 * 86_400.0
    floor.hear(*passing(later, number=2), at_s=later + 1)
    assert [one.verdict for one in floor.wait(later + 2)] == [Verdict.RELEASE]


def test_a_parcel_that_was_released_and_comes_again_is_held() -> None:
    floor = Floor()
    floor.hear(*passing(0.0))
    floor.wait(1.0)
    floor.hear(*passing(100.0, number=2), at_s=101.0)
    assert [(one.verdict, whys(one)) for one in floor.wait(102.0)] == [(Verdict.HOLD, ["seen-twice"])]


@pytest.mark.parametrize(
    ("papers", "verdict", "why"),
    [
        ({"clearance": Clearance.INSPECT}, Verdict.INSPECT, ["customs-holds", "recalled"]),
        ({"clearance": Clearance.REJECTED}, Verdict.HOLD, ["customs-refuses", "recalled"]),
        ({"clearance": Clearance.PENDING}, Verdict.HOLD, ["recalled", "not-released-yet"]),
        ({"watch": "w"}, Verdict.INSPECT, ["watched", "recalled"]),
    ],
)
def test_a_released_parcel_is_recalled_when_customs_thinks_again(papers, verdict, why) -> None:
    floor = Floor()
    floor.hear(*passing(0.0))
    [first] = floor.wait(1.0)
    floor.say(**papers)
    [again] = floor.lanes.reconsider("SF1", after(60), floor.facts("SF1"))
    assert (again.verdict, whys(again), again.supersedes) == (verdict, why, first.id)
    assert floor.lanes.reconsider("SF1", after(61), floor.facts("SF1")) == []
    assert floor.lanes.standing("SF1").verdict is verdict


def test_a_parcel_that_may_still_go_is_not_recalled() -> None:
    floor = Floor()
    floor.hear(*passing(0.0))
    floor.wait(1.0)
    assert floor.lanes.reconsider("SF1", after(60), floor.facts("SF1")) == []
    assert floor.lanes.reconsider("SF9", after(60), floor.facts("SF9")) == []


class TestOverruling:
    """A verdict is overruled by two persons, and customs by none."""

    def held(self, **papers) -> Floor:
        floor = Floor()
        floor.say(declared_kg=3.0, **papers)
        floor.hear(*passing(0.0))
        floor.wait(1.0)
        return floor

    def act(self, floor: Floor, **changes) -> Overridden:
        fields = {
            "judged": floor.judged[-1].id,
            "logistics_no": "SF1",
            "verdict": Verdict.RELEASE,
            "reason": "weighed by hand: a second box was taped on",
            "at": after(60),
            "by": "wang",
            "approved_by": "chen",
        }
        return Overridden(**(fields | changes))

    def test_two_persons_release_what_the_weight_stopped(self) -> None:
        floor = self.held()
        act = self.act(floor)
        floor.lanes.check(act, after(61), floor.facts)
        [judged] = floor.lanes.overrule(act, after(61), floor.facts("SF1"))
        assert (judged.verdict, whys(judged), judged.supersedes) == (Verdict.RELEASE, ["overruled"], act.judged)

    @pytest.mark.parametrize(
        ("changes", "papers", "said"),
        [
            ({"approved_by": " Wang"}, {}, "two persons"),
            ({}, {"clearance": Clearance.INSPECT}, "customs has not released"),
            ({}, {"clearance": Clearance.DETAINED}, "customs has not released"),
            ({}, {"clearance": Clearance.PENDING}, "customs has not released"),
            ({"judged": "lane-1.x.1"}, {}, "does not stand any more"),
            ({"verdict": Verdict.INSPECT}, {}, "already"),
            ({"at": after(99)}, {}, "has not come yet"),
        ],
    )
    def test_what_is_not_allowed_is_refused_with_its_reason(self, changes, papers, said) -> None:
        floor = self.held(**papers)
        with pytest.raises(RefusedError, match=said):
            floor.lanes.check(self.act(floor, **changes), after(61), floor.facts)

    def test_only_a_site_that_says_so_lets_two_persons_overrule_customs(self) -> None:
        floor = Floor(override_customs=True)
        floor.say(clearance=Clearance.INSPECT)
        floor.hear(*passing(0.0))
        floor.wait(1.0)
        floor.lanes.check(self.act(floor), after(61), floor.facts)

    def test_a_parcel_that_no_lane_has_seen_cannot_be_overruled(self) -> None:
        floor = self.held()
        with pytest.raises(NotFoundError):
            floor.lanes.check(self.act(floor, logistics_no="SF7"), after(61), floor.facts)

    def test_a_parcel_that_is_to_be_weighed_again_may_come_again(self) -> None:
        floor = self.held()
        floor.keep(floor.lanes.overrule(self.act(floor, verdict=Verdict.RECHECK), after(61), floor.facts("SF1")), 61)
        floor.say(declared_kg=2.0)
        floor.hear(*passing(100.0, number=2), at_s=101)
        assert [one.verdict for one in floor.wait(102)] == [Verdict.RELEASE]


def test_a_tag_on_another_parcel_is_refused_unless_it_was_taken_off() -> None:
    floor = Floor()
    again = TagBound(epc=EPC, logistics_no="SF3", at=NOON, by="wang")
    with pytest.raises(RefusedError, match="is on parcel 'SF1' already"):
        floor.lanes.check(again, NOON, floor.facts)
    floor.lanes.check(replace(again, again=True), NOON, floor.facts)


def test_a_scan_of_a_lane_that_is_not_there_is_refused() -> None:
    floor = Floor()
    with pytest.raises(NotFoundError, match="no lane 'lane-9'"):
        floor.lanes.check(Scanned(lane="lane-9", code="SF1", at=NOON, by="x"), NOON, floor.facts)


def day_of(dice: Random, parcels: int) -> list[tuple[object, float]]:
    """Parcels every twelve seconds that miss this and that, with the second at which each thing is heard."""
    things: list[tuple[object, float]] = []
    for number in range(1, parcels + 1):
        at_s = 12.0 * number
        seen = passing(at_s, dice.choice([EPC, OTHER_EPC, NEXT_EPC]), number, dice.choice([2.0, 2.15, 3.0, None]))
        if dice.random() < 0.2:
            del seen[dice.randrange(2)]
        things += [(one, at_s + dice.uniform(0.6, 4.0)) for one in seen]
    return sorted(things, key=lambda one: one[1])


def played(things: list[tuple[object, float]], fall_at: int | None) -> Floor:
    floor = Floor(rounds=1)
    for index, (thing, at_s) in enumerate(things):
        floor.wait(at_s)
        if index == fall_at:
            floor.restart()
        floor.do(thing, after(at_s))
        if index == fall_at:
            floor.restart()
    floor.wait(12.0 * len(things) + 100.0)
    return floor


def test_a_fall_at_any_moment_loses_no_verdict_and_gives_none_twice() -> None:
    things = day_of(Random(1), 12)
    whole = played(things, None)
    for fall_at in range(len(things)):
        fallen = played(things, fall_at)
        assert fallen.judged == whole.judged
        assert fallen.lanes.state == whole.lanes.state


def test_every_passing_has_one_verdict_that_stands() -> None:
    floor = played(day_of(Random(2), 200), None)
    superseded = {one.supersedes for one in floor.judged}
    standing = [one.presentation for one in floor.judged if one.id not in superseded]
    weighed = sum(one.measured_kg is not None or "bad-weighing" in whys(one) for one in floor.judged)
    assert len(standing) == len(set(standing))
    assert weighed > 150


def test_a_written_verdict_is_not_judged_again_after_a_fall_even_if_the_papers_changed() -> None:
    floor = Floor()
    floor.hear(*passing(0.0))
    floor.wait(1.0)
    floor.say(clearance=Clearance.INSPECT)
    floor.restart()
    assert floor.wait(2.0) == []
    assert floor.lanes.shown("lane-1").verdict is Verdict.RELEASE


def test_what_was_seen_long_ago_is_forgotten() -> None:
    floor = Floor()
    for number in range(1, 400):
        fold(floor.lanes, weighing(12.0 * number, number=number), after(12.0 * number))
        floor.wait(12.0 * number + 6)
    assert len(floor.lanes.state.lanes["lane-1"].weighed) < 100
