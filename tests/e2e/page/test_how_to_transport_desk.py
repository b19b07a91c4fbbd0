"""The transport desk is worked at as the page says, with the planner's own process behind it."""

import re
from pathlib import Path

import pytest
from planner_process import PlannerProcess

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs/how-to/work-at-the-transport-desk.md").read_text(encoding="utf-8")
STEPS = re.findall(r"^\d\. (.*?)(?=^\d\. |\Z)", TEXT, re.MULTILINE | re.DOTALL)


def bold(step: int) -> list[str]:
    """Give what stands in bold in a step, in its order."""
    return [" ".join(found.split()) for found in re.findall(r"\*\*(.*?)\*\*", STEPS[step - 1], re.DOTALL)]


@pytest.fixture
def desk(tmp_path, free_port):
    [command] = re.findall(r"^coldport (plan serve .*)$", TEXT, re.MULTILINE)
    assert "var/planner" in command
    planner = PlannerProcess(tmp_path / "data", free_port(), command.replace("var/planner", "DATA"))
    try:
        yield planner.address
        planner.end()
    finally:
        planner.close()


def test_goods_are_loaded_planned_asked_about_and_published_as_the_page_says(visit, desk):
    path = re.search(r"http://127.0.0.1:8010(/\S+)", TEXT)[1]
    page = visit(path, base=desk).page

    page.get_by_label(*bold(1)).fill("Lin")

    network, file, load = bold(2)
    [table] = re.findall(r"\((samples/\S+)\)", STEPS[1])
    page.locator("#network").select_option(network)
    page.get_by_label(file).set_input_files(ROOT / "docs/how-to" / table)
    page.get_by_role("button", name=load, exact=True).click()
    page.get_by_text("3 consignments").wait_for()

    seconds, start, stop = bold(3)
    [thinks] = re.findall(r"here `(\d+)`", STEPS[2])
    page.locator("#instance option").wait_for(state="attached")
    page.get_by_label(seconds).fill(thinks)
    page.get_by_role("button", name=start, exact=True).click()
    page.get_by_role("button", name=stop).wait_for()

    [done] = bold(4)
    page.locator(".job[data-state=done]").wait_for(timeout=240_000)
    assert page.locator(".job .value").first.inner_text() == done
    page.locator(".job-name a").click()
    page.locator(".gantt-row").first.wait_for()

    [others] = bold(5)
    [chosen] = re.findall(r"here `(\S+)`", STEPS[4])
    page.locator(".gantt-row", has_text=chosen).click()
    page.get_by_text(others, exact=True).wait_for()
    assert page.locator(".leg").count() >= 2
    page.locator(".other-price").first.wait_for()

    [ask] = bold(6)
    [mode] = re.findall(r"here `(\w+)`", STEPS[5])
    page.locator(".why-not input").fill(mode)
    page.get_by_role("button", name=ask, exact=True).click()
    page.wait_for_function("() => !/^(|Asking…)$/.test(document.querySelector('.why-not-answer').textContent)")

    excel, plans, publish = bold(7)
    with page.expect_download() as sheet:
        page.get_by_role("link", name=excel).click()
    assert sheet.value.suggested_filename.endswith(".xlsx")
    page.get_by_role("link", name=plans, exact=True).click()
    page.get_by_role("button", name=publish).click()
    page.locator(".job-published").wait_for()
