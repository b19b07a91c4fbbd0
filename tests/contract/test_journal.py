"""The journal port: the memory and the SQLite journal keep the same promises."""

from datetime import UTC, datetime, timedelta

import pytest

from coldport.messages.alarm import Alarm, AlarmState, Priority
from coldport.messages.observation import Quality, Reading, TagRead, Weight
from control.entries import Acknowledged, Entry, Mark, Observed, Started, Tampered, Ticked, Transitioned
from control.exposure.custody import LotShipped
from control.journal.memory import MemoryJournal
from control.journal.sqlite import SqliteJournal

START = datetime(2026, 3, 1, 8, 0, 0, 123_456, tzinfo=UTC)
BOOT = "0" * 32


def reading(seq, value=5.0, **changes):
    at = START + timedelta(seconds=seq)
    return Reading(seq=seq, point="p", observed_at=at, spooled_at=at, value=value, **changes)


def observed(*numbers, gateway="g", boot_id=BOOT):
    return Observed(gateway=gateway, boot_id=boot_id, observations=tuple(reading(number) for number in numbers))


def one_of_each():
    times = {"observed_at": START, "spooled_at": START}
    alarm = Alarm(
        id="hi.p.1",
        definition="hi",
        point="p",
        occurrence=1,
        state=AlarmState.UNACKNOWLEDGED,
        priority=Priority.HIGH,
        occurred_at=START,
        transition=2,
        value=9.0,
    )
    observations = (
        reading(1),
        Reading(seq=2, point="p", quality=Quality.BAD, reason="no-answer", **times),
        Weight(seq=3, point="scale", gross_kg=1.005, stable=True, **times),
        TagRead(seq=4, point="gate", epc="3034", antenna=1, rssi_dbm=-60, **times),
    )
    return [
        Started(at=START),
        Observed(gateway="g", boot_id=BOOT, observations=observations),
        Ticked(at=START),
        Transitioned(alarm=alarm),
        Acknowledged(alarm="hi.p.1", at=START, by="王", comment="已关门"),
        Tampered(gateway="g", boot_id=BOOT, seq=1, first=reading(1), again=reading(1, 6.0)),
    ]


@pytest.fixture(params=["memory", "sqlite"])
def journal(request, tmp_path):
    if request.param == "memory":
        yield MemoryJournal()
    else:
        with SqliteJournal(tmp_path / "journal.sqlite") as journal:
            yield journal


class TestJournal:
    def test_a_new_journal_is_empty(self, journal):
        assert (journal.last(), journal.read(0, 10), journal.load_snapshot()) == (0, [], None)
        assert (journal.marks("g", BOOT, 1, 10), journal.highest_seq("g", BOOT)) == ([], 0)

    def test_events_are_what_is_no_observation_and_no_tick(self, journal):
        journal.append(START, one_of_each())

        kinds = [type(entry.content) for entry in journal.events(0, 10)]
        assert kinds == [Started, Transitioned, Acknowledged, Tampered]
        assert [entry.number for entry in journal.events(1, 2)] == [4, 5]

    def test_what_is_about_one_thing_is_found_without_the_rest_the_newest_first(self, journal):
        journal.append(START, one_of_each())
        journal.append(START, [LotShipped(lot="l1", at=START, by="王"), LotShipped(lot="l2", at=START, by="王")])

        assert [type(entry.content) for entry in journal.about("alarm:hi.p.1", 10)] == [Acknowledged, Transitioned]
        assert [entry.number for entry in journal.about("alarm:hi.p.1", 1)] == [5]
        assert [entry.number for entry in journal.about("lot:l2", 10)] == [8]
        assert journal.about("lot:l3", 10) == []

    def test_entries_come_back_as_they_were_in_order_and_numbered_without_a_gap(self, journal):
        contents = one_of_each()
        returned = [*journal.append(START, contents[:2]), *journal.append(START, contents[2:])]
        assert returned == [Entry(number, START, content) for number, content in enumerate(contents, start=1)]
        assert journal.read(0, 100) == returned
        assert journal.last() == len(contents)

    def test_reading_goes_on_after_a_number_and_stops_at_a_limit(self, journal):
        journal.append(START, [observed(number) for number in range(1, 6)])
        assert [entry.number for entry in journal.read(2, 2)] == [3, 4]
        assert journal.read(5, 10) == []

    def test_appending_nothing_is_nothing(self, journal):
        assert journal.append(START, []) == []
        assert journal.last() == 0

    def test_a_mark_is_found_by_any_number_in_it_and_by_no_other(self, journal):
        journal.append(START, [Started(at=START), observed(3, 4, 5)])
        mark = Mark("g", BOOT, 3, 5, 2)
        for first, last in [(3, 3), (5, 5), (1, 3), (5, 9), (1, 9), (4, 4)]:
            assert journal.marks("g", BOOT, first, last) == [mark]
        assert journal.marks("g", BOOT, 1, 2) == journal.marks("g", BOOT, 6, 9) == []

    def test_marks_come_in_the_order_of_their_numbers_whatever_came_first(self, journal):
        journal.append(START, [observed(7, 8), observed(1, 2)])
        journal.append(START, [observed(4)])
        assert [(m.first_seq, m.last_seq, m.entry) for m in journal.marks("g", BOOT, 2, 7)] == [
            (1, 2, 2),
            (4, 4, 3),
            (7, 8, 1),
        ]
        assert journal.highest_seq("g", BOOT) == 8

    def test_marks_of_other_gateways_and_boots_are_apart(self, journal):
        journal.append(START, [observed(1, gateway="h"), observed(2, boot_id="1" * 32)])
        assert journal.marks("g", BOOT, 1, 9) == []
        assert journal.highest_seq("g", BOOT) == 0

    def test_the_newest_snapshot_replaces_the_older(self, journal):
        journal.save_snapshot(1, b"one")
        journal.save_snapshot(2, b"two")
        assert journal.load_snapshot() == (2, b"two")


def test_a_journal_that_was_begun_before_events_were_listed_lists_them_when_it_is_opened(tmp_path):
    path = tmp_path / "journal.sqlite"
    with SqliteJournal(path) as journal:
        journal.append(START, one_of_each())
        journal._writer.execute("DROP TABLE event")

    with SqliteJournal(path) as journal:
        assert [entry.number for entry in journal.events(0, 10)] == [1, 4, 5, 6]
