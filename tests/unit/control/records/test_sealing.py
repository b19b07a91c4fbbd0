"""The journal is sealed once a day, with a key that is the site's own."""

import json
import stat
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coldport.clock import ManualClock
from coldport.errors import MalformedError, RefusedError, UnavailableError
from control.entries import Sealed, Started
from control.journal.memory import MemoryJournal
from control.journal.sqlite import SqliteJournal
from control.records import seal
from control.records.key import key_path, public_hex, site_key
from control.records.roots import Roots
from control.records.sealer import Sealer, open_sealer

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def clock():
    return ManualClock(START)


@pytest.fixture
def journal():
    return MemoryJournal()


@pytest.fixture
def sealer(journal, clock, tmp_path, book_of):
    return Sealer(
        journal, Roots(tmp_path / "roots"), site_key(tmp_path / "key"), book_of(journal, clock), SHANGHAI, clock
    )


def sealed_entries(journal) -> list[Sealed]:
    return [entry.content for entry in journal.entries if isinstance(entry.content, Sealed)]


def hashes(count: int) -> list[bytes]:
    return [number.to_bytes(32) for number in range(1, count + 1)]


async def test_nothing_is_sealed_before_the_day_is_over_on_the_sites_own_calendar(sealer, journal, clock, run_once):
    journal.append(clock.now(), [Started(at=START)])  # 16:00 in Shanghai

    await clock.advance(8 * 3600 - 61)
    await run_once(sealer, clock)
    before = sealed_entries(journal)
    await clock.advance(1)
    await run_once(sealer, clock)

    assert (before, len(sealed_entries(journal))) == ([], 1)


async def test_an_empty_journal_and_a_day_without_an_entry_are_not_sealed(sealer, journal, clock, run_once):
    await run_once(sealer, clock)
    journal.append(clock.now(), [Started(at=START)])
    for _ in range(4):
        await clock.advance(86_400)
        await run_once(sealer, clock)

    # The seal of a day is the only entry of the next, and is sealed with it; then there is nothing new but seals.
    assert [(one.first, one.last) for one in sealed_entries(journal)] == [(1, 1), (2, 2), (3, 3), (4, 4)]


async def test_a_seal_that_the_journal_refused_is_noted_later_and_made_once(
    journal, clock, tmp_path, book_of, run_once
):
    class RefusesOnce:
        refused = False

        def note(self, content) -> None:
            if not self.refused:
                self.refused = True
                raise UnavailableError("disk full")
            journal.append(clock.now(), [content])

    roots = Roots(tmp_path / "roots")
    sealer = Sealer(journal, roots, site_key(tmp_path / "key"), RefusesOnce(), SHANGHAI, clock)
    journal.append(clock.now(), [Started(at=START)])
    await clock.advance(86_400)

    with pytest.raises(UnavailableError):
        await run_once(sealer, clock)
    await run_once(sealer, clock)

    assert sealed_entries(journal) == [roots.newest]
    assert len((tmp_path / "roots").read_text().splitlines()) == 1


async def test_after_a_restart_sealing_goes_on_where_the_file_of_roots_ends(
    journal, clock, tmp_path, book_of, run_once
):
    folder = tmp_path / "control"
    for _ in range(2):
        journal.append(clock.now(), [Started(at=START)])
        await clock.advance(86_400)
        await run_once(open_sealer(tmp_path, journal, book_of(journal, clock), "Asia/Shanghai", clock), clock)

    first, second = (json.loads(line) for line in (folder / "roots.jsonl").read_text().splitlines())
    assert (first["last"], second["first"], second["last"]) == (1, 2, 3)


def test_marks_stay_below_their_limit_and_lie_at_every_step(tmp_path):
    key = site_key(tmp_path / "key")

    for count in (1, 255, 256, 257, 5_000):
        made = seal.make(11, hashes(count), before=None, key=key, sealed_at=START)
        assert len(made.marks) <= seal.MARK_LIMIT
        assert len(made.marks) == count // made.step
        assert (made.first, made.last, made.chain) == (11, 10 + count, hashes(count)[-1].hex())
        assert made.step == 1 or len(made.marks) >= seal.MARK_LIMIT // 2 - 1
        places = [place for place in range(1, count + 1) if place % made.step == 0]
        assert list(made.marks) == [hashes(count)[place - 1].hex()[:16] for place in places]


def test_the_key_is_made_once_and_is_the_owners_alone(tmp_path):
    path = key_path(tmp_path)
    first, again = site_key(path), site_key(path)

    assert public_hex(first) == public_hex(again)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert public_hex(site_key(tmp_path / "other")) != public_hex(first)


def test_a_key_that_others_may_read_is_refused(tmp_path):
    site_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o640)

    with pytest.raises(RefusedError, match="may be read by others"):
        site_key(tmp_path / "key")


@pytest.mark.parametrize("text", ["", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"])
def test_what_is_not_a_key_is_refused(tmp_path, text):
    path = tmp_path / "key"
    path.write_text(text)
    path.chmod(0o600)

    with pytest.raises(RefusedError, match="is not a"):
        site_key(path)


def test_a_file_of_roots_goes_on_after_a_line_that_fell_unfinished(tmp_path):
    path, key = tmp_path / "roots", site_key(tmp_path / "key")
    first = seal.make(1, hashes(3), before=None, key=key, sealed_at=START)
    Roots(path).append(first)
    with path.open("a") as file:
        file.write('{"entry":')

    roots = Roots(path)
    roots.append(seal.make(4, hashes(2), before=roots.newest, key=key, sealed_at=START + timedelta(days=1)))

    assert [json.loads(line)["last"] for line in path.read_text().splitlines()] == [3, 5]


def test_a_file_of_roots_that_holds_something_else_stops_the_start(tmp_path):
    (tmp_path / "roots").write_text("no\n")

    with pytest.raises(MalformedError, match=":1: not a seal"):
        Roots(tmp_path / "roots")


def test_a_file_of_roots_that_cannot_be_read_or_written_is_unavailable(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(UnavailableError):
        Roots(tmp_path / "folder")

    roots = Roots(tmp_path / "nowhere" / "roots")
    with pytest.raises(UnavailableError):
        roots.append(seal.make(1, hashes(1), before=None, key=site_key(tmp_path / "key"), sealed_at=START))


def test_both_journals_give_the_same_chain_hashes(journal, tmp_path):
    contents = [Started(at=START + timedelta(seconds=number)) for number in range(5)]
    journal.append(START, contents)
    with SqliteJournal(tmp_path / "journal.sqlite") as other:
        other.append(START, contents)
        assert other.hashes(1, 3) == journal.hashes(1, 3)
        assert len(other.hashes(3, 10)) == 2
