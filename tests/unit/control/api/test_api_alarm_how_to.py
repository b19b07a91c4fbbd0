"""Alarms are answered and put aside as the page says: its commands are sent to a control with the example site."""

import re
import tomllib
from datetime import timedelta

import msgspec
import pytest
from how_to_pages import SITE, curls, page
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

PAGE = page("answer-an-alarm.md")


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
    sent = [command.send(client) for command in curls(PAGE)]
    assert {answer.status_code for answer in sent} == {200}
    answers = [answer.json() for answer in sent]
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
