"""The one way into the journal: once each, all or nothing, and the same after a restart."""

import asyncio
from datetime import UTC, datetime

import pytest

from coldport.clock import ManualClock
from coldport.errors import MalformedError, RefusedError, UnavailableError
from coldport.messages.alarm import AlarmState
from coldport.messages.observation import BATCH_LIMIT, Batch, Receipt, TagRead, Weight
from coldport.messages.status import LinkState, LinkStatus, Presence
from coldport.site import Point, Quantity
from control import memory as memory_module
from control import picture as picture_module
from control import service as service_module
from control import spools as spools_module
from control.alarms.definition import AlarmFile
from control.entries import Acknowledged, Observed, Started, Tampered, Transitioned
from control.journal.memory import MemoryJournal
from control.service import Service

RECORDED_AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)

BOOT = "0" * 32


class FailingJournal(MemoryJournal):
    """A journal whose disk can be full."""

    full = False

    def append(self, recorded_at, contents):
        if self.full:
            raise UnavailableError("disk full")
        return super().append(recorded_at, contents)


@pytest.fixture
def journal():
    return FailingJournal()


@pytest.fixture
def clock(at):
    return ManualClock(at(0))


@pytest.fixture
def site(one_room):
    return one_room(
        Point(id="p", quantity=Quantity.TEMPERATURE, every_s=1),
        Point(id="scale", quantity=Quantity.MASS, every_s=1),
        Point(id="gate", quantity=Quantity.TAGS, every_s=60),
    )


@pytest.fixture
def start(site, definition, journal, clock):
    """Start a service on the journal; `changes` make the definition another one."""

    def start_with(**changes):
        return Service(site, AlarmFile(alarms=(definition(**changes),)), journal, clock)

    return start_with


@pytest.fixture
def batch(reading):
    """A batch of readings of `p`, one a second from second `first` on, by their numbers."""

    def make(numbers, value=5.0, point="p"):
        observations = tuple(reading(number, value, seq=number, point=point) for number in numbers)
        return Batch(gateway="g", boot_id=BOOT, observations=observations)

    return make


def contents(journal, *kinds):
    return [entry.content for entry in journal.entries if isinstance(entry.content, kinds)]


def numbers(journal):
    return [o.seq for content in contents(journal, Observed) for o in content.observations]


def test_a_start_is_on_record_first(start, journal, at):
    start()
    assert contents(journal, Started) == [Started(at=at(0))]


def test_a_batch_is_recorded_with_the_alarm_it_moves_and_confirmed(start, journal, batch):
    service = start()
    receipts = service.take([batch([1], 9.0)])
    assert receipts == [Receipt(gateway="g", boot_id=BOOT, first_seq=1, last_seq=1, recorded_at=RECORDED_AT)]
    assert [type(entry.content) for entry in journal.entries] == [Started, Observed, Transitioned]
    assert service.alarms()[0].transition == journal.last() == 3


def test_repeats_and_overlapping_batches_change_nothing_and_are_confirmed(start, journal, batch):
    service = start()
    service.take([batch(range(1, 6))])
    receipts = service.take([batch(range(1, 6)), batch(range(4, 9)), batch(range(6, 9))])
    assert numbers(journal) == list(range(1, 9))
    assert receipts == [Receipt(gateway="g", boot_id=BOOT, first_seq=1, last_seq=8, recorded_at=RECORDED_AT)]
    assert service.counts.repeats == 10


def test_receipts_are_joined_only_where_nothing_is_missing_between(start, batch):
    receipts = start().take([batch([1, 2]), batch([3]), batch([7])])
    assert [(r.first_seq, r.last_seq) for r in receipts] == [(1, 3), (7, 7)]


def test_a_long_run_is_cut_into_entries_of_a_batch_each(start, journal, batch):
    start().take([batch(range(1, BATCH_LIMIT + 1)), batch(range(BATCH_LIMIT + 1, BATCH_LIMIT + 3))])
    assert [len(content.observations) for content in contents(journal, Observed)] == [BATCH_LIMIT, 2]


def test_a_repeat_is_known_after_a_restart(start, journal, batch):
    start().take([batch(range(1, 6))])
    start().take([batch(range(3, 8))])
    assert numbers(journal) == list(range(1, 8))


def test_another_value_under_the_same_name_is_recorded_as_tampering_once(start, journal, batch, caplog):
    service = start()
    service.take([batch([1, 2], 5.0)])
    for _ in range(3):
        receipts = service.take([batch([1, 2], 6.0)])
    assert [(t.seq, t.first.value, t.again.value) for t in contents(journal, Tampered)] == [(1, 5.0, 6.0)]
    assert numbers(journal) == [1, 2]
    assert receipts[0].last_seq == 2  # the gateway need not send it for ever
    assert "came again with another content" in caplog.text


def test_observations_of_points_the_site_has_not_are_on_record_and_not_shown(start, journal, batch):
    service = start()
    service.take([batch([1], 99.0, point="elsewhere")])
    assert numbers(journal) == [1]
    assert (service.latest(), service.alarms(), service.unknown) == ({}, [], 1)


async def test_when_the_disk_is_full_nothing_is_taken_and_the_next_try_is_as_if_it_were_the_first(
    start, journal, batch, clock, at
):
    service = start(on_delay_s=2)
    service.take([batch([1], 9.0)])
    journal.full = True
    for _ in range(3):
        with pytest.raises(UnavailableError):
            service.take([batch([2, 3, 4], 9.0)])
    assert (numbers(journal), service.alarms_since(0)) == ([1], [])
    journal.full = False
    service.take([batch([2, 3, 4], 9.0)])
    assert numbers(journal) == [1, 2, 3, 4]
    assert [(a.id, a.occurred_at) for a in service.alarms()] == [("hi.p.1", at(3))]


async def test_a_tick_that_moves_nothing_is_not_recorded(start, journal, batch, clock):
    service = start(on_delay_s=1)
    service.take([batch([1], 9.0)])
    await clock.advance(1)
    service.tick()
    assert journal.last() == 2
    await clock.advance(2.5)
    service.tick()
    assert [a.state for a in service.alarms()] == [AlarmState.UNACKNOWLEDGED]
    assert journal.last() == 4


def test_an_acknowledgement_is_recorded_once(start, journal, batch):
    service = start()
    service.take([batch([1], 9.0)])
    acknowledged = service.acknowledge("hi.p.1", "Wang", "door closed")
    assert acknowledged.state is AlarmState.ACKNOWLEDGED
    assert service.acknowledge("hi.p.1", "Li", None) == acknowledged
    assert [content.by for content in contents(journal, Acknowledged)] == ["Wang"]


def test_an_alarm_that_does_not_exist_is_refused_and_nothing_is_recorded(start, journal):
    service = start()
    with pytest.raises(RefusedError, match="no alarm"):
        service.acknowledge("hi.p.1", "Wang", None)
    assert journal.last() == 1


@pytest.mark.parametrize("saved", [True, False], ids=["from-a-snapshot", "from-the-first-entry"])
def test_a_restart_shows_what_was_shown_before(start, batch, saved):
    service = start()
    service.take([batch([1, 2], 9.0), batch([3], 7.0)])
    service.take([batch([4], 9.0)])
    service.acknowledge("hi.p.1", "Wang", None)
    if saved:
        service.save()
    again = start()
    assert (again.alarms(), again.latest()) == (service.alarms(), service.latest())


def test_a_snapshot_that_cannot_be_read_is_not_used(start, journal, batch, caplog):
    service = start()
    service.take([batch([1], 9.0)])
    journal.save_snapshot(2, b"\x81\xa4form\x00")
    assert start().alarms() == service.alarms()
    assert "the snapshot is not used" in caplog.text


def test_a_snapshot_is_kept_every_so_often_so_that_a_start_stays_quick(start, journal, batch, monkeypatch):
    monkeypatch.setattr(service_module, "SNAPSHOT_EVERY", 10)
    service = start()
    service.take([batch(range(1, 9))])
    assert journal.load_snapshot() is None
    service.take([batch([9])])
    assert journal.load_snapshot()[0] == journal.last()


def test_a_snapshot_that_cannot_be_written_is_a_warning_and_no_loss(start, journal, batch, monkeypatch, caplog):
    def refuse(*_):
        raise UnavailableError("disk full")

    monkeypatch.setattr(journal, "save_snapshot", refuse)
    monkeypatch.setattr(service_module, "SNAPSHOT_EVERY", 2)
    service = start()
    assert service.take([batch([1, 2], 9.0)])
    assert "no snapshot was kept: disk full" in caplog.text
    assert start().alarms() == service.alarms()


def test_readings_dated_ahead_are_on_record_and_said_once(start, journal, batch, caplog):
    service = start()
    service.take([batch([3_600], 9.0)])
    service.take([batch([3_601], 9.0)])
    assert (numbers(journal), service.alarms(), service.latest()) == ([3_600, 3_601], [], {})
    assert [record.message for record in caplog.records] == [
        "readings from more than a minute ahead are on record and not judged: a clock is wrong"
    ]


def test_a_changed_limit_ends_and_begins_alarms_at_the_next_start_and_rewrites_no_past(start, journal, batch):
    start().take([batch([1], 9.0)])
    relaxed = start(limit=10.0)
    relaxed.take([batch([2], 9.0)])
    assert [a.state for a in relaxed.alarms()] == [AlarmState.RETURNED_UNACKNOWLEDGED]
    again = start(limit=10.0)
    assert again.alarms() == relaxed.alarms()


def test_an_alarm_whose_definition_is_gone_returns_at_the_next_start_and_its_successor_occurs(start, batch):
    start().take([batch([1], 9.0)])
    renamed = start(id="too-warm")
    states = {a.id: a.state for a in renamed.alarms()}
    assert states == {
        "hi.p.1": AlarmState.RETURNED_UNACKNOWLEDGED,
        "too-warm.p.1": AlarmState.UNACKNOWLEDGED,
    }


def test_the_newest_observation_is_shown_whatever_comes_late(start, batch, at):
    service = start()
    service.take([batch([10], 5.0)])
    version = service.version()
    service.take([batch([3], 7.0)])
    assert (service.latest()["p"].value, service.latest()["p"].observed_at) == (5.0, at(10))
    assert service.changed_points(version) == []


def test_a_scale_shows_its_net_mass_else_its_gross_and_a_gate_its_tag(start, at):
    service = start()
    times = {"observed_at": at(1), "spooled_at": at(1)}
    weight = Weight(seq=1, point="scale", gross_kg=12.5, stable=True, **times)
    tag = TagRead(seq=2, point="gate", epc="3034" * 6, antenna=1, **times)
    service.take([Batch(gateway="g", boot_id=BOOT, observations=(weight, tag))])
    scale, gate = service.latest()["scale"], service.latest()["gate"]
    assert (scale.value, scale.stable, gate.value, gate.epc) == (12.5, True, None, "3034" * 6)


def test_repeats_of_a_spool_no_longer_remembered_are_still_known(start, journal, batch, monkeypatch):
    monkeypatch.setattr(spools_module, "SPOOL_LIMIT", 1)
    service = start()
    for gateway in ("g", "h", "g", "h"):
        sent = batch([1, 2])
        service.take([Batch(gateway=gateway, boot_id=BOOT, observations=sent.observations)])
    assert numbers(journal) == [1, 2, 1, 2]
    assert service.counts.repeats == 4


def test_a_start_folds_more_entries_than_are_read_at_once(start, batch, monkeypatch):
    service = start()
    for number in range(1, 12):
        service.take([batch([number], 9.0 if number % 2 else 7.0)])
    monkeypatch.setattr(memory_module, "READ_LIMIT", 3)
    again = start()
    assert (again.alarms(), again.latest()) == (service.alarms(), service.latest())


@pytest.mark.parametrize("kind", ["links", "presences"])
def test_names_of_lines_and_processes_past_the_limit_are_refused_and_known_ones_go_on(start, at, monkeypatch, kind):
    monkeypatch.setattr(picture_module, "STATUS_LIMIT", 2)
    service = start()

    def tell(name):
        if kind == "links":
            service.link(LinkStatus(gateway="g", link=name, state=LinkState.UP, since=at(0)))
        else:
            service.presence(Presence(process=name, session="a" * 32, online=True, since=at(0)))

    tell("one")
    tell("two")
    with pytest.raises(MalformedError, match="more than 2"):
        tell("three")
    tell("two")
    assert len(getattr(service, kind)()) == 2


async def test_a_follower_wakes_when_the_journal_has_grown(start, batch):
    service = start()
    waiting = asyncio.create_task(service.wait_beyond(service.journal_last()))
    await asyncio.sleep(0)  # noqa: TID251 - one turn of the loop, no time
    assert not waiting.done()
    service.take([batch([1])])
    await waiting
