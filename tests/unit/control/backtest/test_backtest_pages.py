"""The how-to pages of tests and back-tests do what they say: their commands are run as they stand there."""

import re
import shlex
from pathlib import Path

import pytest

from coldport.cli import main
from control.journal.sqlite import SqliteJournal, journal_path

ROOT = Path(__file__).parents[4]


def commands_of(page):
    blocks = re.findall(
        r"^ *```\n(.*?)^ *```", (ROOT / "docs/how-to" / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    return [shlex.split(line)[1:] for block in blocks for line in block.splitlines() if "coldport" in line]


@pytest.fixture
def at_home(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    journal = journal_path(tmp_path)
    with SqliteJournal(journal):
        pass
    return lambda words: [str(tmp_path) if word == "var/recorded" else word for word in words]


@pytest.mark.parametrize("words", commands_of("test-an-alarm.md") + commands_of("back-test-alarms.md"), ids=" ".join)
def test_a_command_of_the_page_runs(words, at_home, capsys):
    assert main(at_home(words)) == 0
    assert capsys.readouterr().out


def test_the_example_of_a_rule_test_on_the_page_passes(tmp_path, capsys):
    page = (ROOT / "docs/how-to/test-an-alarm.md").read_text(encoding="utf-8")
    [story] = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    path = tmp_path / "page.toml"
    path.write_text(f"site = '{ROOT / 'config/sites/xiangtan'}'\n" + re.sub(r"(?m)^   ", "", story), encoding="utf-8")

    assert main(["alarms", "test", str(path)]) == 0
    assert "ok" in capsys.readouterr().out
