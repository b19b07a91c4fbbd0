"""Dated services and places of an instance, made from a network: weekly patterns become departures, clocks seconds.

Local times go through the time zones of the places, so that summer time of a country changes nothing of its habits.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from coldport.ids import Id
from routing.geography import geodesic_m
from routing.model import Connection, Mode, Node, Offer, Prices, Regime, Service, Step, Storage, Window
from routing.network_settings import Detour, Line, Network, Place, Tariff, Terms, Unit

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

OPEN_DAYS_AFTER = 75
"""Days after the last departure for which places have their hours: the longest passage (45 days) and a wait."""


def prices(network: Network) -> Prices:
    """Return the prices of goods. Their sources stand in `network.toml`."""
    given = network.frame.prices
    return Prices(
        source=f"network.toml of {network.frame.id}",
        version=given.version,
        carbon_fen_per_t=given.carbon_fen_per_t.value,
        time_ppm_per_day=given.time_ppm_per_day.value,
        spoilage_ppm_per_h=given.spoilage_ppm_per_h.value,
        exposed_permille=given.exposed_permille.value,
    )


def nodes(network: Network, scale: float = 1.0) -> tuple[Node, ...]:
    """Return the places; `scale` makes limited room and plugs larger."""
    terms = {one.id: one for one in network.frame.terms}
    return tuple(_node(network, place, terms[place.terms], scale) for place in network.places)


def _node(network: Network, place: Place, terms: Terms, scale: float) -> Node:
    return Node(
        id=place.id,
        name=place.name,
        kind=place.kind,
        country=place.country,
        latitude=round(place.latitude * 1_000_000),
        longitude=round(place.longitude * 1_000_000),
        open=tuple(_windows(network, place, terms)),
        connection_s=_seconds(terms.connection_h),
        connections=tuple(
            Connection(arriving=one.arriving, leaving=one.leaving, least_s=_seconds(one.least_h))
            for one in terms.connections
        ),
        handling_fen_per_t=terms.handling_fen_per_t,
        handling_co2e_g_per_t=terms.handling_co2e_g_per_t,
        storage=tuple(
            Storage(
                band=room.band,
                fen_per_m3_day=room.fen_per_m3_day,
                litres=None if room.litres is None else round(room.litres * scale),
            )
            for room in terms.storage
        ),
        plugs=round(terms.plugs * scale),
        regimes=place.regimes,
        dwell_limit_s=None if terms.dwell_limit_h is None else _seconds(terms.dwell_limit_h),
    )


def _windows(network: Network, place: Place, terms: Terms) -> Iterator[Window]:
    """Yield the hours of a place in seconds since the start; one that runs to midnight joins that of the next day."""
    if terms.opens is None or terms.closes is None:
        return
    zone = ZoneInfo(place.timezone)
    first = network.frame.start.astimezone(zone).date()
    before: tuple[int, int] | None = None
    for number in range(-1, network.frame.days + OPEN_DAYS_AFTER):
        day = first + timedelta(days=number)
        if WEEKDAYS[day.weekday()] in terms.closed_on:
            continue
        ends_at_midnight = terms.closes == "24:00"
        closes = time(0) if ends_at_midnight else time.fromisoformat(terms.closes)
        last = day + timedelta(days=1) if ends_at_midnight else day
        from_s = _since(network, datetime.combine(day, time.fromisoformat(terms.opens), zone))
        to_s = _since(network, datetime.combine(last, closes, zone))
        if before is not None and before[1] == from_s:
            before = (before[0], to_s)
            continue
        if before is not None and before[1] > 0:
            yield Window(from_s=max(0, before[0]), to_s=before[1])
        before = (from_s, to_s)
    if before is not None and before[1] > 0:
        yield Window(from_s=max(0, before[0]), to_s=before[1])


def services(network: Network, scale: float = 1.0) -> tuple[Service, ...]:
    """Return the dated services in the order of lines and departures; `scale` makes counts of units larger.

    A departure with a cut-off before the start is left out: nobody could catch it.
    """
    places = {place.id: place for place in network.places}
    return tuple(service for line in network.lines for service in _dated(network, line, places, scale))


def _dated(network: Network, line: Line, places: dict[Id, Place], scale: float) -> Iterator[Service]:
    cut_offs = next(one for one in network.frame.cut_offs if one.id == line.cut_offs)
    delays = next(one for one in network.frame.delays if one.id == line.delays)
    units = {unit.id: unit for unit in network.units}
    distance_m = _distance_m(network, line, places)
    duties = _duties(network, places[line.origin].country, places[line.destination].country)
    earliest_s = max(map(_seconds, (cut_offs.booking_h, cut_offs.documents_h, cut_offs.customs_h, cut_offs.gate_in_h)))
    for local in _departures(network, line, ZoneInfo(places[line.origin].timezone)):
        departs_s = _since(network, local)
        if departs_s < earliest_s:
            continue
        yield Service(
            id=f"{line.id}-{local:%m%d%H}",
            line=line.id,
            mode=line.mode,
            carrier=line.carrier,
            origin=line.origin,
            destination=line.destination,
            departs_s=departs_s,
            arrives_s=departs_s + _seconds(line.transit_h),
            booking_s=departs_s - _seconds(cut_offs.booking_h),
            documents_s=departs_s - _seconds(cut_offs.documents_h),
            customs_s=departs_s - _seconds(cut_offs.customs_h),
            gate_in_s=departs_s - _seconds(cut_offs.gate_in_h),
            distance_m=distance_m,
            offers=tuple(_offer(units[one.unit], one, distance_m, departs_s, scale) for one in line.offers),
            delay_s=tuple(map(_seconds, delays.deciles_h)),
            duties_ppm=duties,
            plugs=None if line.plugs is None else round(line.plugs * scale),
        )


def _departures(network: Network, line: Line, zone: ZoneInfo) -> Iterator[datetime]:
    first = network.frame.start.astimezone(zone).date()
    for number in range(network.frame.days + line.runs_on_d):
        day = first + timedelta(days=number)
        for pattern in sorted(line.departs, key=lambda pattern: pattern.split()[1]):
            weekday, clock = pattern.split()
            if weekday in ("daily", WEEKDAYS[day.weekday()]) and day not in line.not_on:
                yield datetime.combine(day, time.fromisoformat(clock), zone)


def _offer(unit: Unit, tariff: Tariff, distance_m: int, departs_s: int, scale: float) -> Offer:
    cancel_h = tariff.cancel_before_h
    return Offer(
        id=unit.id,
        kind=unit.kind,
        bands=unit.bands,
        mass_g=unit.mass_kg * 1_000,
        litres=unit.litres,
        positions=unit.positions,
        count=max(1, round(tariff.count * scale)),
        unit_fen=tariff.unit_fen,
        open_fen=tariff.open_fen,
        fen_per_t=tariff.fen_per_t,
        min_take=tariff.min_take,
        steps=tuple(Step(units=one.units, unit_fen=one.unit_fen) for one in tariff.steps),
        plugs=unit.plugs,
        cancel_until_s=None if cancel_h is None else max(0, departs_s - _seconds(cancel_h)),
        cancel_fen=tariff.cancel_fen,
        unit_co2e_g=unit.unit_co2e_g_per_km * distance_m // 1_000,
        co2e_g_per_t=unit.co2e_g_per_tkm * distance_m // 1_000,
    )


def _distance_m(network: Network, line: Line, places: dict[Id, Place]) -> int:
    if line.distance_m is not None:
        return line.distance_m
    stops = [places[name] for name in (line.origin, *line.via, line.destination)]
    detour = detours(network)[line.mode]
    return geodesic_m([(stop.latitude, stop.longitude) for stop in stops]) * detour.permille // 1_000 + detour.extra_m


def detours(network: Network) -> dict[Mode, Detour]:
    """Return the detour of each mode."""
    return {detour.mode: detour for detour in network.frame.detours}


def _duties(network: Network, origin: str, country: str) -> dict[Regime, int]:
    if origin == country or any(origin in union and country in union for union in network.frame.unions):
        return {}
    return {duty.regime: duty.ppm for duty in network.frame.duties if duty.country == country and duty.ppm > 0}


def _seconds(hours: float) -> int:
    return round(hours * 3_600)


def _since(network: Network, moment: datetime) -> int:
    return round((moment - network.frame.start).total_seconds())
