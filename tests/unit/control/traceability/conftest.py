"""The documents of the public collection, and events made up by Hypothesis."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parents[5] / "shared/data/epcis"


@pytest.fixture
def public() -> Callable[[str], dict[str, dict[str, Any]]]:
    """A function that reads the documents of a folder of the collection, by name."""

    def read(folder: str) -> dict[str, dict[str, Any]]:
        if not DATA.is_dir():
            pytest.skip("the public EPCIS documents are not beside the repository (../shared/data/epcis)")
        return {path.stem: json.loads(path.read_bytes()) for path in sorted((DATA / folder).glob("*.json"))}

    return read
