"""Every consignment that comes into the zone and where it stands: a fold of acts, and of what other rooms tell."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

import msgspec
from msgspec import Struct, field

from coldport.errors import NotFoundError, RefusedError
from coldport.messages.observation import Moment
from control.inspection.inbound.acts import InboundAct, InboundLine, InboundMoved, InboundNoticed, InboundTallied
from control.inspection.inbound.rules import (
    OVER,
    RULES,
    SHELVABLE,
    TWO_PERSONS,
    WITH_REASON,
    InboundFate,
    InboundState,
    InboundStep,
)
from control.inspection.persons import check_said
from control.inspection.quantity import check_quantity

INBOUND_LIMIT = 5_000
"""Consignments that are remembered, of those that are over the last ones: fifty a day for three months."""


class Difference(Struct, frozen=True, kw_only=True):
    """An item of which another quantity came than was declared, or some came damaged; by `account/item`."""

    item: str
    declared: Decimal
    counted: Decimal
    damaged: Decimal


class Inbound(Struct, frozen=True, kw_only=True):
    """A consignment as it stands. `declared` is what is to be counted, by `account/item`.

    `booked`: the account had it for good before it was counted, or before what differs was settled.
    """

    inbound: str
    state: InboundState
    since: Moment
    declared: dict[str, Decimal]
    document: str | None = None
    differences: tuple[Difference, ...] = ()
    booked: bool = False


class InboundsState(Struct):
    """What a snapshot holds; `by_document` names the consignment of a document."""

    by_id: dict[str, Inbound] = field(default_factory=dict)
    by_document: dict[str, str] = field(default_factory=dict)


class Inbounds:
    """The consignments of one site, in the order in which they were noticed."""

    def __init__(self, state: InboundsState | None = None) -> None:
        """Go on from `state`, which becomes their own."""
        self.state = state if state is not None else InboundsState()

    def find(self, inbound: str) -> Inbound:
        """Return a consignment; raises NotFoundError."""
        found = self.state.by_id.get(inbound)
        if found is None:
            raise NotFoundError(f"no consignment {inbound!r} was noticed")
        return found

    def check(self, act: InboundAct) -> None:
        """Raise when `act` cannot have happened; raises NotFoundError or RefusedError."""
        match act:
            case InboundNoticed():
                self._check_noticed(act)
            case InboundMoved():
                self._check_moved(self.find(act.inbound), act)
            case InboundTallied():
                _check_tallied(self.find(act.inbound), act)

    def check_shelf(self, inbound: str) -> None:
        """Raise RefusedError while goods of a consignment may not go on a shelf."""
        found = self.find(inbound)
        if found.state not in SHELVABLE:
            raise RefusedError(f"consignment {inbound!r} is {found.state}: the account has not got it yet")

    def take(self, act: InboundAct) -> None:
        """Take in what happened, as the journal has it."""
        match act:
            case InboundNoticed():
                self.state.by_id[act.inbound] = Inbound(
                    inbound=act.inbound, state=InboundState.NOTICED, since=act.at, declared=_totals(act.lines)
                )
                self._forget()
            case InboundMoved():
                if act.step is InboundStep.DECLARE and act.document is not None:
                    self._change(act.inbound, document=act.document)
                    self.state.by_document[act.document] = act.inbound
                self._meet(act.inbound, act.step, act.at)
            case InboundTallied():
                self._tally(act)

    def happened(self, document: str, fate: InboundFate, at: datetime) -> None:
        """Take in what the account or the gate says of a document; one that is of no consignment is left alone."""
        name = self.state.by_document.get(document)
        if name is None:
            return
        if fate is InboundFate.BOOKED:
            self._change(name, booked=True)
        self._meet(name, fate, at)

    def booked_ahead(self, document: str, lines: Mapping[str, Decimal], at: datetime) -> None:
        """Take in what a document declares: that is what has to be counted."""
        if (name := self.state.by_document.get(document)) is not None:
            self._change(name, declared=dict(lines))
            self._meet(name, InboundFate.BOOKED_AHEAD, at)

    def shelved(self, inbound: str, *, whole: bool, at: datetime) -> None:
        """Take in that goods of it went on a shelf; `whole`: nothing of it is on none."""
        self._meet(inbound, InboundFate.SHELVED if whole else InboundFate.SHELVING, at)

    def _check_noticed(self, act: InboundNoticed) -> None:
        if act.inbound in self.state.by_id:
            raise RefusedError(f"consignment {act.inbound!r} was noticed already")
        if len(self.state.by_id) >= INBOUND_LIMIT and all(one.state not in OVER for one in self.state.by_id.values()):
            raise RefusedError(f"{INBOUND_LIMIT:,} consignments are on their way already")
        for line in act.lines:
            check_quantity(line.quantity)

    def _check_moved(self, inbound: Inbound, act: InboundMoved) -> None:
        _check_row(inbound, act.step, act.at)
        check_said(act, two=act.step in TWO_PERSONS, reason=act.step in WITH_REASON)
        if (act.step is InboundStep.DECLARE) != (act.document is not None):
            raise RefusedError("to declare names the document, and nothing else does")
        if act.document in self.state.by_document:
            raise RefusedError(f"document {act.document!r} is of {self.state.by_document[act.document]!r}")

    def _tally(self, act: InboundTallied) -> None:
        inbound = self.state.by_id.get(act.inbound)
        if inbound is None:
            return
        found = _differences(inbound.declared, _totals(act.counted), _totals(act.damaged))
        self._change(act.inbound, differences=found)
        self._meet(act.inbound, InboundFate.DIFFERS if found else InboundFate.AGREES, act.at)

    def _change(self, name: str, **changes: object) -> None:
        if (inbound := self.state.by_id.get(name)) is not None:
            self.state.by_id[name] = msgspec.structs.replace(inbound, **changes)

    def _meet(self, name: str, what: InboundStep | InboundFate, at: datetime) -> None:
        inbound = self.state.by_id.get(name)
        after = RULES.get((inbound.state, what)) if inbound is not None else None
        if inbound is None or after is None:
            return
        self._change(name, state=after, since=max(at, inbound.since))
        if inbound.booked and (after, InboundFate.BOOKED) in RULES:
            self._meet(name, InboundFate.BOOKED, at)  # customs was quicker than the floor

    def _forget(self) -> None:
        surplus = len(self.state.by_id) - INBOUND_LIMIT
        if surplus <= 0:
            return
        over = [one for one in self.state.by_id.values() if one.state in OVER]
        for one in over[:surplus]:
            del self.state.by_id[one.inbound]
            if one.document is not None:
                self.state.by_document.pop(one.document, None)


def _check_row(inbound: Inbound, what: InboundStep | InboundFate, at: datetime) -> None:
    name = f"consignment {inbound.inbound!r}"
    if (inbound.state, what) not in RULES:
        said = "be counted" if isinstance(what, InboundFate) else what
        raise RefusedError(f"{name} is {inbound.state} and cannot {said}")
    if at < inbound.since:
        raise RefusedError(f"{name} is {inbound.state} since {inbound.since.isoformat()}, which is later")


def _check_tallied(inbound: Inbound, act: InboundTallied) -> None:
    _check_row(inbound, InboundFate.AGREES, act.at)
    for line in (*act.counted, *act.damaged):
        check_quantity(line.quantity, zero=True)
    counted = _totals(act.counted)
    for item, quantity in _totals(act.damaged).items():
        if quantity > counted.get(item, Decimal()):
            raise RefusedError(f"item {item}: more is damaged than was counted")


def _differences(
    declared: Mapping[str, Decimal], counted: Mapping[str, Decimal], damaged: Mapping[str, Decimal]
) -> tuple[Difference, ...]:
    none = Decimal()
    return tuple(
        Difference(
            item=item,
            declared=declared.get(item, none),
            counted=counted.get(item, none),
            damaged=damaged.get(item, none),
        )
        for item in sorted(declared.keys() | counted.keys())
        if declared.get(item, none) != counted.get(item, none) or damaged.get(item)
    )


def _totals(lines: Iterable[InboundLine]) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for line in lines:
        key = f"{line.account}/{line.item}"
        totals[key] = totals.get(key, Decimal()) + line.quantity
    return totals
