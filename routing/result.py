"""What a plan is: who goes where in which unit, what is booked, what it costs, and how good it is proved to be."""

from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from routing.model import Count, Fen


class Leg(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One ride: an offer of a dated service."""

    service: Id
    offer: Id


class Route(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a consignment goes, or a part of it: its masses and pallets add up to the whole over all its routes."""

    consignment: Id
    legs: Annotated[tuple[Leg, ...], Meta(min_length=1)]
    mass_g: Annotated[int, Meta(ge=1)]
    litres: Annotated[int, Meta(ge=1)]
    pallets: Annotated[int, Meta(ge=1)]


class Booking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Units of one offer of one service."""

    service: Id
    offer: Id
    units: Annotated[int, Meta(ge=1)]


class Unplanned(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A consignment that stays, and why: the machine's word for the rule that kept it, or `dearer-than-staying`."""

    consignment: Id
    reason: Annotated[str, Meta(pattern="^[a-z0-9-]{1,40}$")]


class Cost(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parts of a plan's price in fen, each rounded down for each thing priced. `total` is their sum."""

    booking: Fen = 0
    freight: Fen = 0
    handling: Fen = 0
    storage: Fen = 0
    duty: Fen = 0
    time: Fen = 0
    late: Fen = 0
    spoilage: Fen = 0
    carbon: Fen = 0
    unplanned: Fen = 0
    co2e_g: Count = 0

    @property
    def total(self) -> int:
        """The price of the plan. CO2e is in it by its price, not by its mass."""
        return sum(getattr(self, part) for part in self.__struct_fields__ if part != "co2e_g")


class Plan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer to an instance. `bound_fen`: no plan can cost less; None when nobody has proved anything."""

    instance: Id
    routes: tuple[Route, ...]
    unplanned: tuple[Unplanned, ...]
    bookings: tuple[Booking, ...]
    cost: Cost
    solver: Annotated[str, Meta(max_length=60)]
    seed: Count
    bound_fen: Fen | None = None

    @property
    def gap(self) -> float | None:
        """How much dearer than the bound the plan is at most, as a part of it; None when there is no bound."""
        if self.bound_fen is None or self.cost.total == 0:
            return None
        return (self.cost.total - self.bound_fen) / self.cost.total
