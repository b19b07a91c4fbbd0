"""The ways of consignments of one kind: running services on some chain from their origin to their destination.

What is asked here is what all consignments of a kind share, whatever their times: rules 2 (booking), 3 and 4 of
DESIGN.md, locks, and no way back into the origin or out of the destination.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from coldport.ids import Id
from routing.model import PLUG_LITRES, Band, Instance, Mode, Node, Regime
from routing.pricing import DAY_S, MILLION, keeps_cold
from routing.reach import NO_LIMIT, Flags, Real, Ways, spread, spread_back
from routing.timetable import Timetable, Whole, whole

LOOP_BITS = 48
"""Bits for places a route could come back to. Where a kind has more of them, two places share one: then a route may
come to one of the two only, which forbids some allowed routes and allows no forbidden one."""

BAND_NUMBERS = {band: number for number, band in enumerate(Band)}
BANDS = {band: 1 << number for band, number in BAND_NUMBERS.items()}
"""The bits of the temperature bands."""

MODES = {mode: 1 << (LOOP_BITS + number) for number, mode in enumerate(Mode)}
"""The bits of the forced modes that a route still misses, above those of the places it came to."""


class Kind(NamedTuple):
    """What consignments have in common that use the same ways. `uses` are services that locks name, in any order."""

    origin: Id
    destination: Id
    band: Band
    regime: Regime
    forbidden: frozenset[Mode]
    forced: frozenset[Mode]
    only: frozenset[Id]
    uses: tuple[Id, ...]


class Marks(NamedTuple):
    """What kinds ask of each service, as arrays: computed once for an instance.

    `open` is whether it can still be booked, `modes` and `bands` are bits, `transfer_per_g` is fen for each gram that
    changes to it; `store_rate` fen for each litre and second that waits for it, `exposed`, and `room`, the litres that
    may wait there at once, are by band, `duty_ppm` and `served`, whether its origin clears goods for it, by regime.
    """

    open: Flags
    modes: Whole
    bands: Whole
    transfer_per_g: Real
    store_rate: dict[Band, Real]
    exposed: dict[Band, Flags]
    room: dict[Band, Whole]
    duty_ppm: dict[Regime, Real]
    served: dict[Regime, Flags]


def marks(instance: Instance, table: Timetable) -> Marks:
    """Return the marks of the services of a timetable."""
    services = table.services
    at = [table.nodes[one] for one in table.times.origin]
    carbon = instance.prices.carbon_fen_per_t / MILLION
    abroad = [node.country != table.nodes[one].country for node, one in zip(at, table.times.destination, strict=True)]
    return Marks(
        open=_flags(instance.now_s <= one.booking_s for one in services),
        modes=whole(MODES[one.mode] for one in services),
        bands=whole(
            sum(BANDS[band] for band in {band for offer in one.offers for band in offer.bands}) for one in services
        ),
        transfer_per_g=_real((node.handling_fen_per_t + carbon * node.handling_co2e_g_per_t) / MILLION for node in at),
        store_rate={band: _real(_store_rate(node, band) for node in at) for band in Band},
        exposed={band: _flags(not keeps_cold(node, band) for node in at) for band in Band},
        room={band: whole(_room(node, band) for node in at) for band in Band},
        duty_ppm={regime: _real(one.duties_ppm.get(regime, 0) for one in services) for regime in Regime},
        served={
            regime: _flags(
                not (out and node.regimes and regime not in node.regimes) for node, out in zip(at, abroad, strict=True)
            )
            for regime in Regime
        },
    )


def _store_rate(node: Node, band: Band) -> float:
    """Return fen for each litre and second that goods of a band wait at a place."""
    return sum(room.fen_per_m3_day for room in node.storage if room.band is band) / (1_000 * DAY_S)


def _room(node: Node, band: Band) -> int:
    """Return the litres of a band that may wait at a place when nothing else does (rule 8)."""
    stores = [room.litres for room in node.storage if room.band is band]
    if not keeps_cold(node, band) or None in stores or (band is Band.AMBIENT and not stores):
        return NO_LIMIT
    fed = 0 if band is Band.AMBIENT else node.plugs * PLUG_LITRES
    return fed + sum(litres for litres in stores if litres is not None)


def _allowed(table: Timetable, seen: Marks, kind: Kind) -> Flags:
    """Return which services suit the kind, whatever the moment: rules 2 (booking), 3 and 4, and no way back."""
    times = table.times
    forbidden = sum(MODES[mode] for mode in kind.forbidden)
    found: Flags = (
        (times.destination != table.places[kind.origin])
        & (times.origin != table.places[kind.destination])
        & (seen.modes & forbidden == 0)
        & (seen.bands & BANDS[kind.band] != 0)
        & seen.served[kind.regime]
    )
    if not kind.uses:
        return found & seen.open
    found &= seen.open | _flags(one.id in kind.uses for one in table.services)
    return found & _flags(not kind.only or one.id in kind.only for one in table.services)


def _flags(answers: Iterable[bool]) -> Flags:
    return np.array(list(answers), dtype=np.bool_)


def _real(numbers: Iterable[float]) -> Real:
    return np.array(list(numbers), dtype=np.float64)


def ways(table: Timetable, seen: Marks, kind: Kind) -> Ways:
    """Return the ways of a kind; empty where there are none."""
    times = table.times
    first = times.origin == table.places[kind.origin]
    last = times.destination == table.places[kind.destination]
    if kind.origin == kind.destination:
        last[:] = False
    kept = spread(times.link_from, times.link_source, first, _allowed(table, seen, kind))
    kept = spread_back(times.link_from, times.link_source, last, kept)
    link_kept = np.ones(len(times.link_source), dtype=np.bool_)
    for use in kind.uses:
        number = next((place for place, service in enumerate(table.services) if service.id == use), None)
        kept, link_kept = _only_through(table, number, (first, last, kept, link_kept))
    service = np.flatnonzero(kept)
    target = np.repeat(np.arange(len(kept)), np.diff(times.link_from))
    chosen = np.flatnonzero(kept[target] & kept[times.link_source] & link_kept)
    own_from = np.append(np.searchsorted(target[chosen], service), len(chosen)).astype(np.int64)
    own_source = (np.cumsum(kept) - 1)[times.link_source[chosen]].astype(np.int64)
    return Ways(
        service=service.astype(np.int64),
        first=first[service],
        last=last[service],
        link_from=own_from,
        link_source=own_source,
        link_wait=times.link_wait[chosen],
        duty_ppm=seen.duty_ppm[kind.regime][service],
        transfer_per_g=seen.transfer_per_g[service],
        store_rate=seen.store_rate[kind.band][service],
        exposed=seen.exposed[kind.band][service],
        room=seen.room[kind.band][service],
        bit=_loop_bits(times.origin[service], times.destination[service], own_from, own_source),
        clears=seen.modes[service] & sum(MODES[mode] for mode in kind.forced),
    )


def _only_through(table: Timetable, use: int | None, found: tuple[Flags, Flags, Flags, Flags]) -> tuple[Flags, Flags]:
    """Return the services and links of chains through one service; narrows `first` and `last` in place."""
    first, last, kept, link_kept = found
    times = table.times
    through = np.zeros(len(kept), dtype=np.bool_)
    if use is None or not kept[use]:
        return through, link_kept
    through[use] = True
    before = spread_back(times.link_from, times.link_source, through, kept)
    after = spread(times.link_from, times.link_source, through, kept)
    target = np.repeat(np.arange(len(kept)), np.diff(times.link_from))
    source = times.link_source
    first &= before
    last &= after
    return before | after, link_kept & ((before[source] & before[target]) | (after[source] & after[target]))


def _loop_bits(origin: Whole, destination: Whole, link_from: Whole, link_source: Whole) -> Whole:
    """Return a bit for each service that ends at a place from which a chain of services comes back to it."""
    bits = np.zeros(len(origin), dtype=np.int64)
    every = np.ones(len(origin), dtype=np.bool_)
    found = 0
    for place in np.unique(destination):
        if (spread(link_from, link_source, origin == place, every) & (destination == place)).any():
            bits[destination == place] = 1 << (found % LOOP_BITS)
            found += 1
    return bits
