"""Late readings on their way: from the journal into the record, and back as what nobody was told."""

import pytest

from coldport.messages.alarm import AlarmState
from coldport.messages.observation import Batch
from coldport.site import Point, Quantity
from control.alarms.definition import AlarmFile
from control.entries import Reviewed
from control.followers import record as follow_record
from control.followers.historian import HistorianFollower
from control.followers.record import RecordFollower
from control.historian.memory import MemoryHistorian
from control.journal.memory import MemoryJournal
from control.service import Service

BOOT = "0" * 32


class Idle:
    """A clock that stands where it was put and lets nobody wait."""

    def __init__(self, now):
        self.at = now

    def now(self):
        return self.at

    async def sleep(self, seconds):
        pass


class Desk:
    """Control of one room without bus and page: what is taken is on record, in the historian and in the record."""

    def __init__(self, site, alarms, at, reading, file):
        self.site, self.alarms, self.at, self.reading, self.file = site, alarms, at, reading, file
        self.clock = Idle(at(0))
        self.journal, self.historian = MemoryJournal(), MemoryHistorian()
        self.seq = 0
        self.start()

    def start(self):
        self.service = Service(self.site, self.alarms, self.journal, self.clock)
        self.historian_follower = HistorianFollower(self.journal, self.historian, self.clock)
        self.follower = RecordFollower(
            self.site, self.alarms, self.journal, self.historian, self.service.review, self.clock, self.file
        )

    def take(self, minutes, value, *, lag_s=1.0):
        """Take readings made at `minutes`, each `lag_s` after it was made."""
        for minute in minutes:
            self.seq += 1
            self.clock.at = max(self.clock.at, self.at(60 * minute + lag_s))
            observation = self.reading(60 * minute, value, seq=self.seq)
            self.service.take([Batch(gateway="g", boot_id=BOOT, observations=(observation,), follows=self.seq - 1)])

    async def follow(self):
        for _ in range(6):
            await self.historian_follower.step()
            await self.follower.step()

    @property
    def reviews(self):
        return [entry.content for entry in self.journal.read(0, 10_000) if isinstance(entry.content, Reviewed)]


@pytest.fixture
def desk(definition, one_room, at, reading, tmp_path):
    site = one_room(Point(id="p", quantity=Quantity.TEMPERATURE, every_s=60))
    alarms = AlarmFile(
        settle_s=0, alarms=(definition(deadband=0.5, on_delay_s=600, off_delay_s=300), definition(id="far", limit=15.0))
    )
    return Desk(site, alarms, at, reading, tmp_path / "record.msgpack")


async def test_an_excursion_that_came_late_is_one_occurrence_and_a_repeat_adds_none(desk, at):
    desk.take(range(10), 5.0)
    desk.take(range(60, 70), 5.0)
    desk.take([*range(10, 20), *range(40, 60)], 5.0)
    desk.take(range(20, 40), 9.0)
    await desk.follow()

    [alarm] = desk.service.alarms()
    assert (alarm.id, alarm.historical, alarm.state) == ("hi.p.1", True, AlarmState.RETURNED_UNACKNOWLEDGED)
    assert (alarm.occurred_at, alarm.returned_at) == (at(30 * 60), at(40 * 60))
    [said] = desk.reviews
    assert said.closed == ((at(12 * 60), at(3600)),)
    desk.take(range(20, 40), 9.0)
    await desk.follow()
    assert len(desk.service.alarms()) == 1


async def test_an_excursion_that_began_in_sight_and_ended_in_a_gap_is_found(desk, at):
    desk.take(range(5), 5.0)
    desk.take(range(5, 10), 9.0)
    desk.take(range(60, 70), 5.0)
    desk.take(range(10, 30), 9.0)
    desk.take(range(30, 60), 5.0)
    await desk.follow()

    [alarm] = desk.service.alarms()
    assert (alarm.historical, alarm.occurred_at, alarm.returned_at) == (True, at(15 * 60), at(30 * 60))


async def test_an_outage_that_is_made_up_in_order_is_judged_by_the_record(desk, at):
    desk.take(range(10), 5.0)
    for minute in range(10, 50):
        desk.take([minute], 9.0 if minute < 30 else 5.0, lag_s=3_600)
    desk.take(range(110, 120), 5.0)
    await desk.follow()

    [alarm] = desk.service.alarms()
    assert (alarm.historical, alarm.occurred_at) == (True, at(20 * 60))


async def test_an_onset_inside_an_outage_is_moved_back_when_the_alarm_is_there(desk, at):
    desk.take(range(10), 5.0)
    desk.take(range(60, 75), 9.0)
    [alarm] = desk.service.alarms()
    assert alarm.occurred_at == at(70 * 60)
    desk.take(range(10, 60), 9.0)
    await desk.follow()

    [alarm] = desk.service.alarms()
    assert (alarm.occurred_at, alarm.revised_from) == (at(20 * 60), at(70 * 60))
    assert alarm.state is AlarmState.UNACKNOWLEDGED


async def test_an_onset_inside_an_outage_is_moved_back_when_the_alarm_comes_later(desk, at):
    desk.take(range(10), 5.0)
    desk.take(range(60, 63), 9.0)
    desk.take(range(10, 60), 9.0)
    await desk.follow()
    assert desk.service.alarms() == []
    desk.take(range(63, 75), 9.0)
    await desk.follow()

    [alarm] = desk.service.alarms()
    assert (alarm.occurred_at, alarm.revised_from) == (at(20 * 60), at(70 * 60))


async def test_a_gap_that_was_fine_is_closed_and_moves_no_alarm(desk, at):
    desk.take(range(10), 5.0)
    desk.take(range(60, 70), 5.0)
    desk.take(range(10, 60), 5.0)
    await desk.follow()

    assert desk.service.alarms() == []
    assert [said.closed for said in desk.reviews] == [((at(12 * 60), at(3600)),)]


async def test_what_passed_two_limits_in_one_gap_is_one_finding_of_the_graver(desk):
    desk.take(range(10), 5.0)
    desk.take(range(60, 70), 5.0)
    desk.take([*range(10, 20), *range(40, 60)], 5.0)
    desk.take(range(20, 40), 20.0)
    await desk.follow()

    assert len([alarm for alarm in desk.service.alarms() if alarm.historical]) == 1


@pytest.mark.parametrize("saved", [True, False])
async def test_after_a_restart_nothing_is_told_twice_and_nothing_is_forgotten(desk, saved):
    desk.take(range(10), 5.0)
    desk.take(range(60, 70), 5.0)
    desk.take([*range(10, 20), *range(40, 60)], 5.0)
    desk.take(range(20, 40), 9.0)
    await desk.follow()
    record = desk.follower.book("p").record()
    if saved:
        desk.follower.save()
    desk.start()
    await desk.follow()

    assert len(desk.reviews) == 1
    assert desk.follower.book("p").record() == record
    desk.take(range(80, 95), 9.0)
    await desk.follow()
    assert [alarm.id for alarm in desk.service.alarms()] == ["hi.p.1", "hi.p.2"]


async def test_a_file_that_cannot_be_used_is_left_and_the_journal_folded(desk):
    desk.take(range(30), 9.0)
    desk.file.write_bytes(b"what is this")
    desk.start()
    await desk.follow()

    assert len(desk.follower.book("p").record().excursions) == 1


async def test_what_is_remembered_is_saved_now_and_then(desk, monkeypatch):
    monkeypatch.setattr(follow_record, "SAVE_EVERY", 10)
    desk.take(range(30), 9.0)
    await desk.follow()

    assert desk.file.stat().st_size > 100


async def test_a_full_disk_costs_a_longer_start_and_nothing_else(desk, caplog):
    desk.follower._file = desk.file / "not a folder"
    desk.take(range(30), 9.0)
    await desk.follow()
    desk.file.write_bytes(b"")
    desk.follower.save()

    assert "the record was not saved" in caplog.text


async def test_late_readings_wait_for_the_historian(desk):
    desk.take(range(10), 5.0)
    desk.take(range(60, 70), 5.0)
    desk.take(range(10, 60), 9.0)
    await desk.follower.step()
    await desk.follower.step()
    assert desk.reviews == []
    await desk.follow()
    assert len(desk.reviews) == 1


async def test_what_no_alarm_watches_has_no_book(desk):
    assert desk.follower.book("q") is None


async def test_what_began_unseen_and_was_over_before_anybody_was_told_is_found(desk, at):
    desk.take(range(10), 5.0)
    desk.take(range(60, 63), 9.0)
    desk.take(range(10, 60), 9.0)
    await desk.follow()
    desk.take(range(63, 80), 5.0)
    await desk.follow()

    [alarm] = desk.service.alarms()
    assert (alarm.historical, alarm.occurred_at, alarm.returned_at) == (True, at(20 * 60), at(63 * 60))


async def test_what_began_unseen_and_was_not_yet_due_is_found_when_it_is_over(desk, at):
    desk.take([0], 5.0)
    desk.take(range(1, 5), 9.0, lag_s=3_600)
    await desk.follow()
    desk.take(range(5, 30), 9.0, lag_s=3_600)
    desk.take(range(90, 100), 5.0)
    await desk.follow()

    assert [(alarm.historical, alarm.occurred_at) for alarm in desk.service.alarms()] == [(True, at(11 * 60))]


async def test_a_late_reading_beside_others_is_seen_too(desk, at):
    desk.take([0, 1, 3, 4, 5], 5.0)
    desk.take([2], 20.0)
    await desk.follow()

    [alarm] = desk.service.alarms()
    assert (alarm.definition, alarm.historical, alarm.value) == ("far", True, 20.0)


async def test_what_was_out_of_order_and_judged_live_is_folded_in_and_tells_nothing(desk):
    desk.take([0, 1, 3, 4], 5.0)
    desk.take([2], 5.0)
    await desk.follow()

    book = desk.follower.book("p")
    assert (book.settled, book.state.hidden) == (True, [])
    assert book.record().gaps == ()
