"""What people may do about an alarm, what they must say, and what becomes of it."""

from datetime import timedelta

import pytest

from coldport.errors import NotFoundError, RefusedError
from coldport.messages.alarm import AlarmState, Annunciation, Disposition, Priority, Suppressed, Suppression
from control.alarms.conduct import SHELF_LIMITS, STAGGER, shelf_end
from control.alarms.lifecycle import Stimulus
from control.alarms.occurrence import SYSTEM, Said, stepped
from control.entries import Acknowledged, Acted, Action


class Desk:
    """People before one judged point; what they do is done at a second."""

    def __init__(self, judge, at):
        self.judge = judge
        self.at = at

    def acknowledge(self, second, comment="seen", alarm="hi.p.1"):
        self.judge.take(Acknowledged(alarm=alarm, at=self.at(second), by="Wang", comment=comment), second)
        return self.alarm

    def act(self, action, second, alarm="hi.p.1", by="Wang", **said):
        for_s = said.pop("for_s", None)
        if for_s is not None:
            said["until"] = self.at(second + for_s)
        self.judge.take(Acted(action=Action(action), alarm=alarm, at=self.at(second), by=by, **said), second)
        return self.alarm

    def shelve(self, second, for_s=1800, action="shelve", **said):
        return self.act(action, second, for_s=for_s, **{"text": "door is being mended", **said})

    @property
    def alarm(self):
        return self.judge.engine.occurrences.of("hi.p")[-1]


@pytest.fixture
def desk(judged, definition, at):
    """A desk with one active alarm; `changes` make the definition another one."""

    def make(*, active=True, **changes):
        judge = judged(definition(**changes))
        judge.observe(0, 9.0 if active else 5.0)
        return Desk(judge, at)

    return make


def test_a_critical_control_point_wants_a_comment(desk):
    people = desk(ccp=True)
    for nothing in (None, ""):
        with pytest.raises(RefusedError, match="say what you saw"):
            people.acknowledge(1, nothing)
    assert people.acknowledge(2).state is AlarmState.ACKNOWLEDGED


def test_an_alarm_of_a_critical_control_point_is_over_when_action_and_goods_are_on_record(desk):
    people = desk(ccp=True)
    people.acknowledge(1)
    people.judge.observe(2, 5.0)
    assert (people.alarm.state, people.alarm.is_active) == (AlarmState.ACKNOWLEDGED, False)
    with pytest.raises(RefusedError, match="corrective action"):
        people.act("confirm", 3, disposition=Disposition.RELEASE)
    with pytest.raises(RefusedError, match="disposition"):
        people.act("confirm", 3, text="moved to f2")
    alarm = people.act("confirm", 4, text="moved to f2", disposition=Disposition.RELEASE)
    assert alarm.state is AlarmState.NORMAL
    assert (alarm.confirmed_by, alarm.confirmed_at, alarm.corrective_action) == ("Wang", people.at(4), "moved to f2")
    assert alarm.disposition is Disposition.RELEASE


def test_a_confirmed_alarm_is_over_as_soon_as_its_condition_returns(desk):
    people = desk(ccp=True)
    people.acknowledge(1)
    people.act("confirm", 2, text="moved to f2", disposition=Disposition.DOWNGRADE)
    assert people.alarm.state is AlarmState.ACKNOWLEDGED
    people.judge.observe(3, 5.0)
    assert people.alarm.state is AlarmState.NORMAL


def test_what_was_not_acknowledged_cannot_be_confirmed(desk):
    with pytest.raises(RefusedError, match="acknowledge it first"):
        desk().act("confirm", 1, text="done")


def test_any_alarm_may_be_confirmed_once(desk):
    people = desk()
    people.acknowledge(1)
    assert people.act("confirm", 2, text="door shut").corrective_action == "door shut"
    moved = len(people.judge.moved)
    people.act("confirm", 3, text="again")
    assert len(people.judge.moved) == moved


def test_an_acknowledgement_can_be_taken_back_while_the_condition_is_true(desk):
    people = desk()
    people.acknowledge(1)
    alarm = people.act("unacknowledge", 2)
    assert (alarm.state, alarm.acknowledged_by, alarm.annunciation) == (
        AlarmState.UNACKNOWLEDGED,
        None,
        Annunciation.SOUNDING,
    )
    people.judge.observe(3, 5.0)
    with pytest.raises(RefusedError, match="too late"):
        people.act("unacknowledge", 4)


def test_silencing_is_no_answer(desk):
    people = desk()
    assert people.alarm.annunciation is Annunciation.SOUNDING
    alarm = people.act("silence", 1)
    assert (alarm.annunciation, alarm.state) == (Annunciation.SILENCED, AlarmState.UNACKNOWLEDGED)
    assert people.acknowledge(2).annunciation is Annunciation.SILENT


def test_an_alarm_is_somebodys_task(desk):
    people = desk()
    assert people.act("assign", 1, assignee="Li").assigned_to == "Li"
    moved = len(people.judge.moved)
    people.act("assign", 2, assignee="Li")
    assert len(people.judge.moved) == moved
    assert people.act("assign", 3).assigned_to is None


def test_a_latched_alarm_stays_until_it_is_reset(desk):
    people = desk(latch=True)
    with pytest.raises(RefusedError, match="too early"):
        people.act("reset", 1)
    people.judge.observe(2, 5.0)
    assert (people.alarm.state, people.alarm.latched) == (AlarmState.UNACKNOWLEDGED, True)
    with pytest.raises(RefusedError, match="acknowledge it first"):
        people.act("reset", 3)
    assert people.acknowledge(4).state is AlarmState.ACKNOWLEDGED
    alarm = people.act("reset", 5)
    assert (alarm.state, alarm.latched) == (AlarmState.NORMAL, False)


def test_there_is_nothing_to_reset_where_nothing_is_latched(desk):
    people = desk()
    people.act("reset", 1)
    assert len(people.judge.moved) == 1


def test_a_shelved_alarm_is_kept_from_people_and_judged_all_the_same(desk):
    people = desk()
    alarm = people.shelve(1)
    assert (alarm.isa_letter, alarm.annunciation, alarm.state) == (
        "E",
        Annunciation.SILENT,
        AlarmState.UNACKNOWLEDGED,
    )
    assert (alarm.suppressed.by, alarm.suppressed.reason, alarm.suppressed.until) == (
        "Wang",
        "door is being mended",
        people.at(1801),
    )
    people.judge.observe(2, 5.0)
    people.judge.observe(3, 9.0)
    assert [(one.id, one.isa_letter) for one in people.judge.moved[-2:]] == [("hi.p.1", "E"), ("hi.p.2", "E")]
    assert people.alarm.annunciation is Annunciation.SILENT


def test_taken_off_the_shelf_an_active_alarm_is_acknowledged(desk):
    people = desk()
    people.shelve(1)
    alarm = people.act("unshelve", 2, by="Li")
    assert (alarm.isa_letter, alarm.acknowledged_by, alarm.suppressed) == ("C", "Li", None)


def test_a_shelf_that_ends_by_itself_leaves_an_active_alarm_unacknowledged_and_sounding(desk):
    people = desk()
    people.acknowledge(1)
    people.shelve(2, for_s=60)
    people.judge.tick(61.5)
    assert people.alarm.isa_letter == "E"
    people.judge.tick(62)
    assert (people.alarm.isa_letter, people.alarm.annunciation) == ("B", Annunciation.SOUNDING)
    assert people.alarm.annunciated_at == people.at(62)


def test_what_returned_while_it_was_shelved_is_normal_afterwards(desk):
    people = desk()
    people.shelve(1, for_s=60)
    people.judge.observe(2, 5.0)
    people.judge.tick(61)
    assert (people.alarm.isa_letter, people.alarm.acknowledged_by) == ("A", SYSTEM)


def test_a_one_shot_shelf_ends_when_the_condition_returns(desk):
    people = desk()
    assert people.shelve(1, action="shelve-once").suppressed.kind is Suppression.ONE_SHOT
    people.judge.observe(2, 5.0)
    assert (people.alarm.isa_letter, people.alarm.suppressed) == ("A", None)
    people.judge.observe(3, 9.0)
    assert people.alarm.isa_letter == "B"


@pytest.mark.parametrize("priority", Priority)
def test_an_alarm_is_shelved_for_as_long_as_its_priority_allows(desk, priority):
    people = desk(priority=priority)
    limit_s = SHELF_LIMITS[priority].total_seconds()
    for wrong in (limit_s + 1, 0):
        with pytest.raises(RefusedError, match=f"up to {limit_s / 60:.0f} minutes"):
            people.shelve(1, for_s=wrong, approved_by="Li")
    assert people.shelve(1, for_s=limit_s, approved_by="Li").isa_letter == "E"


def test_a_shelf_without_an_end_is_refused(desk):
    with pytest.raises(RefusedError, match="up to 120 minutes"):
        desk().act("shelve", 1, text="why not")


def test_nothing_is_put_aside_without_a_reason(desk):
    for action in ("shelve", "shelve-once", "out-of-service"):
        with pytest.raises(RefusedError, match="wants a reason"):
            desk().act(action, 1, for_s=60)


@pytest.mark.parametrize("changes", [{"priority": Priority.CRITICAL}, {"ccp": True}], ids=["critical", "ccp"])
@pytest.mark.parametrize("action", ["shelve", "out-of-service"])
def test_what_is_critical_is_put_aside_by_two_different_people(desk, changes, action):
    people = desk(**changes)
    for second in (None, "Wang", " wang "):
        with pytest.raises(RefusedError, match="second person"):
            people.shelve(1, for_s=60, action=action, reference="T-1", approved_by=second)
    alarm = people.shelve(1, for_s=60, action=action, reference="T-1", approved_by="Li")
    assert alarm.suppressed.approved_by == "Li"


def test_a_definition_can_forbid_the_shelf(desk):
    with pytest.raises(RefusedError, match="cannot be shelved"):
        desk(shelvable=False).shelve(1)


def test_a_shelf_can_be_put_up_anew(desk):
    people = desk()
    people.shelve(1, for_s=60)
    assert people.shelve(30, for_s=600, by="Li").suppressed.until == people.at(630)
    people.judge.tick(62)
    assert people.alarm.isa_letter == "E"


def test_out_of_service_wants_a_ticket_and_has_no_end(desk):
    people = desk()
    with pytest.raises(RefusedError, match="ticket"):
        people.act("out-of-service", 1, text="probe broken")
    alarm = people.act("out-of-service", 2, text="probe broken", reference="T-17")
    assert (alarm.isa_letter, alarm.suppressed.reference, alarm.suppressed.until) == ("G", "T-17", None)
    with pytest.raises(RefusedError, match="out-of-service already"):
        people.shelve(3)
    people.act("unshelve", 4)
    assert people.alarm.isa_letter == "G"
    assert people.act("return-to-service", 5).isa_letter == "B"


def test_to_take_back_what_is_not_put_aside_changes_nothing(desk):
    people = desk()
    people.act("unshelve", 1)
    people.act("return-to-service", 2)
    assert len(people.judge.moved) == 1


def test_an_alarm_that_never_occurred_is_put_aside_by_its_name(desk):
    people = desk(active=False)
    occurrences = people.judge.engine.occurrences
    people.judge.take(
        Acted(action=Action.OUT_OF_SERVICE, alarm="hi.p", at=people.at(1), by="Wang", text="new", reference="T-1"), 1
    )
    assert occurrences.suppressions()["hi.p"].kind is Suppression.OUT_OF_SERVICE
    people.judge.observe(2, 9.0)
    assert (people.alarm.isa_letter, people.alarm.annunciation) == ("G", Annunciation.SILENT)
    assert occurrences.state.ahead == {}


def test_an_alarm_that_never_occurred_comes_off_its_shelf(desk):
    people = desk(active=False)
    occurrences = people.judge.engine.occurrences
    shelve = Acted(action=Action.SHELVE, alarm="hi.p", at=people.at(1), by="W", text="x", until=people.at(60))
    people.judge.take(shelve, 1)
    people.judge.take(Acted(action=Action.UNSHELVE, alarm="hi.p", at=people.at(2), by="W"), 2)
    assert occurrences.suppressed("hi.p") is None
    people.judge.take(shelve, 3)
    people.judge.tick(59)
    assert occurrences.suppressed("hi.p") is not None
    people.judge.tick(60)
    assert occurrences.suppressions() == {}


@pytest.mark.parametrize("name", ["hi.p.1", "hi.x", "lo.p", "nonsense", "hi.p.x.1"])
def test_what_the_site_does_not_have_cannot_be_put_aside(desk, name):
    with pytest.raises(NotFoundError):
        desk(active=False).act("unshelve", 1, alarm=name)


def test_an_occurrence_that_is_not_remembered_cannot_be_put_aside(desk):
    with pytest.raises(NotFoundError, match=r"hi\.p\.7"):
        desk().shelve(1, alarm="hi.p.7")


def test_a_shelf_covers_occurrences_that_wait_and_lets_them_go_together(desk):
    people = desk()
    people.judge.observe(1, 5.0)
    people.judge.observe(2, 9.0)
    people.shelve(3)
    assert [one.isa_letter for one in people.judge.engine.occurrences.of("hi.p")] == ["E", "E"]
    people.act("unshelve", 4)
    assert [one.isa_letter for one in people.judge.engine.occurrences.listed()] == ["A", "C"]


def test_what_became_normal_on_a_shelf_is_not_shown_on_it_for_ever(desk):
    people = desk()
    people.acknowledge(1)
    people.shelve(2)
    people.judge.observe(3, 5.0)
    people.judge.observe(4, 9.0)
    assert [one.isa_letter for one in people.judge.engine.occurrences.listed()] == ["A", "E"]


def test_shelves_end_a_little_apart_and_never_late(at):
    ends = {shelf_end(f"hi.p{number}", at(0), timedelta(hours=2)) for number in range(200)}
    assert len(ends) > 100
    assert at(7200) - STAGGER < min(ends) <= max(ends) <= at(7200)
    assert shelf_end("hi.p", at(0), timedelta(seconds=10)) > at(9)


def test_past_the_limit_an_alarm_that_only_people_can_end_goes_on_instead_of_anew(desk):
    people = desk(ccp=True)
    for second in range(1, 60, 2):
        people.judge.observe(second, 5.0)
        people.judge.observe(second + 1, 9.0)
    standing = people.judge.engine.occurrences.state.standing["hi.p"]
    assert len(standing) == 20
    assert (people.alarm.occurrence, people.alarm.is_active, people.alarm.returned_at) == (20, True, None)


def test_an_old_occurrence_that_was_forgotten_does_not_come_back_with_the_next(judged, definition, at):
    judge = judged(definition(), definition(id="cool", limit=6.0))
    people = Desk(judge, at)
    judge.observe(0, 9.0)
    people.acknowledge(1)
    people.shelve(1)
    for number in range(51):
        judge.observe(10 * number + 2, 5.0)
        judge.observe(10 * number + 3, 7.0)
        people.acknowledge(10 * number + 4, alarm=f"cool.p.{number + 1}")
    judge.observe(600, 9.0)
    assert people.alarm.id == "hi.p.2"
    assert "hi.p.1" not in [alarm.id for alarm in judge.engine.occurrences.listed()]


def test_to_return_to_service_what_is_on_a_shelf_leaves_it_there(desk):
    people = desk()
    people.shelve(1)
    assert people.act("return-to-service", 2).suppressed == people.alarm.suppressed
    assert people.alarm.suppressed is not None


def test_to_unshelve_what_is_out_of_service_leaves_it_so(desk):
    people = desk()
    people.act("out-of-service", 1, text="new probe", reference="W-1")
    assert people.act("unshelve", 2).suppressed.kind is Suppression.OUT_OF_SERVICE


def test_an_alarm_that_never_occurred_comes_back_into_service_by_that_alone(desk):
    people = desk(active=False)

    def act(action, second, **said):
        people.judge.take(Acted(action=action, alarm="hi.p", at=people.at(second), by="W", **said), second)
        return people.judge.engine.occurrences.suppressed("hi.p")

    assert act(Action.OUT_OF_SERVICE, 1, text="new", reference="T-1").reference == "T-1"
    assert act(Action.UNSHELVE, 2).reference == "T-1"
    assert act(Action.RETURN_TO_SERVICE, 3) is None
    shelved = act(Action.SHELVE, 4, text="x", until=people.at(60))
    assert act(Action.RETURN_TO_SERVICE, 5) == shelved


def test_a_one_shot_shelf_ends_for_all_that_wait_when_the_condition_returns(desk):
    people = desk()
    people.judge.observe(1, 5.0)
    people.judge.observe(2, 9.0)
    people.shelve(3, action="shelve-once")
    assert [one.isa_letter for one in people.judge.engine.occurrences.of("hi.p")] == ["E", "E"]
    people.judge.observe(4, 5.0)
    assert [one.suppressed for one in people.judge.engine.occurrences.listed()] == [None, None]


def test_what_was_done_to_an_alarm_that_occurred_is_not_kept_apart_from_it(desk):
    people = desk()
    shelve = Acted(action=Action.SHELVE, alarm="hi.p.1", at=people.at(1), by="W", text="x", until=people.at(60))
    people.judge.engine.recall(shelve, people.at(1))
    assert people.judge.engine.occurrences.state.ahead == {}


def test_what_cannot_be_shelved_is_not_renewed_either(desk):
    people = desk()
    alarm = people.act("out-of-service", 1, text="new", reference="T-1")
    shelf = Suppressed(kind=Suppression.SHELVED, since=people.at(2), by="W", reason="x", until=people.at(60))
    assert stepped(alarm, Stimulus.SHELVE, people.at(2), 9, Said(suppressed=shelf)) is None
