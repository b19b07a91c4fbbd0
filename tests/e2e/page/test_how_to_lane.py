"""A lane is worked at as the page says: what stands on it in bold is pressed, read or filled in."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from coldport.site import load_site
from control.api.pages import load_catalogues
from control.inspection.lane.settings import Lane
from control.inspection.lane.verdict import Verdict, Why, reason
from control.inspection_settings import load_inspection
from dashboards import web_root

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs/how-to/work-at-a-lane.md").read_text(encoding="utf-8")
STEPS = re.findall(r"^\d\. (.*?)(?=^\d\. |^What it says)", TEXT, re.MULTILINE | re.DOTALL)
EXAMPLE = ROOT / "config/sites/xiangtan"


def bold(step: int) -> list[str]:
    """Give what stands in bold in a step, in its order."""
    return re.findall(r"\*\*(.*?)\*\*", STEPS[step - 1])


def test_a_lane_is_worked_at_as_the_page_says(visit, station):
    path = re.search(r"http://127.0.0.1:8000(/\S+)", TEXT)[1]
    page = visit(path, base=station.url).page
    word = page.locator(".verdict-word")

    [code] = re.findall(r"`(SF\d+)`", STEPS[0])
    page.locator("#theme").focus()
    page.keyboard.type(f"{code}\n", delay=1)
    word.get_by_text(*bold(1)).wait_for()

    release, recheck, wait = bold(2)
    for name, verdict in ((release, Verdict.RELEASE), (recheck, Verdict.RECHECK), (wait, Verdict.WAIT)):
        station.do(lambda verdict=verdict: station.desk.judge("lane-1", verdict, codes=(code,), logistics_no=code))
        word.get_by_text(name).wait_for()

    hold, inspect, taken_out = bold(3)
    for name, verdict in ((hold, Verdict.HOLD), (inspect, Verdict.INSPECT)):
        station.do(lambda verdict=verdict: station.desk.judge("lane-1", verdict, reason(Why.WATCHED, entry="7")))
        word.get_by_text(name).wait_for()
        assert page.locator(".verdict-place").inner_text().startswith("→ ")
    page.get_by_role("button", name=taken_out).click()
    word.get_by_text(hold).wait_for()
    page.get_by_role("button", name=taken_out).click()
    page.wait_for_selector("#verdict[data-handled]:not([data-stop])")

    override, why, first, second = bold(4)
    [choice] = re.findall(r"here `(\w+)`", STEPS[3])
    page.get_by_role("button", name=override).click()
    page.locator("#override-verdict").select_option(choice)
    page.get_by_label(why).fill("it leaks")
    page.get_by_label(first).fill("Li Lei")
    page.get_by_label(second).fill("Wang Fang")
    page.get_by_label(second).press("Enter")
    page.get_by_text("by Li Lei and Wang Fang: it leaks").wait_for()
    word.get_by_text(hold).wait_for()

    [queued] = bold(5)
    page.route("**/floor/acts", lambda route: route.abort())
    page.keyboard.type("SF1020481002\n", delay=1)
    page.locator("#scan-queued").get_by_text(queued).wait_for()
    page.unroute("**/floor/acts")
    page.wait_for_function("() => document.getElementById('scan-queued').textContent === ''")

    [keyboard] = bold(6)
    page.get_by_role("button", name=keyboard).click()
    assert page.locator("#scan").get_attribute("inputmode") == "text"


def test_what_stands_beside_the_field_is_what_the_page_says_there():
    english = load_catalogues(web_root())["en"]
    said = re.findall(r"\*([a-z ,\s]+?)\*", TEXT.split("What it says")[1].split("##")[0])
    words = [" ".join(one.split()) for one in said]
    assert len(words) == 4
    keys = ("same", "unknown", "unweighed", "refused")
    assert all(one in english[f"scan.{key}"] for one, key in zip(words, keys, strict=True))


def test_the_settings_on_the_page_can_be_used():
    [block] = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    lane = load_inspection(EXAMPLE, load_site(EXAMPLE)).lanes[0]
    msgspec.convert(msgspec.to_builtins(lane) | tomllib.loads(block), Lane)
