"""What trucks are to fetch and bring around a hub, and what the tours are. Whole numbers, as in `routing.model`.

Every job has goods that are loaded at one place and unloaded at another: a collection ends at the hub, a delivery
begins there, anything else is from door to door. What must be at the hub by a service's gate cut-off is unloaded there
by then; what the hub releases later is loaded there no sooner.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from coldport.errors import RefusedError
from coldport.ids import Id
from routing.model import Band, Count, Fen

Seconds = Annotated[int, Meta(ge=0, le=10**9)]
Metres = Annotated[int, Meta(ge=0, le=10**9)]
Place = Annotated[int, Meta(ge=0)]

FOREVER_S = 10**9
"""No end. Some thirty years, and small enough for every solver."""

STAY_FEN = 5_000_000
"""What it costs to leave a job when its price is not given: fifty thousand yuan, more than any tour."""

MAX_JOBS = 2_000
MAX_TRUCKS = 1_000


class Stop(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place to load or unload at: work may begin from `opens_s` to `closes_s` and takes `service_s`."""

    place: Place
    opens_s: Seconds = 0
    closes_s: Seconds = FOREVER_S
    service_s: Seconds = 0


class Job(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Goods from one stop to another, by one truck. Leaving them costs `stay_fen`."""

    id: Id
    load: Stop
    unload: Stop
    mass_g: Count
    litres: Count = 0
    pallets: Count = 0
    band: Band = Band.AMBIENT
    stay_fen: Fen = STAY_FEN

    @property
    def amount(self) -> tuple[int, int, int]:
        """Mass, volume and pallets."""
        return (self.mass_g, self.litres, self.pallets)


class Rest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Drivers' hours: after `after_s` of driving a rest of `lasts_s`, before any more of it.

    In China four hours and twenty minutes (Regulation on the Implementation of the Road Traffic Safety Law, 62 (7)).
    """

    after_s: Annotated[int, Meta(ge=1)]
    lasts_s: Annotated[int, Meta(ge=1)]


class Truck(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Trucks of one kind: where they start and end, what they hold, when, for how long, at what price."""

    id: Id
    count: Annotated[int, Meta(ge=1, le=MAX_TRUCKS)]
    start: Place
    end: Place
    mass_g: Count
    litres: Count = 0
    pallets: Count = 0
    bands: Annotated[tuple[Band, ...], Meta(min_length=1)] = (Band.AMBIENT,)
    opens_s: Seconds = 0
    closes_s: Seconds = FOREVER_S
    longest_s: Seconds = FOREVER_S
    rest: Rest | None = None
    use_fen: Fen = 0
    fen_per_km: Fen = 0
    fen_per_h: Fen = 0

    @property
    def room(self) -> tuple[int, int, int]:
        """Mass, volume and pallets it holds."""
        return (self.mass_g, self.litres, self.pallets)


class Roads(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole problem. `metres[a][b]` and `seconds[a][b]` are the ways between places; `hub` is one of them.

    `reloads`: whether a truck may come by the hub to unload and load, and go out again in the same tour. If not, what
    has no time of its own at the hub is loaded there before anything else and unloaded there after everything else.
    `fewest_trucks`: as few as can be first, then the price; with one kind of truck only.
    """

    metres: tuple[tuple[Metres, ...], ...]
    seconds: tuple[tuple[Seconds, ...], ...]
    hub: Place
    jobs: Annotated[tuple[Job, ...], Meta(max_length=MAX_JOBS)]
    trucks: tuple[Truck, ...]
    reloads: bool = False
    fewest_trucks: bool = False


class Visit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Loading or unloading of one job: after `rested_s` of rest on the way, arrived, begun, left."""

    job: Id
    act: Literal["load", "unload"]
    rested_s: Seconds
    arrives_s: Seconds
    begins_s: Seconds
    leaves_s: Seconds


class Tour(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one truck does, from its start to its end; `rested_s` is the rest on the last way."""

    truck: Id
    starts_s: Seconds
    visits: Annotated[tuple[Visit, ...], Meta(min_length=1)]
    rested_s: Seconds
    ends_s: Seconds


Why = Literal["no-truck-for-its-band", "too-large", "out-of-time", "dearer-than-staying", "trucks-used-up"]


class Stays(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A job that no tour does, and the first reason that holds."""

    job: Id
    reason: Why


class Tours(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer: tours, jobs that stay, and the price of both. Every problem has one, if only that all jobs stay."""

    tours: tuple[Tour, ...]
    stays: tuple[Stays, ...]
    metres: Metres
    fen: Fen
    solver: Annotated[str, Meta(max_length=40)]


def refuse_nonsense(roads: Roads) -> None:
    """Raise RefusedError when tables are not square, a place is not in them, or an id is there twice."""
    places = len(roads.metres)
    rows = (*roads.metres, *roads.seconds)
    if len(roads.seconds) != places or any(len(row) != places for row in rows):
        raise RefusedError("metres and seconds must be square and of one size")
    stops = [stop.place for job in roads.jobs for stop in (job.load, job.unload)]
    stops += [place for truck in roads.trucks for place in (truck.start, truck.end)]
    if any(place >= places for place in (*stops, roads.hub)):
        raise RefusedError(f"a place is not among the {places} of the tables")
    if roads.fewest_trucks and len(roads.trucks) > 1:
        raise RefusedError("the fewest trucks can be found for one kind of truck only")
    for ids in ([job.id for job in roads.jobs], [truck.id for truck in roads.trucks]):
        if len(set(ids)) < len(ids):
            raise RefusedError("two jobs, or two trucks, have the same id")
