import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from starlette.testclient import TestClient

from coldport.messages.status import SIMULATOR, Presence
from coldport.site import load_site
from control.api import pages, vendor
from control.api.app import create_app
from control.inspection.clearance import Clearance
from control.inspection.floor import Floor
from control.inspection.lane.verdict import Why
from control.inspection_settings import load_inspection
from dashboards import web_root

EXAMPLE = Path(__file__).parents[4] / "config/sites/xiangtan"
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
CATALOGUES = pages.load_catalogues(web_root())
SCRIPTS = sorted((web_root() / "static").glob("*.js"))


class _Text(HTMLParser):
    """What people and screen readers get of a page, without parts marked as being in another language."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._foreign: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag != "html" and given.get("lang"):
            self._foreign.append(tag)
        elif not self._foreign:
            self.found += [str(given[name]) for name in ("title", "aria-label", "placeholder") if given.get(name)]

    def handle_endtag(self, tag):
        if self._foreign and self._foreign[-1] == tag:
            self._foreign.pop()

    def handle_data(self, data):
        if not self._foreign:
            self.found.append(data)


def test_the_start_leads_to_the_cold_store_and_keeps_the_question(client):
    answer = client.get("/?lang=en&theme=light", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "/cold?lang=en&theme=light")


def test_a_page_is_chinese_and_dark_unless_asked_otherwise(client):
    assert '<html lang="zh-CN" data-lang="zh" data-theme="dark"' in client.get("/cold").text
    assert '<html lang="en" data-lang="en" data-theme="light"' in client.get("/cold?lang=en&theme=light").text


@pytest.mark.parametrize("query", ["lang=fr", "theme=pink", "mode=hud"])
def test_a_page_in_a_way_that_does_not_exist_is_a_problem(client, query):
    answer = client.get(f"/cold?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["place"] == f"query.{query.split('=')[0]}"


@pytest.fixture
def with_a_lane(desk):
    """Give the desk's site the lanes of the example, of which its first zone is one."""
    example = load_inspection(EXAMPLE, load_site(EXAMPLE))
    lane = msgspec.structs.replace(example.lanes[0], lines=(), outputs=None)
    desk._floor = Floor(desk.site, msgspec.structs.replace(example, lanes=(lane,)))


PATHS = ["/cold", "/board", "/lane/lane-1"]


@pytest.mark.usefixtures("with_a_lane")
@pytest.mark.parametrize(("path", "said"), [("/cold", "Alarms"), ("/board", "Released"), ("/lane/lane-1", "Last 8")])
def test_the_english_page_has_no_chinese_left_in_it(client, path, said):
    text = _Text()
    text.feed(client.get(f"{path}?lang=en").text)
    assert [part for part in text.found if HAN.search(part)] == []
    assert said in text.found


@pytest.mark.usefixtures("with_a_lane")
def test_the_way_to_a_lane_leads_to_the_first_one(client):
    answer = client.get("/lane?lang=en", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "/lane/lane-1?lang=en")
    assert client.get("/lane/lane-9").status_code == 404


def test_a_site_without_lanes_is_led_to_its_empty_board(client):
    assert client.get("/lane", follow_redirects=False).headers["location"] == "/board"
    assert client.get("/board").status_code == 200


@pytest.mark.usefixtures("with_a_lane")
@pytest.mark.parametrize("path", PATHS)
def test_every_page_leads_to_every_other(client, path):
    html = client.get(path).text
    assert re.findall(r'<a href="/(\w+)\?lang=zh"', html) == ["board", "cold", "lane"]
    assert html.count("aria-current") == 1


def test_the_words_of_verdicts_are_those_of_the_lanes():
    assert CATALOGUES["zh"]["verdict.inspect"] == "查验"
    assert {f"why.{why}" for why in Why} | {f"brief.{why}" for why in Why} <= set(CATALOGUES["en"])
    assert {f"clearance.{clearance}" for clearance in Clearance} <= set(CATALOGUES["en"])


def test_a_simulated_site_says_so_on_its_page_and_a_real_one_does_not(client, desk, clock):
    assert re.search(r"<span class=\"badge\"[^>]* hidden>", client.get("/cold").text)
    desk.put_status([], [Presence(process=SIMULATOR, session="0" * 32, online=True, since=clock.now())])
    assert re.search(r"<span class=\"badge\"[^>]*>模拟", client.get("/cold").text)
    assert not re.search(r"<span class=\"badge\"[^>]* hidden>", client.get("/cold").text)


@pytest.mark.usefixtures("with_a_lane")
@pytest.mark.parametrize("path", PATHS)
def test_a_page_holds_no_script_style_or_address_of_its_own(client, path):
    html = client.get(path).text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", html)
    assert not re.search(r"(src|href)=\"(https?:)?//", html)


def test_uplot_is_the_file_that_was_checked():
    assert set(vendor.load()) == set(vendor.FILES)


def test_without_the_wheel_the_page_loads_no_vendored_file(monkeypatch):
    assert vendor.load("no-such-package") == {}


def test_a_wheel_with_other_bytes_is_not_served(monkeypatch):
    path, _ = vendor.FILES["uplot.js"]
    monkeypatch.setitem(vendor.FILES, "uplot.js", (path, "0" * 64))
    assert vendor.load() == {}


def test_a_page_without_uplot_asks_for_none(desk, historian, clock, monkeypatch):
    monkeypatch.setattr(vendor, "load", dict)
    with TestClient(create_app(desk, historian, web_root(), clock=clock), base_url="http://127.0.0.1") as client:
        assert "uplot" not in client.get("/cold").text
        assert client.get("/static/vendor/uplot.js").status_code == 404
