"""The transport desk is worked at as the page says, with the planner's own process behind it."""

import re
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs/how-to/work-at-the-transport-desk.md").read_text(encoding="utf-8")
STEPS = re.findall(r"^\d\. (.*?)(?=^\d\. |\Z)", TEXT, re.MULTILINE | re.DOTALL)


def bold(step: int) -> list[str]:
    """Give what stands in bold in a step, in its order."""
    return [" ".join(found.split()) for found in re.findall(r"\*\*(.*?)\*\*", STEPS[step - 1], re.DOTALL)]


def answers(address: str) -> bool:
    """Return whether the service is there."""
    try:
        return httpx.get(f"{address}/healthz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture
def desk(tmp_path, free_port):
    port = free_port()
    [command] = re.findall(r"^coldport (plan serve .*)$", TEXT, re.MULTILINE)
    words = [str(tmp_path) if word == "var/planner" else word for word in command.split()]
    log = tmp_path / "log"
    with log.open("w") as said:
        command = [sys.executable, "-m", "coldport", *words, "--port", str(port)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said)
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60  # noqa: TID251 - waits for a real process
        try:
            while not answers(address):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()  # noqa: TID251 - as above
                time.sleep(0.05)  # noqa: TID251 - as above
            yield address
            process.terminate()
            assert process.wait(20) == 0, log.read_text()
        finally:
            process.kill()
            process.wait()


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
