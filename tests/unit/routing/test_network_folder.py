"""The shipped network is without a problem, says whence its figures are, and what is wrong with one is named."""

import re
import shutil
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from routing.departures import nodes, services
from routing.network_folder import FILES, check, load_network
from routing.network_settings import Mark

XIANGTAN = Path(__file__).parents[3] / "config/networks/xiangtan"


@pytest.fixture(scope="module")
def network():
    return load_network(XIANGTAN)


def test_every_shipped_network_is_without_a_problem() -> None:
    for folder in XIANGTAN.parent.iterdir():
        assert check(folder) == []


def test_it_has_at_least_two_hundred_dated_long_haul_services_by_every_mode(network) -> None:
    long_haul = {line.id for line in network.lines if line.long_haul}
    dated = [service for service in services(network) if service.line in long_haul]

    assert len(dated) >= 200
    assert {service.mode.value for service in dated} == {"road", "rail", "air", "sea"}


def test_every_price_and_factor_says_whence_it_is() -> None:
    """Whatever table of a file holds a figure in fen or grams has a mark and a source, or is part of one that has."""

    def figures(tree, sourced: bool = False):
        if isinstance(tree, list):
            for one in tree:
                yield from figures(one, sourced)
        elif isinstance(tree, dict):
            here = sourced or ("mark" in tree and "source" in tree)
            for key, value in tree.items():
                yield from figures(value, here)
                if re.search(r"fen|co2e|permille|ppm|value$|_h$|latitude", key) and isinstance(value, int | float):
                    yield key, here

    found = [one for name in FILES for one in figures(tomllib.loads((XIANGTAN / name).read_text(encoding="utf-8")))]

    assert len(found) > 400
    assert {key for key, sourced in found if not sourced} == set()


def test_both_published_and_assumed_figures_are_marked_as_such(network) -> None:
    marks = Counter(offer.mark for line in network.lines for offer in line.offers)
    marks += Counter(place.mark for place in network.places) + Counter(unit.mark for unit in network.units)

    assert set(marks) == {Mark.PUBLISHED, Mark.ASSUMED}


def test_departures_are_in_local_time_and_places_open_at_theirs(network) -> None:
    start = network.frame.start.timestamp()
    train = next(one for one in services(network) if one.line == "rail-duisburg")
    hamburg = next(one for one in services(network) if one.line == "eu-hamburg-duisburg")
    warehouse = next(one for one in nodes(network) if one.id == "los-angeles")

    assert (start + train.departs_s) % 86_400 == (16 - 8) * 3_600
    assert (start + hamburg.departs_s) % 86_400 == (12 - 2) * 3_600
    assert {(start + window.from_s) % 86_400 for window in warehouse.open[1:]} == {(7 + 7) * 3_600}
    assert all(window.to_s - window.from_s == 13 * 3_600 for window in warehouse.open[1:])


def test_hours_that_end_at_midnight_end_at_midnight(network) -> None:
    duisburg = next(one for one in nodes(network) if one.id == "duisburg")

    assert {window.to_s - window.from_s for window in duisburg.open[1:]} == {18 * 3_600}


def test_no_departure_has_a_cut_off_before_the_start(network) -> None:
    assert all(min(one.booking_s, one.documents_s, one.customs_s, one.gate_in_s) >= 0 for one in services(network))
    assert min(one.departs_s for one in services(network) if one.line == "rail-duisburg") >= 144 * 3_600


def test_distances_are_near_what_is_published(network) -> None:
    distance_km = {one.line: one.distance_m / 1_000 for one in services(network)}

    assert distance_km["rail-budapest"] == pytest.approx(10_000, rel=0.05)
    assert distance_km["hk-truck"] == pytest.approx(825, rel=0.05)
    assert distance_km["sea-yantian-hamburg"] == pytest.approx(13_336 * 1.852, rel=0.001)


def test_no_duty_is_due_twice_within_a_customs_union(network) -> None:
    duties = {one.line: one.duties_ppm for one in services(network)}

    assert duties["rail-malaszewicze"] != {}
    assert duties["eu-mala-duisburg"] == {}
    assert duties["hk-truck"] == {}


SPOILED = [
    ("places.toml", 'terms = "hub"', 'terms = "hut"', "terms: there is no 'hut'"),
    ("places.toml", 'timezone = "Europe/Warsaw"', 'timezone = "Europe/Atlantis"', "no time zone 'Europe/Atlantis'"),
    ("places.toml", "latitude = 50.3811", "latitude = 95.0", "latitude"),
    ("places.toml", 'id = "liege"', 'id = "duisburg"', "'duisburg' is there twice"),
    ("lines.toml", 'origin = "csx"', 'origin = "csy"', "origin: there is no 'csy'"),
    ("lines.toml", 'destination = "hong-kong"', 'destination = "xiangtan-hub"', "the line goes nowhere"),
    ("lines.toml", 'departs = ["thu 03:00"]', 'departs = ["thu 25:00"]', "departs"),
    ("lines.toml", 'departs = ["thu 03:00"]', 'departs = ["thu 03:00", "thu 03:00"]', "is there twice"),
    ("lines.toml", 'cut_offs = "sea"', 'cut_offs = "see"', "cut_offs: there is no 'see'"),
    ("lines.toml", 'delays = "river"', 'delays = "creek"', "delays: there is no 'creek'"),
    ("lines.toml", 'unit = "wagon", count = 2', 'unit = "waggon", count = 2', "there is no 'waggon'"),
    ("lines.toml", 'unit = "wagon", count = 2', 'unit = "wagon", min_take = 3, count = 2', "more than the 2 there are"),
    ("units.toml", 'id = "feu"', 'id = "truck"', "'truck' is there twice"),
    ("network.toml", 'opens = "06:00"\ncloses = "22:00"', 'opens = "23:00"\ncloses = "22:00"', "opens before closes"),
    ("network.toml", "deciles_h = [0, 0, 3,", "deciles_h = [9, 0, 3,", "the least must stand first"),
    ("network.toml", "days = 35", "days = 0", "days"),
    ("network.toml", "fen_per_m3_day = 350,", "", "fen_per_m3_day"),
    ("demand.toml", 'place = "chicago"', 'place = "chikago"', "there is no 'chikago'"),
    ("demand.toml", 'place = "chicago"', 'place = "liling"', "is an origin"),
    ("demand.toml", "usual_d = [24, 42]", "usual_d = [42, 24]", "needs the least first"),
    ("demand.toml", 'band = "frozen"', 'band = "chilled"', "there are none for frozen"),
]


@pytest.mark.parametrize(("name", "old", "new", "said"), SPOILED, ids=[said for *_, said in SPOILED])
def test_a_problem_is_named_with_file_line_and_key(tmp_path: Path, name: str, old: str, new: str, said: str) -> None:
    folder = tmp_path / "network"
    shutil.copytree(XIANGTAN, folder)
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")

    found = check(folder)

    named = [problem for problem in found if said in str(problem)]
    assert named, found
    assert named[0].file == str(folder / name)
    assert named[0].line > 0


def test_a_folder_without_a_network_says_which_file_is_missing(tmp_path: Path) -> None:
    assert [problem.file for problem in check(tmp_path)] == [str(tmp_path / "network.toml")]
