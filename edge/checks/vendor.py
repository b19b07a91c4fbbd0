"""Lines of devices by radio: addresses, profiles, and whether the network can carry such a device."""

import re
from collections.abc import Iterator

from coldport.settings import Problem
from edge.checks.checker import Checker
from edge.lines.vendor import Network, Payload, UplinkDevice, UplinkLine, UplinkProfile

EUI = re.compile("^[0-9a-f]{16}$")


def uplink_problems(checker: Checker, at: str, line: UplinkLine) -> Iterator[Problem]:
    """Yield what is wrong with a line of devices by radio whose key is `at`."""
    addresses: set[str] = set()
    for index, device in enumerate(line.devices):
        here = f"{at}.devices[{index}]"
        yield from checker.name(f"{here}.id", device.id)
        if device.address in addresses:
            yield checker.problem(f"{here}.address", f"{device.address!r} is on the line twice")
        addresses.add(device.address)
        if line.network is Network.CHIRPSTACK and not EUI.match(device.address):
            yield checker.problem(f"{here}.address", "a DevEUI is 16 hexadecimal digits in small letters")
        profile = checker.profile(f"{here}.profile", device.profile, UplinkProfile)
        if isinstance(profile, Problem):
            yield profile
            continue
        if line.network is Network.ZIGBEE2MQTT and profile.payload is not Payload.FIELDS:
            yield checker.problem(f"{here}.profile", f"{line.network} carries no {profile.payload} bytes")
        yield from _values(checker, here, device, profile)


def _values(checker: Checker, at: str, device: UplinkDevice, profile: UplinkProfile) -> Iterator[Problem]:
    for name, point in device.points.items():
        value = profile.values.get(name)
        if value is None:
            known = ", ".join(profile.values)
            yield checker.problem(f"{at}.points.{name}", f"profile {device.profile!r} has no {name!r}, only: {known}")
        else:
            yield from checker.feed(f"{at}.points.{name}", point, value.quantity)
