"""The pages on records do what they say: their commands are run as they stand there."""

import re
import shlex
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from coldport.cli import main
from coldport.messages.observation import Reading
from control import verifier
from control.entries import Observed
from control.exposure.custody import LotReceived
from control.journal.sqlite import SqliteJournal
from control.records import seal
from control.records.key import key_path, site_key
from control.records.roots import Roots, roots_path

ROOT = Path(__file__).parents[4]
START = datetime(2026, 7, 4, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder like the repository's, with an hour of the chilled room on record, and sealed."""
    shutil.copytree(ROOT / "config/sites/xiangtan", tmp_path / "config/sites/xiangtan")
    data = tmp_path / "var/xiangtan"
    readings = [
        Reading(seq=n, point="c1-1-temperature", observed_at=at, spooled_at=at, value=5.0)
        for n, at in enumerate((START + timedelta(seconds=second) for second in range(400)), 1)
    ]
    received = LotReceived(lot="lot-0704-a", product="mandarin", product_version=1, zone="c1", at=START, by="李明")
    with SqliteJournal(data / "control/journal.sqlite") as journal:
        journal.append(START, [received, Observed(gateway="g", boot_id="0" * 32, observations=tuple(readings))])
        key = site_key(key_path(data))
        Roots(roots_path(data)).append(seal.make(1, journal.hashes(0, 9), before=None, key=key, sealed_at=START))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def commands_of(page: str) -> list[list[str]]:
    text = (ROOT / "docs/how-to" / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^ *```\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


def run(words: list[str]) -> int:
    program, *arguments = words
    if program == "coldport":
        # A lot still in the house is reported up to now; here now is long after.
        return main([*arguments, "--to", "2026-07-04T09:00:00Z"] if "lot-0704-a" in arguments else arguments)
    assert (program, arguments.pop(0)) == ("python", "control/verifier.py")
    return verifier.main(arguments)


@pytest.mark.parametrize(
    ("page", "made"),
    [
        ("prove-a-record.md", ["seals-2026-11.jsonl"]),
        ("print-an-excursion-report.md", ["c1.pdf", "c1.json", "lot-0704-a.pdf", "lot-0704-a.json", "c1.xlsx"]),
    ],
)
def test_the_page_can_be_followed(folder, page, made):
    assert [run(words) for words in commands_of(page)] == [0] * len(commands_of(page))
    assert [name for name in made if not (folder / name).exists()] == []
