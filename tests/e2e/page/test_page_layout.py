"""The layouts, measured in a real browser in both languages and themes."""

from itertools import product

import pytest
from page_measures import axe_faults, layout_faults

pytestmark = pytest.mark.browser

SIZES = {"desk": (1366, 768), "phone": (390, 844), "wall": (1920, 1080)}
WAYS = list(product(SIZES, ("zh", "en"), ("dark", "light")))

BOXES = ".tile, .alarm, .probe, .shell, .shell-end, button"


@pytest.fixture(params=WAYS, ids=["-".join(way) for way in WAYS])
def looked_at(request, visit):
    layout, lang, theme = request.param
    width, height = SIZES[layout]
    seen = visit(f"/cold?zone=c2&lang={lang}&theme={theme}", width=width, height=height)
    if layout != "wall":
        seen.page.wait_for_selector("#chart .uplot")
    return layout, lang, seen


def test_nothing_overflows_is_clipped_or_lies_over_another(looked_at):
    _, _, seen = looked_at
    assert layout_faults(seen.page, BOXES) == []


def test_a_desk_and_a_wall_need_no_scrolling(visit):
    for width, height in (SIZES["desk"], SIZES["wall"]):
        page = visit("/cold?zone=c2", width=width, height=height).page
        assert page.evaluate("document.documentElement.scrollHeight") <= height


def test_nobody_is_asked_and_nothing_complained_about(looked_at, served):
    _, _, seen = looked_at
    assert seen.complaints == []
    hosts = {url.split("/")[2] for url in seen.requested}
    assert hosts == {f"127.0.0.1:{served.port}"}


SMALL = """(least) => [...document.querySelectorAll("button, a")].filter((e) => e.offsetParent !== null).filter((e) => {
  const box = e.getBoundingClientRect();
  const [width, height] = e.matches(".alarm .primary") ? least : [44, 44];
  return box.width < width - 0.5 || box.height < height - 0.5;
}).map((e) => `${e.className} ${e.textContent}`)"""


@pytest.mark.parametrize(
    ("path", "size", "least"),
    [
        ("/cold", (1366, 768), [64, 44]),
        ("/cold?lang=en", (390, 844), [72, 56]),
        ("/cold?mode=touch", (1280, 800), [126, 96]),
    ],
)
def test_buttons_are_as_large_as_the_hand_that_presses_them_needs(visit, path, size, least):
    page = visit(path, width=size[0], height=size[1]).page
    assert page.locator(".alarm .primary").count() >= 3
    assert page.evaluate(SMALL, least) == []


@pytest.mark.parametrize(
    ("size", "value_px", "body_px", "id_px"),
    [((1366, 768), 28, 15, 13), ((390, 844), 22, 16, 13), ((1920, 1080), 38, 30, 26)],
)
def test_type_is_as_large_as_the_distance_needs(visit, size, value_px, body_px, id_px):
    page = visit("/cold", width=size[0], height=size[1]).page
    sizes = page.evaluate(
        """() => [".tile-value", ".alarm-title", ".tile-id"].map((name) => Math.min(
          ...[...document.querySelectorAll(name)].map((e) => parseFloat(getComputedStyle(e).fontSize))))"""
    )
    assert all(size >= least for size, least in zip(sizes, (value_px, body_px, id_px), strict=True)), sizes


def test_a_wall_has_no_buttons_and_no_chart(visit):
    page = visit("/cold", width=1920, height=1080).page
    assert page.locator("button:visible:not(.tile)").count() == 0
    assert page.locator("#chart:visible").count() == 0


def test_a_wall_counts_the_alarms_it_has_no_room_for(visit):
    page = visit("/cold?mode=wall&lang=en", width=1920, height=600).page
    page.wait_for_function("() => document.getElementById('alarm-more').textContent.includes('more alarms')")
    hidden = page.locator(".alarm[hidden]").count()
    assert page.locator("#alarm-more").inner_text() == f"{hidden} more alarms"


def test_a_phone_shows_the_alarms_before_the_rooms(visit):
    page = visit("/cold", width=390, height=844).page
    assert page.locator(".alarms").bounding_box()["y"] < page.locator(".map").bounding_box()["y"]


@pytest.mark.parametrize("path", ["/cold?zone=c2", "/cold?zone=c2&lang=en&theme=light"])
def test_axe_finds_no_violation_of_wcag_a_or_aa(visit, path):
    page = visit(path).page
    page.wait_for_selector("#chart .uplot")
    assert axe_faults(page) == []


def test_the_english_page_has_no_chinese_left_in_it_once_it_lives(visit):
    page = visit("/cold?zone=c2&lang=en").page
    text = page.evaluate(
        """() => { const copy = document.body.cloneNode(true);
          copy.querySelectorAll("[lang], #operator, .alarm-by").forEach((e) => e.remove());
          const labels = [...copy.querySelectorAll("[aria-label]")].map((e) => e.getAttribute("aria-label"));
          return copy.textContent + labels; }"""
    )
    assert [letter for letter in text if "\u3400" <= letter <= "\u9fff"] == []


def test_a_wall_counts_the_rooms_it_has_no_place_for(visit):
    page = visit("/cold?mode=wall&lang=en", width=1920, height=500).page
    page.wait_for_function("() => document.getElementById('map-more').textContent.includes('more rooms')")
    bottoms = page.evaluate(
        "() => [...document.querySelectorAll('.tile')].map((e) => e.getBoundingClientRect().bottom)"
    )
    below = sum(bottom > 500 for bottom in bottoms)
    assert page.locator("#map-more").inner_text() == f"{below} more rooms not shown"
    assert below > 0
