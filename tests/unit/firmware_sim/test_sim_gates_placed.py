import shutil
from pathlib import Path

import msgspec
import pytest

from firmware_sim.floor import build
from firmware_sim.places.docks import DockGatePlace
from firmware_sim.places.readers import LlrpLink
from firmware_sim.scenario import check, load_scenario

XIANGTAN = Path("config/sites/xiangtan")
DOCK = '[[dock_gates]]\nid = "dock-9-gate"\nreader = { kind = "llrp", port = 15990 }\n'
LANE = (
    '[[lanes]]\nid = "lane-9"\nbelt = { BELT }\n'
    'scale = { id = "lane-9-scale", dialect = "mt-sics", platform = { capacity_kg = 60, division_kg = 0.005 } }\n'
    'gate = { id = "lane-9-gate", reader = { kind = "llrp", port = 15991 }, antennas = {}HEARS }\n'
)


def lane(belt="", hears=""):
    return LANE.replace("BELT", belt).replace("HEARS", hears)


@pytest.fixture
def with_more(tmp_path):
    """Check a copy of the example site with more on its floor; return the problems."""

    def problems(more):
        for name in ("site.toml", "simulation.toml"):
            shutil.copy(XIANGTAN / name, tmp_path / name)
        file = tmp_path / "simulation.toml"
        file.write_text(file.read_text(encoding="utf-8") + "\n" + more, encoding="utf-8")
        return check(tmp_path)

    return problems


@pytest.mark.parametrize(
    "more",
    [
        DOCK,
        DOCK + "dock = { goods = { most = 12 }, traffic = { four = 100 } }",
        lane(),
        lane("every_s = 3, gap_m = 0.05, platform_m = 0.35"),
        lane(hears=', hears = "lane-1"'),
        lane().replace("division_kg = 0.005", "division_kg = 0.005, vibration = { belt_divisions = 0.3 }"),
        '[[contact_modules]]\nid = "io-8"\nport = 15997\ninputs = ["lane-1.entry", "lane-1.exit"]',
    ],
)
def test_what_fits_is_no_problem(with_more, more):
    assert with_more(more) == []


@pytest.mark.parametrize(
    ("more", "key", "message"),
    [
        (DOCK + 'dock = { goods = { item = "05678" } }', "dock_gates[1].dock.goods.item", "13 digits together"),
        (DOCK + "dock = { goods = { fewest = 9, most = 8 } }", "dock_gates[1].dock.goods.fewest", "more boxes"),
        (
            DOCK
            + "dock = { traffic = { single = 0, hesitant = 0, file = 0, opposite = 0, four = 0, reversal = 0, "
            + "reversal_beside = 0, untagged = 0, along = 0, parked = 0 } }",
            "dock_gates[1].dock.traffic",
            "the weight 0",
        ),
        (DOCK.replace("15990", "15084"), "dock_gates[1].reader.port", "'port 15084' is named twice"),
        (lane("shortest_m = 0.9"), "belt.shortest_m", "longer than the longest"),
        (lane("gap_m = 0.05, platform_m = 0.9"), "belt.platform_m", "two parcels"),
        (lane(hears=', hears = "lane-7"'), "gate.hears", "there is no lane 'lane-7' next door"),
        (lane(hears=', hears = "lane-9"'), "gate.hears", "there is no lane 'lane-9' next door"),
    ],
)
def test_a_mistake_is_named_with_its_key(with_more, more, key, message):
    (problem,) = with_more(more)
    assert problem.key.endswith(key)
    assert message in problem.message


def test_pallets_pass_a_dock_gate_on_the_floor_and_the_next_lane_is_heard_at_a_gate():
    example = load_scenario(XIANGTAN)
    loud = msgspec.structs.replace(example.lanes[1].gate, hears=example.lanes[0].id)
    scenario = msgspec.structs.replace(
        example,
        lanes=(example.lanes[0], msgspec.structs.replace(example.lanes[1], gate=loud)),
        dock_gates=(DockGatePlace(id="dock-1-gate", reader=LlrpLink(port=15990)),),
        timeline=(),
    )
    floor = build(scenario, 5)
    heard, broken = {"dock-1-gate": set(), "lane-2-gate": set()}, []
    for gate, epcs in heard.items():
        floor.world.watch(f"{gate}.reads", lambda _, reads, epcs=epcs: epcs.update(read.epc for read in reads))
    floor.world.watch("dock-1-gate.inner", lambda _, level: broken.append(level))
    floor.run_until(600)
    lane_1 = bytes.fromhex("3055A537C837754000000001")
    assert len(heard["dock-1-gate"]) > 30
    assert lane_1[:7] in {epc[:7] for epc in heard["lane-2-gate"]}
    assert broken.count(1.0) > 5
