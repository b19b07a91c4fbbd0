"""The draw of a day: committed in the morning, revealed at night, repeated by anybody with the script of the how-to."""

import hashlib
import re
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest
from lane_floor import LANE, Floor, after, passage, weighing

from coldport.clock import ManualClock
from coldport.errors import RefusedError
from coldport.site import Point, Quantity, Site, Text, Zone, ZoneClass
from control.alarms.definition import AlarmFile
from control.draw_days import turn
from control.draw_seeds import FileSeeds
from control.inspection.lane.acts import DrawCommitted, DrawRevealed, RateSet, TagBound
from control.inspection.settings import InspectionFile
from control.journal.memory import MemoryJournal
from control.memory import Inspection
from control.service import Service

HOW_TO = Path(__file__).parents[4] / "docs" / "how-to" / "check-the-draw.md"
DAY = date(2026, 7, 1)


@pytest.fixture
def seeds(tmp_path) -> FileSeeds:
    return FileSeeds(tmp_path / "draw")


def test_a_seed_is_made_once_and_is_its_owners_alone(seeds, tmp_path) -> None:
    seed = seeds.fix(DAY)
    assert len(seed) == 32
    assert (seeds.fix(DAY), FileSeeds(tmp_path / "draw").seed_of(DAY)) == (seed, seed)
    assert (tmp_path / "draw" / "2026-07-01.seed").stat().st_mode & 0o777 == 0o600
    assert seeds.seed_of(date(2026, 7, 2)) is None


def test_a_seed_that_others_may_read_is_used_no_more(seeds, tmp_path) -> None:
    seeds.fix(DAY)
    (tmp_path / "draw" / "2026-07-01.seed").chmod(0o644)
    assert seeds.seed_of(DAY) is None
    with pytest.raises(RefusedError, match="may be read by others"):
        seeds.fix(DAY)


@pytest.mark.parametrize("text", ["", "zz", "00" * 31])
def test_a_file_that_holds_no_seed_is_named(seeds, tmp_path, text) -> None:
    seeds.fix(DAY)
    (tmp_path / "draw" / "2026-07-01.seed").write_text(text)
    with pytest.raises(RefusedError, match=r"2026-07-01\.seed holds"):
        seeds.fix(DAY)


async def test_a_day_is_committed_before_its_parcels_and_revealed_when_it_is_over(seeds) -> None:
    points = (
        Point(id="gate", quantity=Quantity.TAGS, every_s=60),
        Point(id="scale", quantity=Quantity.MASS, every_s=1),
    )
    name = Text(zh="线", en="lane")
    zone = Zone(id="lane-1", name=name, zone_class=ZoneClass.LANE, points=points)
    site = Site(id="s", name=name, timezone="Asia/Shanghai", zones=(zone,))
    journal, clock = MemoryJournal(), ManualClock(datetime(2026, 7, 1, 4, tzinfo=UTC))
    inspection = Inspection(InspectionFile(lanes=(LANE,)), seeds.seed_of)
    service = Service(site, AlarmFile(alarms=()), journal, clock, inspection)
    turn(service, seeds, clock)
    turn(service, seeds, clock)
    await clock.advance(13 * 3600)
    turn(service, seeds, clock)

    said = [one.content for one in journal.entries if isinstance(one.content, DrawCommitted | DrawRevealed)]
    assert [(type(one).__name__, one.day.day) for one in said] == [
        ("DrawCommitted", 1),
        ("DrawRevealed", 1),
        ("DrawCommitted", 2),
    ]
    assert hashlib.sha256(bytes.fromhex(said[1].seed)).hexdigest() == said[0].sha256


class TestTheScript:
    """The script of the how-to, run as it stands on the page."""

    def run(self, folder: Path, seed: bytes, committed: bytes, *, lie: bool = False) -> subprocess.CompletedProcess:
        [script] = re.findall(r"```python\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)
        (folder / "check.py").write_text(script, encoding="utf-8")
        lines = [msgspec.json.encode(one) for one in self.day(committed)]
        if lie:
            lines[0] = (
                lines[0].replace(b'"selected":true', b'"selected":X').replace(b'"selected":false', b'"selected":true')
            )
            lines[0] = lines[0].replace(b'"selected":X', b'"selected":false')
        (folder / "verdicts.jsonl").write_bytes(b"\n".join(lines) + b"\n")
        command = [sys.executable, "-W", "ignore", str(folder / "check.py"), str(folder / "verdicts.jsonl"), seed.hex()]
        hashed = hashlib.sha256(committed).hexdigest()
        return subprocess.run([*command, hashed], capture_output=True, text=True, check=False, encoding="utf-8")

    def day(self, seed: bytes) -> list:
        floor = Floor()
        floor.seeds[DAY] = seed
        floor.do(RateSet(stratum="all", rate=0.3, reason="x", at=after(0), by="chen"), after(0))
        hashed = hashlib.sha256(seed).hexdigest()
        floor.do(DrawCommitted(day=DAY, sha256=hashed, at=after(0), by="chen"), after(0))
        for number in range(1, 41):
            at_s, epc, name = 12.0 * number, f"AAAA{number:04X}", f"SF-{number}"
            floor.say(name, **msgspec.structs.asdict(floor.facts("SF1")))
            floor.do(TagBound(epc=epc, logistics_no=name, at=after(0), by="wang"), after(0))
            floor.hear(passage(at_s - 5, epc), weighing(at_s, number=number), at_s=at_s + 1)
            floor.wait(at_s + 2)
        return floor.judged

    def test_it_draws_the_same_parcels(self, tmp_path) -> None:
        said = self.run(tmp_path, bytes(range(32)), bytes(range(32)))
        assert said.returncode == 0, said.stderr
        assert re.fullmatch(r"\d+ of 40 drawn, all as the seed says\n", said.stdout)

    def test_it_finds_a_parcel_that_was_not_drawn_as_the_seed_says(self, tmp_path) -> None:
        said = self.run(tmp_path, bytes(range(32)), bytes(range(32)), lie=True)
        assert (said.returncode, said.stdout) == (1, "not as drawn: SF-1\n")

    def test_it_refuses_another_seed(self, tmp_path) -> None:
        said = self.run(tmp_path, bytes(32), bytes(range(32)))
        assert "not the seed that was committed" in said.stderr
