"""Whoever sends parcels over the lanes: each is declared to the site, over HTTP, before it comes onto a belt."""

from collections.abc import Iterator
from functools import partial
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from coldport.supervise import for_ever
from firmware_sim.customs.manner import Share
from firmware_sim.devices.conveyor import READY, Conveyor, Parcel
from firmware_sim.lines.http_ask import Ask, HttpSite
from firmware_sim.places.ground import Ground
from firmware_sim.places.place import Around, FaultMenu, Misfit, Named
from firmware_sim.places.street import Street
from firmware_sim.trade.dispatch import Dispatch
from firmware_sim.trade.errands import NUMBERS, Parties, Party, Truck, errands
from firmware_sim.trade.firms import Consignment, Trade
from firmware_sim.trade.sender import Sender

LOOK_S = 1.0
"""Real seconds between two looks at what lies ready; a parcel comes no more often than that."""
DISPATCH_EVERY = 10
"""Looks between two at what can be sent away."""
WRONG_BY = (0.6, 0.8, 1.3, 1.6)
"""What a wrong declared weight is of the true one."""
SPREAD = 0.004
"""How exactly a sender weighs."""


class Shipper(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Declares what lies ready for its `lanes`, by the truck; only while the simulation is told where control is.

    A truck brings `truck` parcels for the lane that has the most undeclared. Of parcels the share `undeclared` is
    forgotten, and of the share `misweighed` the declared weight is wrong. A vehicle leaves with `vehicle` parcels that
    were released; 0: none leaves.
    """

    id: Annotated[Id, Meta(max_length=30)]
    lanes: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=100)]
    trade: Trade
    truck: Annotated[int, Meta(ge=1, le=READY)] = 10
    vehicle: Annotated[int, Meta(ge=0, le=100)] = 0
    undeclared: Share = 0.0
    misweighed: Share = 0.0

    def names(self) -> Iterator[Named]:
        """Yield the shipper."""
        yield Named(".id", self.id)

    def signals(self) -> Iterator[str]:
        """Yield nothing: nobody is wired to papers."""
        return iter(())

    def faults(self) -> FaultMenu:
        """Return nothing: what is wrong with papers is in the settings."""
        return {}

    def misfits(self, around: Around) -> Iterator[Misfit]:
        """Find lanes that are not there."""
        for n, lane in enumerate(self.lanes):
            if f"{lane}.entry" not in around.signals:
                yield Misfit(f".lanes[{n}]", f"there is no lane {lane!r}")

    def build(self, ground: Ground) -> None:
        """Build nothing: the parcels are the lanes'."""

    def serve(self, street: Street) -> None:
        """Declare, for as long as the site runs."""
        if street.control is not None:
            street.work.append(partial(Shipping(self, street).run, street.control))


class Shipping:
    """A shipper at work. Numbers of parcels hold the start of the simulation, so that none ever comes twice."""

    def __init__(self, shipper: Shipper, street: Street) -> None:
        """Have declared nothing yet."""
        self._shipper, self._street = shipper, street
        trade = shipper.trade
        self._parties = Parties(
            Party(f"{shipper.id}-seller", "enterprise", trade.seller),
            Party(f"{shipper.id}-carrier", "carrier", trade.carrier),
        )
        self._declared = dict.fromkeys(shipper.lanes, -1)
        self._trucks = self._looks = 0
        carrier = self._parties.carrier
        self.dispatch = Dispatch(trade, carrier, shipper.id, shipper.vehicle, partial(street.now, shipper.id))
        self.sender = Sender()

    async def run(self, site: HttpSite) -> None:
        """Work for ever."""
        async with site.asking() as ask:
            await for_ever(self._shipper.id, partial(self.step, ask), self._street.clock)

    async def step(self, ask: Ask) -> None:
        """Run an errand, or look what lies ready; raises UnavailableError."""
        if not self.sender.busy:
            self.look()
            self._looks += 1
        if not self.sender.busy and self._shipper.vehicle and self._looks % DISPATCH_EVERY == 0:
            self.sender.add(await self.dispatch.due(ask))
        if self.sender.busy:
            await self.sender.run_one(ask)
        else:
            await self._street.clock.sleep(LOOK_S)

    def look(self) -> None:
        """Let the next truck come, if there are parcels enough for one."""
        new = {lane: self._undeclared(lane) for lane in self._shipper.lanes}
        lane = max(new, key=lambda name: len(new[name]))
        parcels = new[lane][: self._shipper.truck]
        if len(parcels) == self._shipper.truck:
            self._declared[lane] = parcels[-1].serial
            self._send(self._shipper.lanes.index(lane) + 1, parcels)

    def _undeclared(self, lane: str) -> list[Parcel]:
        ready = self._street.device(lane, Conveyor).ready
        return [parcel for parcel in ready if parcel.serial > self._declared[lane]]

    def _send(self, lane: int, parcels: list[Parcel]) -> None:
        self._trucks += 1
        started = f"{self._street.epoch:%y%m%d%H%M%S}"
        declared: list[Consignment] = []
        forgotten: list[Consignment] = []
        for parcel in parcels:
            name = f"{NUMBERS}{started}{lane:03}{parcel.serial}"
            dice = self._street.dice(f"{self._shipper.id}/{lane}/{parcel.serial}")
            right = 1 + dice.gauss(0, SPREAD)
            wrong = WRONG_BY[dice.randrange(len(WRONG_BY))]
            kg = parcel.mass_kg * (wrong if dice.random() < self._shipper.misweighed else right)
            one = Consignment(logistics_no=name, epc=parcel.epc.hex().upper(), declared_kg=kg)
            (forgotten if dice.random() < self._shipper.undeclared else declared).append(one)
        truck = Truck(f"B{started}{self._trucks:06}", declared, forgotten)
        now = self._street.now(self._shipper.id)
        self.sender.add(errands(self._shipper.trade, self._parties, truck, now))
