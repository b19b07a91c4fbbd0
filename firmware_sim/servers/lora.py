"""The payloads of LoRaWAN devices that are simulated, and what their makers' decoders read in them.

Sources: Milesight, EM300 series user guide (payload structure, data retrieval); Dragino, LHT65N user manual, 2.4.
"""

import struct
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from firmware_sim.devices.device import Report, Sample

OPEN_PROBE = 0x7FFF
TEMPERATURE_SENSOR = 0x01
"""An LHT65N's code of its external sensor."""

BATTERY_GOOD = 0b11


class Model(StrEnum):
    """The devices."""

    EM300_TH = "em300-th"
    EM300_MCS = "em300-mcs"
    """Temperature, humidity, and the magnet of a door."""
    LHT65N = "lht65n"
    """Temperature and humidity inside, and a probe on a wire; both feel the same here."""

    @property
    def profile(self) -> str:
        """Return the name of its device profile: its own as the maker writes it."""
        return self.value.upper()

    @property
    def port(self) -> int:
        """Return the port of its frames."""
        return 2 if self is Model.LHT65N else 85

    @property
    def keeps_history(self) -> bool:
        """Whether it sends by itself what it measured while it was alone; an LHT65N must be asked."""
        return self is Model.EM300_TH


def payload(model: Model, report: Report, epoch: datetime, *, probe_open: bool = False) -> bytes:
    """Return a frame. `epoch` is when the simulation began; with `probe_open` the probe on its wire is broken."""
    sample = report.sample
    if sample is None:
        return b"".join(_record(old, epoch) for old in report.history)
    if model is Model.LHT65N:
        return _lht65n(report, sample, probe_open=probe_open)
    fields = bytes([0x01, 0x75, round(report.battery_percent)])
    fields += b"\x03\x67" + struct.pack("<h", round(sample.temperature_c * 10))
    fields += bytes([0x04, 0x68, round(sample.humidity_percent * 2)])
    return fields + bytes([0x06, 0x00, sample.is_open]) if model is Model.EM300_MCS else fields


def decoded(model: Model, report: Report, epoch: datetime, *, probe_open: bool = False) -> dict[str, Any]:
    """Return what the maker's decoder makes of the same frame. Dragino's writes numbers as text."""
    sample = report.sample
    if sample is None:
        return {"history": [_decoded_record(old, epoch) for old in report.history]}
    temperature, humidity = sample.temperature_c, sample.humidity_percent
    if model is Model.LHT65N:
        return {
            "BatV": _millivolts(report) / 1000,
            "Bat_status": BATTERY_GOOD,
            "Ext_sensor": "Temperature Sensor",
            "TempC_SHT": f"{temperature:.2f}",
            "Hum_SHT": f"{humidity:.1f}",
            "TempC_DS": f"{OPEN_PROBE / 100 if probe_open else temperature:.2f}",
        }
    fields = {
        "battery": round(report.battery_percent),
        "temperature": round(temperature * 10) / 10,
        "humidity": round(humidity * 2) / 2,
    }
    return fields | {"magnet_status": "open" if sample.is_open else "close"} if model is Model.EM300_MCS else fields


def _record(sample: Sample, epoch: datetime) -> bytes:
    """Return one old sample: 20 CE, seconds of UTC, tenths of a degree, half percents, one byte of nothing."""
    words = struct.pack("<IhB", _seconds(sample, epoch), round(sample.temperature_c * 10), _halves(sample))
    return b"\x20\xce" + words + b"\x00"


def _decoded_record(sample: Sample, epoch: datetime) -> dict[str, float]:
    return {
        "timestamp": _seconds(sample, epoch),
        "temperature": round(sample.temperature_c * 10) / 10,
        "humidity": _halves(sample) / 2,
    }


def _lht65n(report: Report, sample: Sample, *, probe_open: bool) -> bytes:
    hundredths = round(sample.temperature_c * 100)
    return struct.pack(
        ">HhHBhH",
        BATTERY_GOOD << 14 | _millivolts(report),
        hundredths,
        round(sample.humidity_percent * 10),
        TEMPERATURE_SENSOR,
        OPEN_PROBE if probe_open else hundredths,
        0x7FFF,
    )


def _millivolts(report: Report) -> int:
    """Return the voltage of two cells, 2.5 V empty to 3.1 V full (assumed to be straight between)."""
    return 2500 + round(6 * report.battery_percent)


def _seconds(sample: Sample, epoch: datetime) -> int:
    return int((epoch + timedelta(seconds=sample.at_s)).timestamp())


def _halves(sample: Sample) -> int:
    return round(sample.humidity_percent * 2)
