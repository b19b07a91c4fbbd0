"""`[stand_in]` against the site and the lines: each mistake is named with its file, line and key."""

import pytest

from coldport.settings import SiteFileError
from coldport.site import load_site
from edge.settings import load_edge

SITE = """
id = "s"
name = { zh = "站", en = "Site" }
timezone = "Asia/Shanghai"

[[zones]]
id = "lane"
name = { zh = "线", en = "Lane" }
zone_class = "lane"
points = [
  { id = "room", quantity = "temperature", every_s = 5 },
  { id = "elsewhere", quantity = "temperature", every_s = 5 },
  { id = "scale", quantity = "mass", every_s = 1 },
  { id = "lamp", quantity = "lamp", every_s = 1 },
  { id = "siren", quantity = "siren", every_s = 1 },
  { id = "diverter", quantity = "diverter", every_s = 1 },
]
"""

EDGE = """gateway = "edge-1"

[stand_in]
outputs = ["siren", "lamp"]
watched = [
  { point = "room", above = 8.0, for_s = 600 },
]

[[lines]]
kind = "modbus-tcp"
id = "io"
tcp = { host = "127.0.0.1", port = 502 }
devices = [
  { id = "r", unit = 1, profile = "relay-module", points = { red = "lamp", siren = "siren", diverter = "diverter" } },
  { id = "probe", unit = 2, profile = "xy-md02", points = { temperature = "room" } },
]

[[lines]]
kind = "scale"
id = "weight"
profile = "toledo-continuous"
point = "scale"
division_kg = 0.01
tcp = { host = "127.0.0.1", port = 1 }
"""


@pytest.fixture
def load(tmp_path):
    def with_change(old: str = "", new: str = ""):
        assert old in EDGE
        (tmp_path / "site.toml").write_text(SITE, encoding="utf-8")
        (tmp_path / "edge.toml").write_text(EDGE.replace(old, new, 1), encoding="utf-8")
        return load_edge(tmp_path, load_site(tmp_path)).settings

    return with_change


def test_what_is_not_said_is_two_minutes_of_silence_and_a_siren_of_three_minutes_every_quarter_of_an_hour(load) -> None:
    stand_in = load().stand_in
    assert (stand_in.after_s, stand_in.mute_after_s, stand_in.again_after_s) == (120.0, 180.0, 900.0)


def test_a_gateway_without_it_stands_in_for_nobody(load) -> None:
    assert load(EDGE[EDGE.index("[stand_in]") : EDGE.index("[[lines]]")], "").stand_in is None


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ('["siren", ', '["horn", ', 4, "stand_in.outputs[0]: site.toml has no point 'horn'"),
        ('["siren", ', '["diverter", ', 4, "'diverter' is a point of diverter, neither a lamp nor a siren"),
        ('"lamp"]', '"siren"]', 4, "stand_in.outputs[1]: 'siren' is named twice"),
        ('red = "lamp", ', "", 4, "stand_in.outputs[1]: no line of this gateway has 'lamp'"),
        ('"room", above', '"nowhere", above', 6, "stand_in.watched[0].point: site.toml has no point 'nowhere'"),
        ('"room", above', '"elsewhere", above', 6, "no line of this gateway has 'elsewhere'"),
        ('"room", above', '"scale", above', 6, "'scale' is a point of mass, which has no limit"),
        ("for_s = 600", "for_s = 9", 6, "'room' has a value every 5 s: at least 10 s, one lost reading is nothing"),
        ("above = 8.0, ", "", 6, "needs `above`, `below` or both"),
        ("above = 8.0", "above = 8.0, below = 9.0", 6, "no value is neither above 8 nor below 9"),
        ("  { point", '  { point = "room", above = 1, for_s = 60 },\n  { point', 7, "'room' is watched twice"),
        ("[stand_in]", "[stand_in]\nagain_after_s = 180", 3, "`again_after_s` must be longer than `mute_after_s`"),
        ("[stand_in]", "[stand_in]\nafter_s = 29", 4, "after_s: Expected `float` >= 30"),
        ('id = "io"', 'id = "stand-in"', 11, "'stand-in' is taken"),
    ],
)
def test_what_does_not_fit_is_said_by_line_and_key(load, old, new, line, says) -> None:
    with pytest.raises(SiteFileError) as caught:
        load(old, new)
    assert any(f"edge.toml:{line}:" in said and says in said for said in map(str, caught.value.problems)), caught.value
