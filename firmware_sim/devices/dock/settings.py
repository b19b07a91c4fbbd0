"""What a dock gate and the traffic through it are like. Nothing here is fitted to whoever judges the reads.

Where no source is named a value is assumed: plausible for a dock door of 3.4 m, EUR pallets and counterbalance trucks.
"""

from typing import Annotated

from msgspec import Meta, Struct

from firmware_sim.physics.radio import Antenna, Decibels, Radio

Share = Annotated[float, Meta(ge=0, le=1)]
Seconds = Annotated[float, Meta(gt=0, le=600)]
Metres = Annotated[float, Meta(ge=0, le=20)]
Weight = Annotated[float, Meta(ge=0)]


class Reader(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a reader takes inventory: the antennas in turn, one round each, and one report of each tag in a turn.

    A turn lasts `round_s` and `singulation_s` for each tag that answers, but no less than `shortest_s` and no more than
    `longest_s`; whoever has not had its turn by then is not read. 3.3 ms a tag are 300 reads/s, less with few tags:
    readers in dense-reader modes do 100 to 300. `collision` is the share of answers lost to others or to noise.
    """

    round_s: Seconds = 0.02
    singulation_s: Seconds = 0.0033
    shortest_s: Seconds = 0.1
    longest_s: Seconds = 0.2
    collision: Share = 0.05


class Portal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The posts of the gate: antennas by number from 1, and two light barriers across the lane.

    Outside antennas look 30 degrees to the outside, inside ones to the inside. The barriers are 0.8 m apart.
    """

    antennas: Annotated[tuple[Antenna, ...], Meta(min_length=1, max_length=16)] = (
        Antenna(x_m=-0.8, y_m=1.7, yaw_deg=-30),
        Antenna(x_m=-0.8, y_m=-1.7, yaw_deg=-30),
        Antenna(x_m=0.8, y_m=1.7, yaw_deg=30),
        Antenna(x_m=0.8, y_m=-1.7, yaw_deg=30),
    )
    outer_beam_m: float = -0.4
    inner_beam_m: float = 0.4


class Goods(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands on a pallet: `fewest` to `most` boxes (small loads as likely as large ones, by their logarithm).

    `dead` is the share of tags that never answer (2 % is what trials report of labels in the field). Dry goods cost
    `dry_db_per_m` (from, to) on the way through them, wet or metal ones, a share of `wet`, `wet_db_per_m`; a tag
    loses at most `most_db` so. `company` and `item` stand in the tags.
    """

    fewest: Annotated[int, Meta(ge=1, le=60)] = 1
    most: Annotated[int, Meta(ge=1, le=60)] = 60
    dead: Share = 0.02
    dry_db_per_m: tuple[Decibels, Decibels] = (1.0, 6.0)
    wet_db_per_m: tuple[Decibels, Decibels] = (12.0, 25.0)
    wet: Share = 0.1
    most_db: Decibels = 12.0
    company: Annotated[str, Meta(pattern="^[0-9]{6,12}$")] = "6901234"
    item: Annotated[str, Meta(pattern="^[0-9]{1,7}$")] = "056789"


class Shelf(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tags that stay near the gate, and that it hears weakly for ever.

    Their loudness is spread by `spread_db` around `mean_dbm`, drifts slowly by `drift_db` to either side, and is
    stirred by `stirred_db` (one sigma) while something large moves in the field, by `noise_db` else. After an episode
    each of them is taken away, and another put there, with the probability `taken`.
    """

    tags: Annotated[int, Meta(ge=0, le=60)] = 8
    mean_dbm: float = -60.0
    spread_db: Decibels = 2.0
    drift_db: Decibels = 2.0
    stirred_db: Decibels = 2.5
    noise_db: Decibels = 1.0
    inside: Share = 0.7
    taken: Share = 0.005


class Traffic(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What comes how often, by weights, and how it moves. The kinds are explained in `docs/reference/corpus.md`.

    Speeds are from and to; `unsteady` is the spread of the speed from metre to metre. `behind_m`: between the truck in
    front and the next pallet. A reversal stops with the middle of its pallet in `turns_at_m`, counted from the gate's
    middle on towards where it was going.
    """

    single: Weight = 40.0
    hesitant: Weight = 5.0
    file: Weight = 12.0
    opposite: Weight = 8.0
    four: Weight = 8.0
    reversal: Weight = 8.0
    reversal_beside: Weight = 4.0
    untagged: Weight = 5.0
    along: Weight = 5.0
    parked: Weight = 5.0
    speed_m_per_s: tuple[float, float] = (0.5, 2.0)
    walk_m_per_s: tuple[float, float] = (0.8, 1.6)
    unsteady: Annotated[float, Meta(ge=0, le=0.3)] = 0.12
    behind_m: tuple[Metres, Metres] = (1.0, 3.0)
    turns_at_m: tuple[float, float] = (-1.5, 0.5)
    stop_s: tuple[Seconds, Seconds] = (0.5, 5.0)
    backwards: Share = 0.1
    walker: Share = 0.1
    quiet_s: tuple[Seconds, Seconds] = (1.0, 6.0)


class Dock(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A dock gate with its traffic. `truck_db` is what the mast takes, `between_db` a pallet that stands in between."""

    radio: Radio = Radio()
    reader: Reader = Reader()
    portal: Portal = Portal()
    goods: Goods = Goods()
    shelf: Shelf = Shelf()
    traffic: Traffic = Traffic()
    truck_db: Decibels = 4.0
    between_db: Decibels = 6.0
