"""The planner's pages in a real browser: every size, both languages, both themes; rows chosen and narrowed."""

from itertools import product

import pytest
from page_measures import axe_faults, layout_faults
from planner_screens import planner_app
from served_app import ServedApp

pytestmark = pytest.mark.browser

SIZES = {"desk": (1366, 768), "phone": (390, 844), "wide": (1920, 1080), "tablet": (800, 1280)}
BOXES = ".shell, .shell-end, .kpi, .job, .job-end, .leg, .way-head, .stays li, button"


@pytest.fixture
def look(visit, planner):
    server, plan = planner

    def open_page(name: str, size: str = "desk", **query: str):
        width, height = SIZES[size]
        path = plan if name == "plan" else "/plan"
        asked = "&".join(f"{key}={value}" for key, value in query.items())
        wanted = "body[data-shown]" if name == "plan" else "body[data-freshness=live]"
        seen = visit(f"{path}?{asked}", width=width, height=height, base=server.url, wanted=wanted)
        seen.page.wait_for_selector(".gantt-row" if name == "plan" else ".job")
        return seen

    return open_page


@pytest.mark.parametrize(("name", "size", "lang"), list(product(("plans", "plan"), SIZES, ("zh", "en"))))
def test_a_page_fits_in_both_themes_and_asks_nobody_else(look, planner, name, size, lang):
    seen = look(name, size, lang=lang, goods="c00003")
    faults = []
    for theme in ("dark", "light"):
        seen.page.locator("html").evaluate("(e, theme) => (e.dataset.theme = theme)", theme)
        faults += layout_faults(seen.page, BOXES)
    assert faults == []
    assert seen.complaints == []
    assert {url.split("/")[2] for url in seen.requested} == {f"127.0.0.1:{planner[0].port}"}


@pytest.mark.parametrize(("name", "theme"), list(product(("plans", "plan"), ("dark", "light"))))
def test_a_page_has_no_fault_that_axe_finds(look, name, theme):
    page = look(name, theme=theme, goods="c00003").page
    assert axe_faults(page) == []


def test_a_chosen_consignment_shows_its_legs_and_the_time_left_to_the_first_cut_off(look):
    page = look("plan", lang="en").page
    page.locator(".gantt-row", has_text="c00003").click()
    assert page.locator(".way-name").inner_text() == "c00003"
    legs = page.locator(".leg:not(.leg-end)")
    assert legs.count() >= 1
    assert " left" in legs.first.inner_text()
    assert page.locator(".way-line").count() == legs.count()
    assert "goods=c00003" in page.url


def test_a_chosen_consignment_says_what_it_could_do_else_and_why_not_by_what_is_asked(look):
    page = look("plan", lang="en", goods="c00003").page
    page.wait_for_selector(".other-price")
    prices = page.locator(".other-price").all_inner_texts()
    assert 1 <= len(prices) <= 5
    page.locator(".why-not input").fill("air")
    page.locator(".why-not button").click()
    page.wait_for_function("() => !/^(|Asking…)$/.test(document.querySelector('.why-not-answer').textContent)")
    assert (
        "air" in page.locator(".why-not-answer").inner_text()
        or "No chain" in page.locator(".why-not-answer").inner_text()
    )


def test_rows_are_chosen_by_the_keyboard(look):
    page = look("plan", goods="c00003").page
    before = page.locator(".way-name").inner_text()
    page.locator(".gantt-rows").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("(name) => document.querySelector('.way-name').textContent !== name", arg=before)


def test_the_rows_are_narrowed_by_words(look):
    page = look("plan").page
    every = page.locator(".gantt-row").count()
    page.locator("#filter").fill("c00003")
    page.wait_for_function("() => document.querySelectorAll('.gantt-row').length === 1")
    assert every > 1


def test_every_kind_of_job_says_its_state_in_words(look):
    page = look("plans", lang="en").page
    states = page.locator(".job").evaluate_all("(all) => all.map((e) => e.querySelector('.value').textContent)")
    assert states == ["Queued", "Failed", "Preparing", "Done"]
    assert "2,000 MB" in page.locator(".job[data-state=failed]").inner_text()
    assert page.locator(".job-published").count() == 1


def test_a_form_without_a_name_sends_nothing(look):
    seen = look("plans")
    seen.page.evaluate("localStorage.clear(); document.querySelector('#by').value = ''")
    seen.page.locator("#go").click()
    assert not any("POST" in url for url in seen.requested)
    assert seen.page.locator("#by:invalid").count() == 1


def test_a_thousand_consignments_scroll_and_only_those_in_sight_are_there(visit):
    app, plan = planner_app(1_000)
    server = ServedApp(app)
    try:
        page = visit(f"/plan/{plan}", base=server.url, wanted="body[data-shown]").page
        assert page.locator(".gantt-row").count() < 60
        page.locator("#gantt").evaluate("(e) => (e.scrollTop = e.scrollHeight)")
        page.wait_for_function("() => !document.querySelector('.gantt-row[style*=\"top: 0px\"]')")
        assert page.locator(".gantt-row").count() < 60
    finally:
        server.stop()
