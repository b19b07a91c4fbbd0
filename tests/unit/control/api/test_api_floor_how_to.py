"""A parcel is let through as the page says: its commands are sent to a control of the example site."""

import json
import re
import shlex
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from lane_floor import passage, weighing
from starlette.testclient import TestClient

from coldport.messages.observation import Batch
from coldport.site import load_site
from control.api.app import create_app
from control.historian.memory import MemoryHistorian
from control.inspection_settings import load_inspection
from control.journal.memory import MemoryJournal
from control.memory import Inspection
from control.service import Service
from control.settings import load_alarms
from dashboards import web_root

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs/how-to/let-a-parcel-through.md").read_text(encoding="utf-8")
SITE = ROOT / "config/sites/xiangtan"


def commands():
    """Give the path and the body of every curl command on the page, in its steps."""
    for line in re.findall(r"^ *(curl .*)$", PAGE, re.MULTILINE):
        words = shlex.split(line)
        path = next(word for word in words if word.startswith("http")).removeprefix("http://127.0.0.1:8000")
        if "--json" in words:
            yield path, words[words.index("--json") + 1].encode()
        elif "--data-binary" in words:
            yield path, (ROOT / words[words.index("--data-binary") + 1].removeprefix("@")).read_bytes()
        else:
            yield path, None


@pytest.fixture
def service(clock):
    site = load_site(SITE)
    return Service(site, load_alarms(SITE, site), MemoryJournal(), clock, Inspection(load_inspection(SITE, site)))


@pytest.fixture
def client(service, clock):
    with TestClient(create_app(service, MemoryHistorian(), web_root(), clock=clock), base_url="http://127.0.0.1") as it:
        yield it


def send(client, path, body):
    answer = client.get(path) if body is None else client.post(path, content=body)
    assert answer.is_success, (path, answer.text)
    return answer.json()


def cross(service, clock, kg):
    """Let the parcel with the page's tag go over lane 1."""
    now = clock.now()
    seen = [
        msgspec.structs.replace(
            passage(epc="3055A537C83775400000A001"),
            seq=1,
            point="lane-1-gate",
            observed_at=now - timedelta(seconds=7),
        ),
        msgspec.structs.replace(
            weighing(kg=kg),
            seq=2,
            point="lane-1-scale",
            placed_at=now - timedelta(seconds=2),
            observed_at=now - timedelta(seconds=1),
        ),
    ]
    service.take([Batch(gateway="g", boot_id="0" * 32, observations=tuple(seen))])
    clock._elapsed_s += 0.2
    service.tick()


def test_a_parcel_is_declared_weighed_released_loaded_and_let_out_as_the_page_says(client, service, clock):
    declared, received, bound, released, lanes, load, seal, out, parcel = commands()
    assert send(client, *declared)["taken"] == 1
    for command in (received, bound):
        send(client, *command)
    assert send(client, *released)["taken"] == 1
    cross(service, clock, kg=0.8)
    verdict = send(client, *lanes)["lane-1"]["verdicts"][0]
    assert (verdict["judged"]["verdict"], verdict["judged"]["logistics_no"]) == ("release", "E1")
    for command in (load, seal, out):
        send(client, *command)
    known = send(client, *parcel)
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
    assert json.loads(next(body for _, body in commands() if body and body.startswith(b"{")))["logistics_no"] == "E1"
