"""Files and functions stay small enough to be read in one go; DESIGN pages too."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("coldport", "edge", "control", "routing", "firmware_sim", "dashboards")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
SCRIPTS = sorted((ROOT / "dashboards/static").rglob("*.js"))

FILE_LINES = 400
FUNCTION_LINES = 60
DESIGN_LINES = 150
CONTRACT_LINES = 3_200


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [*SOURCES, *SCRIPTS], ids=name_of)
def test_no_file_has_more_than_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= FILE_LINES


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_function_has_more_than_60_lines_without_its_docstring(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            has_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            docstring = first.end_lineno - first.lineno + 1 if has_docstring else 0
            assert node.end_lineno - node.lineno + 1 - docstring <= FUNCTION_LINES, node.name


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_has_a_design_page_of_at_most_150_lines(package: str) -> None:
    text = (ROOT / package / "DESIGN.md").read_text(encoding="utf-8")

    assert len(text.splitlines()) <= DESIGN_LINES


def test_the_contract_stays_small() -> None:
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in (ROOT / "coldport").rglob("*.py"))

    assert lines <= CONTRACT_LINES
