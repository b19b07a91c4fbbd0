"""The planner's service with real workers, killed in the middle of a job: what is published stands, the job goes on."""

from pathlib import Path

import msgspec
import psutil
import pytest
from planner_process import PlannerProcess

from routing.generate import generate
from routing.network_folder import load_network

pytestmark = pytest.mark.slow

XIANGTAN = Path(__file__).parents[3] / "config/networks/xiangtan"
SECONDS = 6
COMPILING_S = 240
"""A first worker on a fresh machine compiles the kernel before its seconds count."""


@pytest.fixture
def start(tmp_path, free_port):
    """A function that starts the service on the same data."""
    running = []

    def begin() -> PlannerProcess:
        running.append(PlannerProcess(tmp_path / "data", free_port()))
        return running[-1]

    yield begin
    for one in running:
        one.close()


def load(planner: PlannerProcess) -> str:
    instance = msgspec.json.encode(generate(load_network(XIANGTAN), 30, 1))
    return planner.post("instances?by=Li", msgspec.json.decode(instance))["instance"]


def ask(planner: PlannerProcess, instance: str, seconds: float) -> str:
    return planner.post("jobs", {"instance": instance, "seconds": seconds, "by": "Li"})["job"]


def job(planner: PlannerProcess, name: str) -> dict:
    return planner.get(f"jobs/{name}")


def test_after_a_kill_what_was_published_stands_and_the_job_goes_on_from_its_best(start):
    planner = start()
    instance = load(planner)
    first = ask(planner, instance, 1)
    done = planner.until(lambda: (one := job(planner, first))["state"] == "done" and one, COMPILING_S)
    planner.post(f"plans/{done['best']['plan']}/publish", {"by": "Li"})
    second = ask(planner, instance, SECONDS)
    before = planner.until(lambda: (one := job(planner, second))["best"] and one, COMPILING_S)
    workers = psutil.Process(planner.process.pid).children(recursive=True)
    planner.kill()
    assert workers
    planner.until(lambda: not any(one.is_running() and one.status() != "zombie" for one in workers), 20)

    again = start()
    assert [one["result"]["plan"] for one in again.get("published")] == [done["best"]["plan"]]
    ended = again.until(lambda: (one := job(again, second))["state"] not in ("queued", "running") and one, COMPILING_S)
    assert ended["state"] == "done"
    assert ended["attempt"] == 2
    assert ended["best"]["cost_fen"] <= before["best"]["cost_fen"]
    assert again.get(f"plans/{ended['best']['plan']}/check")["violations"] == []


def test_a_worker_that_is_killed_is_followed_by_another_that_goes_on(start):
    planner = start()
    name = ask(planner, load(planner), SECONDS)
    planner.until(lambda: job(planner, name)["best"], COMPILING_S)
    for one in psutil.Process(planner.process.pid).children(recursive=True):
        one.kill()
    ended = planner.until(
        lambda: (one := job(planner, name))["state"] not in ("queued", "running") and one, COMPILING_S
    )
    assert (ended["state"], ended["attempt"]) == ("done", 2)


def test_a_job_that_is_stopped_keeps_the_best_it_had(start):
    planner = start()
    name = ask(planner, load(planner), 600)
    planner.until(lambda: job(planner, name)["best"], COMPILING_S)
    planner.post(f"jobs/{name}/stop", {"by": "Li"})
    ended = planner.until(lambda: (one := job(planner, name))["state"] not in ("queued", "running") and one, 30)
    assert ended["state"] == "stopped"
    assert planner.get(f"plans/{ended['best']['plan']}/check")["violations"] == []
