"""Pictures of the page for the documents.

To renew them: COLDPORT_PICTURES=docs/pictures .venv/bin/pytest tests/e2e/page/test_page_pictures.py
"""

import os
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

PICTURES = {
    "cold-1366-dark-zh": ("/cold?zone=c2", 1366, 768),
    "cold-1366-light-en": ("/cold?zone=c2&lang=en&theme=light", 1366, 768),
    "cold-1920-wall-zh": ("/cold", 1920, 1080),
    "cold-1920-wall-en": ("/cold?lang=en", 1920, 1080),
    "cold-390-phone-zh": ("/cold?zone=c2", 390, 844),
    "cold-390-phone-en": ("/cold?zone=c2&lang=en&theme=light", 390, 844),
    "cold-1280-touch-zh": ("/cold?zone=c2&mode=touch", 1280, 800),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("COLDPORT_PICTURES", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_of_every_layout_can_be_taken(name, visit, folder):
    path, width, height = PICTURES[name]
    page = visit(path, width=width, height=height).page
    page.emulate_media(reduced_motion="reduce")  # else the critical sign is caught in the dark half of its blink
    page.wait_for_timeout(800)
    page.screenshot(path=folder / f"{name}.png", full_page=width < 820 or "touch" in name)
    assert (folder / f"{name}.png").stat().st_size > 20_000


def test_a_picture_of_lost_data_can_be_taken(visit, proxy, folder):
    page = visit("/cold?zone=c2", base=f"http://127.0.0.1:{proxy.port}").page
    page.emulate_media(reduced_motion="reduce")
    page.wait_for_timeout(800)
    proxy.freeze()
    page.wait_for_selector("body[data-freshness=stale]")
    page.wait_for_timeout(2500)
    page.screenshot(path=folder / "cold-1366-stale-zh.png")
    assert (folder / "cold-1366-stale-zh.png").stat().st_size > 20_000


LANES = {
    "board-1920-wall-zh": (4, "/board", 1920, 1080),
    "board-1920-14-lanes-en": (14, "/board?lang=en&theme=light", 1920, 1080),
    "lane-1366-zh": (4, "/lane/lane-2", 1366, 768),
    "lane-800-tablet-en": (4, "/lane/lane-4?lang=en&theme=light", 800, 1280),
}


@pytest.mark.parametrize("name", LANES)
def test_a_picture_of_the_lanes_can_be_taken(name, visit, lanes, folder):
    count, path, width, height = LANES[name]
    page = visit(path, width=width, height=height, base=lanes(count).url).page
    page.wait_for_selector(".past-one", state="attached")
    page.screenshot(path=folder / f"{name}.png")
    assert (folder / f"{name}.png").stat().st_size > 20_000


PLANS = {
    "plans-1366-zh": ("", 1366, 768),
    "plan-1366-light-zh": ("?theme=light&goods=c00003", 1366, 768),
    "plan-1366-dark-en": ("?lang=en&goods=c00003", 1366, 768),
    "plan-390-phone-zh": ("?goods=c00003", 390, 844),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_picture_of_the_planner_can_be_taken(name, visit, planner, folder):
    query, width, height = PLANS[name]
    server, plan = planner
    path, wanted = ("/plan", ".job") if name.startswith("plans") else (plan, ".leg-end")
    page = visit(path + query, width=width, height=height, base=server.url, wanted=wanted).page
    page.screenshot(path=folder / f"{name}.png", full_page=width < 820)
    assert (folder / f"{name}.png").stat().st_size > 20_000
