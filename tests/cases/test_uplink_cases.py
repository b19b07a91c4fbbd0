"""A case is a folder: a message of a vendor's broker, and what it must be taken for.

`uplinks/`: `ask.json` (the device's profile in the catalogue, and the topic), `message.json`, then `expected.json` or
`error.txt` (the reason).
"""

import dataclasses
import json
from pathlib import Path

import pytest

from coldport.bus import Received
from coldport.ids import PointId
from edge.drivers.radio.chirpstack import ChirpstackDialect
from edge.drivers.radio.devices import RadioDevice
from edge.drivers.radio.uplinks import Carrier, Heard, Trouble
from edge.drivers.radio.zigbee import ZigbeeDialect
from edge.lines.vendor import UplinkProfile
from edge.profiles import CATALOGUE, load_profile
from edge.protocols.framing import FrameError

CASES = sorted(path for path in (Path(__file__).parent / "uplinks").iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_an_uplink_is_read_as_its_case_says(folder: Path) -> None:
    ask = json.loads((folder / "ask.json").read_text(encoding="utf-8"))
    profile = load_profile(CATALOGUE / f"{ask['profile']}.toml")
    assert isinstance(profile, UplinkProfile)
    values = {name: (PointId(name), value) for name, value in profile.values.items()}
    levels = ask["topic"].split("/")
    is_zigbee = levels[0] == "zigbee2mqtt"
    device = RadioDevice("one", levels[1] if is_zigbee else levels[3], profile.payload, values, 600.0)
    dialect = ZigbeeDialect("zigbee2mqtt", [device]) if is_zigbee else ChirpstackDialect("application", [device])
    message = Received(ask["topic"], (folder / "message.json").read_bytes(), retained=False, ack=lambda: None)

    if (folder / "error.txt").exists():
        with pytest.raises(FrameError) as caught:
            dialect.hear(message)
        assert caught.value.reason == (folder / "error.txt").read_text(encoding="utf-8").strip()
        return
    wanted = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    readings = wanted.pop("readings", {})
    heard = dialect.hear(message)
    assert told(heard) == wanted
    for name, value in readings.items():
        assert values[name][1].measure(heard.sent.values[name]).value == value


def told(heard: Heard | Trouble | Carrier | None) -> dict:
    if heard is None:
        return {"nothing": True}
    if isinstance(heard, Trouble):
        return {"trouble": heard.reason}
    if isinstance(heard, Carrier):
        return {"carrier": heard.reason}
    sent = dataclasses.asdict(heard.sent)
    battery = {} if heard.battery_percent is None else {"battery_percent": heard.battery_percent}
    at = heard.at.isoformat() if heard.at else None
    return {**sent, "history": list(sent["history"]), "at": at, "rssi_dbm": heard.rssi_dbm, **battery}
