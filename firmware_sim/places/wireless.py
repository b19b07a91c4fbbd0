"""How a battery device with a radio stands on the floor, whatever network it is in."""

import dataclasses
from collections.abc import Callable, Iterator

from msgspec import Struct

from coldport.ids import Id
from firmware_sim.devices.device import Report, Sample, Value
from firmware_sim.devices.wireless import Habits, Wireless
from firmware_sim.distortion import Distortion
from firmware_sim.faults import VALUES, FaultKind
from firmware_sim.places.ground import Ground
from firmware_sim.places.place import Around, Misfit
from firmware_sim.places.street import Street

WIRELESS_FAULTS = VALUES | {FaultKind.SILENCE, FaultKind.OUT_OF_REACH, FaultKind.DUPLICATE}


LOWEST_C, HIGHEST_C = -200.0, 300.0
"""However wrong a value is, it is one that a frame has room for."""


class WirelessPlace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a battery device is: its room, and the door its magnet is at.

    `near` is a signal that is 1 while its gateway can hear it, as `truck-1-drive.near`; without it is heard always.
    """

    id: Id
    room: Id
    door: Id | None = None
    near: str | None = None


def wireless_misfits(place: WirelessPlace, key: str, around: Around) -> Iterator[Misfit]:
    """Find rooms, doors and signals that are not there."""
    if f"{place.room}.air_c" not in around.signals:
        yield Misfit(f"{key}.room", f"there is no room {place.room!r}")
    if place.door is not None and f"{place.door}.contact" not in around.signals:
        yield Misfit(f"{key}.door", f"no room has the door {place.door!r}")
    if place.near is not None and place.near not in around.signals:
        yield Misfit(f"{key}.near", f"there is no signal {place.near!r}")


def put_wireless(ground: Ground, place: WirelessPlace, habits: Habits) -> None:
    """Put a battery device into its room."""
    name = place.id
    feeds = {
        "air_c": f"{place.room}.air_c",
        "humidity_percent": f"{place.room}.humidity_percent",
        "contact": f"{place.door}.contact" if place.door else ground.hand(name, "contact"),
        "near": place.near or ground.hand(name, "near", 1.0),
        "jammed": ground.lever(FaultKind.OUT_OF_REACH, name, "jammed"),
        "dead": ground.lever(FaultKind.SILENCE, name, "dead"),
    }
    ground.put(name, Wireless(habits, ground.dice(name)), feeds)


def watch_reports(street: Street, name: str, tell: Callable[[Report], None]) -> None:
    """Call `tell` with each report of a device that its gateway hears, as wrong as the device is."""
    distortion = Distortion(street.faults, name)

    def on_reports(now_s: float, value: Value) -> None:
        del now_s  # a report knows when it was sent
        for report in value if isinstance(value, tuple) else ():
            if isinstance(report, Report):
                tell(_distorted(report, distortion))

    street.world.watch(f"{name}.reports", on_reports)


def _distorted(report: Report, distortion: Distortion) -> Report:
    """Return a report with what is wrong with the values; those kept from before were right when they were measured."""

    def distorted(sample: Sample) -> Sample:
        number = distortion.number
        temperature_c = number("temperature_c", lambda: sample.temperature_c, sample.at_s)
        humidity_percent = number("humidity_percent", lambda: sample.humidity_percent, sample.at_s)
        return dataclasses.replace(
            sample,
            temperature_c=min(HIGHEST_C, max(LOWEST_C, temperature_c)),
            humidity_percent=min(100.0, max(0.0, humidity_percent)),
            is_open=distortion.held("is_open", lambda: sample.is_open),
        )

    if report.sample is None:
        return report
    return dataclasses.replace(report, sample=distorted(report.sample))
