"""Every order whose goods were ever reserved and where they stand: a fold of acts, and of what other rooms tell.

What customs says of an order is asked for (`Customs`), not kept here.
"""

from collections.abc import Callable
from datetime import datetime

import msgspec
from msgspec import Struct, field

from coldport.errors import NotFoundError, RefusedError
from coldport.messages.observation import Moment
from control.inspection.clearance import Clearance
from control.inspection.orders.acts import OrderAct
from control.inspection.orders.rules import (
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
from control.inspection.persons import check_said

ORDER_LIMIT = 200_000
"""Orders that are not over: a day and a half of the busiest centre known."""
OVER_LIMIT = 50_000
"""Orders that are over and still shown; the journal has the rest."""

_JOINT = "\x1f"

Customs = Callable[[str, str], Clearance]
"""What customs says of the inventory of an order, by owner and order, now."""


class Order(Struct, frozen=True, kw_only=True):
    """An order as it stands, since when, and the vehicle pass it is bound to."""

    owner: str
    order: str
    state: OrderState
    since: Moment
    bound_to: str | None = None


class OrdersState(Struct):
    """What a snapshot holds; `over` names those that are over, the last one last; `bound` the orders of a pass."""

    by_name: dict[str, Order] = field(default_factory=dict)
    over: list[str] = field(default_factory=list)
    bound: dict[str, list[str]] = field(default_factory=dict)


class Orders:
    """The orders of one site, in the order in which something was reserved for them."""

    def __init__(self, customs: Customs, state: OrdersState | None = None) -> None:
        """Ask `customs`, and go on from `state`, which becomes the orders' own."""
        self.clearance = customs
        self.state = state if state is not None else OrdersState()

    def find(self, owner: str, order: str) -> Order:
        """Return an order; raises NotFoundError."""
        found = self.state.by_name.get(_name(owner, order))
        if found is None:
            raise NotFoundError(f"nothing was reserved for order {order!r} of {owner!r}")
        return found

    def standing(self, owner: str, order: str) -> OrderState | None:
        """Return where an order stands; None: nothing was ever reserved for it."""
        found = self.state.by_name.get(_name(owner, order))
        return found.state if found is not None else None

    def check(self, act: OrderAct) -> None:
        """Raise when `act` cannot have happened; raises NotFoundError or RefusedError."""
        order = self.find(act.owner, act.order)
        name = f"order {act.order!r}"
        if (order.state, act.step) not in RULES:
            raise RefusedError(f"{name} is {order.state} and cannot {act.step}")
        if act.at < order.since:
            raise RefusedError(f"{name} is {order.state} since {order.since.isoformat()}, which is later")
        if act.step in RELEASED_ONLY and self.clearance(act.owner, act.order) is not Clearance.RELEASED:
            raise RefusedError(f"{name} is not released by customs: {self.clearance(act.owner, act.order)}")
        check_said(act, two=act.step in TWO_PERSONS, reason=act.step in WITH_REASON)
        if (act.step is OrderStep.BIND) != (act.into is not None):
            raise RefusedError("to bind names the vehicle pass, and nothing else does")

    def check_reserve(self, owner: str, order: str) -> None:
        """Raise RefusedError when there are as many orders as may be, or this one is further on than its shelf."""
        state = self.standing(owner, order)
        if state is None and len(self.state.by_name) - len(self.state.over) >= ORDER_LIMIT:
            raise RefusedError(f"{ORDER_LIMIT:,} orders are open already")
        if state not in (None, OrderState.RESERVED, OrderState.PICKED, OrderState.PACKED, OrderState.CANCELLED):
            raise RefusedError(f"order {order!r} is {state}: nothing more is reserved for it")

    def check_ship(self, owner: str, order: str) -> None:
        """Raise RefusedError when goods of an order may not be handed over where it stands."""
        state = self.standing(owner, order)
        if state is not None and (state, OrderFate.SHIPPED) not in RULES:
            raise RefusedError(f"order {order!r} is {state} and cannot leave")

    def check_gate(self, number: str) -> None:
        """Raise RefusedError when an order that is bound to a pass is not released by customs."""
        let_go = (Clearance.RELEASED, Clearance.CLOSED)
        orders = [self.state.by_name[name] for name in self.state.bound.get(number, ())]
        held = [one.order for one in orders if self.clearance(one.owner, one.order) not in let_go]
        if held:
            more = f" and {len(held) - 3} more" if held[3:] else ""
            raise RefusedError(f"vehicle pass {number!r} carries what is not released: {', '.join(held[:3])}{more}")

    def take(self, act: OrderAct) -> None:
        """Take in what happened, as the journal has it."""
        name = _name(act.owner, act.order)
        if name in self.state.by_name and act.step is OrderStep.BIND and act.into is not None:
            self._change(name, bound_to=act.into)
            self.state.bound.setdefault(act.into, []).append(name)
        self._meet(name, act.step, act.at)

    def reserved(self, owner: str, order: str, at: datetime) -> None:
        """Take in that goods were reserved for an order; one that was given up begins anew."""
        name = _name(owner, order)
        known = self.state.by_name.get(name)
        if known is not None and known.state is not OrderState.CANCELLED:
            self._meet(name, OrderFate.RESERVED, at)
            return
        if known is not None:
            self.state.over.remove(name)
            del self.state.by_name[name]
        self.state.by_name[name] = Order(owner=owner, order=order, state=OrderState.RESERVED, since=at)

    def happened(self, owner: str, order: str, fate: OrderFate, at: datetime) -> None:
        """Take in what another room tells of an order; one for which nothing was reserved is left alone."""
        self._meet(_name(owner, order), fate, at)

    def answered(self, owner: str, order: str, at: datetime) -> None:
        """Look again at an order of which customs has just said something."""
        clearance = self.clearance(owner, order)
        if clearance in STOPS:
            self.happened(owner, order, OrderFate.RECALLED, at)
        elif clearance is Clearance.CLOSED:
            self.happened(owner, order, OrderFate.CLOSED, at)

    def voided(self, number: str, at: datetime) -> None:
        """Take in that a vehicle pass was rejected or given up: the orders on it want another."""
        for name in self.state.bound.get(number, ())[:]:
            self._meet(name, OrderFate.UNBOUND, at)

    def gated_out(self, number: str, at: datetime) -> None:
        """Take in that a vehicle went out with the orders that are bound to its pass."""
        for name in self.state.bound.get(number, ())[:]:
            order = self.state.by_name[name]
            self._meet(name, OrderFate.GATED_OUT, at)
            self.answered(order.owner, order.order, at)  # customs may have been quicker than the floor

    def _change(self, name: str, **changes: object) -> None:
        self.state.by_name[name] = msgspec.structs.replace(self.state.by_name[name], **changes)

    def _meet(self, name: str, what: OrderStep | OrderFate, at: datetime) -> None:
        order = self.state.by_name.get(name)
        after = RULES.get((order.state, what)) if order is not None else None
        if order is None or after is None:
            return
        if order.state is OrderState.BOUND and after is not OrderState.BOUND:
            self._unbind(name, order.bound_to or "")
        self._change(name, state=after, since=max(at, order.since))
        if order.state in OVER and after not in OVER:
            self.state.over.remove(name)
        elif after in OVER and order.state not in OVER:
            self.state.over.append(name)
            for old in self.state.over[:-OVER_LIMIT]:
                del self.state.by_name[old]
            del self.state.over[:-OVER_LIMIT]

    def _unbind(self, name: str, number: str) -> None:
        left = [one for one in self.state.bound.get(number, ()) if one != name]
        self.state.bound.pop(number, None)
        if left:
            self.state.bound[number] = left
        self._change(name, bound_to=None)


def _name(owner: str, order: str) -> str:
    return _JOINT.join((owner, order))
