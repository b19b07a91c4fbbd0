"""The inspection centre as one fold: documents, lanes, parcels, the gate, stock and accounts, tied together.

Each part keeps its own matters. What one of them must know of another it asks for here, and what happens in one and
moves another is passed on here: customs' answer recalls a parcel, a lane's verdict moves it. What follows from an act
is returned as further acts, to be written with it; a restart takes them from the journal and decides nothing again.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, NamedTuple, get_args
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from coldport.errors import NotFoundError, RefusedError
from coldport.messages.observation import Observation
from coldport.site import Site
from control.inspection.bonded.acts import BookAct, QuotaAct
from control.inspection.bonded.book import Book, BookState
from control.inspection.bonded.difference import Row, differences
from control.inspection.bonded.quota import Quota, QuotaState
from control.inspection.clearance import Clearance
from control.inspection.documents.acts import Declared, DocumentAct, Receipted
from control.inspection.documents.dossiers import Dossiers, DossierState
from control.inspection.documents.findings import findings
from control.inspection.documents.matching import Level, Outcome, shipped_limits
from control.inspection.gate.acts import GateAct, GateJudged, GatePassed, LegAct
from control.inspection.gate.passes import Passes, PassesState
from control.inspection.gate.transit import Legs, LegsState
from control.inspection.inbound.acts import InboundAct
from control.inspection.inbound.inbounds import InboundsState
from control.inspection.lane.acts import Judged, LaneAct, Overridden, Scanned
from control.inspection.lane.draw import SeedOf, Told
from control.inspection.lane.engine import Lanes, LanesState
from control.inspection.lane.facts import Facts
from control.inspection.lane.verdict import Verdict
from control.inspection.orders.acts import OrderAct
from control.inspection.orders.orders import OrdersState
from control.inspection.orders.rules import OrderFate
from control.inspection.parcels.acts import ParcelAct, ParcelRecalled, Tallied
from control.inspection.parcels.parcels import Parcels, ParcelsState
from control.inspection.parcels.rules import AWAY, Fate, ParcelState
from control.inspection.selectivity import declared, dwell_limit_s, stratum
from control.inspection.settings import Gate, InspectionFile, quota_of
from control.inspection.stock.acts import StockAct
from control.inspection.stock.stock import Stock, StockState
from control.inspection.warehouse import Warehouse
from control.inspection.watch.acts import WatchAct, Watched, WatchPut
from control.inspection.watch.watchlist import WatchList, WatchState

FloorAct = (
    DocumentAct
    | LaneAct
    | ParcelAct
    | GateAct
    | LegAct
    | StockAct
    | BookAct
    | QuotaAct
    | InboundAct
    | OrderAct
    | WatchAct
)
"""What people, devices and customs tell of the floor."""
Consequence = Judged | Tallied | ParcelRecalled | GateJudged
"""What follows from it."""

FATES = {
    Verdict.RELEASE: (Fate.PASSED, OrderFate.PASSED),
    Verdict.HOLD: (Fate.STOPPED, OrderFate.STOPPED),
    Verdict.INSPECT: (Fate.STOPPED, OrderFate.STOPPED),
    Verdict.RECHECK: (Fate.UNDECIDED, OrderFate.UNDECIDED),
    Verdict.WAIT: (Fate.UNDECIDED, OrderFate.UNDECIDED),
}
"""What a verdict does to a parcel, and to the bonded order that it is."""

NO_LANES = "the site has no lanes: it has no inspection.toml, or none in it"

SeenAt = Callable[[str], datetime | None]
"""When a parcel was on a lane the last time, by the whole record; None: never."""


class FloorState(Struct):
    """What a snapshot holds."""

    documents: DossierState = field(default_factory=DossierState)
    lanes: LanesState = field(default_factory=LanesState)
    parcels: ParcelsState = field(default_factory=ParcelsState)
    passes: PassesState = field(default_factory=PassesState)
    legs: LegsState = field(default_factory=LegsState)
    stock: StockState = field(default_factory=StockState)
    book: BookState = field(default_factory=BookState)
    quota: QuotaState = field(default_factory=QuotaState)
    inbounds: InboundsState = field(default_factory=InboundsState)
    orders: OrdersState = field(default_factory=OrdersState)
    watch: WatchState = field(default_factory=WatchState)


class _Part(NamedTuple):
    """How acts of one part are checked and taken in."""

    check: Callable[[Any, datetime], object]
    take: Callable[[Any, datetime], Iterable[Consequence] | None]


class Floor:
    """The inspection centre of one site. Its parts may be read; only `apply` and `recall` change them."""

    def __init__(
        self,
        site: Site,
        file: InspectionFile | None = None,
        seed_of: SeedOf = lambda _: None,
        seen_at: SeenAt = lambda _: None,
        state: FloorState | None = None,
    ) -> None:
        """Go on from `state`, which becomes the floor's own."""
        self._state = state if state is not None else FloorState()
        self._limits = shipped_limits()
        self._zone = ZoneInfo(site.timezone)
        self._seen_at = seen_at
        self.documents = Dossiers(self._state.documents)
        self._cold, self._strata = (file.cold, file.strata) if file is not None else ((), ())
        self.lanes = Lanes(file, self._zone, seed_of, self._state.lanes) if file is not None and file.lanes else None
        self.parcels = Parcels(_Papers(self.documents), self._state.parcels)
        gate = file.gate if file is not None else Gate()
        self.passes = Passes(gate.band, gate.weighbridge, self._state.passes)
        self.legs = Legs(self._state.legs)
        self.stock = Stock(self._state.stock)
        self.book = Book(self._state.book)
        self.quota = Quota(quota_of(file), self._state.quota)
        self.watch = WatchList(self._state.watch)
        self._warehouse = Warehouse(
            (self.documents, self.stock, self.book, self.passes, self.parcels), self._state.inbounds, self._state.orders
        )
        self.inbounds, self.orders = self._warehouse.inbounds, self._warehouse.orders
        self._parts = self._set_up()

    def state(self) -> FloorState:
        """Return everything that is remembered, to be kept as a snapshot."""
        self._state.documents = self.documents.state()
        return self._state

    def facts(self, logistics_no: str) -> Facts:
        """Return what a lane has to know of a parcel."""
        dossiers = self.documents.of_parcel(logistics_no)
        declared_kg = self.documents.declared_kg(logistics_no)
        limit_s = dwell_limit_s(dossiers, self._cold)
        on_line = self.parcels.state.parcels.get(logistics_no)
        broken = (
            found.rule
            for dossier in dossiers
            for found in findings(dossier, self._limits)
            if found.level is Level.ERROR and found.outcome is Outcome.BROKEN
        )
        return Facts(
            known=bool(dossiers),
            clearance=self.documents.clearance(logistics_no),
            declared_kg=float(declared_kg) if declared_kg is not None else None,
            findings=tuple(dict.fromkeys(broken)),
            watch=self.watch.met(declared(dossiers)),
            seen_at=self._seen_at(logistics_no),
            cold=limit_s is not None or self._warehouse.is_cold(dossiers),
            cold_since=on_line.since if on_line is not None and on_line.state is ParcelState.ON_LINE else None,
            dwell_limit_s=limit_s,
            stratum=stratum(dossiers, self._strata),
        )

    def check(self, act: FloorAct, now: datetime) -> None:
        """Raise when `act` cannot have happened.

        Raises:
            NotFoundError: It names what is not there.
            RefusedError: It contradicts what is on record, lies ahead of `now`, or needs what it has not.
        """
        if act.at > now:
            raise RefusedError(f"{act.at.isoformat()} has not come yet")
        self._parts[type(act)].check(act, now)

    def is_known(self, act: FloorAct) -> bool:
        """Whether an act says only what is on record: a document, customs' answer or a scan that is told again."""
        if isinstance(act, Declared | Receipted):
            return self.documents.is_known(act)
        return isinstance(act, Scanned) and self.lanes is not None and self.lanes.is_known(act)

    def apply(self, act: FloorAct, now: datetime) -> list[Consequence]:
        """Take in an act that was checked; return what follows, taken in already."""
        before = self._clearances(act)
        follows = self._take(act, now)
        if isinstance(act, DocumentAct):
            follows += self._customs(act, now, before)
        elif isinstance(act, Overridden) and self.lanes is not None:
            follows += self._moved(self.lanes.overrule(act, now, self.facts(act.logistics_no)))
        elif isinstance(act, WatchPut) and act.watched is Watched.PARCEL and self.lanes is not None:
            follows += self._moved(self.lanes.reconsider(act.value, now, self.facts(act.value)))
        for one in follows:
            if not isinstance(one, Judged):
                self.recall(one, now)
        return follows

    def wake(self, at: datetime) -> None:
        """Take in that control started."""
        if self.lanes is not None:
            self.lanes.wake(at)

    def see(self, observations: Iterable[Observation], heard_at: datetime) -> None:
        """Take in what gateways observed; only what is of a lane matters."""
        if self.lanes is not None:
            for observation in observations:
                self.lanes.see(observation, heard_at)

    def draw_of(self, day: date) -> Told:
        """Return the draw of a day as anybody may see it; raises NotFoundError."""
        if self.lanes is None:
            raise NotFoundError(NO_LANES)
        return self.lanes.draw_of(day)

    def differences(self) -> list[Row]:
        """Return the items on which book, shelves and customs do not agree."""
        return differences(self.book.state.items, self._warehouse.on_shelves(), self.book.state.reports)

    def due_at(self) -> datetime | None:
        """Return when a lane has to be looked at, or None while nothing waits."""
        return self.lanes.due_at() if self.lanes is not None else None

    def judge(self, now: datetime) -> list[Judged]:
        """Return the verdicts that are due, taken in already."""
        return self._moved(self.lanes.judge(now, self.facts)) if self.lanes is not None else []

    def recall(self, act: FloorAct | Consequence, recorded_at: datetime) -> None:
        """Take in an entry of the journal, as it was."""
        match act:
            case Judged():
                if self.lanes is not None:
                    self.lanes.take(act, recorded_at)
                self._moved([act])
            case Tallied():
                self.parcels.tallied(act)
            case ParcelRecalled():
                self.parcels.recalled(act)
            case _:
                self._take(act, recorded_at)

    def _take(self, act: FloorAct | GateJudged, heard_at: datetime) -> list[Consequence]:
        """Take in an act; return what follows from it within its own part, not taken in yet."""
        follows = list(self._parts[type(act)].take(act, heard_at) or ())
        self._warehouse.told(act)
        return follows

    def _set_up(self) -> dict[type, _Part]:
        """Say which part of the floor each kind of act belongs to."""
        local = self._local
        parts = {
            DocumentAct: _Part(self.documents.check, lambda act, _: self.documents.take(act)),
            LaneAct: _Part(self._check_lane, self._take_lane),
            ParcelAct: _Part(lambda act, _: self.parcels.check(act), lambda act, _: self.parcels.take(act)),
            GateAct | GateJudged: _Part(self._check_gate, lambda act, _: self.passes.take(act)),
            LegAct: _Part(lambda act, _: self.legs.check(act), lambda act, _: self._take_leg(act)),
            StockAct: _Part(
                lambda act, now: self._warehouse.check_stock(act, local(now).date()),
                lambda act, _: self.stock.take(act),
            ),
            InboundAct: _Part(lambda act, _: self.inbounds.check(act), lambda act, _: self.inbounds.take(act)),
            WatchAct: _Part(lambda act, _: self.watch.check(act), lambda act, _: self.watch.take(act)),
            OrderAct: _Part(lambda act, _: self._warehouse.check_order(act), lambda act, _: self.orders.take(act)),
            BookAct: _Part(lambda act, _: self.book.check(act), lambda act, _: self.book.take(act)),
            QuotaAct: _Part(
                lambda act, _: self.quota.check(act, local(act.at).year),
                lambda act, _: self.quota.take(act, local(act.at).year),
            ),
        }
        return {kind: part for kinds, part in parts.items() for kind in get_args(kinds) or (kinds,)}

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self._zone)

    def _check_gate(self, act: GateAct, _now: datetime) -> None:
        self.passes.check(act)
        if isinstance(act, GatePassed):
            self.orders.check_gate(act.number)

    def _check_lane(self, act: LaneAct, now: datetime) -> None:
        if self.lanes is None:
            raise NotFoundError(NO_LANES)
        self.lanes.check(act, now, self.facts)

    def _take_lane(self, act: LaneAct, heard_at: datetime) -> None:
        if self.lanes is not None:
            self.lanes.take(act, heard_at)

    def _take_leg(self, act: LegAct) -> None:
        self.legs.take(act)

    def _moved(self, judged: list[Judged]) -> list[Judged]:
        for one in judged:
            if one.logistics_no is not None:
                of_parcel, of_order = FATES[one.verdict]
                self.parcels.judged(one.logistics_no, of_parcel, one.at)
                self._warehouse.judged(one.logistics_no, of_order, one.at)
        return judged

    def _clearances(self, act: FloorAct) -> dict[str, Clearance]:
        if not isinstance(act, DocumentAct):
            return {}
        return {name: self.documents.clearance(name) for name in self.documents.concerned(act)}

    def _customs(self, act: DocumentAct, now: datetime, before: dict[str, Clearance]) -> list[Consequence]:
        """Look again at every parcel of which customs says something else now."""
        follows: list[Consequence] = []
        for name in self.documents.concerned(act):
            if self.documents.clearance(name) is before.get(name):
                continue
            # The recall first: it says where the parcel stood, and the lane's new verdict moves it.
            follows += self.parcels.customs(name, now)
            if self.lanes is not None and not self._is_over(name):
                follows += self._moved(self.lanes.reconsider(name, now, self.facts(name)))
        return follows

    def _is_over(self, logistics_no: str) -> bool:
        """Whether a parcel has left and customs has closed its case: no lane has anything to say of it any more."""
        parcel = self.parcels.state.parcels.get(logistics_no)
        has_left = parcel is not None and parcel.state in {*AWAY, ParcelState.CLOSED}
        return has_left and self.documents.clearance(logistics_no) is Clearance.CLOSED


class _Papers:
    """What parcels ask the documents."""

    def __init__(self, documents: Dossiers) -> None:
        self._documents = documents

    def clearance(self, logistics_no: str) -> Clearance:
        return self._documents.clearance(logistics_no)

    def listed(self, bill: str) -> frozenset[str]:
        lists = self._documents.lists_of_bill(bill)
        return frozenset(line["logistics_no"] for one in lists for line in one.lines if "logistics_no" in line)

    def is_listed(self, logistics_no: str) -> bool:
        return bool(self._documents.lists_of(logistics_no))
