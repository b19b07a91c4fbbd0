"""What the judge looks things up in: an instance by its ids, and a route with what its ids stand for."""

from dataclasses import dataclass, field

from coldport.ids import Id
from routing.model import Band, Consignment, Instance, Lock, Mode, Node, Offer, Service, Storage
from routing.result import Route


@dataclass(frozen=True, slots=True)
class Ride:
    """One leg of a route: the place it begins at, and when the goods came there and by what."""

    place: Node
    service: Service
    offer: Offer
    came_s: int
    came_by: Mode | None
    """None at the origin."""

    @property
    def waits_s(self) -> int:
        """Seconds between coming and the departure; negative when it had left before."""
        return self.service.departs_s - self.came_s


@dataclass(frozen=True, slots=True)
class Trip:
    """A route whose every id is known and whose every leg begins where the one before ended."""

    route: Route
    goods: Consignment
    rides: tuple[Ride, ...]
    end: Node

    @property
    def taken_in_s(self) -> int | None:
        """When the destination takes the goods in; None when it does not open again."""
        return first_open(self.end, self.rides[-1].service.arrives_s)

    @property
    def exposed_s(self) -> int:
        """Seconds in which the goods wait where nothing keeps them cold."""
        return sum(ride.waits_s for ride in self.rides if exposes(ride.place, self.goods.band))


@dataclass(frozen=True)
class Facts:
    """An instance by its ids."""

    instance: Instance
    places: dict[Id, Node] = field(default_factory=dict)
    services: dict[Id, Service] = field(default_factory=dict)
    goods: dict[Id, Consignment] = field(default_factory=dict)
    locks: dict[Id, list[Lock]] = field(default_factory=dict)
    """Of each consignment."""
    held: dict[tuple[Id, Id], int] = field(default_factory=dict)
    """Units that locks book, by service and offer: the most where there are several."""

    def __post_init__(self) -> None:
        """Fill the tables."""
        self.places.update((one.id, one) for one in self.instance.nodes)
        self.services.update((one.id, one) for one in self.instance.services)
        self.goods.update((one.id, one) for one in self.instance.consignments)
        for lock in self.instance.locks:
            if lock.consignment is not None:
                self.locks.setdefault(lock.consignment, []).append(lock)
            if lock.service is not None and lock.offer is not None:
                key = (lock.service, lock.offer)
                self.held[key] = max(self.held.get(key, 0), lock.units)

    def offer(self, service: Id, offer: Id) -> Offer | None:
        """Return an offer of a service, or None."""
        if service not in self.services:
            return None
        return next((one for one in self.services[service].offers if one.id == offer), None)


def first_open(place: Node, at_s: int) -> int | None:
    """Return the first moment not before `at_s` at which the place is open, or None."""
    if not place.open:
        return at_s
    return next((max(at_s, window.from_s) for window in place.open if at_s < window.to_s), None)


def change_s(place: Node, came_by: Mode | None, leaves_by: Mode) -> int:
    """Return c of DESIGN.md, rule 1: the connection time of the place, none at the origin."""
    if came_by is None:
        return 0
    named = {(one.arriving, one.leaving): one.least_s for one in place.connections}
    return named.get((came_by, leaves_by), place.connection_s)


def storage_of(place: Node, band: Band) -> Storage | None:
    """Return the storage of the band at a place, or None when there is none of that band."""
    return next((storage for storage in place.storage if storage.band == band), None)


def exposes(place: Node, band: Band) -> bool:
    """Return whether goods of the band suffer while they wait at the place."""
    return band != Band.AMBIENT and storage_of(place, band) is None and place.plugs == 0
