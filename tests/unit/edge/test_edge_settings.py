"""`edge.toml` against `site.toml`: the example is whole, and each mistake is named with its file, line and key."""

from collections.abc import Callable
from pathlib import Path

import pytest

from coldport.settings import SiteFileError
from coldport.site import load_site
from edge.lines.base import Serial
from edge.settings import check, load_edge

EXAMPLE = Path(__file__).parents[3] / "config" / "sites" / "xiangtan"

SITE = """
id = "s"
name = { zh = "站", en = "Site" }
timezone = "Asia/Shanghai"

[[zones]]
id = "c1"
name = { zh = "一库", en = "Room 1" }
zone_class = "chilled"
points = [
  { id = "c1-t", quantity = "temperature", every_s = 2 },
  { id = "c1-h", quantity = "humidity", every_s = 10 },
  { id = "c1-door", quantity = "door", every_s = 1 },
  { id = "scale", quantity = "mass", every_s = 1 },
  { id = "gate", quantity = "tags", every_s = 60 },
]
"""

EDGE = """gateway = "edge-1"

[[lines]]
kind = "modbus-rtu"
id = "cold"
serial = { path = "lines/cold" }
devices = [
  { id = "c1-1", unit = 1, profile = "probe", points = { temperature = "c1-t", humidity = "c1-h" } },
]

[[lines]]
kind = "modbus-tcp"
id = "io"
tcp = { host = "127.0.0.1", port = 502 }
devices = [
  { id = "io-1", unit = 1, profile = "contacts", points = { one = "c1-door" } },
]

[[lines]]
kind = "scale"
id = "weight"
profile = "mt-sics"
point = "scale"
division_kg = 0.005
serial = { path = "lines/scale" }

[[lines]]
kind = "reader"
id = "reader"
profile = "llrp"
point = "gate"
tcp = { host = "127.0.0.1", port = 5084 }
antennas = [1, 2]
"""

PROBE = """kind = "modbus"
title = "A probe"
source = "its manual"
function = "input-registers"
registers.temperature = { address = 1, quantity = "temperature", scale = 0.1 }
registers.humidity = { address = 4, quantity = "humidity", scale = 0.1 }
"""

CONTACTS = """kind = "modbus"
title = "Contacts"
source = "their manual"
function = "discrete-inputs"
inputs.one = { address = 0 }
"""

FILES = {"site.toml": SITE, "edge.toml": EDGE, "profiles/probe.toml": PROBE, "profiles/contacts.toml": CONTACTS}

AFTER_THE_PROBE = ']\n\n[[lines]]\nkind = "modbus-tcp"'


@pytest.fixture
def problems_of(tmp_path: Path) -> Callable[[str, str], list[str]]:
    """Check the small site with one thing changed; return the problems without the folder's name."""

    def check_changed(old: str, new: str) -> list[str]:
        assert sum(text.count(old) for text in FILES.values()) == 1
        (tmp_path / "profiles").mkdir(exist_ok=True)
        for name, text in FILES.items():
            (tmp_path / name).write_text(text.replace(old, new))
        return [str(problem).removeprefix(f"{tmp_path}/") for problem in check(tmp_path)]

    return check_changed


def test_the_example_site_is_whole_and_feeds_every_point() -> None:
    assert check(EXAMPLE) == []


def test_a_site_that_is_whole_has_no_problem(problems_of) -> None:
    assert problems_of("edge-1", "edge-2") == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"edge-1"', '"Edge 1"', "edge.toml:1: gateway: Expected `str` matching regex"),
        (
            'serial = { path = "lines/cold',
            'bus = { path = "lines/cold',
            "edge.toml:6: lines[0].bus: Object contains unknown",
        ),
        ('one = "c1-door"', 'one = "c9-door"', "edge.toml:16: lines[1].devices[0].points.one: site.toml has no point"),
        ('humidity = "c1-h"', 'humidity = "c1-t"', "lines[0].devices[0].points.humidity: 'c1-t' is a point of temp"),
        ('point = "scale"', 'point = "c1-t"', "edge.toml:23: lines[2].point: 'c1-t' is a point of temperature, this"),
        ('profile = "probe"', 'profile = "prob"', "edge.toml:8: lines[0].devices[0].profile: there is no profile"),
        ('temperature = "c1-t"', 'temp = "c1-t"', "profile 'probe' has no 'temp', only: temperature, humidity"),
        ('unit = 1, profile = "probe"', 'unit = 0, profile = "probe"', "a unit on a serial line is 1 to 247, not 0"),
        ('id = "weight"', 'id = "cold"', "edge.toml:21: lines[2].id: 'cold' is taken: lines, devices and the spool"),
        ('serial = { path = "lines/scale" }', "", "lines[2]: line 'weight' needs either `serial` or `tcp`"),
        ("address = 4", "address = 1", "humidity and temperature lie over one another at address 1"),
        (
            'function = "input-registers"',
            'function = "input-registers"\nfastest_s = 5',
            "'c1-t' wants a value every 2 s, the device bears one every 5 s",
        ),
        (
            'function = "discrete-inputs"',
            'function = "coils"\nregisters.x = { address = 1, quantity = "door" }',
            "only",
        ),
        ('kind = "scale"', 'kind = "scales"', "edge.toml:20: lines[2].kind: Invalid value 'scales'"),
        (
            'profile = "mt-sics"',
            'profile = "llrp"',
            "edge.toml:22: lines[2].profile: 'llrp' is a profile of another kind",
        ),
        (
            "division_kg = 0.005",
            'division_kg = 0.005\nload = { kind = "parcel", minimum_kg = 0.04 }',
            "lines[2].load: empty_kg (0.05) must be below minimum_kg (0.04)",
        ),
        (
            'profile = "mt-sics"',
            'profile = "cas-10"\nserial_number = "B021"',
            "lines[2].serial_number: a cas-10 scale cannot be asked for its number",
        ),
        ('title = "Contacts"', 'titel = "Contacts"', "profiles/contacts.toml:2: titel: Object contains unknown field"),
        (
            'kind = "modbus"\ntitle = "A probe"',
            'kind = "modbux"\ntitle = "A probe"',
            "probe.toml:1: kind: a profile is of one",
        ),
    ],
)
def test_each_mistake_is_named_where_it_is(problems_of, old: str, new: str, problem: str) -> None:
    found = problems_of(old, new)
    assert any(problem in line for line in found), found
    assert all(line.startswith(("edge.toml:", "profiles/")) for line in found)


def test_a_point_fed_twice_is_named(problems_of) -> None:
    second = '  { id = "c1-2", unit = 2, profile = "probe", points = { temperature = "c1-t" } },\n'
    found = problems_of(AFTER_THE_PROBE, second + AFTER_THE_PROBE)
    assert found == ["edge.toml:9: lines[0].devices[1].points.temperature: 'c1-t' is fed twice"]


def test_two_devices_of_one_unit_are_named(problems_of) -> None:
    second = '  { id = "c1-2", unit = 1, profile = "probe", points = { humidity = "c1-h" } },\n'
    found = problems_of(AFTER_THE_PROBE, second + AFTER_THE_PROBE)
    assert "edge.toml:9: lines[0].devices[1].unit: unit 1 is on the line twice" in found


def test_a_point_that_nobody_feeds_is_a_warning_and_keeps_no_gateway_from_starting(problems_of, tmp_path) -> None:
    found = problems_of(', humidity = "c1-h"', "")
    assert [line.split(": ", 2)[2] for line in found] == ["warning: no line feeds the point 'c1-h'"]
    assert load_edge(tmp_path, load_site(tmp_path)).settings.gateway == "edge-1"


def test_a_gateway_does_not_start_with_a_broken_file(problems_of, tmp_path) -> None:
    problems_of('one = "c1-door"', 'one = "c9-door"')
    with pytest.raises(SiteFileError, match="c9-door"):
        load_edge(tmp_path, load_site(tmp_path))


def test_a_broken_site_file_is_left_to_its_own_check(problems_of, tmp_path) -> None:
    problems_of("edge-1", "edge-2")
    (tmp_path / "site.toml").write_text("id = 7")
    assert check(tmp_path) == []


@pytest.mark.parametrize(("baud", "silence_ms"), [(9_600, 4.01), (19_200, 2.01), (38_400, 1.75), (115_200, 1.75)])
def test_the_silence_between_frames_is_that_of_the_standard(baud: int, silence_ms: float) -> None:
    assert Serial(path="x", baud=baud).silence_s * 1000 == pytest.approx(silence_ms, abs=0.01)
