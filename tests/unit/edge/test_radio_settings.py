"""Lines of devices by radio in `edge.toml`: each mistake is named with its file, line and key."""

from pathlib import Path

import pytest

from edge.settings import check

SITE = """
id = "s"
name = { zh = "站", en = "Site" }
timezone = "Asia/Shanghai"

[[zones]]
id = "c1"
name = { zh = "一库", en = "Room 1" }
zone_class = "chilled"
points = [
  { id = "air", quantity = "temperature", every_s = 600 },
  { id = "damp", quantity = "humidity", every_s = 600 },
  { id = "c1-door", quantity = "door", every_s = 3600 },
]
"""

EDGE = """gateway = "edge-1"

[[lines]]
kind = "uplink"
id = "lora"
network = "chirpstack"
mqtt = { host = "lora.example" }
devices = [
  { id = "a", address = "24e124136b000001", profile = "em300-th", points = { humidity = "damp", temperature = "air" } },
]

[[lines]]
kind = "uplink"
id = "zigbee"
network = "zigbee2mqtt"
devices = [
  { id = "b", address = "truck bay", profile = "zigbee-contact", points = { contact = "c1-door" } },
]
"""


def problems(folder: Path, old: str = "", new: str = "") -> list[str]:
    (folder / "site.toml").write_text(SITE)
    (folder / "edge.toml").write_text(EDGE.replace(old, new, 1))
    return [str(problem).removeprefix(f"{folder}/") for problem in check(folder)]


def test_a_site_with_devices_by_radio_is_whole(tmp_path) -> None:
    assert problems(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("24e124136b000001", "24E124136B000001", "edge.toml:9: lines[0].devices[0].address: a DevEUI is 16 hex"),
        ('"em300-th"', '"xy-md02"', "edge.toml:9: lines[0].devices[0].profile: 'xy-md02' is a profile of another kind"),
        ('"zigbee-contact"', '"ws301"', "lines[1].devices[0].profile: zigbee2mqtt carries no milesight bytes"),
        ("humidity =", "damp =", "points.damp: profile 'em300-th' has no 'damp', only: temperature, humidity, battery"),
        ('temperature = "air"', 'temperature = "damp"', "'damp' is a point of humidity, this value is temperature"),
        ('id = "b"', 'id = "a"', "lines[1].devices[0].id: 'a' is taken"),
        ('network = "zigbee2mqtt"', 'network = "zigbee"', "edge.toml:15: lines[1].network: Invalid enum value"),
        ('network = "zigbee2mqtt"', 'network = "zigbee2mqtt"\nprefix = "+/x"', "lines[1].prefix: Expected `str`"),
        (
            "]\n\n[[lines]]",
            '  { id = "c", address = "24e124136b000001", profile = "ws301", points = { a = "air" } },\n]\n\n[[lines]]',
            "devices[1].address: '24e124136b000001' is on the line twice",
        ),
    ],
)
def test_each_mistake_is_named_where_it_is(tmp_path, old: str, new: str, problem: str) -> None:
    found = problems(tmp_path, old, new)
    assert any(problem in line for line in found), found
