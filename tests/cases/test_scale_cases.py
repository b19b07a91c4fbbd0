"""Frames of scales that speak unasked, read as their profile in the catalogue says: a folder a profile, one a case.

`received.hex` is what the scale sent, `expected.json` what it showed, in order; `tally` is what could not be read.
"""

import dataclasses
import json
from pathlib import Path

import pytest

from edge.lines.scale import ScaleProfile
from edge.profiles import CATALOGUE, load_profile
from edge.protocols.shown import Shown
from edge.sources.scale import STREAMS

HERE = Path(__file__).parent / "scales"
CASES = [
    pytest.param(folder.parent.name, folder, id=f"{folder.parent.name}-{folder.name}")
    for folder in sorted(HERE.glob("*/*"))
]


@pytest.mark.parametrize("size", [1, 7, 4096], ids=["byte-by-byte", "in-sevens", "whole"])
@pytest.mark.parametrize(("profile", "folder"), CASES)
def test_what_a_scale_sends_is_read_as_its_case_says(profile: str, folder: Path, size: int) -> None:
    lines = (folder / "received.hex").read_text(encoding="utf-8").splitlines()
    received = bytes.fromhex("".join(line for line in lines if not line.startswith("#")))
    scale = load_profile(CATALOGUE / f"{profile}.toml")
    assert isinstance(scale, ScaleProfile)
    stream = STREAMS[scale.dialect](scale)

    shown = [one for at in range(0, len(received), size) for one in stream.feed(received[at : at + size])]

    wanted = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    usual = dataclasses.asdict(Shown())
    assert [dataclasses.asdict(one) for one in shown] == [{**usual, **one} for one in wanted if "tally" not in one]
    tally = {reason: count for one in wanted for reason, count in one.get("tally", {}).items()}
    assert stream.tally.spoiled == sum(tally.values())
    assert set(stream.tally.samples) == set(tally)


def test_every_profile_of_a_scale_that_speaks_unasked_has_its_cases() -> None:
    profiles = {path.stem: load_profile(path) for path in CATALOGUE.glob("*.toml")}
    streams = {name for name, one in profiles.items() if isinstance(one, ScaleProfile) and not one.dialect.asked}
    assert {folder.name for folder in HERE.iterdir()} >= {name for name in streams if "toledo" not in name}
