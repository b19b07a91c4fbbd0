"""What is wrong with a scenario file is told with its line and key before anything is played."""

from pathlib import Path

import pytest

from coldport.settings import SiteFileError
from firmware_sim.rehearsal.script import load_rehearsal

DOCK = Path("config/sites/dock").absolute()

GOOD = f"""\
title = "A lamp"
site = "{DOCK}"
lasts_s = 60
lines = ["lamps"]

[[timeline]]
at_s = 10
for_s = 5
fault = {{ kind = "silence", target = "lamps" }}

[[outages]]
at_s = 5
for_s = 10

[[orders]]
at_s = 5
point = "lane-red"
value = 1

[[acknowledgements]]
at_s = 30
definition = "door-open"
point = "transit-door"

[[expect]]
kind = "alarm"
definition = "door-open"
point = "transit-door"
to_s = 50

[[expect]]
kind = "true-passages"
gate = "gate-1"

[[expect]]
kind = "weighings"
scale = "lane-scale"
"""


def load(folder: Path, text: str):
    path = folder / "scenario.toml"
    path.write_text(text, encoding="utf-8")
    return load_rehearsal(path)


def test_a_scenario_has_the_floor_of_its_site_with_a_timeline_and_a_seed_of_its_own(tmp_path) -> None:
    rehearsal = load(tmp_path, GOOD)
    assert (rehearsal.site.id, rehearsal.gateway) == ("dock", "dock-edge-1")
    assert [happening.at_s for happening in rehearsal.floor.timeline] == [10]
    assert rehearsal.floor.seed == 7
    assert load(tmp_path, f"seed = 8\n{GOOD}").floor.seed == 8


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"lamps"]', '"lamp"]', ":4: lines[0]: edge.toml has no line 'lamp'"),
        ('target = "lamps"', 'target = "lamp"', ":9: timeline[0].fault: there is no such target as 'lamp'"),
        ('"lane-red"', '"lane-scale"', ":17: orders[0].point: 'lane-scale' is no output"),
        ('"lane-red"', '"lane-blue"', ":17: orders[0].point: the site has no point 'lane-blue'"),
        ('"door-open"\npoint = "transit-door"\nto_s', '"door"\npoint = "transit-door"\nto_s', "expect[0].definition"),
        ('gate = "gate-1"', 'gate = "gate-9"', ":33: expect[1].gate: the site has no point 'gate-9'"),
        ('scale = "lane-scale"', 'scale = "scale-9"', ":37: expect[2].scale: the site has no point 'scale-9'"),
        ("to_s = 50", "to_s = 61", ":29: expect[0].to_s: the scenario is over after 60 s"),
        ("at_s = 30", "at_s = 90", ":21: acknowledgements[0].at_s: the scenario is over after 60 s"),
        ('kind = "weighings"', 'kind = "verdict"', "expect[2].kind: Invalid value 'verdict'"),
        ("lasts_s = 60", "lasts = 60", ":3: lasts: Object contains unknown field `lasts`"),
    ],
)
def test_what_does_not_fit_is_named_with_its_line_and_key(tmp_path, old, new, told) -> None:
    assert old in GOOD
    with pytest.raises(SiteFileError) as error:
        load(tmp_path, GOOD.replace(old, new, 1))
    assert told in str(error.value)


def test_a_site_that_is_wrong_itself_is_told_first(tmp_path) -> None:
    with pytest.raises(SiteFileError, match=r"site\.toml:0: cannot be read"):
        load(tmp_path, GOOD.replace(str(DOCK), "nowhere"))
