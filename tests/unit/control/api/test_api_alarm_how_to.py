"""Alarms are answered and put aside as the page says: its commands are sent to a control with the example site."""

import json
import re
import shlex
import tomllib
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from starlette.testclient import TestClient

from coldport.messages.observation import Batch, Reading
from coldport.site import load_site
from control.alarms.suppression import SuppressionRule
from control.api.app import create_app
from control.historian.memory import MemoryHistorian
from control.journal.memory import MemoryJournal
from control.service import Service
from control.settings import load_alarms
from dashboards import web_root

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs/how-to/answer-an-alarm.md").read_text(encoding="utf-8")
SITE = ROOT / "config/sites/xiangtan"


def requests():
    """Give the path and the body of every curl command on the page."""
    for line in re.findall(r"^ *(curl .*)$", PAGE, re.MULTILINE):
        words = shlex.split(line)
        path = next(word for word in words if word.startswith("http")).removeprefix("http://127.0.0.1:8000")
        yield path, json.loads(words[words.index("--json") + 1]) if "--json" in words else None


@pytest.fixture
def client(clock):
    """A control of the example site in which the door of f2 stands open for two minutes."""
    site = load_site(SITE)
    service = Service(site, load_alarms(SITE, site), MemoryJournal(), clock)
    moments = [clock.now() + timedelta(seconds=second) for second in range(-120, 0)]
    readings = tuple(
        Reading(seq=number, point="f2-door", observed_at=at, spooled_at=at, value=1.0)
        for number, at in enumerate(moments, 1)
    )
    service.take([Batch(gateway="g", boot_id="0" * 32, observations=readings)])
    with TestClient(create_app(service, MemoryHistorian(), web_root(), clock=clock), base_url="http://127.0.0.1") as it:
        yield it


def test_an_alarm_is_answered_put_aside_and_taken_out_of_service_as_the_page_says(client):
    answers = []
    for path, body in requests():
        answer = client.get(path) if body is None else client.post(path, json=body)
        assert answer.status_code == 200, (path, answer.text)
        answers.append(answer.json())
    listed, acknowledged, confirmed, shelved, suppressions, unshelved, out, returned = answers
    assert [alarm["id"] for alarm in listed] == ["door-open.f2-door.1"]
    assert acknowledged["state"] == "acknowledged"
    assert confirmed["disposition"] == "none-affected"
    assert (shelved["isa"], suppressions, unshelved["kind"]) == ("E", [shelved], "none")
    assert (out["isa"], returned["kind"]) == ("G", "none")


def test_the_rule_on_the_page_can_be_read():
    [text] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    [rule] = msgspec.convert(tomllib.loads(text)["suppressions"], list[SuppressionRule])
    assert rule.cause == "power-lost"
