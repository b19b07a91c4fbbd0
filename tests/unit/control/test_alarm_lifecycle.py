"""The table of states, as storylines, and the page that is drawn from it."""

from pathlib import Path

import pytest

from control.alarms.lifecycle import Effect, Regions, Stimulus, rate, step, word
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
    state, went = Regions(), []
    for stimulus in story.split():
        state, _ = step(state, Stimulus(stimulus))
        went.append(str(word(state)))
    assert went == states.split()


def test_an_operator_who_was_too_late_changes_nothing():
    state, _ = step(Regions(), Stimulus.OCCUR)
    state, _ = step(state, Stimulus.ACKNOWLEDGE)
    assert step(state, Stimulus.ACKNOWLEDGE) == (state, frozenset())


def test_what_people_hear_again_need_not_be_written_as_a_change_of_state():
    state, _ = step(Regions(), Stimulus.OCCUR)
    assert step(state, Stimulus.RE_ALARM) == (state, {Effect.ANNUNCIATE})


def test_the_same_severity_again_is_no_change():
    assert rate(2, 3, 2) == (2, 3, None)


def test_the_reference_page_is_what_the_table_gives():
    assert PAGE.read_text(encoding="utf-8") == page()
