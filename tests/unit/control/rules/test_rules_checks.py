"""What a definition, a position or a mask may not say, and where the error says it is."""

from datetime import date

import msgspec
import pytest

from coldport.site import Point, Quantity, ZoneClass
from control.alarms.checks import faults, file_faults
from control.alarms.definition import AlarmFile, Calibration, Definition, Kind, Position, points_of
from control.alarms.mask import Cause, MaskRule
from control.alarms.needs import NEEDS
from control.alarms.sensors import Sensor

HOUR = 3_600.0


@pytest.fixture(scope="session")
def site(one_room, point, product):
    zone = one_room(
        point("a"),
        point("b"),
        point("c"),
        product("core"),
        point("h", Quantity.HUMIDITY),
        point("d", Quantity.DOOR),
        point("lamp", Quantity.LAMP),
        point("tags", Quantity.TAGS),
    ).zones[0]
    cold = msgspec.structs.replace(
        zone, id="f", zone_class=ZoneClass.FROZEN, points=(point("f-1"), point("f-h", Quantity.HUMIDITY))
    )
    far = msgspec.structs.replace(zone, id="y", points=(point("far"),))
    return msgspec.structs.replace(one_room(Point(id="x", quantity=Quantity.DOOR, every_s=1)), zones=(zone, cold, far))


def whole(definition, kind: Kind, **more) -> Definition:
    """A definition that says just what its kind must, on a point that has it."""
    needs = NEEDS[kind]
    values = {"limit": 1.0, "window_s": HOUR, "allowed_s": 60.0, "within_s": 60.0, "on_delay_s": 60.0}
    values |= {"sensor": Sensor.PT100}
    quantity, where = {
        Kind.OPEN: (Quantity.DOOR, "d"),
        Kind.ON: (Quantity.DOOR, "d"),
        Kind.OFF: (Quantity.DOOR, "d"),
        Kind.STARTS: (Quantity.DOOR, "d"),
        Kind.RUN_SHARE: (Quantity.DOOR, "d"),
        Kind.DEW_POINT: (Quantity.HUMIDITY, "f-h"),
        Kind.COMMAND: (Quantity.LAMP, "lamp"),
    }.get(kind, (Quantity.TEMPERATURE, "a"))
    unit = quantity.unit if needs.unit is None else needs.unit
    fields = {"id": "x", "kind": kind, "quantity": quantity, "points": (where,), "limit": None}
    fields |= {key: values[key] for key in needs.must} | {"unit": f"{unit}/min" if needs.per_minute else unit}
    if kind is Kind.DISAGREE:
        fields |= {"points": (), "positions": ("core",)}
    if kind.startswith("LOT_"):
        fields |= {"points": (), "zones": ("z",)}
    return definition(**(fields | more))


CORE = Position(id="core", points=("a", "b"))


def said(site, one, **parts):
    return faults(one, site, AlarmFile(alarms=(one,), **({"positions": (CORE,)} | parts)))


@pytest.mark.parametrize("kind", Kind)
def test_a_definition_that_says_what_its_kind_must_has_no_fault(definition, site, kind):
    assert said(site, whole(definition, kind)) == []


@pytest.mark.parametrize(("kind", "key"), [(kind, key) for kind in Kind for key in sorted(NEEDS[kind].must)])
def test_a_key_that_a_kind_must_have_is_missed_by_its_name(definition, site, kind, key):
    without = msgspec.structs.replace(whole(definition, kind), **{key: 0.0 if key == "on_delay_s" else None})
    assert key in [name for name, _ in said(site, without)]


@pytest.mark.parametrize(
    ("kind", "more", "key", "message"),
    [
        (Kind.HI, {"window_s": 60.0}, "window_s", "means nothing for a HI alarm"),
        (Kind.RISE, {"unit": "°C"}, "unit", "is in '°C/min'"),
        (Kind.HI, {"quantity": Quantity.TAGS, "points": ("tags",), "unit": ""}, "quantity", "tags come"),
        (Kind.OPEN, {"quantity": Quantity.TEMPERATURE, "points": ("a",)}, "quantity", "OPEN watches doors"),
        (Kind.ON, {"quantity": Quantity.TEMPERATURE, "points": ("a",)}, "quantity", "what is on or off"),
        (Kind.DEW_POINT, {"quantity": Quantity.TEMPERATURE, "points": ("a",)}, "quantity", "watches humidity"),
        (Kind.DEW_POINT, {"points": ("h",)}, "kind", "one air temperature beside it"),
        (Kind.MKT, {"quantity": Quantity.HUMIDITY, "points": ("h",), "unit": "%RH"}, "quantity", "watches temp"),
        (Kind.MKT, {"points": (), "zone_class": ZoneClass.FROZEN}, "kind", "nothing for frozen goods"),
        (Kind.MKT, {"points": (), "zones": ("f",)}, "kind", "nothing for frozen goods"),
        (Kind.MKT, {"limit": -18.0}, "kind", "nothing for frozen goods"),
        (Kind.COMMAND, {"quantity": Quantity.DOOR, "points": ("d",)}, "quantity", "watches outputs"),
        (Kind.STALE, {"limit": -1.0}, "limit", "above 0 s"),
        (Kind.DRIFT, {"points": ("f-1",)}, "kind", "two other probes"),
        (Kind.STARTS, {"limit": 1_000.0}, "limit", "counts from 0 to 999"),
        (Kind.CUMULATIVE_HI, {"allowed_s": 2 * HOUR}, "allowed_s", "longer than the window"),
        (Kind.RANGE, {"sensor": Sensor.HUMIDITY}, "sensor", "does not measure temperature"),
        (Kind.DISAGREE, {"positions": (), "points": ("a",)}, "points", "watches positions"),
        (Kind.RISE, {"positions": ("core",), "points": ()}, "positions", "watches single points"),
        (Kind.HI, {"positions": ("nowhere",), "points": ()}, "positions", "no position 'nowhere'"),
        (Kind.HI, {"positions": ("core",)}, "points", "exactly one of"),
    ],
)
def test_what_cannot_be_is_named_by_its_key(definition, site, kind, more, key, message):
    found = said(site, whole(definition, kind, **more))
    assert key in [name for name, _ in found]
    assert message in " ".join(text for _, text in found)


def test_a_position_of_another_quantity_is_refused(definition, site):
    one = whole(definition, Kind.HI, quantity=Quantity.HUMIDITY, unit="%RH", points=(), positions=("core",))
    assert said(site, one) == [("positions", "not all of them measure humidity")]


def test_the_alarms_of_a_position_stand_at_its_first_probe(definition, site):
    one = whole(definition, Kind.HI, points=(), positions=("core",))
    assert [point.id for point in points_of(one, site, (CORE,))] == ["a"]
    assert points_of(one, site) == []


OPEN = {"id": "open", "kind": Kind.OPEN, "quantity": Quantity.DOOR, "points": ("d",), "limit": None, "unit": "s"}


def mask(**more) -> MaskRule:
    return MaskRule(**({"id": "m", "cause": Cause.DOOR, "zones": ("z",), "points": ("d",), "cap_s": 600.0} | more))


@pytest.mark.parametrize(
    ("parts", "key", "message"),
    [
        ({"positions": (Position(id="p", points=("a", "no")),)}, "positions[0].points", "no point 'no'"),
        ({"positions": (Position(id="p", points=("a", "core")),)}, "positions[0].points", "measure the same"),
        ({"positions": (Position(id="p", points=("a", "far")),)}, "positions[0].points", "in one zone"),
        ({"positions": (Position(id="p", points=("a", "a")),)}, "positions[0].points", "named twice"),
        ({"positions": (CORE, CORE)}, "positions[1].id", "'core' is named twice"),
        ({"masks": (mask(), mask())}, "masks[1].id", "'m' is named twice"),
        ({"masks": (mask(zones=("no",)),)}, "masks[0].zones", "no zone 'no'"),
        ({"masks": (mask(points=()),)}, "masks[0].points", "needs the points that tell of it"),
        ({"masks": (mask(points=("no",)),)}, "masks[0].points", "no point 'no'"),
        ({"masks": (mask(points=("a",)),)}, "masks[0].points", "not on or off"),
        ({"masks": (mask(points=("lamp",)),)}, "masks[0].points", "too long must be an alarm of its own"),
        ({"masks": (mask(cap_s=299.0),)}, "masks[0].points", "too long must be an alarm of its own"),
        ({"masks": (mask(cause=Cause.LOAD, recovery_s=60.0),)}, "masks[0].points", "told by the lots"),
        ({"masks": (mask(cause=Cause.LOAD, points=()),)}, "masks[0].recovery_s", "lasts recovery_s"),
        ({"masks": (mask(cause=Cause.START_UP, recovery_s=601.0),)}, "masks[0].recovery_s", "at most cap_s"),
        (
            {"calibrations": (Calibration(point="no", due=date(2027, 1, 1), certificate="K"),)},
            "calibrations[0].point",
            "no point 'no'",
        ),
    ],
)
def test_a_part_that_cannot_be_is_named_by_its_path(definition, site, parts, key, message):
    alarms = AlarmFile(alarms=(definition(**OPEN, on_delay_s=300),), **parts)
    found = list(file_faults(alarms, site))
    assert [name for name, _ in found] == [key]
    assert message in found[0][1]


def test_parts_that_can_be_have_no_fault(definition, site):
    parts = {
        "positions": (CORE,),
        "masks": (
            mask(),
            mask(id="n", cause=Cause.LOAD, points=(), recovery_s=600.0),
            mask(id="o", cause=Cause.START_UP, points=("lamp",), recovery_s=60.0),
        ),
        "calibrations": (Calibration(point="a", due=date(2027, 1, 1), certificate="K"),),
    }
    assert list(file_faults(AlarmFile(alarms=(definition(**OPEN, on_delay_s=600),), **parts), site)) == []
