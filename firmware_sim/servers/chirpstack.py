"""What a ChirpStack v4 network server publishes of its devices, in its JSON.

That is the JSON of Protocol Buffers 3: what has its default value is left out, a zero and a false too.

Source: ChirpStack, integration.proto and the MQTT integration, version 4.
"""

import base64
from datetime import datetime
from typing import Any

import msgspec

FREQUENCY_HZ = 486_300_000
REGION = "cn470_10"
DATA_RATE = 5
"""SF7 at 125 kHz in CN470-510 (LoRaWAN Regional Parameters RP002-1.0.4, table 23)."""


class _Json(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A message whose defaults are left out."""


class DeviceInfo(_Json, frozen=True, kw_only=True):
    """Whose frame it is."""

    tenant_id: str = ""
    tenant_name: str = ""
    application_id: str = ""
    application_name: str = ""
    device_profile_id: str = ""
    device_profile_name: str = ""
    device_name: str = ""
    dev_eui: str = ""
    device_class_enabled: str = ""
    tags: dict[str, str] = {}


class Reception(_Json, frozen=True, kw_only=True):
    """How a gateway heard it."""

    gateway_id: str = ""
    uplink_id: int = 0
    gw_time: str = ""
    ns_time: str = ""
    rssi: int = 0
    snr: float = 0.0
    channel: int = 0
    crc_status: str = ""


_TRANSMISSION = {
    "frequency": FREQUENCY_HZ,
    "modulation": {"lora": {"bandwidth": 125_000, "spreadingFactor": 7, "codeRate": "CR_4_5"}},
}


class _Uplink(_Json, frozen=True, kw_only=True):
    deduplication_id: str
    time: str
    device_info: DeviceInfo
    dev_addr: str
    adr: bool = False
    dr: int = 0
    f_cnt: int = 0
    f_port: int = 0
    confirmed: bool = False
    data: str = ""
    object: dict[str, Any] | None = None
    rx_info: tuple[Reception, ...] = ()
    tx_info: dict[str, Any] | None = None
    region_config_id: str = ""


class _Join(_Json, frozen=True, kw_only=True):
    deduplication_id: str
    time: str
    device_info: DeviceInfo
    dev_addr: str
    region_config_id: str = ""


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """A frame as the network server got it: its counter, port, bytes, what a decoder read, and how it was heard."""

    number: int
    port: int
    data: bytes
    decoded: dict[str, Any] | None
    heard: Reception


def uplink(device: DeviceInfo, address: str, identity: str, at: datetime, frame: Frame) -> bytes:
    """Return the event of a frame. `address` is the device's of this session, `identity` a UUID of this event."""
    return msgspec.json.encode(
        _Uplink(
            deduplication_id=identity,
            time=written(at),
            device_info=device,
            dev_addr=address,
            adr=True,
            dr=DATA_RATE,
            f_cnt=frame.number,
            f_port=frame.port,
            data=base64.b64encode(frame.data).decode("ascii"),
            object=frame.decoded,
            rx_info=(frame.heard,),
            tx_info=_TRANSMISSION,
            region_config_id=REGION,
        )
    )


def join(device: DeviceInfo, address: str, identity: str, at: datetime) -> bytes:
    """Return the event of a device that has joined: its frames are counted from 0 from now on."""
    return msgspec.json.encode(
        _Join(
            deduplication_id=identity, time=written(at), device_info=device, dev_addr=address, region_config_id=REGION
        )
    )


def topic(device: DeviceInfo, event: str) -> str:
    """Return the topic of a device's events, as `up` or `join`."""
    return f"application/{device.application_id}/device/{device.dev_eui}/event/{event}"


def written(at: datetime) -> str:
    """Return a moment as the server writes it: RFC 3339, milliseconds, an offset of zero."""
    return at.isoformat(timespec="milliseconds")
