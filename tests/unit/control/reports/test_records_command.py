"""The command `coldport records`, from a site folder and a data folder to files and exit codes."""

import json
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coldport.cli import main
from coldport.messages.observation import Quality
from control.entries import Pruned, Sealed
from control.historian.duckdb import DuckDbHistorian
from control.journal.sqlite import SqliteJournal
from control.ports import Sample
from control.records import seal
from control.records.key import key_path, site_key
from control.records.roots import Roots, roots_path

EXAMPLE = Path(__file__).parents[4] / "config" / "sites" / "dock"
SPAN = ["--from", "2026-07-04T08:00", "--to", "2026-07-05T00:00:00Z"]


@pytest.fixture
def site(tmp_path):
    """The example site, with the points of the day under test."""
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "site"))
    (folder / "site.toml").write_text(
        'id = "s"\nname = { zh = "站", en = "Site" }\ntimezone = "Asia/Shanghai"\n'
        '[[zones]]\nid = "room"\nname = { zh = "库", en = "Room" }\nzone_class = "chilled"\npoints = [\n'
        '  { id = "p-1", quantity = "temperature", every_s = 60 },\n'
        '  { id = "p-2", quantity = "temperature", every_s = 60 },\n]\n'
    )
    (folder / "alarms.toml").write_text("alarms = []\n")
    return folder


@pytest.fixture
def data(tmp_path, journal_file):
    folder = tmp_path / "data"
    (folder / "control").mkdir(parents=True)
    shutil.copy(journal_file, folder / "control" / "journal.sqlite")
    with SqliteJournal(folder / "control" / "journal.sqlite") as journal:
        made = seal.make(
            1,
            journal.hashes(0, 100),
            before=None,
            key=site_key(key_path(folder)),
            sealed_at=datetime(2026, 7, 5, tzinfo=UTC),
        )
        Roots(roots_path(folder)).append(made)
    return folder


def records(*words: object) -> int:
    return main(["records", *map(str, words)])


def test_a_good_journal_is_said_with_how_far_it_is_sealed(data, capsys):
    assert records("verify", "--data", data) == 0
    said = capsys.readouterr().out

    assert "entries, each as it was written" in said
    assert "1 seals hold, up to entry 100" in said


def test_a_bad_journal_is_exit_code_1_and_names_the_entry(data, capsys):
    with sqlite3.connect(data / "control" / "journal.sqlite") as connection:
        connection.execute("DELETE FROM entry WHERE number = 7")
    connection.close()

    assert records("verify", "--data", data, "--json") == 1
    assert json.loads(capsys.readouterr().out) == {"broken": "entry 7 is missing", "entry": 7}
    assert records("verify", "--data", data) == 1
    assert capsys.readouterr().out == "BROKEN: entry 7 is missing\n"


def test_without_a_journal_or_a_file_of_roots_nothing_can_be_verified(data, tmp_path, capsys):
    assert records("verify", "--data", tmp_path / "nowhere") == 2
    assert records("verify", "--data", data, "--roots", tmp_path / "none") == 2
    assert capsys.readouterr().err.count("coldport: ") == 2


def test_a_copy_of_the_seals_finds_what_was_cut_off_with_them(data, tmp_path, capsys):
    copy = tmp_path / "copy.jsonl"
    assert records("roots", "--data", data, "--out", copy) == 0
    assert "sealed up to entry 100" in capsys.readouterr().out
    roots_path(data).unlink()
    with sqlite3.connect(data / "control" / "journal.sqlite") as connection:
        connection.execute("DELETE FROM entry WHERE number > 90")
    connection.close()

    assert records("verify", "--data", data) == 0
    assert records("verify", "--data", data, "--roots", copy) == 1
    assert "entries 91 to 100 were cut off" in capsys.readouterr().out
    assert records("roots", "--data", data, "--out", copy) == 2  # nothing to copy any more; the copy stays
    assert len(copy.read_text().splitlines()) == 1


def test_a_report_is_two_files_that_can_be_verified(site, data, tmp_path, capsys):
    out = tmp_path / "room.pdf"
    assert (
        records("report", "room", "--site", site, "--data", data, *SPAN, "--lang", "zh", "--by", "王芳", "--out", out)
        == 0
    )

    assert out.read_bytes()[:5] == b"%PDF-"
    report = json.loads(out.with_suffix(".json").read_text())
    assert (report["made_by"], report["start"], report["proof"]["sealed_to"]) == (
        "王芳",
        "2026-07-04T08:00:00+08:00",
        100,
    )
    assert records("verify", "--data", data, "--report", out.with_suffix(".json")) == 0
    assert "the report is what was made from this journal" in capsys.readouterr().out


def test_what_cannot_be_reported_or_exported_is_one_line_and_code_2(site, data, tmp_path, capsys):
    given = ["--site", site, "--data", data, "--out", tmp_path / "x"]
    assert records("report", "nowhere", *given, *SPAN) == 2
    assert records("report", "room", *given) == 2
    assert records("export", *given, *SPAN) == 2
    assert records("export", *given, *SPAN, "--zone", "room", "--events") == 2
    assert records("export", *given, "--zone", "room", "--from", "2026-07-05", "--to", "2026-07-04") == 2
    assert len(capsys.readouterr().err.splitlines()) == 5
    with pytest.raises(SystemExit):
        records("export", *given, "--from", "yesterday", "--to", "2026-07-04", "--events")


def test_readings_and_events_are_exported(site, data, tmp_path, capsys):
    given = ["--site", site, "--data", data, *SPAN]
    assert records("export", *given, "--zone", "room", "--out", tmp_path / "r.csv") == 0
    assert records("export", *given, "--events", "--format", "xlsx", "--out", tmp_path / "e.xlsx") == 0

    said = capsys.readouterr().out.splitlines()
    assert said[0].endswith(": 2760 rows")
    assert said[1].endswith(": 1 rows")


def test_old_samples_are_counted_and_then_deleted_on_record(site, data, capsys):
    historian = DuckDbHistorian(data / "control" / "historian.duckdb")
    historian.write(1, [Sample("p-1", datetime(2020, 1, 1, tzinfo=UTC), 1.0, Quality.GOOD)])
    historian.close()
    given = ["retention", "--site", site, "--data", data, "--by", "王芳"]

    assert records(*given, "--dry-run") == records(*given) == records(*given) == 0

    said = capsys.readouterr().out.splitlines()
    assert [line.split(" samples")[0] for line in said] == ["1", "1", "0"]
    with SqliteJournal(data / "control" / "journal.sqlite") as journal:
        [pruned] = [entry.content for entry in journal.events(0, 100) if isinstance(entry.content, Pruned | Sealed)]
    assert (pruned.by, pruned.samples) == ("王芳", 1)


def test_a_server_deletes_by_its_own_rule(site, data, capsys):
    (site / "control.toml").write_text('[historian]\nkind = "influx"\n')

    assert records("retention", "--site", site, "--data", data, "--by", "x") == 2
    assert "deletes by a rule of its own" in capsys.readouterr().err
