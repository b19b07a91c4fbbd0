"""The command: what it refuses before it starts, and what `verify` says."""

import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coldport.cli import main
from control.entries import Started
from control.journal.sqlite import SqliteJournal

EXAMPLE = Path(__file__).parents[3] / "config" / "sites" / "xiangtan"
START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_log_set_up(monkeypatch):
    """The test run has handlers of its own."""
    monkeypatch.setattr("coldport.log.set_up", lambda: None)


@pytest.fixture
def site(tmp_path):
    return Path(shutil.copytree(EXAMPLE, tmp_path / "湘潭 site"))


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def journal(data):
    path = data / "control" / "journal.sqlite"
    with SqliteJournal(path) as journal:
        for second in range(5):
            journal.append(START.replace(second=second), [Started(at=START)])
    return path


def test_an_address_that_is_not_loopback_is_refused_with_code_2(site, data, capsys):
    file = site / "control.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("127.0.0.1", "0.0.0.0"), encoding="utf-8")
    assert main(["control", "run", str(site), "--data", str(data)]) == 2
    assert "'0.0.0.0' is not" in capsys.readouterr().err
    assert not data.exists()


def test_a_journal_in_use_is_one_line_and_code_2(site, data, journal, capsys):
    with SqliteJournal(journal):
        assert main(["control", "run", str(site), "--data", str(data), "--headless"]) == 2
    assert "is being written by another process" in capsys.readouterr().err


def test_a_broken_alarm_file_is_named_by_its_line_and_code_2(site, data, capsys):
    file = site / "alarms.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('kind = "HI"', 'kind = "high"', 1), encoding="utf-8")
    line = text[: text.index('kind = "HI"')].count("\n") + 1
    assert main(["control", "run", str(site), "--data", str(data), "--headless"]) == 2
    assert f"alarms.toml:{line}: alarms[0].kind: Invalid enum value 'high'" in capsys.readouterr().err


def test_verify_counts_the_entries_of_a_whole_journal(site, data, journal, capsys):
    assert main(["control", "verify", str(site), "--data", str(data)]) == 0
    assert capsys.readouterr().out == "5 entries, each as it was written\n"
    assert main(["control", "verify", str(site), "--data", str(data), "--json"]) == 0
    assert capsys.readouterr().out == '{"entries": 5}\n'


def test_verify_names_the_first_bad_entry_with_code_2(site, data, journal, capsys):
    with sqlite3.connect(journal) as connection:
        connection.execute("DELETE FROM entry WHERE number = 3")
    connection.close()
    assert main(["control", "verify", str(site), "--data", str(data)]) == 2
    assert "entry 3 is missing" in capsys.readouterr().err
