"""LoRaWAN devices behind a ChirpStack network server, which publishes what they send over MQTT."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from coldport.ids import Id
from firmware_sim.devices.device import Dice, Report
from firmware_sim.devices.wireless import Habits
from firmware_sim.faults import Breakable, FaultKind
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
from firmware_sim.servers.chirpstack import DeviceInfo, Frame, Reception, join, topic, uplink, written
from firmware_sim.servers.lora import Model, decoded, payload

Eui = Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]
Uuid = Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]

CHANNELS = 8
FADING_DB = 2.5
"""How much the loudness varies from frame to frame, one standard deviation (assumed)."""


class LoraDevice(WirelessPlace, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device, with its number and how loud the gateway hears it on average."""

    model: Model
    dev_eui: Eui
    every_s: Annotated[float, Meta(ge=60, le=86_400)] = 600.0
    battery_percent: Annotated[float, Meta(ge=0, le=100)] = 92.0
    rssi_dbm: Annotated[float, Meta(ge=-130, le=-20)] = -85.0
    snr_db: Annotated[float, Meta(ge=-20, le=15)] = 9.5


class LoraNetwork(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An application of a network server, its devices, and the gateway that hears them.

    `decoder` says whether the server has the makers' decoders: without them there is no `object` in an event.
    """

    id: Id
    application_id: Uuid
    devices: Annotated[tuple[LoraDevice, ...], Meta(min_length=1, max_length=200)]
    gateway_id: Eui = "24e124fffef00001"
    tenant: str = "xiangtan"
    application: str = "cold"
    decoder: bool = True

    def names(self) -> Iterator[Named]:
        """Yield the network, its devices, and their numbers."""
        yield Named(".id", self.id)
        for n, device in enumerate(self.devices):
            yield Named(f".devices[{n}].id", device.id)
            yield Named(f".devices[{n}].dev_eui", device.dev_eui)

    def signals(self) -> Iterator[str]:
        """Yield nothing: what a device feels, only its network knows."""
        yield from ()

    def faults(self) -> FaultMenu:
        """Return the network, which falls silent as a whole, and each device."""
        menu = {self.id: Breakable(frozenset({FaultKind.SILENCE}))}
        own, probes = WIRELESS_FAULTS | {FaultKind.CLOCK_STEP}, {FaultKind.SENTINEL}
        for device in self.devices:
            menu[device.id] = Breakable(own | probes if device.model is Model.LHT65N else own)
        return menu

    def misfits(self, around: Around) -> Iterator[Misfit]:
        """Find devices that are nowhere, and magnets without a door."""
        for n, device in enumerate(self.devices):
            yield from wireless_misfits(device, f".devices[{n}]", around)
            if (device.model is Model.EM300_MCS) != (device.door is not None):
                yield Misfit(f".devices[{n}]", f"an {Model.EM300_MCS} has a door, and no other device has")

    def build(self, ground: Ground) -> None:
        """Put the devices into their rooms."""
        for device in self.devices:
            habits = Habits(
                every_s=device.every_s,
                keeps_history=device.model.keeps_history,
                battery_percent=device.battery_percent,
            )
            put_wireless(ground, device, habits)

    def serve(self, street: Street) -> None:
        """Publish what the devices send."""
        for device in self.devices:
            watch_reports(street, device.id, _Session(self, device, street).tell)


class _Session:
    """One device as its network server knows it."""

    def __init__(self, network: LoraNetwork, device: LoraDevice, street: Street) -> None:
        """Be unknown until the first report, before which the device joins."""
        self._network = network
        self._device = device
        self._street = street
        self._dice: Dice = street.dice(f"{device.id}/network")
        self._joined = False
        self._address = f"{0x01000000 | self._dice.randrange(1 << 24):08x}"
        self._info = DeviceInfo(
            tenant_id=_uuid(self._dice),
            tenant_name=network.tenant,
            application_id=network.application_id,
            application_name=network.application,
            device_profile_id=_uuid(self._dice),
            device_profile_name=device.model.profile,
            device_name=device.id,
            dev_eui=device.dev_eui,
            device_class_enabled="CLASS_A",
            tags={"room": device.room},
        )

    def tell(self, report: Report) -> None:
        """Publish a report, if the network is there."""
        device, street, find = self._device, self._street, self._street.faults.find
        if find(FaultKind.SILENCE, self._network.id):
            return
        at = street.epoch + timedelta(seconds=report.at_s)
        if not self._joined:
            self._joined = True
            street.publish(device.id, topic(self._info, "join"), join(self._info, self._address, _uuid(self._dice), at))
        probe_open = find(FaultKind.SENTINEL, device.id) is not None
        epoch = street.epoch_of(device.id)
        read = partial(decoded, device.model, report, epoch, probe_open=probe_open)
        frame = Frame(
            number=report.number,
            port=device.model.port,
            data=payload(device.model, report, epoch, probe_open=probe_open),
            decoded=read() if self._network.decoder else None,
            heard=self._reception(written(at)),
        )
        event = uplink(self._info, self._address, _uuid(self._dice), at, frame)
        street.publish(device.id, topic(self._info, "up"), event)

    def _reception(self, at: str) -> Reception:
        device, dice = self._device, self._dice
        return Reception(
            gateway_id=self._network.gateway_id,
            uplink_id=dice.randrange(1 << 32),
            gw_time=at,
            ns_time=at,
            rssi=round(device.rssi_dbm + dice.gauss(0, FADING_DB)),
            snr=round(device.snr_db + dice.gauss(0, 1.0), 1),
            channel=dice.randrange(CHANNELS),
            crc_status="CRC_OK",
        )


def _uuid(dice: Dice) -> str:
    return str(UUID(int=dice.randrange(1 << 128), version=4))
