"""The page on writing alarms does what it says, and the drug room shows what it speaks of."""

import re
import shlex
import tomllib
from pathlib import Path

import msgspec
import pytest

from coldport.cli import main
from coldport.site import load_site
from control.alarms.checks import faults, file_faults
from control.alarms.definition import AlarmFile, Kind
from control.alarms.mask import MaskRule
from control.alarms.priority import PRIORITIES, Haste, Severity
from control.settings import load_alarms

ROOT = Path(__file__).parents[4]
SITE = ROOT / "config/sites/drugs"
PAGE = (ROOT / "docs/how-to/write-an-alarm.md").read_text(encoding="utf-8")
BLOCKS = [re.sub(r"^   ", "", block, flags=re.MULTILINE) for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)]
COMMANDS = re.findall(r"^ +(coldport .*)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_its_commands_run_and_find_nothing_wrong(command, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert main(shlex.split(command)[1:]) == 0
    assert "FAILED" not in capsys.readouterr().out


def test_its_alarm_has_no_fault_in_the_drug_room():
    alarms = msgspec.convert(tomllib.loads(BLOCKS[0]), AlarmFile)
    assert faults(alarms.alarms[0], load_site(SITE), alarms) == []
    assert alarms.alarms[0].priority == "critical"


def test_its_position_and_its_mask_are_those_of_the_drug_room():
    alarms = load_alarms(SITE, load_site(SITE))
    (position,) = tomllib.loads(BLOCKS[2])["positions"]
    (mask,) = tomllib.loads(BLOCKS[3])["masks"]
    assert position["points"] == list(alarms.positions[0].points)
    assert msgspec.convert(mask, MaskRule) == alarms.masks[0]
    assert list(file_faults(alarms, load_site(SITE))) == []


def test_its_table_of_priorities_is_the_one_that_counts():
    for severity in Severity:
        row = f"| {severity} | " + " | ".join(PRIORITIES[severity, haste] for haste in Haste) + " |"
        assert row in PAGE


def test_it_names_every_kind_and_the_drug_room_has_one_of_nearly_each():
    table = PAGE[PAGE.index("## Kinds") : PAGE.index("## Several")]
    named = {word for line in table.splitlines() if line.startswith("| `") for word in re.findall(r"`([A-Z_]+)`", line)}
    assert {kind.value for kind in Kind} <= named
    shown = {definition.kind for definition in load_alarms(SITE, load_site(SITE)).alarms}
    elsewhere = {Kind.COMMAND, Kind.RECALLED, Kind.HIHI, Kind.CUMULATIVE_LO, Kind.FALL, Kind.PREDICTED_LO}
    assert {kind for kind in Kind if not kind.startswith("LOT_")} - shown <= elsewhere
