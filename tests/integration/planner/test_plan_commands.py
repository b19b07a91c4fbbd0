"""The page on planning does what it says, and what is wrong with a file is said with its place in it."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from routing.instance_file import read_instance, read_plan, write
from routing.model import Lock, Mode
from routing.validate import check

ROOT = Path(__file__).parents[3]
NETWORK = str(ROOT / "config/networks/xiangtan")

pytestmark = pytest.mark.slow


def coldport(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "coldport", *shlex.split(command)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with the instance and the plan that the page makes."""
    made = tmp_path_factory.mktemp("plan")
    generate = coldport(made, f"plan generate --network {NETWORK} --consignments 30 --seed 1 --out instance.json")
    assert generate.returncode == 0, generate.stderr
    solve = coldport(made, "plan solve instance.json --seconds 5 --out plan.json --json")
    assert solve.returncode == 0, solve.stderr
    (made / "said.json").write_text(solve.stdout, "utf-8")
    return made


def test_a_plan_has_a_bound_that_it_does_not_go_below(folder: Path) -> None:
    said = json.loads((folder / "said.json").read_text("utf-8"))
    plan = read_plan(folder / "plan.json")

    assert said["cost_fen"] == plan.cost.total >= said["bound_fen"] > 0
    assert sum(said["parts_fen"].values()) == plan.cost.total
    assert check(read_instance(folder / "instance.json"), plan) == ()


def test_the_commands_of_the_page_run_as_they_stand_there(folder: Path) -> None:
    page = (ROOT / "docs/how-to/plan-consignments.md").read_text("utf-8")
    commands = [line for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) for line in block.splitlines()]
    assert len(commands) == 9
    for command in commands[2:]:
        done = coldport(folder, command.removeprefix("coldport "))
        assert done.returncode == 0, done.stderr
        assert done.stdout


def test_explain_prices_the_way_a_consignment_goes_and_names_its_cut_off(folder: Path) -> None:
    done = coldport(folder, "plan explain instance.json plan.json c00003 --most 3")

    assert done.returncode == 0
    assert done.stdout.count("<- the plan") <= 1
    assert re.search(r"binding: (gate-in|customs|documents), \d+\.\d h to spare", done.stdout)


def test_a_plan_that_books_too_little_is_refused_by_name(folder: Path) -> None:
    plan = read_plan(folder / "plan.json")
    write(folder / "short.json", msgspec.structs.replace(plan, bookings=plan.bookings[1:]))
    done = coldport(folder, "plan check instance.json short.json")

    assert done.returncode == 1
    assert "units-too-few" in done.stdout


def test_locks_that_cannot_hold_are_named_by_lock_and_solve(folder: Path) -> None:
    instance = read_instance(folder / "instance.json")
    legs = (Lock(consignment="c00003", use=instance.services[0].id), Lock(consignment="c00003", modes=(Mode.AIR,)))
    write(folder / "torn.json", msgspec.structs.replace(instance, locks=legs))
    said = f"locks cannot hold: c00003 uses {instance.services[0].id}"
    for command in ("plan lock torn.json", "plan solve torn.json --seconds 5 --out other.json"):
        done = coldport(folder, command)

        assert done.returncode == 2
        assert said in done.stderr
    assert said in coldport(folder, "plan check torn.json plan.json").stdout


def test_the_events_of_the_page_are_read_and_every_option_is_a_plan(folder: Path) -> None:
    page = (ROOT / "docs/how-to/plan-consignments.md").read_text("utf-8")
    (folder / "events.json").write_text(re.findall(r"```json\n(.*?)```", page, re.DOTALL)[0], "utf-8")
    done = coldport(
        folder, "plan replan instance.json plan.json --now 2026-06-05T08:00+08:00 --events events.json --out later"
    )

    assert done.returncode == 0, done.stderr
    instance = read_instance(folder / "later/instance.json")
    options = [path for path in (folder / "later").glob("*.json") if path.name != "instance.json"]
    assert options
    assert all(check(instance, read_plan(path)) == () for path in options)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("plan explain instance.json plan.json nobody", "no consignment 'nobody'"),
        ("plan solve instance.json --seconds 0 --out other.json", "expected more than 0"),
        ("plan solve nowhere.json --out other.json", "nowhere.json: cannot be read"),
        ("plan solve said.json --out other.json", "said.json: "),
        ("plan generate --network {network} --consignments -1 --out other.json", "expected 0 to"),
        ("plan replan instance.json plan.json --now 2026-06-05T08:00 --cancel x --out other.json", "no moment"),
        ("plan replan instance.json plan.json --now 2026-06-05T08:00Z --out other.json", "0 things happened"),
        ("plan replan instance.json plan.json --now 2026-06-05T08:00Z --cancel x --out other.json", "has no 'x'"),
        ("plan lock instance.json --consignment c00003 --out other.json", "--plan PLAN is missing"),
        ("plan lock instance.json --leg c00003 nothing --out other.json", "there is no nothing"),
        ("plan lock instance.json --mode c00003 balloon --out other.json", "'balloon' is none of road, rail"),
        ("plan lock instance.json --remove c00003 --out other.json", "nothing is locked for 'c00003'"),
        ("plan lists instance.json plan.json --out nowhere/plan.xlsx", "cannot be written"),
    ],
)
def test_bad_input_is_one_clear_line_and_writes_nothing(folder: Path, command: str, said: str) -> None:
    done = coldport(folder, command.format(network=NETWORK))

    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "other.json").exists()


def test_the_page_on_choosing_makes_plans_that_the_judge_lets_pass(folder: Path) -> None:
    page = (ROOT / "docs/how-to/choose-between-plans.md").read_text("utf-8")
    for command in re.findall(r"^coldport (.*)$", page, re.MULTILINE):
        done = coldport(folder, command)
        assert done.returncode == 0, done.stderr
    instance = read_instance(folder / "instance.json")
    listed = json.loads((folder / "front/front.json").read_text("utf-8"))["points"]
    plans = [read_plan(folder / "front" / one["plan"]) for one in listed]

    assert [one["cost_fen"] for one in listed] == sorted(plan.cost.total for plan in plans)
    assert [plan.cost.co2e_g for plan in plans] == sorted((plan.cost.co2e_g for plan in plans), reverse=True)
    assert all(check(instance, plan) == () for plan in [*plans, read_plan(folder / "service.json")])
