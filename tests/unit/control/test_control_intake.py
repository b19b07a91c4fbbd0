"""Bus to service: nothing acknowledged before it is durable, nothing unreadable stops the rest."""

import asyncio
from unittest.mock import Mock

import pytest

from coldport import topics
from coldport.bus import Outgoing
from coldport.bus_memory import MemoryBroker
from coldport.clock import ManualClock
from coldport.codec import decode, encode
from coldport.errors import UnavailableError
from coldport.messages.command import Command, CommandReply, Stage
from coldport.messages.observation import Batch, Passage, Reading, Receipt, Tally, Weighing
from coldport.messages.status import Health, LinkState, LinkStatus, Presence
from coldport.site import Point, Quantity
from control import intake as intake_module
from control.alarms.definition import AlarmFile
from control.entries import Commanded, Replied
from control.intake import Intake, filters
from control.journal.memory import MemoryJournal
from control.service import Service

BOOT = "0" * 32


class Rig:
    """Control's intake on a memory bus, and a gateway beside it."""

    def __init__(self, site, definition, clock, reading) -> None:
        self.broker = MemoryBroker()
        self.journal = MemoryJournal()
        self.service = Service(site, AlarmFile(alarms=(definition,)), self.journal, clock)
        self.bus = self.broker.client("control", filters(site.id))
        self.gateway = self.broker.client("gateway", [topics.RECEIPTS.filter(site.id)])
        self.intake = Intake(site.id, self.bus, self.service, clock)
        self.site = site
        self._reading = reading

    async def send(self, *numbers, topic=None) -> None:
        observations = tuple(self._reading(number, 5.0, seq=number) for number in numbers)
        payload = encode(Batch(gateway="g", boot_id=BOOT, observations=observations))
        await self.gateway.publish(Outgoing(topic or topics.observations(self.site.id, "g"), payload))

    async def say(self, topic: str, payload: bytes, *, retained: bool = False) -> None:
        await self.gateway.publish(Outgoing(f"coldport/v1/{self.site.id}/{topic}", payload, retained=retained))

    def receipts(self) -> list[tuple[int, int]]:
        found = [decode(Receipt, message.payload) for message in self.gateway.waiting]
        self.gateway.waiting.clear()
        return [(receipt.first_seq, receipt.last_seq) for receipt in found]


@pytest.fixture
def rig(one_room, definition, at, reading):
    site = one_room(Point(id="p", quantity=Quantity.TEMPERATURE, every_s=1))
    return Rig(site, definition(), ManualClock(at(0)), reading)


async def test_all_that_waits_is_one_commit_and_one_receipt_for_what_joins(rig):
    for number in range(1, 41):
        await rig.send(number)
    await rig.intake.work()
    assert rig.journal.last() == 2
    assert rig.receipts() == [(1, 40)]
    assert rig.bus.unacknowledged == {}


async def test_a_group_is_closed_at_its_limit(rig, monkeypatch):
    monkeypatch.setattr(intake_module, "GROUP_LIMIT", 4)
    for first in range(1, 10, 2):
        await rig.send(first, first + 1)
    await rig.intake.work()
    assert rig.receipts() == [(1, 4), (5, 8), (9, 10)]


async def test_nothing_is_acknowledged_while_the_journal_is_away_and_all_is_taken_when_it_is_back(rig, monkeypatch):
    append = rig.journal.append

    def refuse(*_):
        raise UnavailableError("disk full")

    monkeypatch.setattr(rig.journal, "append", refuse)
    await rig.send(1, 2)
    for _ in range(2):
        with pytest.raises(UnavailableError):
            await rig.intake.work()
    assert (len(rig.bus.unacknowledged), rig.receipts()) == (1, [])
    monkeypatch.setattr(rig.journal, "append", append)
    await rig.intake.work()
    assert (rig.bus.unacknowledged, rig.receipts()) == ({}, [(1, 2)])


async def test_a_lost_receipt_is_made_good_by_the_next_sending(rig):
    await rig.send(1, 2)
    rig.broker.up = False
    with pytest.raises(UnavailableError):
        await rig.intake.work()
    rig.broker.up = True
    await rig.send(1, 2)
    await rig.intake.work()
    assert rig.receipts() == [(1, 2)]
    assert rig.journal.last() == 2


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("observations/g", b"{", "truncated"),
        ("observations/g", b'{"gateway":"g","boot":"x"}', "unknown field `boot`"),
        ("observations/g", b"\xff" * 300_000, "300000 bytes"),
        ("observations/other", None, "another gateway"),
        ("links/g/line", b"[]", "Expected `object`"),
        ("presence/edge", b"null", "Expected `object`"),
    ],
)
async def test_a_message_that_cannot_be_read_is_counted_sampled_and_done_with(rig, topic, payload, reason, caplog):
    if payload is None:
        await rig.send(1, topic=f"coldport/v1/{rig.site.id}/{topic}")
    else:
        await rig.say(topic, payload)
    await rig.send(1)
    await rig.intake.work()
    ((said, refusal),) = rig.intake.refusals.items()
    assert reason in said
    assert refusal.count == 1
    assert len(refusal.sample) <= intake_module.SAMPLE_LIMIT
    assert rig.receipts() == [(1, 1)]
    assert rig.bus.unacknowledged == {}
    assert "refused on" in caplog.text


async def test_the_same_refusal_is_said_once_and_counted(rig, caplog):
    for _ in range(5):
        await rig.say("observations/g", b"{")
    await rig.intake.work()
    assert [refusal.count for refusal in rig.intake.refusals.values()] == [5]
    assert len(caplog.records) == 1


async def test_reasons_past_the_limit_count_as_other(rig, monkeypatch):
    monkeypatch.setattr(intake_module, "REASON_LIMIT", 2)
    for index in range(5):
        await rig.say("observations/g", b'{"key%d":1}' % index)
    await rig.intake.work()
    assert [refusal.count for refusal in rig.intake.refusals.values()] == [1, 1, 3]


async def test_lines_and_processes_are_shown_and_a_late_will_is_not(rig, at):
    up = LinkStatus(gateway="g", link="cold-a", state=LinkState.UP, since=at(0))
    await rig.say("links/g/cold-a", encode(up), retained=True)
    old, new = "1" * 32, "2" * 32
    for session, online in ((old, True), (new, True), (old, False)):
        presence = Presence(process="edge", session=session, online=online, since=at(0))
        await rig.say("presence/edge", encode(presence), retained=True)
    await rig.intake.work()
    assert rig.service.links() == [up]
    assert [(p.session, p.online) for p in rig.service.presences()] == [(new, True)]


async def test_an_erased_retained_message_is_no_error(rig):
    rig.bus.waiting.append(Outgoing(f"coldport/v1/{rig.site.id}/links/g/cold-a", b"", retained=True))
    await rig.intake.work()
    assert rig.intake.refusals == {}


async def test_intake_waits_when_there_is_nothing(rig):
    waiting = asyncio.create_task(rig.intake.work())
    await ManualClock.settle()
    assert not waiting.done()
    await rig.send(1)
    await waiting
    assert rig.receipts() == [(1, 1)]


async def test_a_batch_that_overtook_another_waits_for_it_unacknowledged(rig):
    await rig.send(3, 4)
    await rig.intake.work()
    assert (rig.journal.last(), len(rig.bus.unacknowledged), rig.receipts()) == (1, 1, [])
    await rig.send(1, 2)
    await rig.intake.work()
    assert (rig.bus.unacknowledged, rig.receipts()) == ({}, [(1, 4)])


async def test_what_arrived_while_the_journal_could_not_be_asked_is_taken_when_it_can(rig, monkeypatch):
    def refuse(*_):
        raise UnavailableError("disk failing")

    with monkeypatch.context() as away:
        away.setattr(rig.journal, "highest_seq", refuse)
        await rig.send(1, 2)
        with pytest.raises(UnavailableError):
            await rig.intake.work()
    await rig.intake.work()
    assert (rig.bus.unacknowledged, rig.receipts()) == ({}, [(1, 2)])


async def test_a_command_and_what_became_of_it_are_on_record(rig, at):
    command = Command(
        id="0193551a-0000-7000-8000-000000000001",
        point="lamp",
        value=1.0,
        issued_at=at(0),
        expires_at=at(10),
        issued_by="李工",
    )
    reply = CommandReply(gateway="g", id=command.id, point="lamp", stage=Stage.DONE, at=at(1), observed=1.0)
    await rig.say("commands/g", encode(command))
    await rig.say("replies/g", encode(reply))
    await rig.intake.work()
    contents = [entry.content for entry in rig.journal.read(0, 10)]
    assert contents[-2:] == [Commanded(command=command), Replied(reply=reply)]
    assert rig.bus.unacknowledged == {}


async def test_a_command_waits_on_the_bus_while_the_journal_is_away(rig, at, monkeypatch):
    append = rig.journal.append
    monkeypatch.setattr(rig.journal, "append", Mock(side_effect=UnavailableError("disk full")))
    reply = CommandReply(gateway="g", id="0" * 8 + "-0000" * 3 + "-" + "0" * 12, point="x", stage=Stage.DONE, at=at(1))
    await rig.say("replies/g", encode(reply))
    with pytest.raises(UnavailableError):
        await rig.intake.work()
    monkeypatch.setattr(rig.journal, "append", append)
    await rig.intake.work()
    assert [entry.content for entry in rig.journal.read(1, 10)] == [Replied(reply=reply)]
    assert rig.bus.unacknowledged == {}


async def test_the_newest_health_of_a_device_is_shown(rig, at):
    for frames in (10, 20):
        health = Health(
            gateway="g", link="cold-a", device="c1-1", at=at(frames), frames=frames, errors=1, error_share=0.1
        )
        await rig.say("health/g/c1-1", encode(health), retained=True)
    await rig.intake.work()
    assert rig.service.devices() == [health]


async def test_what_happened_at_a_gate_is_on_record_and_does_not_replace_what_its_point_shows(rig, at):
    told = {"point": "p", "spooled_at": at(3)}
    observations = (
        Reading(seq=1, observed_at=at(1), value=5.0, **told),
        Weighing(seq=2, observed_at=at(2), number=1, placed_at=at(1), gross_kg=3.0, **told),
        Passage(
            seq=3, observed_at=at(2), direction="in", confidence=0.9, first_at=at(1), last_at=at(2), reads=9, **told
        ),
        Tally(seq=4, observed_at=at(3), manifest="m", expected=1, seen=0, missing_count=1, extra_count=0, **told),
    )
    await rig.say("observations/g", encode(Batch(gateway="g", boot_id=BOOT, observations=observations)))
    await rig.intake.work()
    assert rig.receipts() == [(1, 4)]
    assert rig.service.latest()["p"].value == 5.0
    assert rig.service.latest()["p"].observed_at == at(1)
