"""Zigbee thermometers and door contacts behind Zigbee2MQTT."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from firmware_sim.devices.device import Dice, Report
from firmware_sim.devices.wireless import Habits
from firmware_sim.faults import Breakable, Fault, FaultKind
from firmware_sim.places.ground import Ground
from firmware_sim.places.place import Around, FaultMenu, Misfit, Named
from firmware_sim.places.street import Street
from firmware_sim.places.wireless import (
    WIRELESS_FAULTS,
    WirelessPlace,
    put_wireless,
    watch_reports,
    wireless_misfits,
)
from firmware_sim.servers.zigbee2mqtt import availability, state

LINKQUALITY, LINKQUALITY_SPREAD = 120, 15


class ZigbeeDevice(WirelessPlace, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device: a thermometer, or with a `door` its contact. Its friendly name is its id."""

    every_s: Annotated[float, Meta(ge=10, le=3600)] = 300.0
    battery_percent: Annotated[float, Meta(ge=0, le=100)] = 97.0


class ZigbeeNetwork(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A bridge, the topic below which it publishes, and its devices."""

    id: Id
    devices: Annotated[tuple[ZigbeeDevice, ...], Meta(min_length=1, max_length=200)]
    base_topic: Annotated[str, Meta(pattern="^[a-z0-9_-]{1,40}$")] = "zigbee2mqtt"

    def names(self) -> Iterator[Named]:
        """Yield the bridge, its topic, and its devices."""
        yield Named(".id", self.id)
        yield Named(".base_topic", f"topic {self.base_topic}")
        for n, device in enumerate(self.devices):
            yield Named(f".devices[{n}].id", device.id)

    def signals(self) -> Iterator[str]:
        """Yield nothing: what a device feels, only its bridge knows."""
        yield from ()

    def faults(self) -> FaultMenu:
        """Return the bridge, which falls silent as a whole, and each device."""
        bridge = {self.id: Breakable(frozenset({FaultKind.SILENCE}))}
        return bridge | {device.id: Breakable(WIRELESS_FAULTS) for device in self.devices}

    def misfits(self, around: Around) -> Iterator[Misfit]:
        """Find devices that are nowhere."""
        for n, device in enumerate(self.devices):
            yield from wireless_misfits(device, f".devices[{n}]", around)

    def build(self, ground: Ground) -> None:
        """Put the devices into their rooms."""
        for device in self.devices:
            put_wireless(ground, device, Habits(every_s=device.every_s, battery_percent=device.battery_percent))

    def serve(self, street: Street) -> None:
        """Say that the bridge and its devices are there, and publish what they send."""

        def on_fault(fault: Fault, active: bool) -> None:  # noqa: FBT001 - a Watcher
            if fault.kind is FaultKind.SILENCE and fault.target == self.id:
                self._say(street, self.id, "bridge/state", online=not active)

        self._say(street, self.id, "bridge/state", online=True)
        street.faults.watch(on_fault)
        for device in self.devices:
            self._serve(street, device)

    def _serve(self, street: Street, device: ZigbeeDevice) -> None:
        dice: Dice = street.dice(f"{device.id}/network")

        def tell(report: Report) -> None:
            if street.faults.find(FaultKind.SILENCE, self.id):
                return
            quality = round(LINKQUALITY + dice.gauss(0, LINKQUALITY_SPREAD))
            at = street.epoch + timedelta(seconds=report.at_s)
            payload = state(report, at, is_contact=device.door is not None, linkquality=max(1, min(255, quality)))
            street.publish(device.id, f"{self.base_topic}/{device.id}", payload, retained=True)

        self._say(street, device.id, f"{device.id}/availability", online=True)
        watch_reports(street, device.id, tell)

    def _say(self, street: Street, sender: str, topic: str, *, online: bool) -> None:
        street.publish(sender, f"{self.base_topic}/{topic}", availability(online=online), retained=True)
