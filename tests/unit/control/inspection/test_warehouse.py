"""What one room of the floor tells moves consignments and orders: the whole way of bonded goods, in and out."""

from decimal import Decimal

import pytest
from declarations import CARRIER, EBC, HEAD, NOON, answer, declared, imported

from coldport.errors import NotFoundError, RefusedError
from coldport.site import ZoneClass
from control.inspection.bonded.acts import BookDeclared, BookLine, BookOnPass, BookReleased, BookThrough
from control.inspection.documents.document import Document
from control.inspection.floor import Floor
from control.inspection.gate.acts import (
    Answer,
    Binding,
    GatePassed,
    PassAnswered,
    PassCancelled,
    PassDrawn,
    PassKind,
    VehicleWeighed,
)
from control.inspection.gate.weighbridge import Masses
from control.inspection.inbound.acts import InboundLine, InboundMoved, InboundNoticed, InboundTallied
from control.inspection.inbound.rules import InboundState, InboundStep
from control.inspection.lane.acts import Judged
from control.inspection.lane.verdict import Verdict
from control.inspection.orders.acts import OrderMoved
from control.inspection.orders.rules import OrderState, OrderStep
from control.inspection.parcels.acts import ParcelRecalled
from control.inspection.parcels.rules import ParcelState
from control.inspection.stock.acts import BinSet, StockLotNamed, StockMoved
from control.inspection.stock.rules import RULES, Verb

ACCOUNT = "T3105W000293"
OWNER = EBC["ebc_code"]
WHO = {"at": NOON, "by": "li"}
TEN = Decimal(10)


def say(floor: Floor, *acts):
    follows = []
    for act in acts:
        floor.check(act, NOON)
        follows += floor.apply(act, NOON)
    return follows


def moved(verb: Verb, quantity: int = 1, place: str = "a1", **more) -> StockMoved:
    order = "O1" if RULES[verb].order else None
    return StockMoved(verb=verb, lot="l1", quantity=Decimal(quantity), bin=place, order=order, **WHO, **more)


def drive(number: str, *, inbound: bool, document: str) -> list:
    """A vehicle goes through the gate with all in order."""
    kind = PassKind.FIRST_LINE if inbound else PassKind.SECOND_LINE
    drawn = PassDrawn(
        number=number,
        kind=kind,
        inbound=inbound,
        plate="湘A12345",
        masses=Masses(vehicle_kg=8000),
        binding=Binding.ONE_DOCUMENT_ONE_VEHICLE,
        documents=(document,),
        **WHO,
    )
    return [
        drawn,
        PassAnswered(number=number, answer=Answer.APPROVED, at=NOON),
        VehicleWeighed(number=number, plate="湘A12345", collected_kg=8000, at=NOON),
        GatePassed(number=number, at=NOON),
    ]


def bins() -> list:
    return [
        BinSet(bin=name, zone="c1", temperature_class=ZoneClass.CHILLED, capacity=Decimal(99), walk=1, **WHO)
        for name in ("dock", "a1")
    ]


def lot(inbound: str | None) -> StockLotNamed:
    return StockLotNamed(
        lot="l1",
        item="tea",
        unit="011",
        owner=OWNER,
        temperature_class=ZoneClass.CHILLED,
        account=ACCOUNT,
        account_item=7,
        inbound=inbound,
        **WHO,
    )


@pytest.fixture
def floor(one_room) -> Floor:
    return Floor(one_room())


@pytest.fixture
def stocked(floor) -> Floor:
    """Ten units of the lot are on the shelf, and an order for one of them is reserved and declared."""
    opening = moved(Verb.ADJUST_UP, 10, reason="opening", approved_by="wu")
    papers = [declared(document) for document in imported().values()]
    say(floor, *bins(), lot(None), opening, *papers, moved(Verb.RESERVE))
    return floor


def inbound_state(floor: Floor) -> InboundState:
    return floor.inbounds.find("c1").state


def order_state(floor: Floor) -> OrderState:
    return floor.orders.find(OWNER, "O1").state


def order(step: OrderStep, **more) -> OrderMoved:
    return OrderMoved(owner=OWNER, order="O1", step=step, **WHO, **more)


def judged(verdict: Verdict) -> Judged:
    return Judged(
        id="p.1",
        presentation="p",
        lane="lane-1",
        at=NOON,
        verdict=verdict,
        reasons=(),
        rules=1,
        logistics_no="L1",
        seen_at=NOON,
    )


def test_goods_come_into_the_zone_and_on_a_shelf_when_the_account_has_them(floor):
    line = BookLine(account=ACCOUNT, item=7, quantity=TEN)
    noticed = InboundLine(account=ACCOUNT, item=7, quantity=TEN)
    states = []

    def then(*acts) -> None:
        say(floor, *acts)
        states.append(inbound_state(floor))

    then(InboundNoticed(inbound="c1", lines=(noticed,), **WHO))
    then(InboundMoved(inbound="c1", step=InboundStep.DECLARE, document="QD1", **WHO))
    then(BookDeclared(document="QD1", inbound=True, lines=(line,), **WHO))
    drawn, answered, weighed, passed = drive("Z1", inbound=True, document="QD1")
    then(drawn, answered)
    then(weighed, passed)
    say(floor, *bins(), lot("c1"), moved(Verb.RECEIVE, 10, "dock"))
    then(InboundTallied(inbound="c1", counted=(noticed,), **WHO))
    with pytest.raises(RefusedError, match="the account has not got it yet"):
        say(floor, moved(Verb.PUT_AWAY, 10, "dock", to_bin="a1"))
    say(floor, BookReleased(document="QD1", **WHO))
    then(BookOnPass(document="QD1", number="Z1", lines=(line,), **WHO), BookThrough(document="QD1", number="Z1", **WHO))
    then(moved(Verb.PUT_AWAY, 4, "dock", to_bin="a1"))
    then(moved(Verb.PUT_AWAY, 6, "dock", to_bin="a1"))
    assert states == [
        "noticed",
        "declared",
        "pre-booked",
        "approved",
        "gated-in",
        "tallied",
        "booked",
        "putting-away",
        "on-shelf",
    ]


def test_a_lot_names_only_a_consignment_that_was_noticed(floor):
    with pytest.raises(NotFoundError, match="no consignment 'c1'"):
        say(floor, *bins(), lot("c1"))


def test_a_document_that_was_booked_ahead_before_it_was_named_counts(floor):
    line = BookLine(account=ACCOUNT, item=7, quantity=TEN)
    noticed = InboundLine(account=ACCOUNT, item=7, quantity=Decimal(9))
    say(
        floor,
        BookDeclared(document="QD1", inbound=True, lines=(line,), **WHO),
        InboundNoticed(inbound="c1", lines=(noticed,), **WHO),
        InboundMoved(inbound="c1", step=InboundStep.DECLARE, document="QD1", **WHO),
    )
    found = floor.inbounds.find("c1")
    assert (found.state, found.declared) == (InboundState.PRE_BOOKED, {f"{ACCOUNT}/7": TEN})


def leave(floor: Floor) -> None:
    """The order is picked at 399, goes over the line, and leaves at 800 on a pass."""
    say(floor, answer("399", 1), moved(Verb.PICK), moved(Verb.PACK))
    floor.recall(judged(Verdict.RELEASE), NOON)
    assert order_state(floor) is OrderState.SORTED
    say(floor, answer("800", 2))
    drawn, answered, weighed, passed = drive("Z2", inbound=False, document="QD2")
    say(floor, drawn, answered, order(OrderStep.BIND, into="Z2"), moved(Verb.SHIP), weighed)
    assert order_state(floor) is OrderState.BOUND
    say(floor, passed)


def test_an_order_goes_over_the_line_and_leaves_on_its_pass(stocked):
    leave(stocked)
    assert order_state(stocked) is OrderState.LEFT
    assert stocked.parcels.find("L1").state is ParcelState.GATED_OUT
    say(stocked, declared(Document(type="513", head=signed())))
    assert order_state(stocked) is OrderState.SIGNED
    say(stocked, answer("899", 3))
    assert order_state(stocked) is OrderState.CLOSED


def test_a_stop_of_customs_keeps_a_bound_order_here_and_one_that_left_is_told(stocked):
    leave(stocked)
    (recalled,) = say(stocked, answer("502", 3))
    assert isinstance(recalled, ParcelRecalled)
    assert (recalled.state, order_state(stocked)) == (ParcelState.GATED_OUT, OrderState.LEFT)


def test_no_vehicle_leaves_with_an_order_that_customs_stopped_meanwhile(stocked):
    say(stocked, answer("399", 1), moved(Verb.PICK), moved(Verb.PACK))
    floor = stocked
    floor.recall(judged(Verdict.RELEASE), NOON)
    drawn, answered, weighed, passed = drive("Z2", inbound=False, document="QD2")
    say(floor, answer("800", 2), drawn, answered, order(OrderStep.BIND, into="Z2"), weighed)
    say(floor, answer("500", 3))
    assert order_state(floor) is OrderState.HELD
    say(floor, passed)  # the vehicle goes without it
    assert order_state(floor) is OrderState.HELD
    with pytest.raises(RefusedError, match="is held and cannot leave"):
        say(floor, moved(Verb.SHIP))


def test_an_order_goes_out_on_a_pass_for_going_out(stocked):
    say(stocked, answer("800", 1), moved(Verb.PICK), moved(Verb.PACK))
    stocked.recall(judged(Verdict.RELEASE), NOON)
    drawn, *_ = drive("Z1", inbound=True, document="QD1")
    say(stocked, drawn)
    with pytest.raises(RefusedError, match="is one for coming in"):
        say(stocked, order(OrderStep.BIND, into="Z1"))
    with pytest.raises(NotFoundError):
        say(stocked, order(OrderStep.BIND, into="Z9"))


@pytest.mark.parametrize(
    "void",
    [
        PassAnswered(number="Z2", answer=Answer.REJECTED, at=NOON),
        PassCancelled(number="Z2", reason="other lorry", **WHO),
    ],
)
def test_an_order_whose_pass_is_void_wants_another(stocked, void):
    say(stocked, answer("800", 1), moved(Verb.PICK), moved(Verb.PACK))
    stocked.recall(judged(Verdict.RELEASE), NOON)
    drawn, *_ = drive("Z2", inbound=False, document="QD2")
    say(stocked, drawn, order(OrderStep.BIND, into="Z2"), void)
    assert (order_state(stocked), stocked.orders.state.bound) == (OrderState.SORTED, {})
    with pytest.raises(RefusedError, match=r"vehicle pass 'Z2' is (rejected|cancelled)"):
        say(stocked, order(OrderStep.BIND, into="Z2"))


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        (Verdict.WAIT, OrderState.RECHECK),
        (Verdict.RECHECK, OrderState.RECHECK),
        (Verdict.HOLD, OrderState.HELD),
        (Verdict.INSPECT, OrderState.HELD),
    ],
)
def test_what_the_line_makes_of_an_order(stocked, verdict, state):
    say(stocked, answer("800", 1), moved(Verb.PICK), moved(Verb.PACK))
    stocked.recall(judged(verdict), NOON)
    assert order_state(stocked) is state


def test_an_order_that_was_withdrawn_is_not_handed_over_and_goes_back_to_the_shelf(stocked):
    say(stocked, answer("800", 1, invt_no="490120261000000001"), moved(Verb.PICK), moved(Verb.PACK))
    say(stocked, declared(Document(type="623", head=withdrawal())), withdrawn("399"))
    with pytest.raises(RefusedError, match="lets nobody ship"):
        say(stocked, moved(Verb.SHIP))
    back = {"reason": "withdrawn"}
    say(stocked, moved(Verb.UNPACK, **back), moved(Verb.PUT_BACK, **back))
    assert order_state(stocked) is OrderState.CANCELLED
    assert stocked.stock.of_order("O1", OWNER) == []


def test_a_restart_comes_to_the_same(stocked, one_room):
    acts = []
    floor, again = stocked, Floor(one_room())
    papers = [declared(document) for document in imported().values()]
    opening = moved(Verb.ADJUST_UP, 10, reason="opening", approved_by="wu")
    acts += [*bins(), lot(None), opening, *papers, moved(Verb.RESERVE), answer("399", 1), moved(Verb.PICK)]
    say(floor, answer("399", 1), moved(Verb.PICK))
    for act in acts:
        again.recall(act, NOON)
    assert again.orders.state == floor.orders.state


def signed() -> dict[str, str]:
    head = HEAD | CARRIER | {"logistics_no": "L1", "logistics_status": "S", "logistics_time": "20260302115900"}
    return head | {"app_time": "20260302115900"}


def withdrawal() -> dict[str, str]:
    inventory = imported()["inventory"].head
    names = ("customs_code", "order_no", "ebp_code", "ebp_name", "ebc_code", "ebc_name", "logistics_no")
    names += ("logistics_code", "logistics_name", "buyer_id_type", "buyer_id_number", "buyer_name")
    names += ("buyer_telephone", "agent_code", "agent_name")
    head = {name: inventory[name] for name in names} | HEAD
    return head | {"cop_no": "W1", "invt_no": "490120261000000001", "reason": "x", "app_time": "20260302120500"}


def withdrawn(status: str):
    receipt = answer(status, 9, cop_no="W1").receipt
    changed = type(receipt)(type="624", keys=receipt.keys, status=status, time=receipt.time)
    return type(answer(status, 9))(receipt=changed, at=NOON, by="line")
