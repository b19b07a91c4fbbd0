"""What is written about the system is what the system says of itself."""

import re
import runpy
from pathlib import Path

import pytest

from coldport.check import problems

ROOT = Path(__file__).parents[2]
GENERATED = runpy.run_path(str(ROOT / "docs/reference/generate.py"))["FILES"]
PAGES = sorted(path for path in ROOT.rglob("*.md") if not {".venv", "node_modules", "var"} & set(path.parts))
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


@pytest.mark.parametrize("name", GENERATED)
def test_generated_reference_pages_are_up_to_date(name: str) -> None:
    committed = (ROOT / "docs/reference" / name).read_text(encoding="utf-8")

    assert committed == GENERATED[name](), "run: make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("folder", sorted((ROOT / "config/sites").iterdir()), ids=lambda path: path.name)
def test_every_example_site_is_without_a_problem(folder: Path) -> None:
    assert problems(folder) == []


def test_every_decision_has_its_status_and_what_was_rejected() -> None:
    for path in sorted((ROOT / "docs/adr").glob("0*.md")):
        text = path.read_text(encoding="utf-8")
        assert "\nStatus: " in text, path.name
        if not path.name.startswith("0000") and "0001" not in path.name:
            assert "## Rejected" in text, path.name


def test_every_make_target_is_explained() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)

    explained = set(re.findall(r"^([a-z0-9-]+):.*## ", makefile, re.MULTILINE))

    assert set(phony.group(1).split()) == explained
