"""Reads a network folder and says what is wrong with it: `file:line: key: message`, as for a site."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from coldport.settings import Problem, SiteFile, SiteFileError, read
from routing.model import Band
from routing.network_settings import Demand, Frame, Line, Lines, Network, Places, Terms, Units

FILES = ("network.toml", "places.toml", "units.toml", "lines.toml", "demand.toml")


def load_network(folder: Path) -> Network:
    """Read the five files of a network.

    Raises:
        SiteFileError: One cannot be read, a value is not what it should be, or something names what is not there.
    """
    files = [read(folder / name) for name in FILES]
    frame_file, places_file, units_file, lines_file, demand_file = files
    network = Network(
        frame_file.convert(Frame),
        places_file.convert(Places).places,
        units_file.convert(Units).units,
        lines_file.convert(Lines).lines,
        demand_file.convert(Demand),
    )
    problems = [
        *_frame(frame_file, network),
        *_places(places_file, network),
        *_twice(units_file, "units", (unit.id for unit in network.units)),
        *_lines(lines_file, network),
        *_demand(demand_file, network),
    ]
    if problems:
        raise SiteFileError(*problems)
    return network


def check(folder: Path) -> list[Problem]:
    """Return what is wrong with a network folder."""
    try:
        load_network(folder)
    except SiteFileError as error:
        return list(error.problems)
    return []


def _frame(file: SiteFile, network: Network) -> Iterator[Problem]:
    frame = network.frame
    yield from _twice(file, "detours", (one.mode for one in frame.detours))
    yield from _twice(file, "cut_offs", (one.id for one in frame.cut_offs))
    yield from _twice(file, "delays", (one.id for one in frame.delays))
    yield from _twice(file, "terms", (one.id for one in frame.terms))
    yield from _twice(file, "duties", (f"{one.country} {one.regime}" for one in frame.duties))
    for number, one in enumerate(frame.delays):
        if list(one.deciles_h) != sorted(one.deciles_h):
            yield file.problem(f"$.delays[{number}].deciles_h", "the least must stand first")
    for number, terms in enumerate(frame.terms):
        if not _hours_are_whole(terms):
            text = "needs opens before closes, or neither of them and closed_on"
            yield file.problem(f"$.terms[{number}].opens", text)
        yield from _twice(file, f"terms[{number}].storage", (room.band for room in terms.storage))


def _hours_are_whole(terms: Terms) -> bool:
    if terms.opens is None or terms.closes is None:
        return terms.opens is None and terms.closes is None and not terms.closed_on
    return terms.opens < terms.closes and len(set(terms.closed_on)) < 7


def _places(file: SiteFile, network: Network) -> Iterator[Problem]:
    yield from _twice(file, "places", (place.id for place in network.places))
    terms = {one.id for one in network.frame.terms}
    for number, place in enumerate(network.places):
        at = f"$.places[{number}]"
        yield from _known(file, f"{at}.terms", place.terms, terms)
        try:
            ZoneInfo(place.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            yield file.problem(f"{at}.timezone", f"there is no time zone {place.timezone!r}")


def _lines(file: SiteFile, network: Network) -> Iterator[Problem]:
    frame = network.frame
    yield from _twice(file, "lines", (line.id for line in network.lines))
    places = {place.id for place in network.places}
    cut_offs, delays = {one.id for one in frame.cut_offs}, {one.id for one in frame.delays}
    modes, units = {one.mode for one in frame.detours}, {unit.id for unit in network.units}
    for number, line in enumerate(network.lines):
        at = f"$.lines[{number}]"
        for key, name in (("origin", line.origin), ("destination", line.destination), *(("via", v) for v in line.via)):
            yield from _known(file, f"{at}.{key}", name, places)
        if line.origin == line.destination:
            yield file.problem(f"{at}.destination", "the line goes nowhere")
        yield from _known(file, f"{at}.cut_offs", line.cut_offs, cut_offs)
        yield from _known(file, f"{at}.delays", line.delays, delays)
        yield from _known(file, f"{at}.mode", line.mode, modes)
        yield from _twice(file, f"lines[{number}].departs", line.departs)
        yield from _offers(file, at, line, units)


def _offers(file: SiteFile, at: str, line: Line, units: Collection[str]) -> Iterator[Problem]:
    for number, offer in enumerate(line.offers):
        yield from _known(file, f"{at}.offers[{number}].unit", offer.unit, units)
        if offer.min_take > offer.count:
            yield file.problem(f"{at}.offers[{number}].min_take", f"is more than the {offer.count} there are")
    yield from _twice(file, f"{at.removeprefix('$.')}.offers", (offer.unit for offer in line.offers))


def _demand(file: SiteFile, network: Network) -> Iterator[Problem]:
    demand, places = network.demand, {place.id for place in network.places}
    for number, name in enumerate(demand.origins):
        yield from _known(file, f"$.origins[{number}]", name, places)
    yield from _twice(file, "markets", (market.place for market in demand.markets))
    for number, market in enumerate(demand.markets):
        yield from _known(file, f"$.markets[{number}].place", market.place, places)
        if market.place in demand.origins:
            yield file.problem(f"$.markets[{number}].place", "is an origin")
    drawn = {
        Band.AMBIENT: demand.chilled_permille + demand.frozen_permille < 1_000,
        Band.CHILLED: demand.chilled_permille > 0,
        Band.FROZEN: demand.frozen_permille > 0,
    }
    for band, is_drawn in drawn.items():
        if is_drawn and all(goods.band is not band for goods in demand.goods):
            yield file.problem("$.goods", f"there are none for {band}")
    ranges = [(f"markets[{n}].{key}", getattr(one, key)) for n, one in enumerate(demand.markets) for key in _DAYS]
    ranges += [(f"goods[{n}].fen_per_kg", one.fen_per_kg) for n, one in enumerate(demand.goods)]
    for key, (least, most) in ranges:
        if not 0 < least <= most:
            yield file.problem(f"$.{key}", "needs the least first, and more than nothing")


_DAYS = ("urgent_d", "usual_d")


def _known(file: SiteFile, path: str, name: str, known: Collection[str]) -> Iterator[Problem]:
    if name not in known:
        yield file.problem(path, f"there is no {name!r}")


def _twice(file: SiteFile, key: str, names: Iterable[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, name in enumerate(names):
        if name in seen:
            yield file.problem(f"$.{key}[{number}]", f"{name!r} is there twice")
        seen.add(name)
