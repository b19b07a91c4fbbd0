"""What Zigbee2MQTT publishes of its devices.

Source: Zigbee2MQTT documentation, MQTT topics and messages, and the pages of WSDCGQ11LM and MCCGQ11LM.
"""

from datetime import datetime

import msgspec

from firmware_sim.devices.device import Report

EMPTY_MV, FULL_MV = 2500, 3000


def state(report: Report, at: datetime, *, is_contact: bool, linkquality: int) -> bytes:
    """Return the state of a thermometer, or of a door contact, whose `contact` is true when the door is closed."""
    sample = report.sample
    if sample is None:
        raise ValueError("a Zigbee device has no history")
    shared = {
        "battery": round(report.battery_percent),
        "voltage": EMPTY_MV + round((FULL_MV - EMPTY_MV) * report.battery_percent / 100),
        "linkquality": linkquality,
        "last_seen": at.isoformat(timespec="milliseconds"),
    }
    if is_contact:
        return msgspec.json.encode({"contact": not sample.is_open, **shared})
    measured = {"temperature": round(sample.temperature_c, 2), "humidity": round(sample.humidity_percent, 1)}
    return msgspec.json.encode(measured | shared)


def availability(*, online: bool) -> bytes:
    """Return whether a device, or the bridge itself, is there."""
    return msgspec.json.encode({"state": "online" if online else "offline"})
