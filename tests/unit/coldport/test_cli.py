"""The command line: help a technician understands, errors of one line, exit code 2 when something cannot start."""

import json
import subprocess
import sys
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest

from coldport.cli import Parser, main, parser

EXAMPLE = Path(__file__).parents[3] / "config/sites/xiangtan"


def test_every_command_and_subcommand_says_what_it_is_for() -> None:
    waiting = [parser()]
    seen = 0
    while waiting:
        one = waiting.pop()
        assert one.description, one.prog
        seen += 1
        for action in one._actions:
            if isinstance(action.choices, dict):
                waiting += action.choices.values()
                assert {choice.dest for choice in action._choices_actions} == set(action.choices), one.prog
            else:
                assert action.help, f"{one.prog} {action.dest}"
    assert seen > 8


@pytest.mark.parametrize("entry", entry_points(group="coldport.commands"), ids=lambda entry: entry.name)
def test_an_entry_adds_the_command_of_its_name_and_no_other(entry: EntryPoint) -> None:
    commands = Parser(prog="coldport").add_subparsers(parser_class=Parser)
    entry.load()(commands)

    assert set(commands.choices) == {entry.name}


@pytest.mark.parametrize(
    ("command", "not_needed"),
    [
        ("control", {"ortools", "numba", "pandas", "openpyxl", "edge.main", "httpx", "apprise", "rich"}),
        ("edge", {"fastapi", "httpx", "uvicorn", "rich", "control.main"}),
        ("sim", {"fastapi", "httpx", "rich", "edge.main"}),
    ],
)
def test_a_part_of_a_site_loads_nothing_that_most_sites_never_use(command: str, not_needed: set[str]) -> None:
    code = f"import sys; from coldport.cli import parser; parser({command!r}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not not_needed & set(done.stdout.split())


@pytest.mark.parametrize("words", [[], ["fly"], ["check"], ["up", "--port", "http", "x"]])
def test_a_wrong_call_is_one_line_and_exit_code_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)

    assert caught.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_check_finds_nothing_wrong_with_the_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(EXAMPLE)]) == 0
    assert "nothing wrong in" in capsys.readouterr().out


def test_check_prints_problems_as_json_with_file_line_and_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in EXAMPLE.glob("*.toml"):
        (tmp_path / file.name).write_text(file.read_text().replace("every_s = 1,", "every_s = 0,", 1))

    assert main(["check", str(tmp_path), "--json"]) == 1

    problems = json.loads(capsys.readouterr().out)
    (problem,) = [problem for problem in problems if problem["file"].endswith("site.toml")]
    assert problem["key"] == "zones[0].points[0].every_s"
    assert problem["line"] > 0


def test_up_refuses_a_broken_site_with_every_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["up", str(tmp_path), "--data", str(tmp_path / "data")]) == 2

    said = capsys.readouterr().err.splitlines()
    assert all(line.startswith("coldport: ") for line in said)
    assert any("site.toml" in line for line in said)
