"""The command: a trace with and without a site, stored history, and what it refuses."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from coldport.cli import main
from coldport.messages.observation import Quality, Reading
from control.entries import Observed, Started
from control.journal.sqlite import SqliteJournal

ROOT = Path(__file__).parents[4]
RECORDED = ROOT / "config/sites/recorded"
SHARED_TRACE = ROOT.parent / "shared/data/traces/ambient_temperature_system_failure.csv"


@pytest.fixture
def backtest(capsys):
    def run(*words):
        code = main(["alarms", "backtest", *map(str, words)])
        said = capsys.readouterr()
        return code, said.out.splitlines(), said.err

    return run


def test_a_trace_is_told_transition_by_transition_with_its_coverage(backtest):
    trace = RECORDED / "five-days.csv"

    code, lines, _ = backtest("--site", RECORDED, "--trace", trace, "--point", "r1-temperature")

    assert code == 0
    assert lines == [
        "2026-07-02T02:00:00Z  occur   recorded-hi.r1-temperature.1  above 25 °C for 7200 s, last 26.78 °C",
        "2026-07-02T11:00:00Z  return  recorded-hi.r1-temperature.1  at or below 24.5 °C for 3600 s",
        "1 alarm",
        "r1-temperature  known  76.471% of 2026-07-01T00:00:00Z to 2026-07-05T23:00:00Z, 90 readings, 0 bad, 1 gap",
    ]


def test_the_same_for_a_program_is_one_object_a_line(backtest):
    words = ("--definitions", RECORDED / "alarms.toml", "--trace", RECORDED / "five-days.csv", "--json")

    _, lines, _ = backtest(*words)

    told = [json.loads(line) for line in lines]
    assert [(one["t"], one["alarm"], one["event"]) for one in told] == [
        ("2026-07-02T02:00:00Z", "recorded-hi.trace.1", "occur"),
        ("2026-07-02T11:00:00Z", "recorded-hi.trace.1", "return"),
        ("2026-07-05T23:00:00Z", None, "coverage"),
    ]
    assert told[-1]["coverage"] == pytest.approx(0.76471, abs=1e-5)


def test_a_part_of_a_trace_is_judged_alone(backtest):
    words = ("--definitions", RECORDED / "alarms.toml", "--trace", RECORDED / "five-days.csv")

    _, lines, _ = backtest(*words, "--from", "2026-07-02T12:00", "--to", "2026-07-04")

    assert lines[0] == "no alarm"
    assert "of 2026-07-02T12:00:00Z to" in lines[1]


def test_stored_history_is_judged_whatever_the_order_it_came_in(backtest, tmp_path):
    first = datetime(2026, 7, 1, tzinfo=UTC)
    hours = [20.0] * 6 + [27.0] * 6 + [20.0] * 6
    readings = [
        Reading(
            seq=hour + 1,
            point="r1-temperature",
            observed_at=first + timedelta(hours=hour),
            spooled_at=first + timedelta(hours=hour),
            value=value,
            quality=Quality.GOOD,
        )
        for hour, value in enumerate(hours)
    ]
    path = tmp_path / "control/journal.sqlite"
    with SqliteJournal(path) as journal:
        late = [msgspec.structs.replace(one, seq=index + 1) for index, one in enumerate(readings[9:] + readings[:9])]
        observed = [Observed(gateway="g", boot_id="0" * 32, observations=(one,)) for one in late]
        journal.append(first, [Started(at=first), *observed])

    code, lines, _ = backtest("--site", RECORDED, "--data", tmp_path)

    assert code == 0
    assert [line[:30] for line in lines[:2]] == ["2026-07-01T08:00:00Z  occur   ", "2026-07-01T13:00:00Z  return  "]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--site", RECORDED), "give either --trace CSV or --data DIR with --site SITE"),
        (("--trace", "t.csv"), "give --site SITE"),
        (("--data", "nowhere", "--site", RECORDED), "there is no journal at nowhere"),
        (("--trace", "nowhere.csv", "--site", RECORDED), "nowhere.csv:0: cannot be read: No such file"),
        (("--trace", RECORDED / "five-days.csv", "--site", RECORDED), "point: no point 'trace' in the site"),
        (("--trace", RECORDED / "site.toml", "--site", RECORDED), "site.toml:1: the first line must be the header"),
    ],
)
def test_what_cannot_be_judged_is_refused_with_a_line(backtest, words, said):
    code, _, error = backtest(*words)

    assert code == 2
    assert said in error


def test_a_trace_that_is_not_text_is_refused(backtest, tmp_path):
    (tmp_path / "t.csv").write_bytes(b"timestamp,value\n\xff\xfe")

    code, _, error = backtest("--site", RECORDED, "--trace", tmp_path / "t.csv")

    assert code == 2
    assert "the file is not UTF-8" in error


@pytest.mark.parametrize("words", [("--from", "soon"), ("--timezone", "Mars/Base")])
def test_an_option_that_cannot_be_read_is_told_in_a_line(backtest, capsys, words):
    with pytest.raises(SystemExit):
        backtest(*words)

    assert "is not a time" in capsys.readouterr().err


def test_without_a_site_definitions_are_of_one_quantity(backtest, tmp_path):
    text = (RECORDED / "alarms.toml").read_text(encoding="utf-8")
    other = text.replace('quantity = "temperature"', 'quantity = "humidity"', 1).replace(
        'unit = "°C"', 'unit = "%RH"', 1
    )
    (tmp_path / "d.toml").write_text(other, encoding="utf-8")

    code, _, error = backtest("--definitions", tmp_path / "d.toml", "--trace", RECORDED / "five-days.csv")

    assert code == 2
    assert "definitions of one quantity are needed" in error


def test_a_definition_that_does_not_fit_the_site_is_named_by_its_line(backtest, tmp_path):
    text = (RECORDED / "alarms.toml").read_text(encoding="utf-8").replace('zones = ["r1"]', 'zones = ["r9"]', 1)
    (tmp_path / "d.toml").write_text(text, encoding="utf-8")

    code, _, error = backtest("--site", RECORDED, "--definitions", tmp_path / "d.toml", "--trace", "t.csv")

    assert code == 2
    assert "no zone 'r9' in site.toml" in error


@pytest.mark.skipif(not SHARED_TRACE.exists(), reason=f"the public trace is not there: {SHARED_TRACE.name}")
def test_nothing_is_raised_or_cleared_inside_a_gap_of_the_public_trace(backtest, tmp_path):
    """The trace is in °F, with gaps of up to 47 days (Numenta Anomaly Benchmark, realKnownCause)."""
    text = (RECORDED / "alarms.toml").read_text(encoding="utf-8")
    text = text.replace("limit = 25.0", "limit = 75.0").replace("limit = 15.0", "limit = 62.0")
    (tmp_path / "d.toml").write_text(text, encoding="utf-8")
    rows = SHARED_TRACE.read_text(encoding="utf-8").splitlines()[1:]
    times = [datetime.fromisoformat(f"{row.split(',')[0]}+00:00") for row in rows]
    hold = timedelta(hours=3)
    gaps = [(a + hold, b) for a, b in pairwise(times) if b - a > hold]

    code, lines, _ = backtest("--definitions", tmp_path / "d.toml", "--trace", SHARED_TRACE, "--json")

    told = [json.loads(line) for line in lines]
    moved = [datetime.fromisoformat(one["t"]) for one in told[:-1]]
    assert code == 0
    assert len(moved) > 100
    assert len(gaps) == told[-1]["gaps"] == 8
    assert not [at for at in moved for start, end in gaps if start < at < end]
    assert told[-1]["coverage"] == pytest.approx(0.923672)
