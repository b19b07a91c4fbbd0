"""A consignment's way into the zone, and what keeps it off the shelf."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from coldport.errors import NotFoundError, RefusedError
from control.inspection.inbound import inbounds as module
from control.inspection.inbound.acts import InboundLine, InboundMoved, InboundNoticed, InboundTallied
from control.inspection.inbound.inbounds import Inbound, Inbounds
from control.inspection.inbound.rules import (
    OVER,
    RULES,
    TWO_PERSONS,
    WITH_REASON,
    InboundFate,
    InboundState,
    InboundStep,
)

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
ACCOUNT = "T3105W000293"
ITEM = f"{ACCOUNT}/7"


def lines(quantity: int, item: int = 7) -> tuple[InboundLine, ...]:
    return (InboundLine(account=ACCOUNT, item=item, quantity=Decimal(quantity)),)


class Zone:
    """Consignments with acts written short; the minute goes on with every act."""

    def __init__(self) -> None:
        self.inbounds = Inbounds()
        self.minute = 0

    def now(self) -> datetime:
        self.minute += 1
        return NOON + timedelta(minutes=self.minute)

    def do(self, act) -> None:
        self.inbounds.check(act)
        self.inbounds.take(act)

    def notice(self, name: str = "c1", quantity: int = 10) -> None:
        self.do(InboundNoticed(inbound=name, lines=lines(quantity), at=self.now(), by="li"))

    def move(self, step: InboundStep, **more) -> None:
        if step is InboundStep.DECLARE:
            more = {"document": "QD1"} | more
        self.do(InboundMoved(inbound="c1", step=step, at=self.now(), by="li", **more))

    def tally(self, quantity: int, damaged: int = 0) -> None:
        self.do(
            InboundTallied(
                inbound="c1",
                counted=lines(quantity),
                damaged=lines(damaged) if damaged else (),
                at=self.now(),
                by="li",
            )
        )

    def hear(self, *fates: InboundFate) -> None:
        for fate in fates:
            self.inbounds.happened("QD1", fate, self.now())

    @property
    def state(self) -> InboundState:
        return self.inbounds.find("c1").state


@pytest.fixture
def zone() -> Zone:
    return Zone()


@pytest.fixture
def arrived(zone) -> Zone:
    """The consignment is in and waits to be counted."""
    zone.notice()
    zone.move(InboundStep.DECLARE)
    zone.inbounds.booked_ahead("QD1", {ITEM: Decimal(12)}, zone.now())
    zone.hear(InboundFate.APPROVED, InboundFate.GATED_IN)
    assert zone.state is InboundState.GATED_IN
    return zone


def test_a_consignment_that_is_as_declared_comes_to_the_shelf(arrived):
    arrived.tally(12)
    assert arrived.state is InboundState.TALLIED
    with pytest.raises(RefusedError, match="the account has not got it yet"):
        arrived.inbounds.check_shelf("c1")
    arrived.hear(InboundFate.BOOKED)
    arrived.inbounds.check_shelf("c1")
    arrived.inbounds.shelved("c1", whole=False, at=arrived.now())
    assert arrived.state is InboundState.PUTTING_AWAY
    arrived.inbounds.shelved("c1", whole=True, at=arrived.now())
    assert arrived.state is InboundState.ON_SHELF


@pytest.mark.parametrize(
    ("counted", "damaged", "said"),
    [(11, 0, (12, 11, 0)), (13, 0, (12, 13, 0)), (12, 1, (12, 12, 1))],
    ids=["short", "over", "damaged"],
)
def test_what_is_short_over_or_damaged_is_a_discrepancy_that_two_people_settle(arrived, counted, damaged, said):
    arrived.tally(counted, damaged)
    assert arrived.state is InboundState.DISCREPANCY
    (found,) = arrived.inbounds.find("c1").differences
    assert (found.item, found.declared, found.counted, found.damaged) == (ITEM, *map(Decimal, said))
    arrived.hear(InboundFate.BOOKED)
    assert arrived.state is InboundState.DISCREPANCY
    with pytest.raises(RefusedError, match="two different people"):
        arrived.move(InboundStep.SETTLE, reason="amended by QD2")
    arrived.move(InboundStep.SETTLE, reason="amended by QD2", approved_by="wu")
    assert arrived.state is InboundState.BOOKED  # the account had it before


def test_a_second_count_that_agrees_ends_a_discrepancy(arrived):
    arrived.tally(11)
    arrived.tally(12)
    assert (arrived.state, arrived.inbounds.find("c1").differences) == (InboundState.TALLIED, ())


def test_an_item_that_nobody_declared_is_a_discrepancy(arrived):
    act = InboundTallied(inbound="c1", counted=(*lines(12), *lines(3, item=8)), at=arrived.now(), by="li")
    arrived.do(act)
    (found,) = arrived.inbounds.find("c1").differences
    assert (found.item, found.declared) == (f"{ACCOUNT}/8", Decimal())


def test_more_cannot_be_damaged_than_was_counted(arrived):
    with pytest.raises(RefusedError, match="more is damaged than was counted"):
        arrived.tally(1, damaged=2)


def test_a_withdrawn_document_sends_a_consignment_back_to_be_declared(zone):
    zone.notice()
    zone.move(InboundStep.DECLARE)
    zone.inbounds.booked_ahead("QD1", {ITEM: Decimal(12)}, zone.now())
    zone.hear(InboundFate.WITHDRAWN)
    assert zone.state is InboundState.DECLARED


def test_without_a_document_booked_ahead_the_notice_is_what_is_counted(zone):
    zone.notice(quantity=10)
    zone.move(InboundStep.DECLARE)
    zone.hear(InboundFate.APPROVED, InboundFate.GATED_IN)
    zone.tally(10)
    assert zone.state is InboundState.TALLIED


def test_a_document_is_of_one_consignment(zone):
    zone.notice()
    zone.move(InboundStep.DECLARE)
    zone.notice("c2")
    act = InboundMoved(inbound="c2", step=InboundStep.DECLARE, document="QD1", at=zone.now(), by="li")
    with pytest.raises(RefusedError, match="document 'QD1' is of 'c1'"):
        zone.do(act)


def test_a_consignment_is_noticed_once_and_what_was_not_is_not_found(zone):
    zone.notice()
    with pytest.raises(RefusedError, match="noticed already"):
        zone.notice()
    with pytest.raises(NotFoundError):
        zone.inbounds.find("c2")
    zone.hear(InboundFate.GATED_IN)
    assert zone.state is InboundState.NOTICED  # a document of nobody's moves nothing


@pytest.mark.parametrize("step", sorted(TWO_PERSONS | WITH_REASON))
def test_a_step_says_what_it_needs(zone, step):
    before = next(state for state, what in RULES if what is step)
    stand(zone, before)
    if step in TWO_PERSONS:
        with pytest.raises(RefusedError, match="two different people"):
            zone.move(step, reason="why", approved_by="li")
    if step in WITH_REASON:
        with pytest.raises(RefusedError, match="says why"):
            zone.move(step, approved_by="wu")


@pytest.mark.parametrize("state", list(InboundState))
@pytest.mark.parametrize("what", [*InboundStep, *InboundFate])
def test_the_whole_table_is_walked(zone, state, what):
    stand(zone, state)
    after = RULES.get((state, what))
    match what:
        case InboundStep():
            if after is None:
                with pytest.raises(RefusedError, match="cannot"):
                    zone.move(what, reason="why", approved_by="wu")
            else:
                zone.move(what, reason="why", approved_by="wu")
        case InboundFate.AGREES | InboundFate.DIFFERS:
            if after is None:
                with pytest.raises(RefusedError, match="cannot be counted"):
                    zone.tally(10)
            else:
                zone.tally(10 if what is InboundFate.AGREES else 9)
        case InboundFate.SHELVING | InboundFate.SHELVED:
            zone.inbounds.shelved("c1", whole=what is InboundFate.SHELVED, at=zone.now())
        case InboundFate.BOOKED_AHEAD:
            zone.inbounds.booked_ahead("QD0", {ITEM: Decimal(10)}, zone.now())
        case _:
            zone.inbounds.happened("QD0", what, zone.now())
    assert zone.state is (after or state)


def test_from_every_state_a_consignment_can_come_to_an_end():
    ends = set(OVER)
    for _ in InboundState:
        ends |= {state for (state, _), after in RULES.items() if after in ends}
    assert ends == set(InboundState)


def test_only_what_is_over_is_forgotten_and_the_list_has_an_end(zone, monkeypatch):
    monkeypatch.setattr(module, "INBOUND_LIMIT", 1)
    zone.notice()
    with pytest.raises(RefusedError, match="on their way already"):
        zone.notice("c2")
    zone.move(InboundStep.DECLARE)
    zone.move(InboundStep.CANCEL, reason="not sent")
    zone.notice("c2")
    assert (list(zone.inbounds.state.by_id), zone.inbounds.state.by_document) == (["c2"], {})


def test_a_snapshot_goes_on_where_it_was_taken(arrived):
    kept = msgspec.msgpack.encode(arrived.inbounds.state)
    arrived.inbounds = Inbounds(msgspec.msgpack.decode(kept, type=module.InboundsState))
    arrived.tally(12)
    assert arrived.state is InboundState.TALLIED


def stand(zone: Zone, state: InboundState) -> None:
    """Put the consignment into a state, with a document, as if it had come there."""
    zone.inbounds.state.by_id["c1"] = Inbound(
        inbound="c1", state=state, since=NOON, declared={ITEM: Decimal(10)}, document="QD0"
    )
    zone.inbounds.state.by_document["QD0"] = "c1"
