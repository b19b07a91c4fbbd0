"""The page on the planner's service does what it says, with the service and a worker behind it."""

import re
import shlex
from contextlib import chdir

import httpx
import pytest
from how_to_pages import ROOT, curls, page
from planner_process import PlannerProcess

from coldport.cli import main

pytestmark = pytest.mark.slow

TEXT = page("run-the-planner-as-a-service.md")


def test_an_instance_is_brought_planned_followed_and_published_as_the_page_says(tmp_path, free_port):
    (tmp_path / "config").symlink_to(ROOT / "config")
    [generate] = re.findall(r"^ +coldport (plan generate .*)$", TEXT, re.MULTILINE)
    with chdir(tmp_path):
        assert main(shlex.split(generate)) == 0
    bring, ask, follow = curls(TEXT, tmp_path)
    planner = PlannerProcess(tmp_path / "data", free_port())
    try:
        with httpx.Client(base_url=planner.address, timeout=240) as client:
            name = bring.send(client).json()["instance"]
            job = ask._replace(body=ask.body.replace(b"NAME", name.encode()).replace(b"30", b"3")).send(client).json()
            assert follow.path.split("/")[-2] == job["job"]
            events = follow.send(client).text
        assert events.startswith("id: ")
        assert "event: end" in events
        best = planner.get(f"jobs/{job['job']}")["best"]
        assert planner.post(f"plans/{best['plan']}/publish", {"by": "Li"})["result"] == best
    finally:
        planner.close()
