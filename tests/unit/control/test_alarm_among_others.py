"""What alarms do to one another, and what time does to them."""

from datetime import timedelta

import msgspec
import pytest

from coldport.errors import RefusedError
from coldport.messages.alarm import Annunciation, Priority, Suppression
from coldport.site import Point, Quantity, Site, Text, Zone, ZoneClass
from control.alarms.conduct import RE_ALARMS
from control.alarms.definition import AlarmFile, Kind
from control.alarms.engine import Engine, EngineState
from control.alarms.occurrences import FIRST_OUT
from control.alarms.pending import Phase, pending
from control.alarms.suppression import Reach, SuppressionRule
from control.alarms.suppression_checks import rule_faults
from control.entries import Acknowledged, Acted, Action, Observed, Started, Ticked


class Floor:
    """Rooms `a` and `b`, each with a probe and a door: `a-temperature`, `a-door` and so on; what moved is kept."""

    def __init__(self, at, reading, definitions, rules=(), settle_s=0):
        self.at, self.reading = at, reading
        self.site = Site(
            id="s",
            name=Text(zh="站", en="Site"),
            timezone="Asia/Shanghai",
            zones=tuple(
                Zone(
                    id=zone,
                    name=Text(zh="库", en="Room"),
                    zone_class=ZoneClass.CHILLED,
                    points=(
                        Point(id=f"{zone}-temperature", quantity=Quantity.TEMPERATURE, every_s=10),
                        Point(id=f"{zone}-door", quantity=Quantity.DOOR, every_s=10),
                    ),
                )
                for zone in ("a", "b")
            ),
        )
        self.alarms = AlarmFile(settle_s=settle_s, suppressions=rules, alarms=definitions)
        self.engine = Engine(self.site, self.alarms)
        self.moved = []

    def take(self, content, second):
        self.moved += self.engine.apply(content, self.at(second), len(self.moved) + 1)

    def observe(self, second, **values):
        """Take in readings named `a_temperature` and so on."""
        readings = tuple(
            self.reading(second, value, point=name.replace("_", "-"), seq=number)
            for number, (name, value) in enumerate(values.items(), 1)
        )
        self.take(Observed(gateway="g", boot_id="0" * 32, observations=readings), second)

    def tick(self, second):
        self.take(Ticked(at=self.at(second)), second)

    def letter(self, name):
        return self.engine.occurrences.of(name)[-1].isa_letter

    def newest(self, name):
        return self.engine.occurrences.of(name)[-1]


@pytest.fixture
def open_door(definition):
    return definition(
        id="open", kind=Kind.OPEN, quantity=Quantity.DOOR, points=("a-door", "b-door"), limit=None, unit="s"
    )


@pytest.fixture
def warm(definition):
    return definition(id="warm", points=("a-temperature", "b-temperature"))


@pytest.fixture
def silent(definition):
    return definition(id="silent", kind=Kind.STALE, points=("a-temperature", "b-temperature"), limit=60, unit="s")


@pytest.fixture
def acknowledged(at):
    """Somebody acknowledges the first occurrence at a second."""
    return lambda second: Acknowledged(alarm="hi.p.1", at=at(second), by="Li", comment="seen")


@pytest.fixture
def floor(at, reading):
    def make(*definitions, rules=(), **more):
        return Floor(at, reading, definitions, rules, **more)

    return make


def rule(within=Reach.ZONE, cause="warm", suppresses=("open",), name="r"):
    return SuppressionRule(id=name, cause=cause, suppresses=suppresses, within=within)


def test_while_the_cause_is_active_its_effects_say_nothing(floor, warm, open_door):
    room = floor(warm, open_door, rules=(rule(),))
    room.observe(0, a_door=1, b_door=1)
    assert room.letter("open.a-door") == "B"
    room.observe(1, a_temperature=9.0)
    alarm = room.newest("open.a-door")
    assert (alarm.isa_letter, alarm.annunciation) == ("F", Annunciation.SILENT)
    assert (alarm.suppressed.reference, alarm.suppressed.reason) == ("r", "warm says why")
    assert room.letter("open.b-door") == "B"
    room.observe(2, a_temperature=5.0)
    assert (room.letter("open.a-door"), room.newest("open.a-door").annunciation) == ("B", Annunciation.SOUNDING)


def test_an_effect_that_occurs_while_its_cause_is_active_is_born_suppressed(floor, warm, open_door):
    room = floor(warm, open_door, rules=(rule(),))
    room.observe(0, a_temperature=9.0)
    room.observe(1, a_door=1)
    assert room.letter("open.a-door") == "F"
    room.observe(2, a_door=0)
    room.observe(3, a_temperature=5.0)
    assert room.letter("open.a-door") == "A"


@pytest.mark.parametrize(
    ("within", "suppressed"),
    [(Reach.POINT, set()), (Reach.ZONE, {"open.a-door"}), (Reach.SITE, {"open.a-door", "open.b-door"})],
)
def test_a_rule_reaches_as_far_as_it_says(floor, warm, open_door, within, suppressed):
    room = floor(warm, open_door, rules=(rule(within),))
    room.observe(0, a_temperature=9.0)
    room.observe(1, a_door=1, b_door=1)
    assert set(room.engine.occurrences.suppressions()) == suppressed


def test_one_cause_of_two_is_enough(floor, warm, open_door):
    room = floor(warm, open_door, rules=(rule(Reach.SITE),))
    room.observe(0, a_temperature=9.0, b_temperature=9.0)
    room.observe(1, a_door=1)
    room.observe(2, a_temperature=5.0)
    assert room.letter("open.a-door") == "F"
    room.observe(3, b_temperature=5.0)
    assert room.letter("open.a-door") == "B"


def test_a_cause_that_is_out_of_service_suppresses_nothing(floor, warm, open_door, at):
    room = floor(warm, open_door, rules=(rule(),))
    room.observe(0, a_temperature=9.0, a_door=1)
    act = {"alarm": "warm.a-temperature", "by": "Li", "text": "probe broken", "reference": "T-1"}
    room.take(Acted(action=Action.OUT_OF_SERVICE, at=at(1), **act), 1)
    assert room.letter("open.a-door") == "B"
    room.take(Acted(action=Action.RETURN_TO_SERVICE, at=at(2), **act), 2)
    assert room.letter("open.a-door") == "F"


def test_what_is_out_of_service_stays_so_and_follows_its_cause_afterwards(floor, warm, open_door, at):
    room = floor(warm, open_door, rules=(rule(),))
    room.observe(0, a_door=1)
    act = {"alarm": "open.a-door", "by": "Li", "text": "switch broken", "reference": "T-1"}
    room.take(Acted(action=Action.OUT_OF_SERVICE, at=at(1), **act), 1)
    room.observe(2, a_temperature=9.0)
    assert room.letter("open.a-door") == "G"
    room.take(Acted(action=Action.RETURN_TO_SERVICE, at=at(3), **act), 3)
    assert room.letter("open.a-door") == "F"


def test_a_shelf_gives_way_to_the_design_and_cannot_be_put_over_it(floor, warm, open_door, at):
    room = floor(warm, open_door, rules=(rule(),))
    room.observe(0, a_door=1)
    shelve = Acted(action=Action.SHELVE, alarm="open.a-door", at=at(1), by="Li", text="x", until=at(600))
    room.take(shelve, 1)
    room.observe(2, a_temperature=9.0)
    assert room.newest("open.a-door").suppressed.kind is Suppression.BY_DESIGN
    with pytest.raises(RefusedError, match="by-design already"):
        room.take(shelve, 3)


def test_a_rule_that_the_site_gives_up_suppresses_no_more_from_the_next_start_on(floor, warm, open_door, at):
    room = floor(warm, open_door, rules=(rule(),))
    room.observe(0, a_temperature=9.0, a_door=1)
    room.engine = Engine(room.site, AlarmFile(settle_s=0, alarms=(warm, open_door)), room.engine.state)
    room.take(Started(at=at(1)), 1)
    assert room.letter("open.a-door") == "B"


def test_without_data_an_alarm_stands_as_it_was_and_says_so(floor, warm, silent):
    room = floor(warm, silent)
    room.take(Started(at=room.at(0)), 0)
    room.observe(0, a_temperature=9.0, b_temperature=5.0)
    room.tick(60)
    alarm = room.newest("warm.a-temperature")
    assert (alarm.isa_letter, alarm.no_data) == ("B", True)
    assert room.letter("silent.a-temperature") == "B"
    assert room.engine.occurrences.of("warm.b-temperature") == []
    room.observe(61, a_temperature=9.0)
    assert room.newest("warm.a-temperature").no_data is False
    assert room.letter("silent.a-temperature") == "D"


def test_the_first_alarm_of_a_zone_in_ten_minutes_is_its_first_out(floor, warm, open_door):
    room = floor(warm, open_door)
    window = int(FIRST_OUT.total_seconds())
    room.observe(0, a_door=1)
    room.observe(1, a_temperature=9.0, b_temperature=9.0)
    room.observe(2, a_temperature=5.0)
    room.observe(window, a_temperature=9.0)
    firsts = [(alarm.id, alarm.first_out) for alarm in room.moved if alarm.is_active]
    assert firsts == [
        ("open.a-door.1", True),
        ("warm.a-temperature.1", False),
        ("warm.b-temperature.1", True),
        ("warm.a-temperature.2", True),
    ]


def test_people_are_told_again_of_what_nobody_answers(judged, definition, at):
    judge = judged(definition(priority=Priority.CRITICAL))
    judge.observe(0, 9.0)
    judge.take(Acted(action=Action.SILENCE, alarm="hi.p.1", at=at(1), by="Li"), 1)
    judge.tick(299)
    assert len(judge.moved) == 2
    judge.tick(300)
    alarm = judge.moved[-1]
    assert (alarm.re_alarms, alarm.annunciated_at, alarm.annunciation) == (1, at(300), Annunciation.SOUNDING)
    judge.tick(301)
    assert len(judge.moved) == 3


def test_what_was_missed_is_told_once_and_goes_on_in_step(judged, definition, at):
    judge = judged(definition(priority=Priority.CRITICAL))
    judge.observe(0, 9.0)
    judge.tick(1000)
    assert [(alarm.re_alarms, alarm.annunciated_at) for alarm in judge.moved[1:]] == [(1, at(900))]
    judge.tick(1200)
    assert (judge.moved[-1].re_alarms, judge.moved[-1].annunciated_at) == (2, at(1200))


@pytest.mark.parametrize("end", ["acknowledge", "return"])
def test_nobody_is_told_again_of_what_is_answered_or_over(judged, definition, at, end, acknowledged):
    judge = judged(definition(priority=Priority.CRITICAL))
    judge.observe(0, 9.0)
    if end == "return":
        judge.observe(1, 5.0)
    else:
        judge.take(acknowledged(1), 1)
    judge.tick(10_000)
    assert len(judge.moved) == 2


def test_low_alarms_are_told_once(judged, definition):
    assert Priority.LOW not in RE_ALARMS
    judge = judged(definition(priority=Priority.LOW))
    judge.observe(0, 9.0)
    judge.tick(1e6)
    assert len(judge.moved) == 1


def test_a_shelf_that_ended_while_nobody_looked_is_followed_by_what_was_due_then(judged, definition, at):
    judge = judged(definition(priority=Priority.CRITICAL))
    judge.observe(0, 9.0)
    shelve = Acted(action=Action.SHELVE, alarm="hi.p", at=at(1), by="L", approved_by="W", text="x", until=at(61))
    judge.take(shelve, 1)
    judge.tick(700)
    assert [(alarm.isa_letter, alarm.annunciated_at) for alarm in judge.moved[2:]] == [("B", at(61)), ("B", at(661))]


def test_a_definition_that_became_graver_asks_for_a_new_answer(judged, definition, at, acknowledged):
    judge = judged(definition(priority=Priority.LOW))
    judge.observe(0, 9.0)
    judge.take(acknowledged(1), 1)
    for second, priority, letter, worst in [
        (2, Priority.HIGH, "B", None),
        (3, Priority.LOW, "B", Priority.HIGH),
        (4, Priority.HIGH, "B", None),
    ]:
        judge.alarms = AlarmFile(settle_s=0, alarms=(definition(priority=priority),))
        judge.engine = Engine(judge.site, judge.alarms, judge.engine.state)
        judge.take(Started(at=at(second)), second)
        alarm = judge.moved[-1]
        assert (alarm.priority, alarm.isa_letter, alarm.worst) == (priority, letter, worst)
    assert len(judge.moved) == 5


def test_an_alarm_whose_definition_is_gone_ends_at_the_next_start(judged, definition, at):
    judge = judged(definition())
    judge.observe(0, 9.0)
    judge.engine = Engine(judge.site, AlarmFile(settle_s=0, alarms=()), judge.engine.state)
    judge.take(Started(at=at(1)), 1)
    assert judge.moved[-1].isa_letter == "D"


def test_technicians_see_what_waits_for_its_delay(judged, definition, at):
    judge = judged(definition(on_delay_s=5, off_delay_s=5))
    assert list(pending(judge.engine.state)) == []
    judge.observe(0, 9.0)
    assert list(pending(judge.engine.state)) == [("hi", "p", Phase.PENDING, at(0))]
    for second in range(1, 8):
        judge.observe(second, 9.0)
    assert list(pending(judge.engine.state)) == []
    judge.observe(8, 5.0)
    assert list(pending(judge.engine.state)) == [("hi", "p", Phase.RECOVERING, at(8))]


def test_a_snapshot_holds_all_of_it(floor, warm, open_door, at):
    room = floor(warm, open_door, rules=(rule(),))
    room.observe(0, a_temperature=9.0, a_door=1)
    state = msgspec.msgpack.decode(msgspec.msgpack.encode(room.engine.state), type=EngineState)
    again = Engine(room.site, room.alarms, state)
    assert again.state == room.engine.state
    numbered = len(room.moved) + 1
    later = Ticked(at=at(0) + timedelta(hours=3))
    assert again.apply(later, later.at, numbered) == room.engine.apply(later, later.at, numbered)


@pytest.mark.parametrize(
    ("rules", "key", "message"),
    [
        ((rule(cause="none"),), "suppressions[0].cause", "no alarm 'none'"),
        ((rule(suppresses=("none",)),), "suppressions[0].suppresses", "no alarm 'none'"),
        ((rule(suppresses=("warm",)),), "suppressions[0].suppresses", "would suppress itself"),
        ((rule(), rule()), "suppressions[1].id", "named twice"),
        ((rule(cause="open", suppresses=("warm",)),), "suppressions[0].suppresses", "watches a temperature"),
        ((rule(cause="open", suppresses=("core",)),), "suppressions[0].suppresses", "critical control point"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said(definition, warm, open_door, rules, key, message):
    core = definition(id="core", ccp=True, kind=Kind.STALE, unit="s")
    definitions = {one.id: one for one in (warm, open_door, core)}
    [(where, what)] = rule_faults(rules, definitions)
    assert where == key
    assert message in what


def test_the_silence_of_a_probe_may_be_suppressed(warm, open_door, silent):
    definitions = {one.id: one for one in (warm, open_door, silent)}
    assert list(rule_faults([rule(cause="open", suppresses=("silent",))], definitions)) == []
