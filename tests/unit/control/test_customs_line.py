"""The line to customs: a crash at any point loses nothing and sends nothing twice."""

from pathlib import Path

import pytest
from declarations import AGENT, NOON, declared, exported

from coldport.clock import ManualClock
from coldport.errors import UnavailableError
from coldport.messages.status import LinkState
from coldport.site import Site, Text
from control.alarms.definition import AlarmFile
from control.followers.customs.folder import FolderLetterbox
from control.followers.customs.line import CustomsLine
from control.followers.customs.memory import MemoryLetterbox
from control.inspection.ceb.reader import Transfer, read
from control.inspection.ceb.writer import write_receipts
from control.inspection.clearance import Clearance
from control.inspection.documents.acts import Receipted
from control.inspection.documents.receipts import CustomsReceipt
from control.journal.memory import MemoryJournal
from control.service import Service

TRANSFER = Transfer(cop_code="4301960004", cop_name="Broker", dxp_id="DXPENT0000012345")
SITE = Site(id="s", name=Text(zh="站", en="Site"), timezone="Asia/Shanghai", zones=())


class DyingLetterbox(MemoryLetterbox):
    """Dies at its n-th act."""

    def __init__(self, lives: int) -> None:
        super().__init__()
        self.lives = lives

    def _live(self) -> None:
        self.lives -= 1
        if self.lives == 0:
            raise UnavailableError("killed")

    def put(self, name: str, body: bytes) -> None:
        self._live()
        super().put(name, body)

    def remember(self, number: int) -> None:
        self._live()
        super().remember(number)

    def done(self, name: str) -> None:
        self._live()
        super().done(name)


def receipt(status: str, second: int = 1) -> bytes:
    keys = {"guid": "B" * 36, "agent_code": AGENT["agent_code"], "cop_no": "XC1"}
    said = CustomsReceipt(type="604", keys=keys, status=status, time=f"202603021200{second:02}000", info="x")
    return write_receipts([said], TRANSFER, "C" * 36)


def started(journal: MemoryJournal) -> Service:
    return Service(SITE, AlarmFile(alarms=()), journal, ManualClock(NOON))


def line(service: Service, journal: MemoryJournal, box: MemoryLetterbox | FolderLetterbox) -> CustomsLine:
    return CustomsLine(service, journal, box, TRANSFER, ManualClock(NOON))


@pytest.mark.parametrize("lives", range(1, 10))
def test_a_kill_at_any_point_neither_loses_nor_repeats(lives: int) -> None:
    journal, box = MemoryJournal(), DyingLetterbox(lives)
    service = started(journal)
    for document in exported().values():
        service.record(declared(document))
    box.into = {"1": receipt("120"), "2": receipt("800", 2)}
    for _ in range(3):
        work = line(service, journal, box)
        try:
            while work.send_some():
                box.fetched |= set(box.out)  # customs is quick
            while work.receive_some():
                pass
        except UnavailableError:
            service = started(journal)
    assert sorted(read(body).type for body in box.out.values()) == ["303", "403", "505", "603"]
    said = [e.content.receipt.status for e in journal.events(0, 100) if isinstance(e.content, Receipted)]
    assert said == ["120", "800"]
    assert service.floor.documents.clearance("E1") is Clearance.RELEASED
    assert not box.into


def test_what_nobody_can_read_is_put_aside_with_the_reason(tmp_path: Path) -> None:
    box = FolderLetterbox(tmp_path)
    (tmp_path / "in" / "a.xml").write_bytes(b"<nothing")
    (tmp_path / "in" / "b.xml").write_bytes(receipt("800"))
    (tmp_path / "in" / ".c.xml").write_bytes(b"half")
    journal = MemoryJournal()
    service = started(journal)
    work = line(service, journal, box)
    assert work.receive_some()
    assert work.answers.errors == 1
    assert (tmp_path / "in" / "refused" / "a.xml.reason").read_text().startswith("no XML")
    assert (tmp_path / "in" / "done" / "b.xml").exists()
    assert not work.receive_some()


def test_a_message_that_customs_fetched_is_not_put_out_again(tmp_path: Path) -> None:
    journal = MemoryJournal()
    service = started(journal)
    service.record(declared(exported()["order"]))
    line(service, journal, FolderLetterbox(tmp_path)).send_some()
    (out,) = (tmp_path / "out").glob("*.xml")
    out.rename(tmp_path / "out" / "done" / out.name)
    (tmp_path / "number").unlink()
    line(service, journal, FolderLetterbox(tmp_path)).send_some()
    assert not list((tmp_path / "out").glob("*.xml"))


class ForgetfulFolder(FolderLetterbox):
    """Control dies between putting a message out and remembering it."""

    def remember(self, number: int) -> None:
        raise UnavailableError("killed")


@pytest.mark.parametrize("fetched", [False, True])
def test_control_that_dies_between_putting_out_and_remembering_declares_nothing_twice(
    tmp_path: Path, *, fetched: bool
) -> None:
    journal = MemoryJournal()
    service = started(journal)
    for document in exported().values():
        service.record(declared(document))
    with pytest.raises(UnavailableError):
        line(service, journal, ForgetfulFolder(tmp_path)).send_some()
    out = sorted(path.name for path in (tmp_path / "out").glob("*.xml"))
    if fetched:
        for name in out:
            (tmp_path / "out" / name).rename(tmp_path / "out" / "done" / name)
    again = line(started(journal), journal, FolderLetterbox(tmp_path))
    while again.send_some():
        pass
    assert sorted(path.name for path in (tmp_path / "out").glob("*.xml")) == ([] if fetched else out)
    assert len(out) == 4


async def test_a_way_that_does_not_work_is_shown_as_a_device_that_is_down_until_it_does() -> None:
    journal, box = MemoryJournal(), DyingLetterbox(lives=1)
    service = started(journal)
    service.record(declared(exported()["order"]))
    work = line(service, journal, box)
    with pytest.raises(UnavailableError):
        await work.send()
    assert [(one.link, one.device, one.state, one.reason) for one in service.links()] == [
        ("customs", "declarations", LinkState.DOWN, "unavailable")
    ]
    await work.send()
    assert [one.state for one in service.links()] == [LinkState.UP]


def test_what_comes_to_nothing_on_either_way_is_counted_and_shown() -> None:
    journal, box = MemoryJournal(), MemoryLetterbox()
    service = started(journal)
    service.record(declared(exported()["order"]))
    box.into = {"1": receipt("120"), "2": b"<nothing"}
    work = line(service, journal, box)
    while work.send_some() or work.receive_some():
        pass
    shown = {one.device: (one.frames, one.errors, one.error_share, one.last_error) for one in service.devices()}
    assert shown == {"declarations": (1, 0, 0.0, None), "answers": (1, 1, 0.5, "refused")}
