import itertools
import shutil
from pathlib import Path

import msgspec
import pytest

from coldport.settings import SiteFileError
from coldport.site import load_site
from firmware_sim.faults import FaultKind
from firmware_sim.scenario import Happening, check, load_scenario, possible_faults
from firmware_sim.timeline import turns

XIANGTAN = Path("config/sites/xiangtan")


@pytest.fixture
def folder(tmp_path):
    """A copy of the example site, to be spoilt."""
    for name in ("site.toml", "simulation.toml"):
        shutil.copy(XIANGTAN / name, tmp_path / name)
    return tmp_path


def spoil(folder, old, new):
    file = folder / "simulation.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_example_site_is_good_and_simulates_every_point_that_a_device_feeds():
    assert check(XIANGTAN) == []
    scenario = load_scenario(XIANGTAN)
    points = {
        *(f"{probe.id}-temperature" for line in scenario.probe_lines for probe in line.probes),
        *(f"{probe.id}-humidity" for line in scenario.probe_lines for probe in line.probes),
        *(room.door for room in scenario.rooms if room.door is not None),
        *(device.id for lane in scenario.lanes for device in (lane.scale, lane.gate)),
        *(
            f"{one.room}-{name}"
            for line in scenario.controller_lines
            for one in line.controllers
            for name in ("compressor", "defrost")
        ),
        *(f"{truck.zone}-{name}" for truck in scenario.trucks for name in ("temperature", "humidity", "battery")),
        *(gate.id for gate in scenario.dock_gates),
        "c1-setpoint",
        "plant-power",
        "plant-energy",
        *(coil for module in scenario.output_modules for coil in module.coils),
        *(diverter.id for module in scenario.output_modules for diverter in module.diverters),
    }
    told_by_the_gateway_itself = ("fill", "clock-offset")
    assert points == {
        name for name, point in load_site(XIANGTAN).points().items() if point.quantity not in told_by_the_gateway_itself
    }


def test_the_example_site_is_wired_as_its_edge_expects_it():
    scenario = load_scenario(XIANGTAN)
    wired = {
        line.id: (line.model.value, line.baud, {p.unit: p.id for p in line.probes}) for line in scenario.probe_lines
    }
    rooms = {"cold-a": ("f1", "f2", "c1", "c2"), "cold-b": ("c3", "c4", "t1", "k1")}
    for line, model in (("cold-a", "rs-ws-n01"), ("cold-b", "xy-md02")):
        names = [f"{room}-{n}" for room in rooms[line] for n in (1, 2, 3)]
        assert wired[line] == (model, 9600, dict(enumerate(names, start=1)))
    (module,) = scenario.contact_modules
    assert (module.id, module.host, module.port, module.unit) == ("io-1", "127.0.0.1", 15020, 1)
    assert module.inputs == ("f1-door.contact", "f2-door.contact", "c1-door.contact", "c2-door.contact")
    ports = {lane.gate.id: lane.gate.reader.port for lane in scenario.lanes}
    assert ports == {"lane-1-gate": 15084, "lane-2-gate": 15085}


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ('zone = "f1"', 'zone = "f9"', "rooms[0].zone", "the site has no zone 'f9'"),
        ('kind = "frozen"', 'kind = "icy"', "rooms[0].kind", "no room_kinds.icy in this file"),
        ('door = "f1-door"', 'door = "f9-door"', "rooms[0].door", "the site has no point 'f9-door'"),
        ('id = "f1-2", room = "f1"', 'id = "f1-2", room = "zz"', "probe_lines[0].probes[1].room", "no room 'zz'"),
        ('room = "f1", unit = 2', 'room = "f1", unit = 1', "probe_lines[0].probes[1].unit", "unit 1 is there twice"),
        ('id = "f1-2"', 'id = "f1-1"', "probe_lines[0].probes[1].id", "'f1-1' is named twice"),
        ('"f1-door.contact"', '"x1-door.contact"', "contact_modules[0].inputs[0]", "no signal 'x1-door.contact'"),
        ('id = "cold-b"', 'id = "cold-a"', "probe_lines[1].id", "'cold-a' is named twice"),
        ("every_s = 1200\ndoor", "every_s = 240\ndoor", "timeline[0].every_s", "begin again before it is over"),
        ('every_s = 1200\ndoor = "c1-door"', "every_s = 1200", "timeline[0]", "either a door or a fault"),
        ('kind = "sentinel", target = "cold-b"', 'kind = "sentinel", target = "io-1"', "timeline[4].fault", "can have"),
        ('["lane-1", "lane-2"]', '["lane-1", "lane-9"]', "shippers[0].lanes[1]", "there is no lane 'lane-9'"),
        ('id = "dark-tea"', 'id = "customs"', "customs.id", "'customs' is named twice"),
        ("officer_s = 900", 'officer_s = "soon"', "customs.manner.officer_s", "'soon', expected one of never"),
        ('target = "lane-1-scale"', 'target = "lane-9-scale"', "timeline[5].fault", "no such target"),
        ('target = "cold-b", unit = 11', 'target = "cold-b", unit = 13', "timeline[4].fault", "no unit 13; it has 1,"),
        ("port = 15085", "port = 15084", "lanes[1].gate.reader.port", "'port 15084' is named twice"),
        ('item = "056789"', 'item = "05678"', "lanes[0].belt", "13 digits together"),
        ('item = "056790"', 'item = "x"', "lanes[1].belt.item", "Expected `str` matching"),
        ("every_s = 40,", "every_s = 40, lightest_kg = 31,", "lanes[0].belt", "heavier than the heaviest"),
        ("division_kg = 0.005", "division_kg = 0.003", "lanes[0].scale.platform", "1, 2 or 5"),
        ("division_kg = 0.01 ", "division_kg = 0.000001 ", "lanes[1].scale.platform", "1, 2 or 5"),
        ("seed = 20261124", "sead = 20261124", "sead", "unknown field `sead`"),
        ("mean_c = 26.0", "mean_c = 260.0", "weather.mean_c", "<= 50"),
        ("unit = 12", "unit = 248", "probe_lines[0].probes[11].unit", "<= 247"),
        ('model = "xy-md02"', 'model = "xy"', "probe_lines[1].model", "Invalid enum value"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line_and_key(folder, old, new, key, message):
    spoil(folder, old, new)
    problems = check(folder)
    found = [problem for problem in problems if problem.key.startswith(key) and message in problem.message]
    assert len(found) == 1, problems
    assert found[0].line > 0
    assert found[0].file.endswith("simulation.toml")
    with pytest.raises(SiteFileError):
        load_scenario(folder)


def test_a_site_without_simulated_devices_has_no_problem(folder):
    (folder / "simulation.toml").unlink()
    assert check(folder) == []


def test_every_fault_on_the_menu_can_happen_to_something(on_the_road):
    possible = possible_faults(load_scenario(XIANGTAN)) | possible_faults(on_the_road)
    assert set().union(*(menu.kinds for menu in possible.values())) == set(FaultKind)


def test_turns_come_in_order_and_repeat_and_ends_come_before_beginnings():
    happenings = [
        Happening(at_s=10, for_s=5, every_s=20, door="a"),
        Happening(at_s=15, for_s=1, door="b"),
    ]
    first = [(turn.at_s, turn.begins, turn.happening.door) for turn in itertools.islice(turns(happenings), 7)]
    assert first == [
        (10, True, "a"),
        (15, False, "a"),
        (15, True, "b"),
        (16, False, "b"),
        (30, True, "a"),
        (35, False, "a"),
        (50, True, "a"),
    ]


def test_a_timeline_has_at_most_a_thousand_happenings(folder):
    file = folder / "simulation.toml"
    text = file.read_text(encoding="utf-8").split("[[timeline]]")[0]
    happening = '[[timeline]]\nat_s = 1\nfor_s = 1\ndoor = "c1-door"\n'
    file.write_text(text + happening * 1000, encoding="utf-8")
    assert check(folder) == []
    file.write_text(text + happening * 1001, encoding="utf-8")
    assert "length <= 1000" in check(folder)[0].message


def test_a_scenario_survives_being_written_and_read_again():
    scenario = load_scenario(XIANGTAN)
    assert msgspec.json.decode(msgspec.json.encode(scenario), type=type(scenario)) == scenario
