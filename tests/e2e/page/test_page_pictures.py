"""Pictures of the page for the documents.

To renew them: COLDPORT_PICTURES=docs/pictures .venv/bin/pytest tests/e2e/page/test_page_pictures.py
"""

import os
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

PICTURES = {
    "cold-dark-zh-1366": ("/cold?zone=c2", 1366, 768),
    "cold-light-en-1366": ("/cold?zone=c2&lang=en&theme=light", 1366, 768),
    "cold-wall-zh-1920": ("/cold", 1920, 1080),
    "cold-wall-en-1920": ("/cold?lang=en", 1920, 1080),
    "cold-phone-zh-390": ("/cold?zone=c2", 390, 844),
    "cold-phone-en-390": ("/cold?zone=c2&lang=en&theme=light", 390, 844),
    "cold-touch-zh-1280": ("/cold?zone=c2&mode=touch", 1280, 800),
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
    page.wait_for_timeout(800)
    page.screenshot(path=folder / f"{name}.png", full_page=width < 820 or "touch" in name)
    assert (folder / f"{name}.png").stat().st_size > 20_000


def test_a_picture_of_lost_data_can_be_taken(visit, proxy, folder):
    page = visit("/cold?zone=c2", base=f"http://127.0.0.1:{proxy.port}").page
    page.wait_for_timeout(800)
    proxy.freeze()
    page.wait_for_selector("body[data-freshness=stale]")
    page.wait_for_timeout(2500)
    page.screenshot(path=folder / "cold-stale-zh-1366.png")
    assert (folder / "cold-stale-zh-1366.png").stat().st_size > 20_000
