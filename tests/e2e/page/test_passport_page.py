"""The page of a passport as a phone shows it, in both languages: whole, legible, and without anybody else's help."""

import asyncio
import os
import threading
from datetime import timedelta
from itertools import product

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe

from control.exposure.custody import LotMoved, LotReceived
from control.passport.acts import PassportIssued, PassportScanned
from control.passport.code import Item, grower_code, link
from control.traceability.event import index

pytestmark = pytest.mark.browser

PLAIN = "/01/06901234567892/10/L2603/21/000017"
LONG = f"/p/{grower_code('91350100M000100Y43', '010701', '260301', 12)}"
SIZES = {"phone": (390, 844), "small": (320, 568), "desk": (1366, 768)}
WAYS = list(product((PLAIN, LONG, "/p/XT-NONE"), SIZES, ("zh", "en")))

OUT = """() => {
  const page = document.documentElement;
  const wide = [...document.querySelectorAll("body *")].filter((e) => e instanceof HTMLElement
    && getComputedStyle(e).display !== "inline" && e.scrollWidth > e.clientWidth + 1);
  const outside = [...document.querySelectorAll("svg text")].filter((e) => {
    const box = e.getBoundingClientRect(), around = e.closest("svg").getBoundingClientRect();
    return box.left < around.left - 1 || box.right > around.right + 1 || box.bottom > around.bottom + 1;
  });
  return [...wide, ...outside].map((e) => e.textContent.slice(0, 40))
    .concat(page.scrollWidth > innerWidth ? [`page ${page.scrollWidth}`] : []);
}"""

SMALL = """() => [...document.querySelectorAll("a")].map((e) => e.getBoundingClientRect())
  .filter((box) => box.width < 43.5 || box.height < 43.5).length"""

LIT = """() => [...document.querySelectorAll("body *")].filter((e) => e.children.length === 0 && e.textContent.trim())
  .filter((e) => parseFloat(getComputedStyle(e).fontSize) < 12).map((e) => e.textContent)"""


def event(at, kind: str, step: str, **fields) -> dict:
    return {"type": kind, "eventTime": at.isoformat(), "eventTimeZoneOffset": "+00:00", "bizStep": step, **fields}


def furnish(served) -> None:
    """Issue a passport of a lot with everything, and one with long names and all warnings."""
    desk = served.desk
    now = desk.now()
    ago = lambda hours: now - timedelta(hours=hours)  # noqa: E731 - reads as a word
    received = LotReceived(lot="lotus", product="mandarin", product_version=1, zone="c1", at=ago(23), by="li")
    desk.take_lot(received)
    desk.take_lot(LotMoved(lot="lotus", zone="c3", at=ago(6), by="li"))
    said = {"at": ago(24), "by": "li"}
    plain = PassportIssued(
        **said,
        item=Item(gtin="06901234567892", lot="L2603", serial="000017"),
        lot="lotus",
        product="湘莲 · 寸三莲",
        grower="湘潭县花石湘莲专业合作社",
        plot="湖南省湘潭县花石镇",
        certificates=("农残 36 项未检出(华测 A2260301)", "有机产品认证 163OP2600123"),
    )
    name = "Aufgeschlossene Genossenschaft für aussergewöhnlich lange Namen & <b>Söhne</b> " + "W" * 36
    code = LONG.removeprefix("/p/")
    wide = PassportIssued(**said, code=code, product="超长品名" * 20, grower=name, plot="x" * 120)
    desk.record(plain)
    desk.record(wide)
    for _ in range(101):
        desk.record(PassportScanned(passport=code, at=now))
    for hours in (5, 2):
        desk.record(PassportScanned(passport=link(plain.item), at=ago(hours)))
    lot = {"quantityList": [{"epcClass": f"urn:coldport:{desk.site.id}:lot:lotus"}], "action": "OBSERVE"}
    here = {"bizLocation": {"id": f"urn:coldport:{desk.site.id}"}}
    box = f"urn:coldport:{desk.site.id}:parcel:E1"
    thing = "https://id.gs1.org/01/06901234567892/21/000017"
    events = [
        event(ago(40), "ObjectEvent", "https://farm.example/voc/harvesting", **lot),
        event(ago(36), "ObjectEvent", "https://farm.example/voc/cooling", **lot),
        event(ago(23), "ObjectEvent", "receiving", **lot, **here),
        event(ago(8), "AggregationEvent", "packing", action="ADD", parentID=box, childEPCs=[thing], **here),
        event(ago(5), "ObjectEvent", "inspecting", action="OBSERVE", epcList=[box], **here),
        event(
            ago(4), "ObjectEvent", "urn:coldport:voc:bizstep:customs_releasing", action="OBSERVE", epcList=[box], **here
        ),
        event(ago(3), "ObjectEvent", "departing", action="OBSERVE", epcList=[box], **here),
    ]
    context = msgspec.json.encode(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"])
    indexed = [index(one, context, msgspec.json.encode(one)) for one in events]
    served.furnished = asyncio.ensure_future(served.app.state.context.traces.capture(indexed, 1, whole=True))


@pytest.fixture(scope="module")
def furnished(served):
    done = threading.Event()
    served.do(lambda: (furnish(served), done.set()))
    assert done.wait(10)


@pytest.fixture
def look(browser, served, furnished):
    contexts = []

    def open_page(path: str, size: str, lang: str, **more):
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, **more)
        contexts.append(context)
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda m: said.append(m.text))
        page.on("request", lambda r: said.append(r.url) if not r.url.startswith(served.url) else None)
        page.goto(f"{served.url}{path}?lang={lang}")
        return page, said

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("path", "size", "lang"), WAYS)
def test_nothing_is_clipped_too_small_or_asked_elsewhere(look, path, size, lang):
    page, said = look(path, size, lang)
    if folder := os.environ.get("COLDPORT_PICTURES"):
        name = {PLAIN: "passport", LONG: "passport-long"}.get(path, "passport-unknown")
        page.screenshot(path=f"{folder}/{name}-{size}-{lang}.png", full_page=True)
    assert page.evaluate(OUT) == []
    assert page.evaluate(SMALL) == 0
    assert page.evaluate(LIT) == []
    assert [one for one in said if "404" not in one] == []


@pytest.mark.parametrize("path", [PLAIN, LONG, "/p/XT-NONE"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_no_violation_of_wcag_a_or_aa(look, path, lang):
    page, _ = look(path, "phone", lang)
    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
    results = Axe().run(page, options=rules)
    faults = [(v["id"], [node["target"] for node in v["nodes"]]) for v in results.response["violations"]]
    assert faults == []


def test_it_is_all_there_without_any_script_and_the_language_can_be_changed(look):
    page, _ = look(PLAIN, "phone", "zh", java_script_enabled=False)
    assert page.locator("svg polygon.value").count() >= 2, "two runs around the gap"
    assert page.locator("svg .gap").count() == 1
    page.locator("a.language").click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert "Released by customs" in page.locator(".way").inner_text()


def test_a_browser_that_opens_the_page_counts_and_its_reader_who_changes_the_language_does_not(look, served):
    [name] = [one for one in served.desk.passports.state.by_name if "000017" in one]
    before = served.desk.passports.find(name).scans
    page, _ = look(PLAIN, "phone", "zh")
    page.locator("a.language").click()
    assert served.desk.passports.find(name).scans - before <= 1
    shown = int(page.locator(".count b").inner_text())
    assert shown == served.desk.passports.find(name).scans


def test_names_are_shown_as_they_were_given(look):
    page, _ = look(LONG, "phone", "en")
    assert "<b>Söhne</b>" in page.locator("dl").inner_text()
    assert page.locator("[role=alert] h2").inner_text() == "This code may be a copy"
