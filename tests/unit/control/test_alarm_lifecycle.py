"""The table of states, as storylines, and the page that is drawn from it."""

from pathlib import Path

import pytest

from coldport.messages.alarm import AlarmState
from control.alarms.lifecycle import ACTIVE, TRANSITIONS, Stimulus
from control.alarms.lifecycle_page import page

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "alarm-lifecycle.md"


@pytest.mark.parametrize(
    ("story", "states"),
    [
        ("occur", "unacknowledged"),
        ("occur acknowledge", "unacknowledged acknowledged"),
        ("occur acknowledge return", "unacknowledged acknowledged normal"),
        ("occur return", "unacknowledged returned-unacknowledged"),
        ("occur return acknowledge", "unacknowledged returned-unacknowledged normal"),
    ],
    ids=lambda story: story.replace(" ", "-"),
)
def test_an_occurrence_goes_through_the_states_of_isa_18_2(story, states):
    state, went = AlarmState.NORMAL, []
    for stimulus in story.split():
        state = TRANSITIONS[state, Stimulus(stimulus)]
        went.append(str(state))
    assert went == states.split()


def test_an_acknowledged_alarm_becomes_normal_without_a_second_click():
    assert TRANSITIONS[AlarmState.ACKNOWLEDGED, Stimulus.RETURN] is AlarmState.NORMAL


def test_every_state_is_reached_from_normal_and_reaches_it():
    reached = {AlarmState.NORMAL}
    for _ in AlarmState:
        reached |= {target for (state, _), target in TRANSITIONS.items() if state in reached}
    homeward = {AlarmState.NORMAL}
    for _ in AlarmState:
        homeward |= {state for (state, _), target in TRANSITIONS.items() if target in homeward}
    assert reached == homeward == set(AlarmState)


def test_only_a_return_leaves_the_active_states():
    leaving = {
        stimulus for (state, stimulus), target in TRANSITIONS.items() if state in ACTIVE and target not in ACTIVE
    }
    assert leaving == {Stimulus.RETURN}


def test_the_reference_page_is_what_the_table_gives():
    assert PAGE.read_text(encoding="utf-8") == page()
