"""Priority follows from consequence and time to respond, and from nothing else."""

import pytest

from coldport.messages.alarm import Priority
from control.alarms.priority import NOW_S, PRIORITIES, SOON_S, Haste, Severity, haste_of, priority_of


def test_every_severity_and_haste_has_a_priority():
    assert set(PRIORITIES) == {(severity, haste) for severity in Severity for haste in Haste}


@pytest.mark.parametrize(
    ("time_s", "haste"),
    [(1, Haste.NOW), (NOW_S, Haste.NOW), (NOW_S + 1, Haste.SOON), (SOON_S, Haste.SOON), (SOON_S + 1, Haste.LATER)],
)
def test_a_bound_of_time_belongs_to_the_sooner_side(time_s, haste):
    assert haste_of(time_s) is haste


def test_more_time_or_a_lesser_consequence_never_raises_a_priority():
    rank = {Priority.CRITICAL: 0, Priority.HIGH: 1, Priority.LOW: 2}
    severities, hastes = [Severity.MINOR, Severity.SERIOUS, Severity.SEVERE], [Haste.NOW, Haste.SOON, Haste.LATER]
    for severity in severities:
        ranks = [rank[PRIORITIES[severity, haste]] for haste in hastes]
        assert ranks == sorted(ranks)
    for haste in hastes:
        ranks = [rank[PRIORITIES[severity, haste]] for severity in severities]
        assert ranks == sorted(ranks, reverse=True)


def test_only_a_severe_consequence_within_a_quarter_of_an_hour_is_critical():
    assert priority_of(Severity.SEVERE, 900) is Priority.CRITICAL
    assert [pair for pair, priority in PRIORITIES.items() if priority is Priority.CRITICAL] == [
        (Severity.SEVERE, Haste.NOW)
    ]


def test_a_definition_cannot_be_given_a_priority(definition):
    assert definition(severity=Severity.SEVERE, time_to_respond_s=60.0).priority is Priority.CRITICAL
    with pytest.raises(AttributeError):
        definition().priority = Priority.LOW
