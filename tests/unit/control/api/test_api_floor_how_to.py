"""A parcel is let through, and bonded goods are led in and out, as the pages say."""

import json
import re

import pytest
from how_to_pages import ROOT, SITE, cross, curls, page
from starlette.testclient import TestClient

from coldport.site import load_site
from control.api.app import create_app
from control.historian.memory import MemoryHistorian
from control.inspection_settings import load_inspection
from control.journal.memory import MemoryJournal
from control.memory import Inspection
from control.service import Service
from control.settings import load_alarms
from dashboards import web_root

LET_THROUGH = "let-a-parcel-through.md"
LEAD = "lead-bonded-goods.md"


@pytest.fixture
def service(clock):
    site = load_site(SITE)
    return Service(site, load_alarms(SITE, site), MemoryJournal(), clock, Inspection(load_inspection(SITE, site)))


@pytest.fixture
def client(service, clock):
    with TestClient(create_app(service, MemoryHistorian(), web_root(), clock=clock), base_url="http://127.0.0.1") as it:
        yield it


def test_a_parcel_is_declared_weighed_released_loaded_and_let_out_as_the_page_says(client, service, clock):
    declared, received, bound, released, lanes, load, seal, out, parcel = curls(page(LET_THROUGH))
    assert declared.send(client).json()["taken"] == 1
    for command in (received, bound):
        command.send(client)
    assert released.send(client).json()["taken"] == 1
    cross(service, clock, kg=0.8)
    verdict = lanes.send(client).json()["lane-1"]["verdicts"][0]
    assert (verdict["judged"]["verdict"], verdict["judged"]["logistics_no"]) == ("release", "E1")
    for command in (load, seal, out):
        command.send(client)
    known = parcel.send(client).json()
    assert known["parcel"]["state"] == "gated-out"
    assert [entry["content"]["entry"] for entry in known["history"]] == [
        "parcel-moved",
        "judged",
        "tag-bound",
        "parcel-received",
        "declared",
    ]


def test_the_samples_say_what_the_page_says():
    assert "E1" in (ROOT / "docs/how-to/samples/603.xml").read_text(encoding="utf-8")
    bodies = [command.body for command in curls(page(LET_THROUGH)) if command.body]
    assert json.loads(next(body for body in bodies if body.startswith(b"{")))["logistics_no"] == "E1"


def run(client, step: str):
    """Send the commands of a step of the page, in their order; return the last answer."""
    answer = None
    for command in curls(re.split(r"^\d+\. ", page(LEAD), flags=re.MULTILINE)[int(step)]):
        answer = command.send(client).json()
        assert command.path.split("?")[0] != "/api/v1/floor/messages" or answer["taken"] == 1
    return answer


def test_goods_come_in_and_an_order_leaves_as_the_page_says(client, service, clock):
    for step in "123":
        run(client, step)
    assert run(client, "4")["inbound"]["state"] == "on-shelf"
    for step in "56":
        run(client, step)
    cross(service, clock, kg=1.2)
    assert run(client, "7")["order"]["state"] == "left"
    (row,) = run(client, "8")
    assert (row["book"], row["shelf"], row["customs"]) == ("10", "9", None)
