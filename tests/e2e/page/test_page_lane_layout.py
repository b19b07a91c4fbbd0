"""The layouts of board and station, measured in a real browser: every size, both languages, both themes."""

from itertools import product

import pytest
from page_measures import axe_faults, layout_faults

from control.inspection.lane.verdict import Verdict

pytestmark = pytest.mark.browser

SIZES = {"desk": (1366, 768), "phone": (390, 844), "wall": (1920, 1080), "tablet": (800, 1280)}
BOXES = ".lane-column, .lane-head, .verdict, .past-one, .totals, .shell, .shell-end, .scan, .station-acts, button"
STATIONS = ["lane-1", "lane-2", "lane-4"]
LONG = "→ bench for inspection of temperature controlled goods"


def measured(visit, path, size, server):
    width, height = SIZES[size]
    page = visit(path, width=width, height=height, base=server.url).page
    page.wait_for_selector(".verdict:not([data-verdict=none])")
    return page


def both_themes(page) -> list[str]:
    faults = []
    for theme in ("dark", "light"):
        page.locator("html").evaluate("(e, theme) => (e.dataset.theme = theme)", theme)
        faults += layout_faults(page, BOXES)
    return faults


@pytest.mark.parametrize(("size", "lang"), list(product(SIZES, ("zh", "en"))))
def test_the_board_fits_in_both_themes(visit, lanes, size, lang):
    page = measured(visit, f"/board?lang={lang}", size, lanes(4))
    assert both_themes(page) == []


@pytest.mark.parametrize(("size", "lang"), list(product(SIZES, ("zh", "en"))))
def test_a_station_fits_in_both_themes(visit, lanes, size, lang):
    page = measured(visit, f"/lane/lane-2?lang={lang}", size, lanes(4))
    assert both_themes(page) == []


@pytest.mark.parametrize(("path", "lang"), list(product(("/lane/lane-2", "/board"), ("zh", "en"))))
def test_a_tablet_with_gloves_shows_its_whole_head_while_something_is_simulated(visit, lanes, path, lang):
    page = measured(visit, f"{path}?mode=touch&lang={lang}", "tablet", lanes(4))
    page.locator("#simulation").evaluate("(e) => (e.hidden = false)")
    assert layout_faults(page, ".shell, .shell-end") == []


@pytest.mark.parametrize(("count", "lang"), list(product((1, 2, 8, 14), ("zh", "en"))))
def test_a_wall_and_a_desk_show_every_number_of_lanes_without_scrolling(visit, lanes, count, lang):
    for size in ("wall", "desk"):
        page = measured(visit, f"/board?lang={lang}", size, lanes(count))
        assert layout_faults(page, BOXES) == []
        assert page.evaluate("document.documentElement.scrollHeight") <= SIZES[size][1]


def test_a_station_on_a_desk_needs_no_scrolling(visit, lanes):
    for lane in STATIONS:
        page = measured(visit, f"/lane/{lane}", "desk", lanes(4))
        assert page.evaluate("document.documentElement.scrollHeight") <= SIZES["desk"][1]


@pytest.mark.parametrize("count", [4, 14])
def test_a_board_on_the_wall_can_be_read_at_three_metres(visit, lanes, count):
    page = measured(visit, "/board", "wall", lanes(count))
    sizes = page.evaluate(
        """() => [".verdict-word", ".verdict-parcel", ".verdict-why", ".lane-name", ".totals dd"].map((name) => {
          const found = [...document.querySelectorAll(name)];
          return Math.min(...found.map((e) => parseFloat(getComputedStyle(e).fontSize))); })"""
    )
    assert all(size >= least for size, least in zip(sizes, (38, 34, 30, 30, 38), strict=True)), sizes
    assert page.locator("button:visible").count() == 0


@pytest.mark.parametrize(("size", "word_px"), [("desk", 200), ("tablet", 160), ("phone", 80)])
def test_the_word_of_a_station_is_as_large_as_its_screen_asks(visit, lanes, size, word_px):
    page = measured(visit, "/lane/lane-2", size, lanes(4))
    found = page.locator(".verdict-word").evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)")
    assert found >= word_px


@pytest.mark.parametrize("size", ["desk", "tablet", "phone"])
def test_what_is_pressed_with_gloves_is_large_and_apart(visit, lanes, size):
    page = measured(visit, "/lane/lane-2", size, lanes(4))
    boxes = [button.bounding_box() for button in page.locator(".station-acts button:visible").all()]
    assert len(boxes) == 2
    assert all(box["width"] >= 126 and box["height"] >= 96 for box in boxes)
    one, other = sorted(boxes, key=lambda box: box["x"])
    assert other["x"] - (one["x"] + one["width"]) >= 12
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, a, input")].filter((e) => e.offsetParent !== null)
          .filter((e) => { const box = e.getBoundingClientRect(); return box.width < 43.5 || box.height < 43.5; })
          .map((e) => e.outerHTML)"""
    )
    assert small == []


def test_long_names_places_and_numbers_do_not_break_a_station(visit, lanes):
    server = lanes(2)
    page = measured(visit, "/lane/lane-2?lang=en", "tablet", server)
    page.locator(".verdict-place").evaluate("(e, words) => (e.textContent = words)", LONG)
    page.locator(".verdict-parcel").evaluate("(e) => (e.textContent = '1'.repeat(80))")
    page.locator("#lane-name").evaluate("(e) => (e.textContent = '湘潭综保区跨境电商一号查验中心南侧第二条自动查验线')")
    assert layout_faults(page, BOXES) == []


@pytest.mark.parametrize(
    ("path", "theme"),
    [(path, theme) for path in ("/board", "/lane/lane-2", "/lane/lane-4") for theme in ("dark", "light")],
)
def test_axe_finds_no_violation_of_wcag_a_or_aa(visit, lanes, path, theme):
    page = measured(visit, f"{path}?lang=en&theme={theme}", "desk", lanes(4))
    assert axe_faults(page) == []


def test_axe_finds_none_in_a_release_of_full_colour_and_in_the_dialog(visit, station):
    page = visit("/lane/lane-1", base=station.url).page
    station.do(lambda: station.desk.judge("lane-1", Verdict.RELEASE))
    page.wait_for_selector("[data-fresh]")
    assert axe_faults(page) == []
    page.locator("#override").click()
    page.locator("#override-box").wait_for()
    assert axe_faults(page) == []


@pytest.mark.parametrize("path", ["/board", "/lane/lane-2"])
def test_the_english_pages_have_no_chinese_left_in_them_once_they_live(visit, lanes, path):
    page = measured(visit, f"{path}?lang=en", "desk", lanes(8))
    text = page.evaluate(
        """() => { const copy = document.body.cloneNode(true);
          copy.querySelectorAll("[lang]").forEach((e) => e.remove());
          const labels = [...copy.querySelectorAll("[aria-label]")].map((e) => e.getAttribute("aria-label"));
          return copy.textContent + labels; }"""
    )
    assert [letter for letter in text if "\u3400" <= letter <= "\u9fff"] == []


def test_nobody_else_is_asked_and_nothing_complained_about(visit, lanes):
    for path in ("/board", "/lane/lane-2"):
        seen = visit(path, base=lanes(4).url)
        seen.page.wait_for_selector(".verdict:not([data-verdict=none])")
        assert seen.complaints == []
        assert {url.split("/")[2] for url in seen.requested} == {f"127.0.0.1:{lanes(4).port}"}
