"""Modbus lines: unit numbers, profiles, and whether the values of a unit fit into one request."""

from collections.abc import Iterator

from coldport.settings import Problem
from edge.checks.checker import Checker
from edge.lines.modbus import ModbusDevice, ModbusLine, ModbusProfile, ModbusRtuLine, RegisterValue
from edge.protocols.modbus import BIT_LIMIT, REGISTER_LIMIT
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
        else:
            yield from checker.feed(f"{at}.points.{name}", point, value.quantity)
    wanted = [profile.values[name] for name in device.points if name in profile.values]
    limit = BIT_LIMIT if profile.function.function.reads_bits else REGISTER_LIMIT
    ends = [v.address + (v.type.registers if isinstance(v, RegisterValue) else 1) for v in wanted]
    if wanted and not max(ends) - min(v.address for v in wanted) <= limit:
        yield checker.problem(f"{at}.points", f"the values lie more than {limit} apart: give them to two devices")
