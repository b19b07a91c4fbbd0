"""A broken site file is answered with the file, the line, the key and what was expected."""

from collections.abc import Callable
from pathlib import Path

import pytest

from coldport.settings import FILE_LIMIT, SiteFileError, read, secret
from coldport.site import POINT_LIMIT, Site, check, load_site

GOOD = """\
id = "test-1"
name = { zh = "测试", en = "Test" }
timezone = "Asia/Shanghai"

[broker]
port = 18831

[[zones]]
id = "f1"
name = { zh = "冷冻", en = "Frozen" }
zone_class = "frozen"
temperature_c = { low = -22.0, high = -16.0 }
points = [
  { id = "f1-1-temperature", quantity = "temperature", every_s = 1 },

  # the door
  { id = "f1-door", quantity = "door", every_s = 1 },
]

[[zones]]
id = "c1"
name = { zh = "冷藏", en = "Chilled" }
zone_class = "chilled"

[[zones.points]]
id = "c1-1-temperature"
quantity = "temperature"
every_s = 5
"""


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        (tmp_path / "site.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_a_good_file_becomes_frozen_settings(folder) -> None:
    site = load_site(folder(GOOD))

    assert list(site.points()) == ["f1-1-temperature", "f1-door", "c1-1-temperature"]
    assert site.zones[0].temperature_c.low == -22.0
    assert check(folder(GOOD)) == []


@pytest.mark.parametrize(
    ("find", "put", "line", "key", "said"),
    [
        ("port = 18831", "port = 0", 6, "broker.port", ">= 1"),
        ("port = 18831", "prt = 1", 6, "broker.prt", "unknown field"),
        ("timezone =", 'gln = "4012345000055"\ntimezone =', 3, "gln", "does not check"),
        ('id = "f1"', 'id = "f1"\ngln = "6901234567893"', 10, "zones[0].gln", "does not check"),
        ("timezone =", "#", 0, "timezone", "missing required field"),
        ("low = -22.0", 'low = "cold"', 12, "zones[0].temperature_c.low", "Expected `float | null`, got `str`"),
        ('quantity = "door"', 'quantity = "dor"', 17, "zones[0].points[1].quantity", "one of temperature, humidity"),
        ('zone_class = "chilled"', 'zone_class = "cool"', 23, "zones[1].zone_class", "frozen, chilled"),
        ("every_s = 5", "every_s = -5", 28, "zones[1].points[0].every_s", "> 0"),
        ('id = "c1"', 'id = "f1"', 21, "zones[1].id", "named twice"),
        ('id = "c1-1-temperature"', 'id = "f1-door"', 26, "zones[1].points[0].id", "named twice"),
        ('id = "c1"', 'id = "C.1"', 21, "zones[1].id", "matching regex"),
        ("[broker]", "[broker", 5, "", "not TOML"),
    ],
)
def test_an_error_names_line_key_and_what_was_expected(folder, find, put, line, key, said) -> None:
    with pytest.raises(SiteFileError) as caught:
        load_site(folder(GOOD.replace(find, put, 1)))

    (problem,) = caught.value.problems
    assert (problem.line, problem.key) == (line, key)
    assert said in problem.message
    assert problem.file.endswith("site.toml")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (problem,) = check(tmp_path)

    assert problem.file == str(tmp_path / "site.toml")
    assert "No such file" in problem.message


def test_a_file_that_is_not_text_is_refused_with_the_byte(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_bytes(b'id = "\xff"')

    (problem,) = check(tmp_path)

    assert problem.message == "the file is not UTF-8: byte 6"


def test_a_file_at_the_limit_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text("#" * FILE_LIMIT)
    assert read(path).tree == {}

    path.write_text("#" * (FILE_LIMIT + 1))
    with pytest.raises(SiteFileError, match="more than"):
        read(path)


def test_a_site_at_the_point_limit_is_taken_and_one_point_more_is_not(folder) -> None:
    head = GOOD[: GOOD.index("[[zones]]")]

    def of(points: int) -> str:
        rows = "".join(f'  {{ id = "p{n}", quantity = "door", every_s = 1 }},\n' for n in range(points))
        return (
            head + f'[[zones]]\nid = "z"\nname = {{ zh = "区", en = "z" }}\nzone_class = "lane"\npoints = [\n{rows}]\n'
        )

    assert len(load_site(folder(of(POINT_LIMIT))).points()) == POINT_LIMIT
    with pytest.raises(SiteFileError, match="more than"):
        load_site(folder(of(POINT_LIMIT + 1)))


def test_a_secret_comes_from_the_environment_and_has_no_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLDPORT_BROKER_PASSWORD", raising=False)
    assert secret("BROKER_PASSWORD") is None

    monkeypatch.setenv("COLDPORT_BROKER_PASSWORD", "of the site")
    assert secret("BROKER_PASSWORD") == "of the site"


def test_the_example_site_is_what_its_readers_expect() -> None:
    site = load_site(Path(__file__).parents[3] / "config/sites/xiangtan")

    by_class: dict[str, int] = {}
    for zone in site.zones:
        by_class[zone.zone_class] = by_class.get(zone.zone_class, 0) + 1
    quantities = [point.quantity for point in site.points().values()]
    assert by_class == {
        "frozen": 2,
        "chilled": 4,
        "tea": 1,
        "constant": 1,
        "lane": 2,
        "dock": 1,
        "plant": 1,
        "vehicle": 1,
    }
    assert [quantities.count(kind) for kind in ("temperature", "humidity", "door", "mass", "tags")] == [25, 25, 4, 2, 3]
    assert isinstance(site, Site)
