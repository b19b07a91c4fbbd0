"""A transit leg: loaded, sealed, on its way, its seals checked at the port, written off."""

from datetime import UTC, datetime, timedelta

import pytest

from coldport.errors import NotFoundError, RefusedError
from control.inspection.gate import transit
from control.inspection.gate.acts import LegMoved, LegPlanned, LegStep
from control.inspection.gate.transit import OVER, RULES, Legs, LegState

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


def planned(leg: str = "t1") -> LegPlanned:
    return LegPlanned(
        leg=leg,
        mode="9610",
        from_customs="4900",
        to_port="5300",
        plate="粤Z1234港",
        leaves_at=NOON,
        arrives_at=NOON + timedelta(hours=12),
        at=NOON,
        by="li",
    )


def moved(step: LegStep, minutes: float, **more: object) -> LegMoved:
    return LegMoved(leg="t1", step=step, at=NOON + timedelta(minutes=minutes), by="li", **more)  # type: ignore[arg-type]


WAY = [
    moved(LegStep.LOAD, 1),
    moved(LegStep.SEAL, 2, seals=("S1", "S2")),
    moved(LegStep.LEAVE, 3),
    moved(LegStep.ALERT, 60, text="halt of 40 min"),
    moved(LegStep.CALM, 70),
    moved(LegStep.ARRIVE, 700),
]


def legs(*steps: LegMoved) -> Legs:
    made = Legs()
    for act in (planned(), *steps):
        made.check(act)
        made.take(act)
    return made


def test_a_leg_whose_seals_are_the_same_at_the_port_is_written_off() -> None:
    made = legs(*WAY, moved(LegStep.CHECK, 710, seals=("S2", "S1")), moved(LegStep.WRITE_OFF, 720))
    leg = made.find("t1")
    assert leg.state is LegState.WRITTEN_OFF
    assert leg.moment(LegStep.LEAVE) == NOON + timedelta(minutes=3)


def test_a_leg_with_other_seals_waits_for_two_people() -> None:
    made = legs(*WAY, moved(LegStep.CHECK, 710, seals=("S1", "S9")))
    assert made.find("t1").state is LegState.MISMATCH
    with pytest.raises(RefusedError, match="two different people"):
        made.check(moved(LegStep.SETTLE, 711, text="cut by port customs", approved_by="li"))
    with pytest.raises(RefusedError, match="says what it is about"):
        made.check(moved(LegStep.SETTLE, 711, approved_by="wu"))
    settled = moved(LegStep.SETTLE, 711, text="cut by port customs", approved_by="wu")
    made.check(settled)
    assert made.take(settled).state is LegState.SEAL_CHECKED


@pytest.mark.parametrize("state", list(LegState))
@pytest.mark.parametrize("step", list(LegStep))
def test_what_is_not_in_the_table_is_refused(state: LegState, step: LegStep) -> None:
    made = legs()
    made.state.by_id["t1"] = transit.Leg(plan=planned(), state=state, seals=("S1",))
    act = moved(step, 1, seals=("S1",), text="why", approved_by="wu")
    if (state, step) in RULES:
        made.check(act)
        assert made.take(act).state is RULES[state, step]
    else:
        with pytest.raises(RefusedError, match="cannot"):
            made.check(act)


def test_from_every_state_a_leg_can_come_to_an_end() -> None:
    ends = set(OVER)
    for _ in LegState:
        ends |= {state for (state, _), after in RULES.items() if after in ends}
    assert ends | {LegState.MISMATCH} == set(LegState)
    assert (LegState.MISMATCH, LegStep.SETTLE) in RULES


def test_steps_are_taken_in_the_order_of_time() -> None:
    with pytest.raises(RefusedError, match="which is later"):
        legs(moved(LegStep.LOAD, 5)).check(moved(LegStep.SEAL, 4, seals=("S1",)))


def test_sealing_names_the_seals() -> None:
    with pytest.raises(RefusedError, match="names the seals"):
        legs(moved(LegStep.LOAD, 5)).check(moved(LegStep.SEAL, 6))


def test_a_leg_has_one_plan_that_makes_sense() -> None:
    made = legs()
    with pytest.raises(RefusedError, match="already"):
        made.check(planned())
    with pytest.raises(NotFoundError):
        made.find("t2")


def test_only_legs_that_are_over_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transit, "LEG_LIMIT", 2)
    made = legs()
    made.take(planned("t2"))
    with pytest.raises(RefusedError, match="not over yet"):
        made.check(planned("t3"))
    made.take(moved(LegStep.CANCEL, 1))
    made.check(planned("t3"))
    made.take(planned("t3"))
    assert list(made.state.by_id) == ["t2", "t3"]


def test_a_lock_that_opens_for_ever_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transit, "STEP_LIMIT", 4)
    made = legs(*WAY[:3], moved(LegStep.ALERT, 60, text="lock open"))
    with pytest.raises(RefusedError, match="4 steps"):
        made.check(moved(LegStep.ALERT, 61, text="lock open"))
    made.check(moved(LegStep.ARRIVE, 700))
