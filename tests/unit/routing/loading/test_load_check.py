"""The judge of loads finds each kind of fault that is planted, and the statement, list and picture say what is so."""

import xml.etree.ElementTree as ET

import msgspec
import pytest
from msgspec.structs import replace

from coldport.errors import MalformedError
from routing.loading.balance import balance
from routing.loading.cargo_file import CargoFileError, as_json, read_cargo
from routing.loading.check import check
from routing.loading.listing import COLUMNS, sheets
from routing.loading.model import Axles, Box, Cargo, Left, Loaded, LoadPlan, Placed, Unit
from routing.loading.picture import picture
from routing.loading.public import read_cargo as read_public
from routing.model import Band

UNIT = Unit(
    id="unit", x_mm=400, y_mm=200, z_mm=200, mass_g=100, axles=Axles(far_mm=0, near_mm=400, far_max_g=30, near_max_g=30)
)
LOW = Box(id="low", x_mm=100, y_mm=100, z_mm=100, mass_g=20, count=1, bears_g=10, unload=2)
TOP = Box(id="top", x_mm=100, y_mm=100, z_mm=100, mass_g=10, count=1, unload=1)
CARGO = Cargo(boxes=(LOW, TOP), units=(UNIT,))
AT_LOW = Placed(box="low", x_mm=0, y_mm=0, z_mm=0, along_mm=100, across_mm=100, up_mm=100)
AT_TOP = replace(AT_LOW, box="top", z_mm=100)
GOOD = LoadPlan(loads=(Loaded(unit="unit", number=1, boxes=(AT_LOW, AT_TOP)),), left=())


def plan(*boxes: Placed, left: tuple[Left, ...] = ()) -> LoadPlan:
    return LoadPlan(loads=(Loaded(unit="unit", number=1, boxes=boxes),), left=left)


def cargo(low: Box = LOW, top: Box = TOP, unit: Unit = UNIT) -> Cargo:
    return Cargo(boxes=(low, top), units=(unit,))


def test_a_good_load_has_no_fault():
    assert check(CARGO, GOOD) == ()


@pytest.mark.parametrize(
    ("rule", "given_cargo", "given_plan"),
    [
        ("unknown", CARGO, plan(AT_LOW, replace(AT_TOP, box="other"))),
        ("count", CARGO, plan(AT_LOW)),
        ("count", CARGO, plan(AT_LOW, AT_TOP, left=(Left(box="top", count=1, reason="units-full"),))),
        ("units", CARGO, replace(GOOD, loads=(replace(GOOD.loads[0], number=2),))),
        ("inside", cargo(unit=replace(UNIT, contour_permille=999)), GOOD),
        ("turn", cargo(low=replace(LOW, z_mm=99)), GOOD),
        ("overlap", CARGO, plan(AT_LOW, replace(AT_TOP, z_mm=0, x_mm=99))),
        ("support", CARGO, plan(AT_LOW, replace(AT_TOP, x_mm=1))),
        ("support", CARGO, plan(AT_LOW, replace(AT_TOP, x_mm=200))),
        ("bearing", cargo(low=replace(LOW, bears_g=9)), GOOD),
        ("mass", cargo(unit=replace(UNIT, mass_g=29)), GOOD),
        ("band", cargo(top=replace(TOP, band=Band.FROZEN)), GOOD),
        ("load-class", cargo(top=replace(TOP, load_class="fish")), GOOD),
        ("unloading", cargo(top=replace(TOP, unload=3)), GOOD),
        ("unloading", cargo(top=replace(TOP, unload=3)), plan(AT_LOW, replace(AT_TOP, z_mm=0, x_mm=200))),
    ],
)
def test_a_planted_fault_is_found(rule, given_cargo, given_plan):
    assert rule in {fault.rule for fault in check(given_cargo, given_plan)}


def test_the_statement_says_where_the_mass_lies_and_what_each_axle_bears():
    boxes = {"low": LOW, "top": TOP}
    apart = Loaded(unit="unit", number=1, boxes=(AT_LOW, replace(AT_TOP, x_mm=300, z_mm=0)))

    said = balance(UNIT, apart, boxes)

    assert said is not None
    assert (said.mass_g, said.x_mm, said.z_mm, said.far_half_permille) == (30, 150, 50, 666)
    assert (said.far_g, said.near_g) == (19, 11)
    assert said.warnings == ("more-than-60-percent-in-one-half",)


def test_an_axle_that_bears_too_much_is_named():
    said = balance(
        replace(UNIT, axles=Axles(far_mm=0, near_mm=400, far_max_g=20, near_max_g=30)),
        GOOD.loads[0],
        {"low": LOW, "top": TOP},
    )

    assert said is not None
    assert "far-axle-too-heavy" in said.warnings


def test_a_load_without_mass_has_no_statement():
    assert balance(UNIT, plan(AT_LOW).loads[0], {"low": replace(LOW, mass_g=0)}) is None


def test_the_list_has_a_row_for_each_box_and_one_for_each_unit():
    listed = sheets(CARGO, GOOD)

    rows = [
        ["unit", 1, 1, "low", 0, 0, 0, 100, 100, 100, 20, 2],
        ["unit", 1, 2, "top", 0, 0, 100, 100, 100, 100, 10, 1],
    ]
    assert listed["List"] == [[*COLUMNS], *rows]
    assert [row[:4] for row in listed["Units"][1:]] == [["unit", 1, 2, 0.03]]
    assert len(listed["Units"][0]) == len(listed["Units"][1])


def test_what_is_written_is_read_again(tmp_path):
    file = tmp_path / "cargo.json"
    file.write_bytes(as_json(CARGO))

    assert read_cargo(file) == CARGO
    assert msgspec.json.decode(as_json(GOOD), type=LoadPlan) == GOOD


@pytest.mark.parametrize(
    ("boxes", "says"),
    [
        ((LOW, LOW), r"cargo.json: 'low' is there twice - at `\$.boxes\[1\].id`"),
        ((replace(LOW, x_mm=0),), r"cargo.json: .* - at `\$.boxes\[0\].x_mm`"),
        ((replace(LOW, count=4_000), replace(TOP, count=1_001)), "more than 5000 boxes"),
    ],
)
def test_a_cargo_that_cannot_be_loaded_says_where_it_is_wrong(tmp_path, boxes, says):
    file = tmp_path / "cargo.json"
    file.write_bytes(as_json(replace(CARGO, boxes=boxes)))

    with pytest.raises(CargoFileError, match=says):
        read_cargo(file)


@pytest.mark.parametrize(("language", "word"), [("en", "door"), ("zh", "箱门")])
def test_the_picture_is_svg_that_names_kinds_in_either_language(language, word):
    drawn = picture(UNIT, GOOD.loads[0], {"low": LOW, "top": TOP}, language)

    texts = [element.text for element in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    assert word in texts
    assert "1  low  x 1" in texts


def test_a_file_that_is_no_instance_is_refused():
    with pytest.raises(MalformedError, match="not a container loading instance"):
        read_public(b"{}")
