"""Published sequences of alarm systems, played through the table of states.

Sources: V13 RFC 8632, leaf notify-severity-level, history of severities as Curity documents it; V14 to V17 EPICS
Phoebus, alarm server, AlarmLogicUnitTest; V20 Alerta, test_isa_18_2.
"""

import pytest

from coldport.messages.alarm import AlarmState
from control.alarms.lifecycle import Answer, Condition, Effect, Regions, Stimulus, is_over, rate, step, word
from control.notify.severity import worth_telling

SEVERITIES = ("OK", "MINOR", "MAJOR", "INVALID", "UNDEFINED")
WORDS = {
    AlarmState.UNACKNOWLEDGED: "UNACK",
    AlarmState.ACKNOWLEDGED: "ACKED",
    AlarmState.RETURNED_UNACKNOWLEDGED: "RTNUN",
    AlarmState.NORMAL: "NORM",
}


class Played:
    """One alarm whose severity changes, as others name what becomes of it."""

    def __init__(self, severities):
        self.severities = severities
        self.regions = Regions()
        self.current = self.worst = 0
        self.told = 0

    def play(self, said):
        if said == "ack":
            self.take(Stimulus.ACKNOWLEDGE)
            self.worst = self.current
        elif said in ("OK", "clear"):
            self.take(Stimulus.RETURN)
        elif self.regions.condition is Condition.NORMAL:
            self.current = self.worst = self.severities.index(said)
            self.take(Stimulus.OCCUR)
        else:
            self.current, self.worst, stimulus = rate(self.current, self.worst, self.severities.index(said))
            if stimulus:
                self.take(stimulus)
        return self

    def take(self, stimulus):
        self.regions, effects = step(self.regions, stimulus)
        self.told += Effect.ANNUNCIATE in effects

    @property
    def latched(self):
        """The severity that is shown, in the words of Phoebus."""
        if is_over(self.regions):
            return "OK"
        answered = self.regions.answer is Answer.ACKNOWLEDGED
        return self.severities[self.worst] + ("_ACK" if answered else "")


def latched(story):
    played = Played(SEVERITIES)
    return [played.play(said).latched for said in story.split()], played.told


def test_v14_the_worst_severity_stays_until_it_is_acknowledged_and_only_what_is_worse_is_told():
    shown, told = latched("MINOR MINOR MAJOR MAJOR ack MINOR OK")
    assert shown == ["MINOR", "MINOR", "MAJOR", "MAJOR", "MAJOR_ACK", "MAJOR_ACK", "OK"]
    assert told == 2


def test_v15_what_returned_before_it_was_acknowledged_is_shown_at_its_worst():
    assert latched("MINOR MAJOR MINOR OK ack")[0] == ["MINOR", "MAJOR", "MAJOR", "MAJOR", "OK"]


def test_v16_an_acknowledgement_is_of_the_severity_that_is_there_then():
    shown, _ = latched("MAJOR ack INVALID MAJOR ack UNDEFINED ack MAJOR OK")
    assert shown == [
        "MAJOR",
        "MAJOR_ACK",
        "INVALID",
        "INVALID",
        "MAJOR_ACK",
        "UNDEFINED",
        "UNDEFINED_ACK",
        "UNDEFINED_ACK",
        "OK",
    ]


def test_v17_what_clears_in_half_of_its_delay_never_alarms(judged, definition):
    judge = judged(definition(on_delay_s=10), every_s=60)
    for again in range(10):
        judge.observe(20 * again, 9.0)
        judge.observe(20 * again + 5, 7.0)
    assert judge.moved == []


@pytest.mark.parametrize(
    ("story", "states"),
    [
        ("High ack Critical ack OK", "UNACK ACKED UNACK ACKED NORM"),
        ("High OK Medium OK ack", "UNACK RTNUN UNACK RTNUN NORM"),
    ],
    ids=["worsens-while-acknowledged", "comes-back-before-it-is-acknowledged"],
)
def test_v20_the_sequences_of_another_isa_18_2_machine(story, states):
    played = Played(("OK", "Medium", "High", "Critical"))
    assert [WORDS[word(played.play(said).regions)] for said in story.split()] == states.split()


def test_v13_from_a_level_on_every_change_the_first_below_and_the_clear_are_told():
    ranks = ("clear", "warning", "minor", "major", "critical")
    played, told, before = Played(ranks), [], 0
    story = ["major", "minor", "warning", "minor", "major", "critical", "major", "clear"]
    for number, said in enumerate(story, 1):
        played.play(said)
        now = 0 if said == "clear" else played.current
        if worth_telling(ranks.index("major"), before, now):
            told.append(f"T{number}")
        before = now
    assert told == ["T1", "T2", "T5", "T6", "T7", "T8"]
