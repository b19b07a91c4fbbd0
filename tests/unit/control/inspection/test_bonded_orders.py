"""An order's way out of the zone and back, as the table has it."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from coldport.errors import NotFoundError, RefusedError
from control.inspection.clearance import Clearance
from control.inspection.orders import orders as module
from control.inspection.orders.acts import OrderMoved
from control.inspection.orders.orders import Order, Orders
from control.inspection.orders.rules import (
    AWAY,
    OVER,
    RELEASED_ONLY,
    RULES,
    STOPS,
    TWO_PERSONS,
    WITH_REASON,
    OrderFate,
    OrderState,
    OrderStep,
)

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
MORE = {"approved_by": "wu", "reason": "why"}


class Zone:
    """Orders with acts written short; the minute goes on with every act."""

    def __init__(self) -> None:
        self.said: dict[str, Clearance] = {}
        self.orders = Orders(lambda _, order: self.said.get(order, Clearance.RELEASED))
        self.minute = 0

    def now(self) -> datetime:
        self.minute += 1
        return NOON + timedelta(minutes=self.minute)

    def reserve(self, order: str = "O1") -> None:
        self.orders.check_reserve("e", order)
        self.orders.reserved("e", order, self.now())

    def move(self, step: OrderStep, order: str = "O1", **more) -> None:
        if step is OrderStep.BIND:
            more = {"into": "Z1"} | more
        act = OrderMoved(owner="e", order=order, step=step, at=self.now(), by="li", **more)
        self.orders.check(act)
        self.orders.take(act)

    def hear(self, *fates: OrderFate, order: str = "O1") -> None:
        for fate in fates:
            self.orders.happened("e", order, fate, self.now())

    def bind(self, *orders: str) -> None:
        for order in orders:
            self.reserve(order)
            self.hear(OrderFate.PICKED, OrderFate.PACKED, OrderFate.PASSED, order=order)
            self.move(OrderStep.BIND, order)

    def state(self, order: str = "O1") -> OrderState:
        return self.orders.find("e", order).state


@pytest.fixture
def zone() -> Zone:
    return Zone()


def test_an_order_that_everything_is_well_with_is_signed_for_and_closed(zone):
    zone.bind("O1")
    zone.orders.check_gate("Z1")
    zone.orders.gated_out("Z1", zone.now())
    zone.hear(OrderFate.SIGNED)
    assert zone.state() is OrderState.SIGNED
    zone.said["O1"] = Clearance.CLOSED
    zone.orders.answered("e", "O1", zone.now())
    assert (zone.state(), zone.orders.state.bound) == (OrderState.CLOSED, {})


def test_customs_may_close_an_order_before_it_is_said_to_have_left(zone):
    zone.bind("O1")
    zone.said["O1"] = Clearance.CLOSED
    zone.orders.answered("e", "O1", zone.now())
    zone.orders.gated_out("Z1", zone.now())
    assert zone.state() is OrderState.CLOSED


@pytest.mark.parametrize("clearance", [one for one in Clearance if one is not Clearance.RELEASED])
def test_no_order_is_bound_or_let_go_without_customs_release(zone, clearance):
    zone.reserve()
    zone.hear(OrderFate.PICKED, OrderFate.PACKED, OrderFate.PASSED)
    zone.said["O1"] = clearance
    with pytest.raises(RefusedError, match="not released by customs"):
        zone.move(OrderStep.BIND)


@pytest.mark.parametrize("clearance", sorted(STOPS))
def test_a_stop_takes_an_order_off_its_pass_and_keeps_it_here(zone, clearance):
    zone.bind("O1", "O2")
    zone.said["O1"] = clearance
    with pytest.raises(RefusedError, match="carries what is not released: O1"):
        zone.orders.check_gate("Z1")
    zone.orders.answered("e", "O1", zone.now())
    assert (zone.state(), zone.orders.find("e", "O1").bound_to) == (OrderState.HELD, None)
    zone.orders.check_gate("Z1")
    zone.orders.gated_out("Z1", zone.now())
    assert (zone.state("O1"), zone.state("O2")) == (OrderState.HELD, OrderState.LEFT)


def test_a_stop_that_comes_too_late_changes_nothing_here(zone):
    zone.bind("O1")
    zone.orders.gated_out("Z1", zone.now())
    zone.said["O1"] = Clearance.INSPECT
    zone.orders.answered("e", "O1", zone.now())
    assert zone.state() in AWAY


def test_an_order_that_is_given_up_can_be_reserved_anew(zone):
    zone.reserve()
    zone.hear(OrderFate.FREED)
    assert (zone.state(), len(zone.orders.state.over)) == (OrderState.CANCELLED, 1)
    zone.reserve()
    assert (zone.state(), zone.orders.state.over) == (OrderState.RESERVED, [])


def test_nothing_more_is_reserved_for_an_order_that_is_on_the_line_or_further(zone):
    zone.bind("O1")
    with pytest.raises(RefusedError, match="nothing more is reserved"):
        zone.reserve()


def test_what_is_held_is_not_handed_over(zone):
    zone.reserve()
    zone.orders.check_ship("e", "O2")  # of an order that is not known stock says enough
    zone.hear(OrderFate.PICKED, OrderFate.PACKED, OrderFate.STOPPED)
    with pytest.raises(RefusedError, match="is held and cannot leave"):
        zone.orders.check_ship("e", "O1")


@pytest.mark.parametrize("from_state", sorted(AWAY))
@pytest.mark.parametrize(("end", "state"), [("restock", "restocked"), ("scrap", "scrapped")])
def test_an_order_that_comes_back_is_put_back_on_the_shelf_or_scrapped_by_two(zone, from_state, end, state):
    stand(zone, OrderState(from_state))
    zone.move(OrderStep.SEND_BACK, reason="too small")
    zone.move(OrderStep.COME_BACK)
    with pytest.raises(RefusedError, match="two different people"):
        zone.move(OrderStep(end), reason="625 accepted")
    zone.move(OrderStep(end), **MORE)
    assert zone.state() == state


@pytest.mark.parametrize("step", sorted(TWO_PERSONS | WITH_REASON | RELEASED_ONLY))
def test_a_step_says_what_it_needs(zone, step):
    stand(zone, next(state for state, what in RULES if what is step))
    if step in TWO_PERSONS:
        with pytest.raises(RefusedError, match="two different people"):
            zone.move(step, reason="why", approved_by="li")
    if step in WITH_REASON:
        with pytest.raises(RefusedError, match="says why"):
            zone.move(step, approved_by="wu")
    if step in RELEASED_ONLY:
        zone.said["O1"] = Clearance.PENDING
        with pytest.raises(RefusedError, match="not released by customs"):
            zone.move(step, **MORE)
    with pytest.raises(NotFoundError):
        zone.move(step, order="O9")


@pytest.mark.parametrize("state", list(OrderState))
@pytest.mark.parametrize("what", [*OrderStep, *OrderFate])
def test_the_whole_table_is_walked(zone, state, what):
    stand(zone, state)
    after = RULES.get((state, what))
    if isinstance(what, OrderFate):
        zone.hear(what)
    elif after is None:
        with pytest.raises(RefusedError, match="cannot"):
            zone.move(what, **MORE)
    else:
        zone.move(what, **MORE)
    assert zone.state() is (after or state)


def test_from_every_state_an_order_can_come_to_an_end():
    ends = set(OVER)
    for _ in OrderState:
        ends |= {state for (state, _), after in RULES.items() if after in ends}
    assert ends == set(OrderState)


def test_only_orders_that_are_over_are_forgotten_and_the_list_has_an_end(zone, monkeypatch):
    monkeypatch.setattr(module, "OVER_LIMIT", 1)
    monkeypatch.setattr(module, "ORDER_LIMIT", 1)
    zone.reserve("O0")
    with pytest.raises(RefusedError, match="open already"):
        zone.reserve("O1")
    for order in ("O1", "O2"):
        zone.orders.reserved("e", order, zone.now())
        zone.hear(OrderFate.FREED, order=order)
    assert [one.order for one in zone.orders.state.by_name.values()] == ["O0", "O2"]


def test_a_snapshot_goes_on_where_it_was_taken(zone):
    zone.bind("O1")
    kept = msgspec.msgpack.encode(zone.orders.state)
    zone.orders = Orders(zone.orders.clearance, msgspec.msgpack.decode(kept, type=module.OrdersState))
    zone.orders.gated_out("Z1", zone.now())
    assert zone.state() is OrderState.LEFT


def stand(zone: Zone, state: OrderState) -> None:
    """Put the order into a state as if it had come there."""
    bound_to = "Z0" if state is OrderState.BOUND else None
    zone.orders.state.by_name["e\x1fO1"] = Order(owner="e", order="O1", state=state, since=NOON, bound_to=bound_to)
    if state in OVER:
        zone.orders.state.over.append("e\x1fO1")
