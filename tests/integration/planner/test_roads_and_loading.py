"""The pages on collecting and loading do what they say; the judges find no fault in what the commands write."""

import json
import re
import shlex
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from coldport.cli import main
from routing.instance_file import read_plan
from routing.loading import check as loading_check
from routing.loading.cargo_file import read_cargo
from routing.loading.interiors import read_interiors
from routing.loading.model import LoadPlan
from routing.roads import check as road_check
from routing.roads.tours_file import Toured
from routing.workbook import read_table

ROOT = Path(__file__).parents[3]
INTERIORS = ROOT / "config/networks/xiangtan/interiors.toml"

pytestmark = pytest.mark.slow


class Done(NamedTuple):
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


def coldport(folder: Path, command: str) -> Done:
    """Run a command in a folder, in this process: a start of its own takes longer than most of them."""
    with chdir(folder), redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        code = main(shlex.split(command))
    return Done(code, out.getvalue(), err.getvalue())


def blocks_of(page: str, language: str) -> list[str]:
    text = (ROOT / "docs/how-to" / page).read_text("utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with an instance, a plan, and the configuration beside them."""
    made = tmp_path_factory.mktemp("plan")
    (made / "config").symlink_to(ROOT / "config")
    generate = coldport(made, "plan generate --consignments 12 --seed 1 --out instance.json")
    assert generate.returncode == 0, generate.stderr
    solve = coldport(made, "plan solve instance.json --seconds 2 --out plan.json")
    assert solve.returncode == 0, solve.stderr
    return made


def test_the_tours_of_the_page_fetch_what_can_be_fetched_and_the_judge_finds_no_fault(folder: Path) -> None:
    commands = [line for block in blocks_of("collect-from-parks.md", "sh") for line in block.splitlines()]
    assert len(commands) == 2
    for command in commands:
        done = coldport(folder, command.removeprefix("coldport ").replace("--seconds 10", "--seconds 1"))
        toured = msgspec.json.decode((folder / "tours.json").read_bytes(), type=Toured)

        assert done.returncode == (1 if toured.tours.stays else 0), done.stderr
        assert toured.roads.jobs
        assert road_check.check(toured.roads, toured.tours) == ()
        assert f"{len(toured.roads.jobs)} jobs, {len(toured.tours.tours)} tours, " in done.stdout
        assert "the plan's own trucks for these goods: " in done.stdout


def test_a_booking_is_loaded_as_the_page_says_with_list_and_pictures(folder: Path) -> None:
    inside = read_interiors(INTERIORS)
    booking = next(one for one in read_plan(folder / "plan.json").bookings if one.offer in inside)
    command = blocks_of("load-a-container.md", "sh")[0].removeprefix("coldport ")
    done = coldport(
        folder, command.replace("$SERVICE", booking.service).replace("$OFFER", booking.offer) + " --seconds 1"
    )

    cargo = read_cargo(folder / "loaded/cargo.json")
    plan = msgspec.json.decode((folder / "loaded/load.json").read_bytes(), type=LoadPlan)
    assert done.returncode == (1 if plan.left else 0), done.stderr
    assert loading_check.check(cargo, plan) == ()
    boxes = sum(len(one.boxes) for one in plan.loads)
    assert len(read_table(folder / "loaded/loading-list.xlsx")) == len(read_table(folder / "loaded/loading-list.csv"))
    assert len(read_table(folder / "loaded/loading-list.csv")) == 1 + boxes > 1
    assert len(list((folder / "loaded").glob("*.svg"))) == len(plan.loads)


def test_the_cartons_of_the_page_are_loaded_in_the_order_they_leave(folder: Path) -> None:
    (folder / "cargo.json").write_text(blocks_of("load-a-container.md", "json")[0], "utf-8")
    done = coldport(folder, blocks_of("load-a-container.md", "sh")[1].removeprefix("coldport ") + " --language zh")

    assert done.returncode == 0, done.stderr + done.stdout
    plan = msgspec.json.decode((folder / "own/load.json").read_bytes(), type=LoadPlan)
    assert loading_check.check(read_cargo(folder / "cargo.json"), plan) == ()
    assert plan.loads[0].boxes[0].box == "dumplings"
    assert "箱门" in (folder / "own/reefer-truck-1.svg").read_text("utf-8")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("plan load instance.json plan.json bus feu --out other", "there is no service 'bus'"),
        ("plan load instance.json --out other", "give INSTANCE PLAN SERVICE OFFER, or --cargo FILE alone"),
        ("plan load --cargo plan.json --out other", "plan.json: "),
        ("plan load --cargo nowhere.json --out other", "nowhere.json: cannot be read"),
        ("plan roads instance.json plan.json --trucks plan.json --out other", "plan.json:"),
        ("plan roads instance.json plan.json --trucks wrong.toml --out other", "wrong.toml:1: base: "),
    ],
)
def test_bad_input_is_one_clear_line_and_writes_nothing(folder: Path, command: str, said: str) -> None:
    text = (folder / "config/networks/xiangtan/trucks.toml").read_text("utf-8")
    (folder / "wrong.toml").write_text(text[text.index("base = ") :].replace('"xiangtan-hub"', "7", 1), "utf-8")
    done = coldport(folder, command)

    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "other").exists()
    assert json.loads((folder / "instance.json").read_text("utf-8"))
