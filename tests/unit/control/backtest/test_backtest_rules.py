"""Rule tests: the notation, what passes, and how a failure or a mistake is told."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldport.cli import main
from coldport.errors import MalformedError
from control.backtest.notation import READING_LIMIT, expand, length, written

ROOT = Path(__file__).parents[4]
RECORDED = ROOT / "config/sites/recorded"


@pytest.fixture
def rules(tmp_path, capsys):
    """Run a file of tests over the alarms of the recorded room; return its exit code and lines."""

    def run(text, *, head=f"definitions = '{RECORDED / 'alarms.toml'}'\n"):
        path = tmp_path / "rules.toml"
        path.write_text(head + text, encoding="utf-8")
        code = main(["alarms", "test", str(path)])
        said = capsys.readouterr()
        return code, (said.out + said.err).replace(str(tmp_path) + "/", "").splitlines()

    return run


STORY = """
[[tests]]
name = "warm"
every = "1h"
series = { room = "20x3 26x4 20x3" }
"""


def test_the_example_beside_its_site_passes(capsys):
    assert main(["alarms", "test", str(ROOT / "config/sites/xiangtan/alarms.test.toml")]) == 0
    assert "FAILED" not in capsys.readouterr().out


def test_what_is_expected_passes(rules):
    assert rules(STORY + 'alarms = [{ alarm = "recorded-hi", occurs = "5h", returns = "8h" }]') == (0, ["ok      warm"])


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ("", "rules.toml:4: tests[0].name: recorded-hi at room: not expected, got 5h to 8h"),
        (
            'alarms = [{ alarm = "recorded-hi", occurs = "4h", returns = "8h" }]',
            "rules.toml:7: tests[0].alarms[0]: recorded-hi at room: expected 4h to 8h, got 5h to 8h",
        ),
        (
            'alarms = [{ alarm = "recorded-hi", occurs = "5h" }]',
            "rules.toml:7: tests[0].alarms[0]: recorded-hi at room: expected 5h to the end, got 5h to 8h",
        ),
        (
            'only = ["recorded-lo"]\nalarms = [{ alarm = "recorded-lo", occurs = "5h" }]',
            "rules.toml:8: tests[0].alarms[0]: recorded-lo at room: expected 5h to the end, it did not occur",
        ),
        (
            'active = [{ at = "5h", alarms = [] }]',
            "rules.toml:7: tests[0].active[0]: at 5h: expected no alarm, got recorded-hi.room",
        ),
        (
            'active = [{ at = "8h", alarms = ["recorded-hi"] }]',
            "rules.toml:7: tests[0].active[0]: at 8h: expected recorded-hi.room, got no alarm",
        ),
    ],
)
def test_what_is_not_as_expected_is_told_with_its_line(rules, expected, said):
    assert rules(STORY + expected) == (1, ["FAILED  warm", f"        {said}"])


def test_active_alone_says_nothing_of_other_moments(rules):
    assert rules(STORY + 'active = [{ at = "5h", alarms = ["recorded-hi.room"] }]')[0] == 0


def test_the_folder_of_the_file_is_its_site_when_it_is_one(rules, tmp_path):
    for name in ("site.toml", "alarms.toml"):
        (tmp_path / name).write_text((RECORDED / name).read_text(encoding="utf-8"), encoding="utf-8")
    story = STORY.replace("room", "r1-temperature")

    code, _ = rules(story + 'alarms = [{ alarm = "recorded-hi", occurs = "5h", returns = "8h" }]', head="")

    assert code == 0
    assert "no point 'room' in site.toml" in rules(STORY, head="")[1][0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (STORY.replace("26x4", "26xx4"), "tests[0].series.room: '26xx4' is not a word of a series, such as 5x30"),
        (STORY.replace("1h", "soon"), "tests[0].every: 'soon' is not a length of time such as 90s, 31m or 1h30m"),
        (STORY.replace("1h", "0s"), "tests[0].every: readings come with some time between them"),
        (STORY.replace('{ room = "20x3 26x4 20x3" }', "{}"), "tests[0].series: a test needs readings"),
        (STORY + 'alarms = [{ alarm = "hi", occurs = "5h" }]', "tests[0].alarms: no alarm 'hi' in the definitions"),
        (STORY + 'active = [{ at = "x", alarms = [] }]', "tests[0].active[0].at: 'x' is not a length of time"),
        (STORY + "colour = 1", "unknown field `colour`"),
        (
            STORY.replace('"20x3 26x4 20x3"', '"20", hall = "20"')
            + 'alarms = [{ alarm = "recorded-hi", occurs = "5h" }]',
            "tests[0].alarms[0]: say which point: the test has several",
        ),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_line(rules, text, said):
    code, lines = rules(text)

    assert code == 2
    assert said in lines[0]
    assert lines[0].startswith("coldport: rules.toml:")


def test_a_file_says_where_its_definitions_are(rules):
    code, lines = rules(STORY, head="")

    assert code == 2
    assert "say where the definitions are, or name a site" in lines[0]


def test_a_word_is_a_value_as_often_as_it_says_a_failure_or_nothing():
    assert expand("5x2 _ -18-0.5x3 bad _x2 7") == [
        (0, 5.0),
        (1, 5.0),
        (3, -18.0),
        (4, -18.5),
        (5, -19.0),
        (6, None),
        (9, 7.0),
    ]


@given(st.decimals(-50, 50, places=2), st.decimals(-5, 5, places=2), st.integers(1, 200))
def test_steps_are_those_of_decimals(first, step, times):
    slots = expand(f"{first}{step:+}x{times}")

    assert [value for _, value in slots] == [float(first + n * step) for n in range(times)]


@pytest.mark.parametrize(
    "word", ["5x", "x5", "five", "5+x3", "--5", "_5", "bad5", "5x-3", f"5x{READING_LIMIT + 1}", "nan"]
)
def test_what_is_no_word_is_refused(word):
    with pytest.raises(MalformedError):
        expand(word)


@given(st.integers(0, 400_000))
def test_a_length_is_read_as_it_is_written(seconds):
    assert length(written(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "m", "5m3h", "-5m", "5 m"])
def test_what_is_no_length_is_refused(text):
    with pytest.raises(MalformedError):
        length(text)
