import asyncio
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from coldport.clock import ManualClock
from firmware_sim.api.desk import Desk
from firmware_sim.api.routes import Call, answer
from firmware_sim.faults import Fault, FaultKind
from firmware_sim.floor import build
from firmware_sim.scenario import load_scenario

START = datetime(2026, 11, 24, tzinfo=UTC)


class Caller:
    def __init__(self):
        self.clock = ManualClock(START)
        scenario = msgspec.structs.replace(load_scenario(Path("config/sites/xiangtan")), timeline=())
        self.floor = build(scenario, 1)
        self.floor.run_until(0.0)
        self.desk = Desk(self.floor, self.clock)

    def ask(self, method, path, body=b"", host="127.0.0.1:18850"):
        said = answer(self.desk, Call(method, f"/sim/v1/{path}", host, body))
        return int(said.status), msgspec.json.decode(said.body) if said.body else None

    def broken(self, target):
        return self.ask("GET", f"targets/{target}")[1]["broken"]


@pytest.fixture
def caller():
    return Caller()


def test_every_target_tells_how_it_can_be_broken_and_how_it_is(caller):
    status, told = caller.ask("GET", "targets")
    assert status == 200
    targets = {one["target"]: one for one in told["targets"]}
    assert {"cold-a", "io-1", "lane-1-scale", "lane-1-gate", "c1", "truck-1-a"} <= targets.keys()
    assert {"offline", "half-open"}.isdisjoint(targets["cold-a"]["possible"])
    assert "half-open" in targets["io-1"]["possible"]
    units = {name: targets[name]["units"] for name in ("cold-a", "io-1", "lane-1-gate", "lane-1-scale", "c1")}
    assert units == {
        "cold-a": list(range(1, 13)), "io-1": [1], "lane-1-gate": [1, 2], "lane-1-scale": [], "c1": [],
    }  # fmt: skip
    assert all(one["broken"] == [] for one in targets.values())


def test_a_fault_is_put_seen_put_otherwise_and_taken_away(caller):
    path = "targets/cold-a/units/2/faults/exception"
    assert caller.ask("PUT", path, b'{"code": 6}')[0] == 200
    assert caller.floor.faults.find(FaultKind.EXCEPTION, "cold-a", 2).code == 6
    assert caller.ask("PUT", path, b"{}")[0] == 200
    assert caller.broken("cold-a") == [{"kind": "exception", "target": "cold-a", "unit": 2}]
    assert caller.ask("DELETE", path) == (204, None)
    assert caller.ask("DELETE", path) == (204, None)
    assert caller.broken("cold-a") == []


async def test_a_fault_for_so_many_seconds_ends_by_itself_unless_it_is_put_anew(caller):
    path = "targets/cold-a/faults/silence"
    caller.ask("PUT", path, b'{"for_s": 5}')
    await caller.clock.advance(4.0)
    caller.ask("PUT", path, b'{"for_s": 5}')
    await caller.clock.advance(4.0)
    assert caller.broken("cold-a")
    await caller.clock.advance(1.1)
    assert not caller.broken("cold-a")
    caller.ask("PUT", path, b'{"for_s": 5}')
    await caller.desk.close()
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


def test_a_fault_of_the_timeline_can_be_taken_away_by_hand(caller):
    caller.floor.faults.begin(Fault(kind=FaultKind.SENTINEL, target="cold-b", unit=11))
    assert caller.ask("DELETE", "targets/cold-b/units/11/faults/sentinel")[0] == 204
    assert not caller.floor.faults.active


def test_doors_are_opened_and_seen(caller):
    assert caller.ask("GET", "doors")[1]["doors"]["c1-door"] == 0
    assert caller.ask("PUT", "doors/c1-door", b'{"open": true}') == (204, None)
    caller.floor.run_until(10.0)
    assert caller.ask("GET", "doors")[1]["doors"]["c1-door"] == 1


def test_values_are_those_of_the_world(caller):
    caller.floor.run_until(60.0)
    _, told = caller.ask("GET", "values/c1")
    assert told["at_s"] == 60.0
    assert told["values"]["c1.air_c"] == caller.floor.world.number("c1.air_c")
    assert all(name.startswith("c1.") for name in told["values"])
    assert len(caller.ask("GET", "values")[1]["values"]) > len(told["values"])


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "detail"),
    [
        ("PUT", "targets/cold-z/faults/crc", b"", 404, "no target 'cold-z'"),
        ("GET", "targets/cold-z", b"", 404, "no target 'cold-z'"),
        ("DELETE", "targets/cold-z/faults/crc", b"", 404, "no target 'cold-z'"),
        ("PUT", "targets/io-1/faults/crc", b"", 409, "'io-1' can have duplicate, exception, half-open"),
        ("PUT", "targets/cold-a/faults/rust", b"", 400, "Invalid enum value 'rust'"),
        ("PUT", "targets/cold-a/units/x/faults/crc", b"", 400, "int"),
        ("PUT", "targets/cold-a/units/248/faults/crc", b"", 400, "<= 247"),
        ("PUT", "targets/cold-a/units/99/faults/silence", b"", 409, "'cold-a' has no unit 99; it has 1, 2, 3"),
        ("DELETE", "targets/cold-a/units/99/faults/silence", b"", 404, "'cold-a' has no unit 99"),
        ("PUT", "targets/lane-1-scale/units/1/faults/stuck", b"", 409, "stuck of 'lane-1-scale' has no `unit`"),
        ("PUT", "targets/lane-1-gate/units/1/faults/silence", b"", 409, "silence of 'lane-1-gate' has no `unit`"),
        ("PUT", "targets/lane-1-gate/units/3/faults/antenna", b"", 409, "'lane-1-gate' has no unit 3; it has 1, 2"),
        ("PUT", "targets/cold-a/units/2/faults/slow", b"", 400, "concerns the whole target"),
        ("PUT", "targets/cold-a/faults/silence", b'{"code": 4}', 400, "silence has no `code`"),
        ("PUT", "targets/cold-a/faults/silence", b'{"for_s": 0}', 400, "> 0"),
        ("PUT", "targets/cold-a/faults/silence", b'{"target": "io-1"}', 400, "the path says"),
        ("PUT", "targets/cold-a/faults/silence", b"[]", 400, "object"),
        ("PUT", "targets/cold-a/faults/silence", b"\xff\xfe", 400, ""),
        ("PUT", "targets/cold-a/faults/silence", b"[" * 4000, 400, ""),
        ("POST", "targets/cold-a/faults/silence", b"", 404, "PUT"),
        ("PUT", "doors/c9-door", b'{"open": true}', 404, "no door 'c9-door'"),
        ("PUT", "doors/c1-door", b'{"open": 7}', 400, "bool"),
        ("GET", "values/nothing", b"", 404, "nothing"),
        ("GET", "elsewhere", b"", 404, "nothing to GET"),
    ],
)
def test_what_cannot_be_is_said_as_a_problem_and_changes_nothing(caller, method, path, body, status, detail):
    code, problem = caller.ask(method, path, body)
    assert code == problem["status"] == status
    assert detail in problem["detail"]
    assert problem["instance"] == f"/sim/v1/{path}"
    assert not caller.floor.faults.active


@pytest.mark.parametrize("host", ["evil.example", "evil.example:18850", "", "127.0.0.1.evil.example"])
def test_a_page_that_calls_this_machine_by_another_name_is_refused(caller, host):
    assert caller.ask("GET", "targets", host=host)[0] == 409
    assert caller.ask("GET", "targets", host="localhost:18850")[0] == 200
