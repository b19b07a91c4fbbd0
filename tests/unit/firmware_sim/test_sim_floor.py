import hashlib
from pathlib import Path

import msgspec
import pytest

from firmware_sim.faults import Fault, FaultKind
from firmware_sim.floor import build
from firmware_sim.scenario import load_scenario

XIANGTAN = Path("config/sites/xiangtan")


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(XIANGTAN)


def only(scenario, **places):
    """Return the scenario with nothing on its floor but these places."""
    nothing = {path.removeprefix("$.").split("[")[0]: () for path, _ in scenario.places()}
    return msgspec.structs.replace(scenario, **nothing | {"customs": None} | places)


@pytest.fixture(scope="module")
def small(scenario):
    """One room with its three probes, and one lane; the timeline of the room."""
    room = scenario.rooms[2]
    (line,) = (line for line in scenario.probe_lines if line.id == "cold-a")
    line = msgspec.structs.replace(line, probes=tuple(probe for probe in line.probes if probe.room == room.zone))
    timeline = tuple(happening for happening in scenario.timeline if happening.door == room.door)
    return only(scenario, rooms=(room,), probe_lines=(line,), lanes=scenario.lanes[:1], timeline=timeline)


def history(scenario, seed, hours, cut_s):
    """Return a hash over every change of every signal, and how many there were."""
    floor = build(scenario, seed)
    digest, count = hashlib.sha256(), 0

    def watcher_of(signal):
        def watch(now_s, value):
            nonlocal count
            count += 1
            digest.update(f"{now_s!r} {signal} {value!r}\n".encode())

        return watch

    floor.world.run_until(0.0)
    for signal in floor.world.signals:
        floor.world.watch(signal, watcher_of(signal))
    now_s = 0.0
    while now_s < hours * 3600:
        now_s += cut_s
        floor.run_until(now_s)
    return digest.hexdigest(), count


@pytest.mark.parametrize("hours", [2, pytest.param(24, marks=pytest.mark.slow)])
def test_rooms_with_the_same_seed_have_the_same_history_however_it_is_cut(small, hours):
    room_only = msgspec.structs.replace(small, lanes=())
    first, count = history(room_only, 7, hours, 900.0)
    assert history(room_only, 7, hours, hours * 3600.0) == (first, count)
    assert count > 8_000 * hours


def test_a_lane_with_the_same_seed_has_the_same_history_however_it_is_cut(small):
    assert history(small, 7, 1, 12.0) == history(small, 7, 1, 3600.0)


def test_another_seed_gives_another_history(small):
    assert history(small, 7, 0.25, 60.0) != history(small, 8, 0.25, 60.0)


def test_a_visitor_sees_the_door_open_at_15_s_and_a_probe_pass_eight_degrees_before_it_closes(scenario):
    floor = build(scenario, scenario.seed)
    floor.run_until(14.0)
    assert floor.world.number("c1-door.contact") == 0.0
    floor.run_until(16.0)
    assert floor.world.number("c1-door.contact") == 1.0
    probes = ("c1-1", "c1-2", "c1-3")
    warm_s = []
    for now_s in range(16, 400):
        floor.run_until(float(now_s))
        if all(floor.world.number(f"{probe}.temperature_c") > 8.0 for probe in probes):
            warm_s.append(now_s)
    assert warm_s[0] - 15 <= 180
    assert warm_s == list(range(warm_s[0], warm_s[-1] + 1))
    assert len(warm_s) > 90  # well past the minute the high alarm waits
    floor.run_until(1100.0)
    assert floor.world.number("c1-door.contact") == 0.0
    assert all(floor.world.number(f"{probe}.temperature_c") < 7.0 for probe in probes)
    floor.run_until(1216.0)
    assert floor.world.number("c1-door.contact") == 1.0


def test_rooms_with_closed_doors_stay_in_the_band_of_their_zone_even_while_they_are_defrosted(scenario):
    bands = {"f1": (-22, -16), "c1": (2, 8), "c3": (0, 4), "t1": (-5, 10), "k1": (15, 25)}
    rooms = tuple(room for room in scenario.rooms if room.zone in bands)
    floor = build(only(scenario, rooms=rooms, timeline=()), 3)
    seen = {zone: [] for zone in bands}
    for now_s in range(0, 8 * 3600, 120):
        floor.run_until(float(now_s))
        for zone in bands:
            seen[zone].append(floor.world.number(f"{zone}.air_c"))
        assert floor.world.number("t1.humidity_percent") <= 50
    for zone, (low, high) in bands.items():
        assert low < min(seen[zone])
        assert max(seen[zone]) < high


def test_faults_of_the_timeline_begin_and_end(scenario):
    floor = build(scenario, 3)
    floor.run_until(839.0)
    assert floor.faults.find(FaultKind.SILENCE, "cold-b", 5) is None
    floor.run_until(840.0)
    assert floor.faults.find(FaultKind.SILENCE, "cold-b", 5) is not None
    assert floor.faults.find(FaultKind.SILENCE, "cold-b", 6) is None
    floor.run_until(886.0)
    assert floor.faults.find(FaultKind.SILENCE, "cold-b", 5) is None


def test_an_overload_and_a_motion_reach_the_scale_and_leave_it(scenario):
    floor = build(scenario, 3)
    scale = floor.devices["lane-1-scale"]
    overload, motion = (Fault(kind=kind, target="lane-1-scale") for kind in (FaultKind.OVERLOAD, FaultKind.MOTION))
    floor.faults.begin(overload)
    floor.run_until(1.0)
    assert scale.weighing().overload
    floor.faults.end(overload)
    floor.faults.begin(motion)
    floor.run_until(2.5)
    assert not scale.weighing().overload
    assert not scale.weighing().stable
    floor.faults.end(motion)
    floor.run_until(6.0)
    assert scale.weighing().stable


def test_a_door_that_is_not_there_cannot_be_opened(scenario):
    with pytest.raises(KeyError):
        build(scenario, 3).open_door("c3-door", wanted=True)
