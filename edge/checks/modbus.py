"""Modbus lines: unit numbers, profiles, and whether the device can be read as often as its points want."""

from collections.abc import Iterator

from coldport.ids import PointId
from coldport.settings import Problem
from edge.checks.checker import Checker
from edge.lines.modbus import ModbusDevice, ModbusLine, ModbusProfile, ModbusRtuLine
from edge.protocols.modbus_rtu import UNITS


def modbus_problems(checker: Checker, at: str, line: ModbusLine) -> Iterator[Problem]:
    """Yield what is wrong with a Modbus line whose key is `at`."""
    if isinstance(line, ModbusRtuLine):
        yield from checker.one_way(at, line.id, line.serial, line.tcp)
    units: set[int] = set()
    for index, device in enumerate(line.devices):
        here = f"{at}.devices[{index}]"
        yield from checker.name(f"{here}.id", device.id)
        if device.unit in units:
            yield checker.problem(f"{here}.unit", f"unit {device.unit} is on the line twice")
        if isinstance(line, ModbusRtuLine) and device.unit not in UNITS:
            yield checker.problem(f"{here}.unit", f"a unit on a serial line is 1 to 247, not {device.unit}")
        units.add(device.unit)
        profile = checker.profile(f"{here}.profile", device.profile, ModbusProfile)
        if isinstance(profile, Problem):
            yield profile
        else:
            yield from _values(checker, here, device, profile)


def _values(checker: Checker, at: str, device: ModbusDevice, profile: ModbusProfile) -> Iterator[Problem]:
    for name, point in device.points.items():
        value = profile.values.get(name)
        if value is None:
            known = ", ".join(profile.values)
            yield checker.problem(f"{at}.points.{name}", f"profile {device.profile!r} has no {name!r}, only: {known}")
            continue
        yield from checker.feed(f"{at}.points.{name}", point, value.quantity)
        known_point = checker.points.get(PointId(point))
        if known_point is not None and known_point.every_s < profile.fastest_s:
            yield checker.problem(
                f"{at}.points.{name}",
                f"{point!r} wants a value every {known_point.every_s:g} s, "
                f"the device bears one every {profile.fastest_s:g} s",
            )
