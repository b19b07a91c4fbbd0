"""Bonded goods are led into the zone and out of it as the page says: its commands are sent to the example site."""

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
PAGE = (ROOT / "docs/how-to/lead-bonded-goods.md").read_text(encoding="utf-8")
SITE = ROOT / "config/sites/xiangtan"


@pytest.fixture
def service(clock):
    site = load_site(SITE)
    return Service(site, load_alarms(SITE, site), MemoryJournal(), clock, Inspection(load_inspection(SITE, site)))


@pytest.fixture
def client(service, clock):
    with TestClient(create_app(service, MemoryHistorian(), web_root(), clock=clock), base_url="http://127.0.0.1") as it:
        yield it


def run(client, step: str):
    """Send the commands of a step of the page, in their order; return the last answer."""
    text = re.split(r"^\d+\. ", PAGE, flags=re.MULTILINE)[int(step)]
    answer = None
    for line in re.findall(r"^ *(curl .*)$", text, re.MULTILINE):
        words = shlex.split(line)
        path = next(word for word in words if word.startswith("http")).removeprefix("http://127.0.0.1:8000")
        if "--json" in words:
            answer = client.post(path, content=words[words.index("--json") + 1].encode())
        elif "--data-binary" in words:
            body = (ROOT / words[words.index("--data-binary") + 1].removeprefix("@")).read_bytes()
            answer = client.post(path, content=body)
            assert answer.json()["taken"] == 1, answer.text
        else:
            answer = client.get(path)
        assert answer.is_success, (line, answer.text)
    return answer.json()


def cross(service, clock) -> None:
    """Let the parcel of the order go over lane 1."""
    now = clock.now()
    seen = [
        msgspec.structs.replace(
            passage(epc="3055A537C83775400000A001"),
            seq=1,
            point="lane-1-gate",
            observed_at=now - timedelta(seconds=7),
        ),
        msgspec.structs.replace(
            weighing(kg=1.2),
            seq=2,
            point="lane-1-scale",
            placed_at=now - timedelta(seconds=2),
            observed_at=now - timedelta(seconds=1),
        ),
    ]
    service.take([Batch(gateway="g", boot_id="0" * 32, observations=tuple(seen))])
    clock._elapsed_s += 0.2
    service.tick()


def test_goods_come_in_and_an_order_leaves_as_the_page_says(client, service, clock):
    for step in "123":
        run(client, step)
    assert run(client, "4")["inbound"]["state"] == "on-shelf"
    for step in "56":
        run(client, step)
    cross(service, clock)
    assert run(client, "7")["order"]["state"] == "left"
    (row,) = run(client, "8")
    assert (row["book"], row["shelf"], row["customs"]) == ("10", "9", None)
