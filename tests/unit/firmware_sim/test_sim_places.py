import shutil
from pathlib import Path

import pytest

from firmware_sim.scenario import check

XIANGTAN = Path("config/sites/xiangtan")

OUTPUTS = '[[output_modules]]\nid = "io-9"\nport = 15999\n'
CONTROLLERS = '[[controller_lines]]\nid = "cold-z"\n'
METER = '[[meters]]\nid = "meter-9"\nmodel = "sdm120"\nport = 15998\n'
CONTROLLER = '{ id = "z1-controller", room = "c1", unit = 1, lowest_c = 0, highest_c = 10 }'
PROBE_LINE = '[[probe_lines]]\nid = "z"\nmodel = "ntc"\nprobes = [{ id = "n", room = "f1", unit = 1 }]\n'


def controllers(*places):
    return CONTROLLERS + "controllers = [\n" + "".join(f"  {place},\n" for place in places) + "]"


@pytest.fixture
def with_more(tmp_path):
    """Check a copy of the example site with more on its floor; return the problems."""

    def problems(more):
        for name in ("site.toml", "simulation.toml"):
            shutil.copy(XIANGTAN / name, tmp_path / name)
        file = tmp_path / "simulation.toml"
        file.write_text(file.read_text(encoding="utf-8") + "\n" + more, encoding="utf-8")
        return check(tmp_path)

    return problems


@pytest.mark.parametrize(
    "more",
    [
        METER + 'rooms = ["f1", "c1"]',
        controllers(CONTROLLER),
        '[[contact_modules]]\nid = "io-8"\nport = 15997\ninputs = ["f1.compressor", "f1.defrost", "c2-door.contact"]',
        PROBE_LINE + "baud = 9600\nport = 15996",
        '[[timeline]]\nat_s = 1\nfor_s = 1\nfault = { kind = "compressor", target = "f1" }',
    ],
)
def test_what_fits_is_no_problem(with_more, more):
    assert with_more(more) == []


@pytest.mark.parametrize(
    ("more", "key", "message"),
    [
        (OUTPUTS + 'coils = ["zz-red"]', "output_modules[1].coils[0]", "the site has no output 'zz-red'"),
        (OUTPUTS + 'coils = ["c1-1-humidity"]', "output_modules[1].coils[0]", "the site has no output 'c1-1-humidity'"),
        (
            OUTPUTS + 'diverters = [{ id = "zz-diverter" }]',
            "output_modules[1].diverters[0].id",
            "the site has no output 'zz-diverter'",
        ),
        (METER + 'rooms = ["f9"]', "meters[1].rooms[0]", "there is no room 'f9'"),
        (METER.replace("15998", "15020") + 'rooms = ["f1"]', "contact_modules[0].port", "'port 15020' is named twice"),
        (
            controllers(CONTROLLER.replace('"c1"', '"c9"')),
            "controller_lines[1].controllers[0].room",
            "there is no room 'c9'",
        ),
        (
            controllers(CONTROLLER.replace("_c = 0", "_c = 11")),
            "controller_lines[1].controllers[0].lowest_c",
            "the lowest set point is above the highest",
        ),
        (
            controllers(CONTROLLER, CONTROLLER.replace("z1-", "z2-")),
            "controller_lines[1].controllers[1].unit",
            "unit 1 is there twice on cold-z",
        ),
        (
            PROBE_LINE + "baud = 9601",
            "probe_lines[2].baud",
            "Invalid enum value 9601",
        ),
        (
            '[[timeline]]\nat_s = 1\nfor_s = 1\nfault = { kind = "compressor", target = "io-1" }',
            "timeline[6].fault",
            "'io-1' can have",
        ),
    ],
)
def test_what_does_not_fit_is_named_with_its_line_and_key(with_more, more, key, message):
    (problem,) = with_more(more)
    assert (problem.key, problem.line > 0) == (key, True)
    assert message in problem.message
