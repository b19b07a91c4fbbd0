"""The flat package names are ours alone in this environment (ADR 0002)."""

import importlib.util
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = ("coldport", "edge", "control", "routing", "firmware_sim", "dashboards")


@pytest.mark.parametrize("name", NAMES)
def test_each_name_resolves_to_a_folder_of_this_tree(name: str) -> None:
    spec = importlib.util.find_spec(name)

    assert spec is not None
    assert Path(spec.origin).parent == ROOT / name


def test_no_other_distribution_owns_a_file_under_one_of_our_names() -> None:
    intruders = {
        f"{distribution.name}: {file}"
        for distribution in distributions()
        if distribution.name != "coldport"
        for file in distribution.files or ()
        if file.parts[0] in NAMES or (file.name in {f"{name}.py" for name in NAMES} and len(file.parts) == 1)
    }

    assert intruders == set()


def test_the_project_cannot_be_uploaded_by_accident() -> None:
    assert '"Private :: Do Not Upload"' in (ROOT / "pyproject.toml").read_text()
