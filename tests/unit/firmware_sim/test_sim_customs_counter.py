"""The played office at its counter: what it does with letters while it, or the way to it, is broken."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from declarations import exported

from coldport.clock import ManualClock
from control.inspection.ceb.reader import Transfer
from control.inspection.ceb.reader import read as read_answer
from control.inspection.ceb.writer import write
from firmware_sim.api.desk import Desk
from firmware_sim.api.routes import Call, answer
from firmware_sim.customs.manner import Manner
from firmware_sim.faults import Fault, FaultKind
from firmware_sim.floor import build
from firmware_sim.lines.ends import MachineEnds
from firmware_sim.lines.letters import FETCH_LIMIT, FolderLetters
from firmware_sim.places import customs
from firmware_sim.places.customs import Counter, CustomsPlace
from firmware_sim.places.ground import dice_of
from firmware_sim.places.street import Street
from firmware_sim.scenario import load_scenario

START = datetime(2026, 11, 24, tzinfo=UTC)
TRANSFER = Transfer(cop_code="4301960004", cop_name="Broker", dxp_id="DXPENT0000012345")
CALM = Manner(step_s=1.0, rejected=0, by_hand=0, inspected=0)


class Town:
    """An office on an empty floor, and the folder in which files are exchanged with it."""

    def __init__(self, data: Path, manner: Manner = CALM) -> None:
        self.folder = folder = data / "customs"
        (folder / "out").mkdir(parents=True)
        place = CustomsPlace(manner=manner)
        scenario = msgspec.structs.replace(load_scenario(Path("config/sites/xiangtan")), timeline=())
        self.floor = build(scenario, 1)
        self.street = Street(
            self.floor.world,
            {},
            lambda name: dice_of(7, name),
            self.floor.faults,
            ManualClock(START),
            START,
            MachineEnds(data, any_ports=True),
            self.floor.offices,
        )
        place.serve(self.street)
        self.counter = Counter(place, self.floor.offices["customs"], self.street, FolderLetters(folder))
        self.desk = Desk(self.floor, self.street.clock)

    def put(self, number: int = 1) -> None:
        for name, document in exported(number).items():
            guid = f"{name}-{number}".ljust(36, "0")
            (self.folder / "out" / f"{guid}.xml").write_bytes(write([document], TRANSFER, guid))

    def run(self, seconds: float) -> None:
        end_s = self.floor.world.now_s + seconds
        while self.floor.world.now_s < end_s:
            self.floor.world.now_s += 0.5
            self.counter.look()

    def said(self) -> list[str]:
        """Return the statuses of the inventory's answers by the office's own clock."""
        bodies = [read_answer(path.read_bytes()) for path in (self.folder / "in").glob("*.xml")]
        receipts = [one for body in bodies for one in body.receipts if one.type == "604"]
        return [one.status for one in sorted(receipts, key=lambda one: one.time)]

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, Any]:
        said = answer(self.desk, Call(method, f"/sim/v1/{path}", "127.0.0.1", body))
        return int(said.status), msgspec.json.decode(said.body) if said.body else None


def test_letters_are_fetched_once_and_answered_into_the_other_tray(tmp_path):
    town = Town(tmp_path)
    town.put()
    town.run(30)
    assert town.said() == ["2", "120", "399"]
    assert not list((town.folder / "out").glob("*.xml"))
    assert len(list((town.folder / "out/done").glob("*.xml"))) == 4
    assert not [path for path in (town.folder / "in").iterdir() if path.name.startswith(".")]


def test_a_silent_office_says_all_when_it_speaks_again(tmp_path):
    town = Town(tmp_path)
    fault = Fault(kind=FaultKind.SILENCE, target="customs")
    town.floor.faults.begin(fault)
    town.put()
    town.run(30)
    assert (town.said(), list((town.folder / "out").glob("*.xml"))) == ([], [])
    town.floor.faults.end(fault)
    town.run(1)
    assert town.said() == ["2", "120", "399"]


def test_without_a_way_to_it_nothing_is_fetched(tmp_path):
    town = Town(tmp_path)
    fault = Fault(kind=FaultKind.UNPLUGGED, target="customs")
    town.floor.faults.begin(fault)
    town.put()
    town.run(30)
    assert len(list((town.folder / "out").glob("*.xml"))) == 4
    town.floor.faults.end(fault)
    town.run(30)
    assert town.said() == ["2", "120", "399"]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (FaultKind.REJECT, ["2", "100"]),
        (FaultKind.DUPLICATE, ["2", "2", "120", "120", "399", "399"]),
        (FaultKind.DISORDER, ["2", "120", "399"]),
    ],
)
def test_a_broken_office_says_what_its_fault_is(tmp_path, kind, said):
    town = Town(tmp_path)
    town.floor.faults.begin(Fault(kind=kind, target="customs"))
    town.put()
    town.run(60)
    assert town.said() == said


def test_a_slow_office_takes_longer(tmp_path):
    town = Town(tmp_path)
    town.floor.faults.begin(Fault(kind=FaultKind.SLOW, target="customs", delay_s=60.0))
    town.put()
    town.run(30)
    assert town.said() == []
    town.run(600)
    assert town.said() == ["2", "120", "399"]


def test_a_letter_that_nobody_can_read_is_counted_and_holds_up_nothing(tmp_path):
    town = Town(tmp_path)
    (town.folder / "out/0.xml").write_bytes(b"<nothing")
    town.put()
    town.run(30)
    assert town.counter.unread == 1
    assert town.said() == ["2", "120", "399"]


def test_more_letters_than_one_look_takes_wait_for_the_next(tmp_path):
    (tmp_path / "out").mkdir()
    for number in range(FETCH_LIMIT + 1):
        (tmp_path / "out" / f"{number:04}").write_bytes(b"x")
    letters = FolderLetters(tmp_path)
    assert len(letters.fetch(10)) == FETCH_LIMIT
    assert len(letters.fetch(10)) == 1
    assert letters.fetch(10) == []


def test_the_same_seed_gives_the_same_answers(tmp_path):
    wild = Manner(step_s=1.0, rejected=0.3, by_hand=0.3, repeats=0.3, disorder_s=20)
    ends = []
    for name in ("one", "other"):
        town = Town(tmp_path / name, wild)
        for number in range(1, 20):
            town.put(number)
        town.run(200)
        ends.append((town.floor.offices["customs"].standing(), sorted(p.name for p in (town.folder / "in").iterdir())))
    assert ends[0] == ends[1]


def test_who_is_trained_sees_what_waits_and_decides_it(tmp_path):
    town = Town(tmp_path, Manner(step_s=1.0, rejected=0, by_hand=1, inspected=0, officer_s="never"))
    town.put()
    town.run(60)
    assert town.ask("GET", "offices/customs/cases") == (200, {"standing": {"300": 1}, "waiting": ["E1"]})
    assert town.ask("PUT", "offices/customs/cases/E1", b'{"status": "399"}') == (204, None)
    town.run(5)
    assert town.said()[-1] == "399"
    assert town.ask("GET", "offices/customs/cases/E1") == (200, {"logistics_no": "E1", "status": "399"})
    assert town.ask("GET", "offices/customs/cases")[1]["waiting"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "detail"),
    [
        ("GET", "offices/tax/cases", {}, 404, "no customs office 'tax'"),
        ("GET", "offices/customs/cases/E9", {}, 404, "no inventory of 'E9'"),
        ("PUT", "offices/customs/cases/E9", {"status": "399"}, 404, "no inventory of 'E9'"),
        ("PUT", "offices/customs/cases/E1", {"status": "2"}, 400, "status"),
        ("PUT", "offices/customs/cases/E1", {"status": "120"}, 409, "an officer says one of 100, 399"),
    ],
)
def test_what_no_officer_can_decide_is_refused(tmp_path, method, path, body, status, detail):
    town = Town(tmp_path)
    town.put()
    town.run(10)
    code, problem = town.ask(method, path, json.dumps(body).encode())
    assert code == status
    assert detail in problem["detail"]


def test_answers_that_wait_have_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(customs, "ANSWER_LIMIT", 2)
    town = Town(tmp_path)
    fault = Fault(kind=FaultKind.SILENCE, target="customs")
    town.floor.faults.begin(fault)
    town.put()
    town.run(60)
    town.floor.faults.end(fault)
    town.run(1)
    assert len(list((town.folder / "in").glob("*.xml"))) == 2
