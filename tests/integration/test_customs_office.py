"""Control and a played customs office, over folders and each with a codec of its own, end where they must."""

import random
import uuid
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from declarations import AGENT, CARRIER, EBC, EBP, HEAD, NOON, changed, declared, exported, imported

from coldport.clock import ManualClock
from coldport.errors import RefusedError
from coldport.site import Site, Text
from control.alarms.definition import AlarmFile
from control.followers.customs.folder import FolderLetterbox
from control.followers.customs.line import CustomsLine
from control.inspection.ceb.reader import Transfer
from control.inspection.clearance import Clearance
from control.inspection.documents.document import Document
from control.journal.memory import MemoryJournal
from control.service import Service
from firmware_sim.customs.manner import Manner
from firmware_sim.customs.office import Office
from firmware_sim.customs.papers import read, write

TRANSFER = Transfer(cop_code="4301960004", cop_name="Broker", dxp_id="DXPENT0000012345")
SITE = Site(id="s", name=Text(zh="站", en="Site"), timezone="Asia/Shanghai", zones=())
BILL = {"bill_no": "B1", "msg_count": "1", "msg_seq_no": "1", "cop_no": "L1", "customs_code": "4900", "traf_mode": "5"}


def arrival(count: int) -> Document:
    head = HEAD | CARRIER | BILL | {"operator_code": "4301960009", "operator_name": "Centre", "ie_flag": "E"}
    lines = tuple({"gnum": str(n), "logistics_no": f"E{n}"} for n in range(1, count + 1))
    return Document(type="507", head=head | {"domestic_traf_no": "X"}, lines=lines)


class Town:
    """Control, a folder and the office, in virtual time."""

    def __init__(self, folder: Path, manner: Manner) -> None:
        self.folder, self.journal = folder, MemoryJournal()
        self.clock = ManualClock(NOON)
        self.office = Office(manner, lambda name: random.Random(f"7/{name}"), NOON)
        self.now_s, self.written = 0.0, 0
        self.start()

    def start(self) -> None:
        self.service = Service(SITE, AlarmFile(alarms=()), self.journal, self.clock)
        self.line = CustomsLine(self.service, self.journal, FolderLetterbox(self.folder), TRANSFER, self.clock)

    def step(self) -> float | None:
        """Let the office do what is due, and control take it."""
        while self.line.send_some():
            pass
        letters = []
        for path in sorted((self.folder / "out").glob("*.xml")):
            letters += [read(path.read_bytes())] * 2  # the carrier brings everything twice
            path.rename(self.folder / "out" / "done" / path.name)
        outcome = self.office.update(self.now_s, letters)
        for answer in outcome.answers:
            self.written += 1
            guid = str(uuid.UUID(int=self.written)).upper()
            (self.folder / "in" / f"{guid}.xml").write_bytes(write(answer, guid))
        while self.line.receive_some():
            pass
        return outcome.call_at_s

    def run(self, documents: Sequence[Document], *, dies_every: int = 0) -> None:
        for document in documents:
            self.service.record(declared(document))
        steps = 0
        while (at_s := self.step()) is not None:
            self.now_s = max(self.now_s + 5, at_s)
            steps += 1
            if dies_every and steps % dies_every == 0:
                self.start()
        assert not list((self.folder / "in" / "refused").iterdir())


def consignments(count: int) -> list[Document]:
    half = range(1, count // 2 + 1)
    return [
        *(document for n in half for document in exported(n).values()),
        *(document for n in half for document in imported(n).values()),
        arrival(count // 2),
    ]


def ending(town: Town, count: int) -> dict[str, Clearance]:
    names = [f"{way}{n}" for n in range(1, count // 2 + 1) for way in "EL"]
    return {name: town.service.floor.documents.clearance(name) for name in names}


@pytest.mark.slow
@pytest.mark.parametrize("dies_every", [0, 10])
def test_200_consignments_in_any_order_with_repeats_end_as_in_order(tmp_path: Path, dies_every: int) -> None:
    calm = Manner(rejected=0.1, inspected=0.1)
    wild = Manner(rejected=0.1, inspected=0.1, repeats=0.3, disorder_s=300)
    documents = consignments(200)
    inorder = Town(tmp_path / "a", calm)
    inorder.run(documents)
    mixed = Town(tmp_path / "b", wild)
    random.Random(3).shuffle(documents)
    mixed.run(documents, dies_every=dies_every)
    ends = ending(inorder, 200)
    assert ending(mixed, 200) == ends
    assert set(ends.values()) == {Clearance.RELEASED, Clearance.REJECTED}
    assert 5 <= list(ends.values()).count(Clearance.REJECTED) <= 40


def test_an_export_is_not_released_before_it_has_arrived(tmp_path: Path) -> None:
    town = Town(tmp_path, Manner(rejected=0, inspected=0))
    town.run(list(exported().values()))
    assert town.service.floor.documents.clearance("E1") is Clearance.PENDING
    assert town.office.standing() == {"E1": "399"}
    town.run([arrival(1)])
    assert town.service.floor.documents.clearance("E1") is Clearance.RELEASED


def test_in_training_an_inspection_waits_for_who_is_told_to_decide(tmp_path: Path) -> None:
    town = Town(tmp_path, Manner(rejected=0, by_hand=0, inspected=1, officer_s="never"))
    town.run([*exported().values(), arrival(1)])
    assert town.service.floor.documents.clearance("E1") is Clearance.INSPECT
    town.now_s += timedelta(minutes=5).total_seconds()
    town.office.decide("E1", "501", town.now_s)
    town.run([])
    assert town.service.floor.documents.clearance("E1") is Clearance.DETAINED


def test_what_is_declared_again_after_a_rejection_is_looked_at_anew(tmp_path: Path) -> None:
    town = Town(tmp_path, Manner(rejected=1))
    town.run(list(exported().values()))
    assert town.service.floor.documents.clearance("E1") is Clearance.REJECTED
    town.office.manner = Manner(rejected=0, by_hand=0)
    town.now_s += 60
    town.run([changed(exported()["inventory"], app_time="20260302113000"), arrival(1)])
    assert town.service.floor.documents.clearance("E1") is not Clearance.REJECTED


def withdrawal(town: Town, logistics_no: str, kind: str, cop_no: str = "W1") -> Document:
    """An application to withdraw the inventory of a parcel, by the number that customs gave it."""
    (dossier,) = town.service.floor.documents.of_parcel(logistics_no)
    inventory = next(paper for paper in dossier.papers if paper.document.type in {"603", "621"})
    assert inventory.receipt is not None
    head = HEAD | AGENT | EBC | {"customs_code": "4900", "cop_no": cop_no, "reason": "the buyer has cancelled"}
    head |= {"invt_no": inventory.receipt.keys["invt_no"], "app_time": "20260302120000"}
    if kind == "623":
        names = ("order_no", "logistics_no", "buyer_id_type", "buyer_id_number", "buyer_name", "buyer_telephone")
        head |= EBP | CARRIER | {name: inventory.document.text(name) for name in names}
    return Document(type=kind, head=head)


CALM = Manner(rejected=0, by_hand=0, inspected=0)


@pytest.mark.parametrize(("parcel", "kind"), [("E1", "605"), ("L1", "623")])
def test_what_is_withdrawn_is_off_the_record_of_customs_and_no_officer_can_decide_it(
    tmp_path: Path, parcel: str, kind: str
) -> None:
    town = Town(tmp_path, CALM)
    papers = exported() if kind == "605" else imported()
    town.run([*papers.values(), arrival(1)] if kind == "605" else list(papers.values()))
    assert town.service.floor.documents.clearance(parcel) is Clearance.RELEASED
    town.now_s += 60
    town.run([withdrawal(town, parcel, kind)])
    assert town.service.floor.documents.clearance(parcel) is Clearance.REJECTED
    with pytest.raises(RefusedError, match="closed"):
        town.office.decide(parcel, "800", town.now_s)


def test_what_is_opened_or_gone_cannot_be_withdrawn(tmp_path: Path) -> None:
    town = Town(tmp_path, Manner(rejected=0, by_hand=0, inspected=1, officer_s="never"))
    town.run([*exported().values(), arrival(1)])
    town.now_s += 60
    town.run([withdrawal(town, "E1", "605")])
    assert town.service.floor.documents.clearance("E1") is Clearance.INSPECT


def test_a_departure_closes_an_export_and_a_delivery_an_import(tmp_path: Path) -> None:
    town = Town(tmp_path, CALM)
    town.run([*exported().values(), *imported().values(), arrival(1)])
    head = HEAD | CARRIER | BILL | {"leave_time": "20260302150000"}
    town.run([Document(type="509", head=head, lines=({"gnum": "1", "logistics_no": "E1"},))])
    assert town.service.floor.documents.clearance("E1") is Clearance.CLOSED
    handed = HEAD | CARRIER | {"logistics_no": "L1", "logistics_status": "S", "logistics_time": "20260302150000"}
    town.run([Document(type="513", head=handed)])
    assert town.service.floor.documents.clearance("L1") is Clearance.CLOSED


def test_an_office_that_starts_anew_gives_no_number_twice(tmp_path: Path) -> None:
    town = Town(tmp_path, CALM)
    town.run(list(exported(1).values()))
    town.office = Office(CALM, lambda name: random.Random(f"7/{name}"), NOON + timedelta(seconds=30))
    town.now_s = 0.0
    town.run(list(exported(2).values()))
    numbers = [
        paper.receipt.keys["invt_no"]
        for parcel in ("E1", "E2")
        for dossier in town.service.floor.documents.of_parcel(parcel)
        for paper in dossier.papers
        if paper.document.type == "603" and paper.receipt is not None
    ]
    assert len(set(numbers)) == 2
