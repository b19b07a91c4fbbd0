import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest

from coldport.clock import ManualClock, SystemClock
from coldport.errors import UnavailableError
from coldport.ids import PointId
from coldport.messages.observation import Quality, Reading, TagRead, Weight
from coldport.supervise import for_ever
from control.entries import Observed, Ticked
from control.followers.historian import ENTRY_LIMIT, SAMPLE_LIMIT, HistorianFollower, pieces, sample_of
from control.historian.memory import MemoryHistorian
from control.journal.memory import MemoryJournal

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PROBE = PointId("c1-1-temperature")


def reading(seq: int, value: float | None = 3.0, quality: Quality = Quality.GOOD) -> Reading:
    at = NOON + timedelta(seconds=seq)
    return Reading(seq=seq, point=PROBE, observed_at=at, spooled_at=at, value=value, quality=quality)


def observed(first: int, count: int) -> Observed:
    readings = tuple(reading(seq) for seq in range(first, first + count))
    return Observed(gateway="gateway-1", boot_id="0" * 32, observations=readings)


def filled(entries: int, each: int = 1) -> MemoryJournal:
    journal = MemoryJournal()
    journal.append(NOON, [observed(1 + index * each, each) for index in range(entries)])
    return journal


def kept(historian: MemoryHistorian) -> int:
    [bucket] = historian.buckets(PROBE, NOON, NOON + timedelta(days=9), 1, hold_s=1)
    return bucket.count


class Failing(MemoryHistorian):
    """Away for the first writes; each failure forgets the last entry, as a killed server may."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.failures = failures

    def write(self, through, samples):
        if self.failures:
            self.failures -= 1
            self._applied = max(0, self._applied - 1)
            raise UnavailableError("away")
        super().write(through, samples)


async def test_it_brings_every_reading_into_the_historian_once():
    journal, historian = filled(3, each=4), MemoryHistorian()
    follower = HistorianFollower(journal, historian, SystemClock())
    await follower._catch_up()
    assert (kept(historian), historian.applied(), follower.applied) == (12, 3, 3)


async def test_it_goes_on_from_the_number_that_the_historian_remembers():
    journal, historian = filled(5), MemoryHistorian()
    historian.write(3, [])
    await HistorianFollower(journal, historian, SystemClock())._catch_up()
    assert (kept(historian), historian.applied()) == (2, 5)


async def test_entries_without_series_move_the_number_on():
    journal, historian = MemoryJournal(), MemoryHistorian()
    journal.append(NOON, [Ticked(at=NOON)])
    await HistorianFollower(journal, historian, SystemClock())._catch_up()
    assert historian.applied() == 1


async def test_a_historian_that_was_away_is_caught_up_and_asked_again_where_it_stands():
    journal, historian = filled(3 * ENTRY_LIMIT), Failing(3)
    clock = ManualClock(NOON)
    follower = HistorianFollower(journal, historian, clock)
    task = asyncio.create_task(for_ever("historian", follower.step, clock))

    def caught_up() -> bool:
        return historian.applied() == 3 * ENTRY_LIMIT

    while not caught_up():
        await clock.advance(10)
    assert kept(historian) == 3 * ENTRY_LIMIT
    task.cancel()


async def test_while_it_is_away_nobody_is_told_that_it_is_up_to_date():
    follower = HistorianFollower(filled(1), Failing(1), SystemClock())
    with pytest.raises(UnavailableError):
        await follower.step()
    assert (follower.applied, follower.is_current) == (None, False)


async def test_it_is_current_once_it_has_read_the_journal_to_its_end():
    clock = ManualClock(NOON)
    follower = HistorianFollower(filled(ENTRY_LIMIT + 1), MemoryHistorian(), clock)
    await follower.step()
    assert not follower.is_current
    stepping = asyncio.create_task(follower.step())
    while not stepping.done():
        await clock.advance(10)
    assert follower.is_current


async def test_who_wants_to_know_hears_of_samples_that_are_in():
    heard = []
    follower = HistorianFollower(filled(3), MemoryHistorian(), SystemClock(), heard.extend)
    await follower._catch_up()
    assert len(heard) == kept(follower._historian)


async def test_a_historian_of_another_journal_is_left_alone():
    historian = MemoryHistorian()
    historian.write(7, [])
    with pytest.raises(UnavailableError, match="another journal"):
        await HistorianFollower(filled(6), historian, SystemClock()).step()


async def test_a_store_that_hangs_does_not_hold_up_the_event_loop():
    release = threading.Event()

    class Hanging(MemoryHistorian):
        def write(self, through, samples):
            release.wait(20)
            super().write(through, samples)

    historian = Hanging()
    work = asyncio.create_task(HistorianFollower(filled(1), historian, SystemClock())._catch_up())
    turns = 0
    while turns < 1000:
        await asyncio.sleep(0)  # noqa: TID251 - a turn of the loop
        turns += 1
    assert not work.done()
    release.set()
    await work
    assert kept(historian) == 1


async def test_samples_gather_for_a_second_when_there_is_nothing_to_catch_up():
    clock = ManualClock(NOON)
    step = asyncio.create_task(HistorianFollower(filled(1), MemoryHistorian(), clock).step())
    async with asyncio.timeout(20):
        while not clock._sleepers:  # noqa: ASYNC110 - a manual clock has no event for it
            await asyncio.sleep(0)  # noqa: TID251 - a turn of the loop
    await clock.advance(0.9)
    assert not step.done()
    await clock.advance(0.1)
    assert step.done()


def test_a_write_is_sent_off_at_the_sample_limit_and_entries_stay_whole():
    journal = filled(SAMPLE_LIMIT // 500 + 1, each=500)
    cut = [(through, len(samples)) for through, samples in pieces(journal.read(0, ENTRY_LIMIT))]
    assert cut == [(SAMPLE_LIMIT // 500, SAMPLE_LIMIT), (SAMPLE_LIMIT // 500 + 1, 500)]
    below = filled(SAMPLE_LIMIT // 499, each=499)
    assert [len(samples) for _, samples in pieces(below.read(0, ENTRY_LIMIT))] == [SAMPLE_LIMIT // 499 * 499]


def test_a_weight_is_its_net_mass_else_its_gross_else_unknown():
    def weight(**masses: float):
        return sample_of(Weight(seq=1, point="lane-1-scale", observed_at=NOON, spooled_at=NOON, **masses))

    assert weight(net_kg=2.5, gross_kg=3.0).value == 2.5
    assert weight(gross_kg=3.0).value == 3.0
    assert (weight(tare_kg=0.5).value, weight(tare_kg=0.5).quality) == (None, Quality.BAD)


def test_a_bad_reading_is_a_sample_without_a_value_and_an_uncertain_one_stays_so():
    assert sample_of(reading(1, 3.0, Quality.BAD)).value is None
    assert sample_of(reading(1, None)).quality is Quality.BAD
    assert sample_of(reading(1, 3.0, Quality.UNCERTAIN)).quality is Quality.UNCERTAIN


def test_tag_reads_are_not_a_series():
    read = TagRead(
        seq=1, point="lane-1-gate", observed_at=NOON, spooled_at=NOON, epc="3074257BF7194E4000001A85", antenna=1
    )
    assert sample_of(read) is None
