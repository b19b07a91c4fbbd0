"""What people type and read: arguments of `coldport replay`, and what `coldport doctor` says of serial ports."""

import argparse
import shutil
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from edge.main import register_replaying
from edge.replay.trace import Unit
from edge.tools.diagnosis import diagnose

EXAMPLE = Path(__file__).parents[3] / "config" / "sites" / "xiangtan"


@pytest.fixture
def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    register_replaying(parser.add_subparsers())
    return parser


def replay(*more: str) -> list[str]:
    return ["replay", "t.csv", "--point", "c1-1-temperature", "--unit", "degF", *more]


def test_a_replay_goes_as_fast_as_it_can_unless_told_otherwise(parser) -> None:
    arguments = parser.parse_args(replay())
    assert (arguments.unit, arguments.speed, arguments.site) == (Unit.DEG_F, None, Path("config/sites/xiangtan"))
    assert parser.parse_args(replay("--speed", "max")).speed is None
    assert parser.parse_args(replay("--speed", "3600")).speed == 3600.0


def test_a_start_and_a_zone_are_read_as_they_are_written(parser) -> None:
    arguments = parser.parse_args(replay("--start", "2013-07-05", "--timezone", "Asia/Shanghai"))
    assert (arguments.start, arguments.timezone) == (datetime(2013, 7, 5), ZoneInfo("Asia/Shanghai"))  # noqa: DTZ001 - the zone is applied later


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--speed", "0"], "'0' is neither a number above 0 nor 'max'"),
        (["--speed", "inf"], "'inf' is neither a number above 0 nor 'max'"),
        (["--speed", "fast"], "'fast' is neither a number above 0 nor 'max'"),
        (["--start", "soon"], "'soon' is not a time like 2013-07-04T00:00"),
        (["--timezone", "Xiangtan"], "'Xiangtan' is not a time zone like Asia/Shanghai"),
        (["--unit", "K"], "--unit"),
    ],
)
def test_an_argument_that_cannot_be_is_refused_and_named(parser, capsys, more: list[str], said: str) -> None:
    with pytest.raises(SystemExit) as caught:
        parser.parse_args(replay(*more))
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


@pytest.fixture
def findings_of(tmp_path: Path):
    """The doctor's findings on the example site, by subject: (state, whether there is something to do)."""
    shutil.copytree(EXAMPLE, tmp_path / "site")
    (tmp_path / "lines").mkdir()

    def find() -> dict[str, tuple[str, bool]]:
        return {found.subject: (found.state, bool(found.todo)) for found in diagnose(tmp_path / "site", tmp_path)}

    return find


def test_a_serial_port_that_is_not_there_is_a_warning_with_what_to_do(findings_of) -> None:
    assert findings_of() == {
        f"line {name}": ("warning", True) for name in ("cold-a", "cold-b", "cold-c", "lane-1-weight", "lane-2-weight")
    }


def test_a_serial_port_that_is_there_is_well(findings_of, tmp_path) -> None:
    (tmp_path / "lines" / "cold-a").touch()
    assert findings_of()["line cold-a"] == ("ok", False)


def test_a_serial_port_that_may_not_be_opened_is_a_fault_with_what_to_do(findings_of, tmp_path, monkeypatch) -> None:
    (tmp_path / "lines" / "cold-a").touch()
    monkeypatch.setattr("os.access", lambda *_: False)
    assert findings_of()["line cold-a"] == ("fault", True)
