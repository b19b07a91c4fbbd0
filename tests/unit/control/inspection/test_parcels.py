"""A parcel's way over the floor of a 9610 centre, and what may never happen on it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldport.errors import NotFoundError, RefusedError
from control.inspection.clearance import Clearance
from control.inspection.parcels import parcels as module
from control.inspection.parcels.acts import (
    ParcelMoved,
    ParcelReceived,
    TallyClosed,
    VehicleMoved,
    VehicleStep,
)
from control.inspection.parcels.parcels import Parcels
from control.inspection.parcels.rules import AWAY, OVER, RECALLS, RULES, Fate, ParcelState, Step

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


class Desk:
    """What customs and lists say in a test."""

    def __init__(self) -> None:
        self.said: dict[str, Clearance] = {}
        self.lists: dict[str, set[str]] = {}

    def clearance(self, logistics_no: str) -> Clearance:
        return self.said.get(logistics_no, Clearance.RELEASED)

    def listed(self, bill: str) -> set[str]:
        return self.lists.get(bill, set())

    def is_listed(self, logistics_no: str) -> bool:
        return any(logistics_no in names for names in self.lists.values())


class Floor:
    """Parcels with acts written short; the minute goes on with every act."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.parcels = Parcels(self.desk)
        self.minute = 0

    def now(self) -> datetime:
        self.minute += 1
        return NOON + timedelta(minutes=self.minute)

    def do(self, act):
        self.parcels.check(act)
        return self.parcels.take(act)

    def receive(self, *names: str) -> None:
        for name in names:
            self.do(ParcelReceived(logistics_no=name, at=self.now(), by="li"))

    def move(self, name: str, step: Step, **more) -> None:
        self.do(ParcelMoved(logistics_no=name, step=step, at=self.now(), by="li", **more))

    def drive(self, step: VehicleStep, **more) -> None:
        self.do(VehicleMoved(vehicle="V1", step=step, at=self.now(), by="li", **more))

    def judge(self, name: str, fate: Fate) -> None:
        self.parcels.judged(name, fate, self.now())

    def recall(self, name: str, clearance: Clearance) -> list[ParcelState]:
        self.desk.said[name] = clearance
        found = self.parcels.customs(name, self.now())
        for recalled in found:
            self.parcels.recalled(recalled)
        return [recalled.state for recalled in found]

    def state(self, name: str) -> ParcelState:
        return self.parcels.find(name).state

    def load(self, *names: str) -> None:
        self.receive(*names)
        for name in names:
            self.judge(name, Fate.PASSED)
            self.move(name, Step.BAG, into="B1")
            self.move(name, Step.LOAD, into="V1")


@pytest.fixture
def floor() -> Floor:
    return Floor()


def test_a_parcel_that_everything_is_well_with_leaves(floor):
    floor.load("p1", "p2")
    floor.drive(VehicleStep.SEAL, seals=("S1",))
    floor.drive(VehicleStep.GATE_OUT)
    floor.drive(VehicleStep.DEPART)
    assert floor.state("p1") is ParcelState.DEPARTED
    floor.recall("p1", Clearance.CLOSED)
    assert floor.state("p1") is ParcelState.CLOSED


def test_customs_may_close_a_case_before_the_vehicle_is_said_to_have_left(floor):
    floor.load("p1")
    floor.drive(VehicleStep.SEAL, seals=("S1",))
    floor.recall("p1", Clearance.CLOSED)
    floor.drive(VehicleStep.GATE_OUT)
    floor.drive(VehicleStep.DEPART)
    assert floor.state("p1") is ParcelState.CLOSED


def test_a_parcel_that_is_stopped_in_its_bag_is_held_and_out_of_it(floor):
    floor.receive("p1")
    floor.judge("p1", Fate.PASSED)
    floor.move("p1", Step.BAG, into="B1")
    floor.judge("p1", Fate.STOPPED)
    assert (floor.state("p1"), floor.parcels.find("p1").bag) == (ParcelState.HELD, None)


@pytest.mark.parametrize("clearance", [one for one in Clearance if one is not Clearance.RELEASED])
def test_no_parcel_is_bagged_or_loaded_without_customs_release(floor, clearance):
    floor.receive("p1")
    floor.judge("p1", Fate.PASSED)
    floor.desk.said["p1"] = clearance
    for step in (Step.BAG, Step.LOAD):
        with pytest.raises(RefusedError, match="not released by customs"):
            floor.move("p1", step, into="V1")


def test_no_vehicle_is_sealed_or_let_out_with_one_parcel_that_is_not_released(floor):
    floor.load("p1", "p2")
    floor.desk.said["p2"] = Clearance.INSPECT
    with pytest.raises(RefusedError, match="carries what is not released: p2"):
        floor.drive(VehicleStep.SEAL, seals=("S1",))
    floor.desk.said["p2"] = Clearance.RELEASED
    floor.drive(VehicleStep.SEAL, seals=("S1",))
    floor.desk.said["p1"] = Clearance.DETAINED
    with pytest.raises(RefusedError, match="carries what is not released: p1"):
        floor.drive(VehicleStep.GATE_OUT)


@pytest.mark.parametrize("clearance", sorted(RECALLS))
def test_a_released_parcel_that_customs_recalls_is_held_again(floor, clearance):
    floor.receive("p1")
    floor.judge("p1", Fate.PASSED)
    assert floor.recall("p1", clearance) == [ParcelState.RELEASED]
    assert floor.state("p1") is ParcelState.HELD


def test_a_recall_keeps_a_loaded_vehicle_here_until_the_parcel_is_off(floor):
    floor.load("p1", "p2")
    assert floor.recall("p1", Clearance.INSPECT) == [ParcelState.LOADED]
    with pytest.raises(RefusedError, match="p1"):
        floor.drive(VehicleStep.SEAL, seals=("S1",))
    floor.move("p1", Step.UNLOAD, reason="recalled")
    floor.drive(VehicleStep.SEAL, seals=("S1",))
    assert (floor.state("p1"), floor.state("p2")) == (ParcelState.HELD, ParcelState.SEALED)


def test_a_loaded_parcel_that_a_lane_stops_afterwards_keeps_its_vehicle_here_until_it_is_off(floor):
    floor.load("p1", "p2")
    floor.judge("p1", Fate.STOPPED)
    assert (floor.state("p1"), floor.parcels.blocked("V1")) == (ParcelState.LOADED, ["p1"])
    with pytest.raises(RefusedError, match="carries what is not released: p1"):
        floor.drive(VehicleStep.SEAL, seals=("S1",))
    floor.move("p1", Step.UNLOAD, reason="stopped")
    assert floor.state("p1") is ParcelState.HELD
    floor.drive(VehicleStep.SEAL, seals=("S1",))
    floor.move("p1", Step.OPEN, approved_by="wu")
    floor.move("p1", Step.RELEASE)
    floor.move("p1", Step.LOAD, into="V2")
    assert floor.parcels.blocked("V2") == []


def test_a_recall_of_a_parcel_that_is_away_is_told_and_changes_nothing_here(floor):
    floor.load("p1")
    floor.drive(VehicleStep.SEAL, seals=("S1",))
    floor.drive(VehicleStep.GATE_OUT)
    (state,) = floor.recall("p1", Clearance.INSPECT)
    assert state in AWAY
    assert floor.state("p1") is ParcelState.GATED_OUT


def test_opening_a_parcel_takes_two_different_people(floor):
    floor.receive("p1")
    floor.judge("p1", Fate.STOPPED)
    for second in (None, "li"):
        with pytest.raises(RefusedError, match="two different people"):
            floor.move("p1", Step.OPEN, approved_by=second)
    floor.move("p1", Step.OPEN, approved_by="wu")
    assert floor.state("p1") is ParcelState.INSPECTING


def test_unsealing_takes_two_people_and_a_reason(floor):
    floor.load("p1")
    floor.drive(VehicleStep.SEAL, seals=("S1",))
    for wrong in ({"approved_by": "li", "reason": "recall"}, {"approved_by": "wu"}, {"reason": "recall"}):
        with pytest.raises(RefusedError, match="two different people and a reason"):
            floor.drive(VehicleStep.UNSEAL, **wrong)
    floor.drive(VehicleStep.UNSEAL, approved_by="wu", reason="recall")
    assert floor.parcels.vehicle("V1").seals == ()


def test_another_run_over_a_lane_does_not_release_what_is_held(floor):
    floor.receive("p1")
    floor.judge("p1", Fate.STOPPED)
    floor.judge("p1", Fate.PASSED)
    assert floor.state("p1") is ParcelState.HELD


def test_a_tally_names_what_did_not_come_and_what_no_list_names(floor):
    floor.desk.lists = {"bill-1": {"p1", "p2"}, "bill-2": {"p3"}}
    floor.receive("p1", "p3", "p9")
    (tallied,) = floor.do(TallyClosed(bill="bill-1", at=floor.now(), by="li"))
    assert (tallied.expected, tallied.missing, tallied.extra) == (2, ("p2",), ("p9",))
    floor.parcels.tallied(tallied)
    assert floor.state("p9") is ParcelState.EXTRA
    floor.judge("p9", Fate.PASSED)
    assert floor.state("p9") is ParcelState.EXTRA
    with pytest.raises(NotFoundError):
        floor.do(TallyClosed(bill="bill-3", at=floor.now(), by="li"))


def test_a_parcel_is_received_once_and_what_was_not_is_not_found(floor):
    floor.receive("p1")
    with pytest.raises(RefusedError, match="was received at"):
        floor.receive("p1")
    with pytest.raises(NotFoundError):
        floor.move("p2", Step.LINE)


def test_what_a_lane_sees_first_is_received_by_it(floor):
    floor.judge("p1", Fate.UNDECIDED)
    assert floor.state("p1") is ParcelState.SCREENED


def test_a_step_says_what_it_needs(floor):
    floor.receive("p1")
    floor.judge("p1", Fate.PASSED)
    with pytest.raises(RefusedError, match="into what"):
        floor.move("p1", Step.LOAD)
    floor.load("p2")
    with pytest.raises(RefusedError, match="says why"):
        floor.move("p2", Step.UNLOAD)
    with pytest.raises(RefusedError, match="names the seals"):
        floor.drive(VehicleStep.SEAL)


def test_nothing_is_loaded_into_a_sealed_vehicle(floor):
    floor.load("p1")
    floor.drive(VehicleStep.SEAL, seals=("S1",))
    floor.receive("p2")
    floor.judge("p2", Fate.PASSED)
    with pytest.raises(RefusedError, match="vehicle 'V1' is sealed"):
        floor.move("p2", Step.LOAD, into="V1")


@pytest.mark.parametrize("state", list(ParcelState))
@pytest.mark.parametrize("step", list(Step))
def test_what_is_not_in_the_table_is_refused(floor, state, step):
    floor.parcels.state.parcels["p1"] = module.Parcel(logistics_no="p1", state=state, received_at=NOON, since=NOON)
    more = {"approved_by": "wu", "reason": "why", "into": "V1"}
    if (state, step) in RULES:
        floor.move("p1", step, **more)
        assert floor.state("p1") is RULES[state, step]
    else:
        with pytest.raises(RefusedError, match="cannot"):
            floor.move("p1", step, **more)


def test_from_every_state_a_parcel_can_come_to_an_end():
    ends = set(OVER)
    for _ in ParcelState:
        ends |= {state for (state, _), after in RULES.items() if after in ends}
    assert ends == set(ParcelState)


def test_only_parcels_whose_way_has_ended_are_forgotten(floor, monkeypatch):
    monkeypatch.setattr(module, "OVER_LIMIT", 1)
    floor.receive("p0")
    for name in ("p1", "p2"):
        floor.receive(name)
        floor.judge(name, Fate.STOPPED)
        floor.move(name, Step.OPEN, approved_by="wu")
        floor.move(name, Step.RETURN, reason="not declared")
    assert list(floor.parcels.state.parcels) == ["p0", "p2"]


def test_the_floor_has_an_end(floor, monkeypatch):
    monkeypatch.setattr(module, "PARCEL_LIMIT", 1)
    floor.receive("p1")
    with pytest.raises(RefusedError, match="on the floor already"):
        floor.receive("p2")


NAMES = st.sampled_from(["p1", "p2", "p3"])
MORE = {"approved_by": "wu", "reason": "why"}
STEPS = st.one_of(
    st.tuples(st.just("receive"), NAMES),
    st.tuples(st.just("judge"), NAMES, st.sampled_from([Fate.PASSED, Fate.STOPPED, Fate.UNDECIDED])),
    st.tuples(st.just("customs"), NAMES, st.sampled_from(list(Clearance))),
    st.tuples(st.just("move"), NAMES, st.sampled_from(list(Step)), st.sampled_from(["V1", "V2"])),
    st.tuples(st.just("drive"), st.sampled_from(["V1", "V2"]), st.sampled_from(list(VehicleStep))),
)


@settings(max_examples=300)
@given(st.lists(STEPS, max_size=60))
def test_whatever_is_tried_in_whatever_order_nothing_unreleased_leaves(tried):
    floor = Floor()
    for what, *of in tried:
        try:
            match what:
                case "receive":
                    floor.receive(of[0])
                case "judge":
                    floor.judge(of[0], of[1])
                case "customs":
                    floor.recall(of[0], of[1])
                case "move":
                    floor.move(of[0], of[1], into=of[2], **MORE)
                case "drive":
                    before = dict(floor.desk.said)
                    act = VehicleMoved(vehicle=of[0], step=of[1], at=floor.now(), by="li", seals=("S1",), **MORE)
                    floor.do(act)
                    if of[1] in (VehicleStep.SEAL, VehicleStep.GATE_OUT):
                        carried = floor.parcels.vehicle(of[0]).parcels
                        assert carried
                        let_go = (Clearance.RELEASED, Clearance.CLOSED)
                        assert all(before.get(name, Clearance.RELEASED) in let_go for name in carried)
        except (RefusedError, NotFoundError):
            pass
        _agrees(floor.parcels)


def _agrees(parcels: Parcels) -> None:
    """Every parcel on a vehicle is in the state of it, and on no other."""
    for vehicle in parcels.state.vehicles.values():
        assert {parcels.find(name).state for name in vehicle.parcels} == {vehicle.state}
        assert all(parcels.find(name).vehicle == vehicle.id for name in vehicle.parcels)
    carried = [name for vehicle in parcels.state.vehicles.values() for name in vehicle.parcels]
    assert len(carried) == len(set(carried))
