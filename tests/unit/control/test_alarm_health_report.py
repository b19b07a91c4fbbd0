"""The report on the health of alarms, for people."""

import json
import tomllib
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from coldport.cli import main
from coldport.messages.alarm import Alarm, AlarmState, Priority
from coldport.site import Site
from control.alarm_health.report import as_markdown, catalogue
from control.alarms.performance import alarm_health
from control.entries import Transitioned
from control.journal.sqlite import SqliteJournal

START = datetime(2026, 2, 28, 16, tzinfo=UTC)
END = START + timedelta(days=31)

SITE = """
id = "s"
name = { zh = "站", en = "Site" }
timezone = "Asia/Shanghai"
[[zones]]
id = "c1"
name = { zh = "库", en = "Room" }
zone_class = "chilled"
points = [{ id = "p0", quantity = "temperature", every_s = 1 }]
"""


def alarms() -> list[Alarm]:
    return [
        Alarm(
            id=f"hi.p0.{number}",
            definition="hi",
            point="p0",
            occurrence=number,
            state=AlarmState.NORMAL,
            priority=Priority.HIGH,
            occurred_at=START + timedelta(seconds=number * 40),
            returned_at=START + timedelta(seconds=number * 40 + 20),
            acknowledged_at=START + timedelta(seconds=number * 40 + 90),
            acknowledged_by="li",
            transition=number,
        )
        for number in range(1, 16)
    ]


@pytest.fixture
def site():
    return msgspec.convert(tomllib.loads(SITE), Site)


class TestReport:
    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("en", ["# Alarm health of Site", "15 alarms were raised", "| hi.p0 | 15 | 100.0 % |", "| 1 min 30 s |"]),
            ("zh", ["# 站报警健康报告", "共发生 15 条", "| hi.p0 | 15 | 100.0 % |", "抖动"]),
        ],
    )
    def test_it_says_the_figures_and_what_they_mean(self, site, language, words):
        text = as_markdown(alarm_health(alarms(), START, END), site, language)

        assert [word for word in words if word not in text] == []
        assert "2026-03-01 00:00" in text

    @pytest.mark.parametrize("language", ["en", "zh"])
    def test_a_month_without_alarms_has_a_report_too(self, site, language):
        text = as_markdown(alarm_health([], START, END), site, language)

        assert catalogue(language).none in text

    def test_both_languages_say_the_same(self):
        """The Structs name the keys; the places for values must be the same too."""
        zh, en = (msgspec.to_builtins(catalogue(language)) for language in ("zh", "en"))

        for key, text in en.items():
            if isinstance(text, dict):
                assert text.keys() == zh[key].keys()
            else:
                assert text.count("{") == zh[key].count("{"), key
                assert text.count(" | ") == zh[key].count(" | "), key


class TestCommand:
    @pytest.fixture
    def places(self, tmp_path):
        (tmp_path / "site.toml").write_text(SITE)
        with SqliteJournal(tmp_path / "data/control/journal.sqlite") as journal:
            journal.append(START, [Transitioned(alarm=alarm) for alarm in alarms()])
        return [str(tmp_path), "--data", str(tmp_path / "data")]

    def test_it_prints_a_page(self, places, capsys):
        assert main(["alarms", "health", *places, "--from", "2026-03-01", "--to", "2026-04-01"]) == 0

        assert "15 alarms were raised" in capsys.readouterr().out

    def test_it_prints_figures_while_control_has_the_journal(self, places, tmp_path, capsys):
        with SqliteJournal(tmp_path / "data/control/journal.sqlite"):
            span = ["--from", "2026-03-01T00:00", "--to", "2026-03-31T16:00Z"]
            assert main(["alarms", "health", *places, *span, "--json"]) == 0

        said = json.loads(capsys.readouterr().out)
        assert (said["raised"], said["kpis"][0]["verdict"]) == (15, "good")

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["--from", "yesterday"], "is no moment"),
            (["--from", "2026-03-02", "--to", "2026-03-01"], "the span is empty"),
        ],
    )
    def test_it_refuses_what_is_no_span(self, places, words, said, capsys):
        assert main(["alarms", "health", *places, *words]) != 0

        assert said in capsys.readouterr().err

    def test_a_journal_that_is_not_there_is_said(self, places, tmp_path, capsys):
        assert main(["alarms", "health", places[0], "--data", str(tmp_path / "elsewhere")]) != 0

        assert "journal.sqlite" in capsys.readouterr().err
