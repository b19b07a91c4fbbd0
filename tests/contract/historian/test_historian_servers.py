"""Real servers that are away, killed, or set up wrongly."""

import random
import threading
from datetime import datetime, timedelta

import pytest

from coldport.clock import SystemClock
from coldport.errors import RefusedError, UnavailableError
from coldport.ids import PointId, SiteId
from coldport.messages.observation import Reading
from control.entries import Observed
from control.followers.historian import HistorianFollower
from control.historian import influxql as historian_influxql
from control.historian.influx import InfluxHistorian
from control.historian.settings import HistorianSettings
from control.journal.memory import MemoryJournal

PROBE = PointId("c1-1-temperature")

pytestmark = pytest.mark.server

both = pytest.mark.parametrize("kind", ["influxd", "victoria-metrics"])


def observed(seq: int, each: int, noon: datetime) -> Observed:
    """Readings numbered from `seq`, each observed that many seconds after noon."""
    readings = tuple(
        Reading(seq=at, point=PROBE, observed_at=noon + timedelta(seconds=at), spooled_at=noon, value=float(at))
        for at in range(seq, seq + each)
    )
    return Observed(gateway="gateway-1", boot_id="0" * 32, observations=readings)


def journal_of(entries: int, each: int, noon: datetime) -> MemoryJournal:
    journal = MemoryJournal()
    journal.append(noon, [observed(1 + index * each, each, noon) for index in range(entries)])
    return journal


def kept(historian, noon, hours: int = 24) -> tuple[int, float | None]:
    [bucket] = historian.buckets(PROBE, noon, noon + timedelta(hours=hours), 1, hold_s=1)
    return bucket.count, bucket.covered_s


async def catch_up(follower: HistorianFollower, journal: MemoryJournal) -> None:
    while follower.applied != journal.last():
        await follower._catch_up()


async def feed_for_ever(follower: HistorianFollower, journal: MemoryJournal, last: Observed) -> None:
    """Catch up, then go on with repeats of the last readings until the server fails."""
    while True:
        await catch_up(follower, journal)
        journal.append(last.observations[0].observed_at, [last])


@both
async def test_after_hours_away_it_catches_up(kind, own_server, influx, sample):
    noon = sample(0).observed_at
    server = own_server(kind)
    historian = influx(server, clock=SystemClock())
    journal = journal_of(entries=600, each=24, noon=noon)
    follower = HistorianFollower(journal, historian, SystemClock())
    for _ in range(3):
        with pytest.raises(UnavailableError):
            await follower.step()
    server.start()
    await catch_up(follower, journal)
    assert kept(historian, noon) == (600 * 24, 600 * 24)


@both
@pytest.mark.slow
async def test_a_server_killed_at_any_moment_ends_with_every_sample_once(kind, own_server, influx, sample):
    noon = sample(0).observed_at
    dice = random.Random(20260302)
    server = own_server(kind)
    historian = influx(server, clock=SystemClock())
    journal = journal_of(entries=1000, each=40, noon=noon)
    follower = HistorianFollower(journal, historian, SystemClock())
    for _ in range(5):
        server.start()
        killer = threading.Timer(dice.uniform(0.02, 0.3), server.kill)
        killer.start()
        with pytest.raises(UnavailableError):
            await feed_for_ever(follower, journal, observed(seq=40_000, each=1, noon=noon))
        follower.applied = None
        killer.join()
    server.start()
    await catch_up(follower, journal)
    assert kept(historian, noon) == (40_000, 40_000)


@both
async def test_a_restarted_control_repeats_its_last_seconds_and_changes_nothing(kind, shared_server, influx, sample):
    noon = sample(0).observed_at
    first = influx(shared_server(kind), site=f"restarted-{kind}")
    first.write(1, [sample(second) for second in range(10)])
    second = influx(shared_server(kind), site=f"restarted-{kind}")
    assert second.applied() == 0
    second.write(1, [sample(second) for second in range(10)])
    assert kept(second, noon) == (10, 10)


@both
def test_sites_on_one_server_do_not_see_each_other(kind, shared_server, influx, sample):
    here, there = influx(shared_server(kind)), influx(shared_server(kind))
    here.write(1, [sample(0)])
    assert kept(there, sample(0).observed_at) == (0, 0)


def test_long_answers_come_in_pages(shared_server, influx, sample, monkeypatch):
    monkeypatch.setattr(historian_influxql, "PAGE", 10)
    historian = influx(shared_server("influxd"))
    historian.write(1, [sample(second) for second in range(40)])
    assert kept(historian, sample(0).observed_at) == (40, 40)


@both
def test_more_samples_than_the_limit_are_refused_and_as_many_are_not(kind, shared_server, influx, sample, monkeypatch):
    monkeypatch.setattr(historian_influxql, "SAMPLE_LIMIT", 40)
    historian = influx(shared_server(kind))
    historian.write(1, [sample(second) for second in range(40)])
    assert kept(historian, sample(0).observed_at) == (40, 40)
    historian.write(2, [sample(40)])
    with pytest.raises(RefusedError, match="shorter"):
        kept(historian, sample(0).observed_at)


def test_a_month_is_exported_day_by_day(shared_server, influx, sample):
    historian = influx(shared_server("victoria-metrics"))
    historian.write(1, [sample(day * 86_400 + half) for day in range(30) for half in (0, 43_199.999, 43_200)])
    assert kept(historian, sample(0).observed_at, hours=24 * 30)[0] == 90


def test_a_missing_database_is_named_and_nothing_is_lost(shared_server, sample, tmp_path):
    historian = InfluxHistorian(
        HistorianSettings(kind="influx", url=shared_server("influxd").url, database="elsewhere"),
        token=None,
        site=SiteId("a"),
        number_file=tmp_path / "applied.json",
        clock=SystemClock(),
    )
    with pytest.raises(UnavailableError, match="elsewhere"):
        historian.write(1, [sample(0)])
    with pytest.raises(UnavailableError, match="elsewhere"):
        kept(historian, sample(0).observed_at)
    assert (historian.applied(), historian.refused) == (0, 0)
    historian.close()


def test_a_line_of_another_type_is_refused_alone(shared_server, sample, tmp_path, caplog, influx):
    server = shared_server("influxd")
    historian = influx(server)
    historian.write(1, [sample(0)])
    historian._give(
        [b"reading,point=c1-1-temperature,site=x value=true,quality=0i 1000", b"reading,point=y value=1 1000"]
    )
    assert historian.refused == 1
    assert "field type conflict" in caplog.text
