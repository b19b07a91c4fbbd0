"""Readings too late to act on move no live alarm; the record's review moves onsets back and opens what nobody saw."""

import msgspec
import pytest

from coldport.errors import NotFoundError
from coldport.messages.alarm import AlarmState, Disposition
from coldport.site import Point, Quantity
from control.alarms.engine import Engine
from control.alarms.record.book import SPAN_LIMIT, Unseen
from control.alarms.record.review import FINDING_LIMIT, Told, ended, onset, open_unseen, remember, review
from control.alarms.record.spans import Ending, Excursion, Gap, PointRecord
from control.entries import Acknowledged, Acted, Action, Found, Reviewed, Revised, Transitioned


@pytest.fixture
def found(at):
    def make(raised_s, returned_s, **changes):
        fields = {
            "definition": "hi",
            "version": 1,
            "onset": at(raised_s),
            "raised_at": at(raised_s),
            "returned_at": at(returned_s),
            "worst": 9.5,
            "worst_at": at(raised_s),
            "known_s": returned_s - raised_s,
            "unknown_s": 0.0,
            "others": 0,
            "gap_start": at(raised_s - 10),
            "gap_end": at(returned_s + 10),
        }
        return Found(**(fields | changes))

    return make


@pytest.fixture
def reviewed(at):
    def make(**changes):
        return Reviewed(point="p", at=at(9_000), since=at(0), until=at(9_000), **changes)

    return make


@pytest.fixture
def judge(judged, definition):
    return judged(definition(on_delay_s=5))


def test_a_reading_older_than_five_minutes_raises_nothing_live(judge):
    for second in range(20):
        judge.observe(second, 9.0, recorded_s=second + 301)

    assert judge.edges == []
    assert judge.engine.past == 20


def test_a_reading_of_exactly_five_minutes_ago_is_judged(judge):
    for second in range(20):
        judge.observe(second, 9.0, recorded_s=second + 300)

    assert judge.edges == [("raise", 5)]


def test_a_slow_point_is_judged_for_three_of_its_intervals(judged, definition):
    judge = judged(definition(), every_s=600)
    judge.observe(0, 9.0, recorded_s=1_800)

    assert judge.edges == [("raise", 0)]


def test_an_old_reading_clears_no_live_alarm(judge):
    for second in range(10):
        judge.observe(second, 9.0)
    judge.observe(20, 5.0, recorded_s=400)

    assert judge.edges == [("raise", 5)]


def test_a_recorded_point_is_judged_however_old_its_readings_are(judged, definition, one_room, at, observed):
    judge = judged(definition())
    site = one_room(Point(id="p", quantity=Quantity.TEMPERATURE, every_s=1, recorded=True))
    judge.engine = Engine(site, judge.alarms)
    judge.observe(0, 9.0, recorded_s=1e7)

    assert judge.edges == [("raise", 0)]


def test_what_a_gap_hid_is_one_occurrence_that_is_over_and_waits_for_a_person(judge, found, reviewed, at):
    judge.take(reviewed(found=(found(100, 200),)), 9_000)

    [alarm] = judge.moved
    assert (alarm.id, alarm.state, alarm.historical) == ("hi.p.1", AlarmState.RETURNED_UNACKNOWLEDGED, True)
    assert (alarm.occurred_at, alarm.returned_at, alarm.value) == (at(100), at(200), 9.5)
    judge.take(Acknowledged(alarm="hi.p.1", at=at(9_100), by="Li", comment="core 5 °C"), 9_100)
    assert judge.moved[-1].state is AlarmState.ACKNOWLEDGED
    said = {"text": "checked the core", "disposition": Disposition.RELEASE}
    judge.take(Acted(action=Action.CONFIRM, alarm="hi.p.1", at=at(9_200), by="Li", **said), 9_200)
    assert judge.moved[-1].state is AlarmState.NORMAL


def test_the_same_review_twice_opens_one_occurrence(judge, found, reviewed):
    for _ in range(2):
        judge.take(reviewed(found=(found(100, 200),)), 9_000)

    assert len(judge.moved) == 1


def test_what_is_found_of_the_past_does_not_hide_what_is_true_now(judge, found, reviewed, at):
    for second in range(1_000, 1_010):
        judge.observe(second, 9.0)
    judge.take(reviewed(found=(found(100, 200),)), 1_010)

    assert [alarm.id for alarm in judge.engine.occurrences.newest_since(0)] == ["hi.p.1"]
    assert [alarm.id for alarm in judge.engine.occurrences.active()] == ["hi.p.1"]
    judge.observe(1_010, 5.0)
    for second in range(1_011, 1_020):
        judge.observe(second, 9.0)
    assert [alarm.id for alarm in judge.moved] == ["hi.p.1", "hi.p.2", "hi.p.1", "hi.p.3"]


def test_what_overlaps_a_live_alarm_revises_it_instead(judge, found, reviewed, at):
    for second in range(150, 160):
        judge.observe(second, 9.0)
    judge.take(reviewed(found=(found(100, 200),)), 1_000)

    assert (judge.moved[-1].id, judge.moved[-1].occurred_at, judge.moved[-1].revised_from) == (
        "hi.p.1",
        at(100),
        at(155),
    )


def test_an_onset_that_was_earlier_is_revised_and_nothing_else_of_the_alarm(judge, reviewed, at):
    for second in range(150, 160):
        judge.observe(second, 9.0)
    before = judge.moved[-1]
    judge.take(reviewed(revised=(Revised(definition="hi", was=at(155), now=at(40)),)), 1_000)

    after = judge.moved[-1]
    wanted = msgspec.structs.replace(before, occurred_at=at(40), revised_from=at(155), transition=after.transition)
    assert after == wanted


def test_an_alarm_that_is_normal_again_is_revised_in_its_place(judge, reviewed, at):
    for second in range(150, 160):
        judge.observe(second, 9.0)
    judge.take(Acknowledged(alarm="hi.p.1", at=at(160), by="Li"), 160)
    judge.observe(160, 5.0)
    judge.take(reviewed(revised=(Revised(definition="hi", was=at(155), now=at(40)),)), 1_000)

    [listed] = judge.engine.occurrences.listed()
    assert (listed.occurred_at, listed.state) == (at(40), AlarmState.NORMAL)
    assert judge.engine.occurrences.newest_since(0) == [listed]


def test_an_onset_that_is_not_earlier_or_of_no_alarm_revises_nothing(judge, reviewed, at):
    later = Revised(definition="hi", was=at(40), now=at(155))
    judge.take(reviewed(revised=(later,), closed=((at(0), at(40)),)), 1_000)
    for second in range(10):
        judge.observe(second, 9.0)
    judge.take(reviewed(revised=(later,)), 1_000)

    assert judge.edges == [("raise", 5)]
    with pytest.raises(NotFoundError):
        judge.engine.occurrences.find("hi.p.2")


def test_a_review_is_recalled_from_the_journal_as_it_was(judge, found, reviewed, observed, at):
    for second in range(150, 160):
        judge.observe(second, 9.0)
    one = reviewed(found=(found(20, 30),), revised=(Revised(definition="hi", was=at(155), now=at(40)),))
    judge.take(one, 1_000)
    journal = [(second, observed(second, 9.0)) for second in range(150, 160)]
    journal += [(155, Transitioned(alarm=judge.moved[0])), (1_000, one)]
    journal += [(1_000, Transitioned(alarm=alarm)) for alarm in judge.moved[1:]]
    before = judge.engine.state

    judge.restart(msgspec.msgpack.encode(Engine(judge.site, judge.alarms).state), journal)

    assert judge.engine.state == before


@pytest.fixture
def excursion(at):
    def make(onset_s, returned_s, definition="hi", known_s=None):
        returned = None if returned_s is None else at(returned_s)
        return Excursion(
            definition=definition,
            version=1,
            point="p",
            onset=at(onset_s),
            raised_at=at(onset_s + 5),
            worst=9.0,
            worst_at=at(onset_s),
            known_s=known_s or 1.0,
            unknown_s=0.0,
            gaps=0,
            returned_at=returned,
            cleared_at=returned,
            ending=Ending.OPEN if returned is None else Ending.RETURNED,
        )

    return make


@pytest.fixture
def change(at, judged, definition):
    """What a review says when `after` is the record, some was told, and some gaps were there before."""

    def make(after, *, told=(), gaps=((50, 300),), left=(), answered=()):
        record = PointRecord(point="p", excursions=tuple(after), gaps=tuple(Gap(at(a), at(b)) for a, b in left))
        unseen = [Unseen(at(start - 3), Gap(at(start), at(end)), silent=True) for start, end in gaps]
        known = Told(alarms=list(told), gaps=[(at(a), at(b)) for a, b in answered])
        return review(known, unseen, record, {"hi": 1, "hihi": 2}.__getitem__, at(2_000))

    return make


@pytest.fixture
def told(judge, at):
    """An alarm as it was told, occurred and returned."""
    judge.observe(0, 9.0)
    for second in range(1, 10):
        judge.observe(second, 9.0)

    def make(occurred_s, returned_s=None):
        returned = None if returned_s is None else at(returned_s)
        return msgspec.structs.replace(judge.moved[0], occurred_at=at(occurred_s), returned_at=returned)

    return make


def test_an_excursion_nobody_was_told_of_is_found_in_its_gap(change, excursion, at):
    said = change([excursion(100, 200)])

    [one] = said.found
    assert (one.definition, one.gap_start, one.gap_end, one.others) == ("hi", at(50), at(300), 0)
    assert said.closed == ((at(50), at(300)),)


def test_all_that_is_found_in_one_gap_is_one_finding_of_the_gravest(change, excursion):
    said = change([excursion(100, 200), excursion(110, 150, "hihi"), excursion(220, 250)])

    assert [(one.definition, one.others) for one in said.found] == [("hihi", 2)]


def test_each_gap_has_its_own_finding(change, excursion):
    assert len(change([excursion(100, 200), excursion(400, 450)], gaps=[(50, 300), (350, 500)]).found) == 2


def test_a_gap_of_which_something_was_found_has_no_second_finding(change, excursion):
    assert change([excursion(100, 200)], answered=[(50, 300)]).found == ()


def test_an_excursion_that_began_earlier_than_was_told_is_revised(change, excursion, told, at):
    said = change([excursion(100, None)], told=[told(305)])

    assert said.revised == (Revised(definition="hi", was=at(305), now=at(105)),)
    assert said.found == ()


def test_less_than_a_second_earlier_is_the_same(change, excursion, told):
    assert change([excursion(100, None)], told=[told(105.9)]).revised == ()


def test_one_that_is_open_and_was_not_told_is_left_to_the_live_view(change, excursion):
    assert change([excursion(100, None)], left=[(60, 70)]) is None


def test_what_happened_in_sight_is_not_looked_at_again(change, excursion):
    assert change([excursion(10, 20), excursion(900, 950)], left=[(60, 70)]) is None


def test_a_gap_of_which_some_remains_is_not_closed(change):
    assert change([], left=[(60, 70)]) is None


def test_readings_that_show_a_gap_was_fine_close_it(change, at):
    assert change([]).closed == ((at(50), at(300)),)


def test_exactly_a_second_earlier_is_revised(change, excursion, told, at):
    assert change([excursion(100, None)], told=[told(106)]).revised == (
        Revised(definition="hi", was=at(106), now=at(105)),
    )


def test_of_several_occurrences_in_one_excursion_the_first_is_revised(change, excursion, told, at):
    said = change([excursion(100, None)], told=[told(150, 160), told(120, 130), told(200)])
    assert said.revised == (Revised(definition="hi", was=at(120), now=at(105)),)


def test_an_occurrence_of_another_alarm_tells_of_no_excursion(change, excursion, told):
    assert [one.definition for one in change([excursion(100, 200, "hihi")], told=[told(105, 200)]).found] == ["hihi"]


@pytest.mark.parametrize(("occurred", "returned", "new"), [(200, 210, 0), (200.001, 210, 1), (90, 100, 0), (80, 99, 1)])
def test_an_occurrence_tells_of_an_excursion_that_it_touches(change, excursion, told, occurred, returned, new):
    assert len(change([excursion(100, 200)], told=[told(occurred, returned)]).found) == new


@pytest.mark.parametrize(("gap", "new"), [((50, 100), 1), ((50, 101), 0), ((200, 300), 1), ((199, 300), 0)])
def test_a_gap_answers_for_the_excursions_that_lie_in_it_in_part(change, excursion, gap, new):
    assert len(change([excursion(100, 200)], answered=[gap]).found) == new


@pytest.mark.parametrize(("gap", "new"), [((50, 100), 0), ((50, 101), 1), ((108, 300), 0), ((107, 300), 1)])
def test_an_excursion_is_unseen_if_it_began_before_a_gap_was_over_and_was_raised_after_it_began(
    change, excursion, gap, new
):
    """A gap counts from three seconds, the last reading before it, on; the excursion was raised at 105."""
    assert len(change([excursion(100, 200)], gaps=[gap]).found) == new


@pytest.mark.parametrize(
    ("left", "closed"), [((20, 50), True), ((20, 51), False), ((300, 310), True), ((299, 310), False)]
)
def test_a_gap_that_only_touches_another_is_closed(change, left, closed):
    said = change([], left=[left])
    assert (said is not None) == closed


def test_a_gap_is_closed_once_and_one_in_which_something_was_known_never(at):
    record, rank = PointRecord(point="p"), {}.__getitem__
    gap = Gap(at(50), at(300))
    assert review(Told(closed=[(at(50), at(300))]), [Unseen(at(47), gap, silent=True)], record, rank, at(900)) is None
    assert review(Told(), [Unseen(at(47), gap, silent=False)], record, rank, at(900)) is None


def test_a_review_says_from_when_to_when_it_looked(change, at):
    said = change([], gaps=[(50, 300), (20, 30)])
    assert (said.since, said.until, said.at, said.point) == (at(20), at(300), at(2_000), "p")


def test_one_review_says_no_more_than_its_limit_of_each(change, excursion, told):
    gaps = [(100 * n, 100 * n + 50) for n in range(1, FINDING_LIMIT + 3)]
    said = change([excursion(start + 10, start + 40) for start, _ in gaps], gaps=gaps)
    assert (len(said.found), len(said.closed)) == (FINDING_LIMIT, FINDING_LIMIT)
    earlier = [excursion(start + 10, start + 40) for start, _ in gaps]
    said = change(earlier, gaps=gaps, told=[told(start + 20, start + 40) for start, _ in gaps])
    assert len(said.revised) == FINDING_LIMIT


def test_what_was_found_and_closed_is_remembered_within_its_limit(found, reviewed, at):
    told = Told()
    for n in range(SPAN_LIMIT + 1):
        told.take(reviewed(found=(found(100 * n, 100 * n + 50),), closed=((at(n), at(n + 1)),)))
    assert len(told.gaps) == len(told.closed) == SPAN_LIMIT
    assert told.gaps[0] == (at(90), at(160))
    assert told.closed[-1] == (at(SPAN_LIMIT), at(SPAN_LIMIT + 1))


def test_an_occurrence_that_moves_again_is_kept_as_it_stands_now(told):
    alarms = []
    assert remember(alarms, told(100))
    assert not remember(alarms, told(100, 200))
    assert alarms == [told(100, 200)]
    other = msgspec.structs.replace(told(300), id="hi.p.2")
    assert remember(alarms, other)
    assert not remember(alarms, told(100, 250))
    assert alarms == [told(100, 250), other]


def test_no_more_occurrences_are_kept_than_spans(told):
    alarms = []
    for n in range(SPAN_LIMIT + 1):
        remember(alarms, msgspec.structs.replace(told(n), id=f"hi.p.{n}"))
    assert (len(alarms), alarms[0].id) == (SPAN_LIMIT, "hi.p.1")


@pytest.mark.parametrize(("occurred", "was_revised"), [(105.9, False), (106, True)])
def test_an_alarm_of_what_began_unseen_has_its_onset_and_no_other_has(at, excursion, told, occurred, was_revised):
    record = PointRecord(point="p", excursions=(excursion(10, 50), excursion(100, None), excursion(100, None, "hihi")))
    known = Told(open={("hi", at(105)), ("hihi", at(105))})
    revised = onset(known, told(occurred), record)
    assert revised == (Revised(definition="hi", was=at(occurred), now=at(105)) if was_revised else None)
    assert known.open == {("hihi", at(105))}
    assert onset(known, told(300), record) is None


@pytest.mark.parametrize(("since", "open_"), [(99, False), (100, True), (105, True), (106, False)])
def test_what_is_known_to_be_open_is_so_from_its_onset_to_the_end_of_its_delay(at, excursion, told, since, open_):
    record = PointRecord(point="p", excursions=(excursion(100, None),))
    assert (onset(Told(open={("hi", at(since))}), told(300), record) is not None) is open_


@pytest.mark.parametrize(("onset_s", "unseen_"), [(10, True), (47, True), (299, True), (300, False)])
def test_a_condition_that_is_not_due_yet_is_unseen_if_it_began_before_the_end_of_a_gap(at, onset_s, unseen_):
    stretch = [Unseen(at(47), Gap(at(50), at(300)), silent=True)]
    begun = {("hi", at(onset_s))}
    assert open_unseen(Told(), stretch, PointRecord(point="p"), begun) == (begun if unseen_ else set())


def test_a_condition_that_holds_unseen_is_open_unless_it_was_told(at, excursion, told):
    stretch = [Unseen(at(47), Gap(at(50), at(300)), silent=True)]
    record = PointRecord(point="p", excursions=(excursion(100, None), excursion(400, None, "hihi")))
    assert open_unseen(Told(), stretch, record, set()) == {("hi", at(105))}
    assert open_unseen(Told(alarms=[told(305)]), stretch, record, set()) == set()


def test_what_was_open_is_found_when_it_is_over_and_kept_while_it_is_not(at, excursion, told):
    rank = {"hi": 1, "hihi": 2}.__getitem__
    over = PointRecord(point="p", excursions=(excursion(100, 200), excursion(100, 180, "hihi"), excursion(10, 20)))
    known = Told(open={("hi", at(105)), ("hihi", at(105)), ("lo", at(100))})

    said = ended(known, over, {("lo", at(100)), ("lo", at(300))}, rank, at(900))

    assert [(one.definition, one.gap_start, one.gap_end) for one in said.found] == [
        ("hi", at(100), at(200)),
        ("hihi", at(100), at(180)),
    ]
    assert (said.since, said.until, said.at) == (at(100), at(200), at(900))
    assert known.open == {("lo", at(100))}

    still = Told(open={("hi", at(105))})
    assert ended(still, PointRecord(point="p", excursions=(excursion(100, None),)), set(), rank, at(900)) is None
    assert still.open == {("hi", at(105))}
    seen = Told(open={("hi", at(105))}, alarms=[told(150, 160)])
    assert ended(seen, over, set(), rank, at(900)) is None


def test_what_is_open_is_not_found_by_a_review_too(at, excursion):
    record = PointRecord(point="p", excursions=(excursion(100, 200), excursion(110, 200, "hihi")))
    stretch = [Unseen(at(47), Gap(at(50), at(300)), silent=True)]
    said = review(Told(open={("hi", at(105))}), stretch, record, {"hi": 1, "hihi": 2}.__getitem__, at(900))
    assert [one.definition for one in said.found] == ["hihi"]
    assert said.found[0].others == 0


def test_an_occurrence_of_another_alarm_or_time_is_not_that_of_what_is_open(at, excursion, told):
    stretch = [Unseen(at(47), Gap(at(50), at(300)), silent=True)]
    record = PointRecord(point="p", excursions=(excursion(100, None, "hihi"), excursion(100, None)))
    assert open_unseen(Told(alarms=[told(305)]), stretch, record, set()) == {("hihi", at(105))}
    assert open_unseen(Told(alarms=[told(10, 20)]), stretch, record, set()) == {("hi", at(105)), ("hihi", at(105))}


def test_an_onset_is_revised_though_the_gap_is_not_closed(change, excursion, told):
    said = change([excursion(100, None)], told=[told(305)], left=[(60, 70)])
    assert (len(said.revised), said.closed) == (1, ())
