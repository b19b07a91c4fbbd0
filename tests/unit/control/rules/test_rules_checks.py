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
        point("scale", Quantity.MASS),
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
        Kind.RECALLED: (Quantity.MASS, "scale"),
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


TAGS = "tags come when goods come; nothing about them can be judged by a limit"
NOBODY = "selects no point: none there measures power"
BESIDE = "each point needs one air temperature beside it, of the same label or alone in its zone"
FROZEN = "a mean kinetic temperature means nothing for frozen goods"
ONE_OF = "give exactly one of zone_class, zones, positions and points"
ON_OFF = "{} watches what is on or off, not temperature"
ALIKE = "the probes of a position measure the same, in one zone"
OVERRUN = "needs an OPEN or ON alarm of {!r} within cap_s: too long must be an alarm of its own"
LASTS = "a {} mask lasts recovery_s, which is at most cap_s"


@pytest.mark.parametrize(
    ("kind", "more", "key", "message"),
    [
        (Kind.HI, {"window_s": 60.0}, "window_s", "means nothing for a HI alarm"),
        (Kind.RISE, {"unit": "°C"}, "unit", "a RISE alarm of temperature is in '°C/min'"),
        (Kind.HI, {"quantity": Quantity.TAGS, "points": ("tags",), "unit": ""}, "quantity", TAGS),
        (
            Kind.OPEN,
            {"quantity": Quantity.TEMPERATURE, "points": ("a",)},
            "quantity",
            "OPEN watches doors, not temperature",
        ),
        (Kind.ON, {"quantity": Quantity.TEMPERATURE, "points": ("a",)}, "quantity", ON_OFF.format("ON")),
        (
            Kind.DEW_POINT,
            {"quantity": Quantity.TEMPERATURE, "points": ("a",)},
            "quantity",
            "DEW_POINT watches humidity, not temperature",
        ),
        (Kind.DEW_POINT, {"points": ("h",)}, "kind", BESIDE),
        (
            Kind.MKT,
            {"quantity": Quantity.HUMIDITY, "points": ("h",), "unit": "%RH"},
            "quantity",
            "MKT watches temperature, not humidity",
        ),
        (Kind.MKT, {"points": (), "zone_class": ZoneClass.FROZEN}, "kind", FROZEN),
        (Kind.MKT, {"points": (), "zones": ("f",)}, "kind", FROZEN),
        (Kind.MKT, {"limit": -18.0}, "kind", FROZEN),
        (Kind.COMMAND, {"quantity": Quantity.DOOR, "points": ("d",)}, "quantity", "COMMAND watches outputs, not door"),
        (
            Kind.RECALLED,
            {"quantity": Quantity.TEMPERATURE, "points": ("a",)},
            "quantity",
            "RECALLED watches the parcels that scales weigh, not temperature",
        ),
        (Kind.STALE, {"limit": -1.0}, "limit", "a STALE alarm needs a limit above 0 s"),
        (Kind.DRIFT, {"points": ("f-1",)}, "kind", "each point needs two other probes of its kind in its zone"),
        (Kind.STARTS, {"limit": 1_000.0}, "limit", "a STARTS alarm counts from 0 to 999"),
        (Kind.CUMULATIVE_HI, {"allowed_s": 2 * HOUR}, "allowed_s", "is longer than the window"),
        (Kind.RANGE, {"sensor": Sensor.HUMIDITY}, "sensor", "a humidity does not measure temperature"),
        (Kind.DISAGREE, {"positions": (), "points": ("a",)}, "points", "a DISAGREE alarm watches positions"),
        (Kind.RISE, {"positions": ("core",), "points": ()}, "positions", "a RISE alarm watches single points"),
        (Kind.HI, {"positions": ("nowhere",), "points": ()}, "positions", "no position 'nowhere'"),
        (Kind.HI, {"positions": ("core",)}, "points", ONE_OF),
        (Kind.HI, {"points": ()}, "id", ONE_OF),
        (Kind.HI, {"points": (), "zones": ("no",)}, "zones", "no zone 'no' in site.toml"),
        (Kind.HI, {"points": ("no",)}, "points", "no point 'no' in site.toml"),
        (Kind.HI, {"points": ("h",)}, "points", "'h' measures humidity, not temperature"),
        (Kind.HI, {"limit": None}, "limit", "a HI alarm needs a limit"),
        (Kind.RISE, {"window_s": None}, "window_s", "a RISE alarm needs window_s"),
        (Kind.ON, {"limit": 1.0}, "limit", "means nothing for a ON alarm"),
        (Kind.STALE, {"limit": 0.0}, "limit", "a STALE alarm needs a limit above 0 s"),
        (Kind.COMMAND, {"limit": 0.0}, "limit", "a COMMAND alarm needs a limit above 0 s"),
        (Kind.DRIFT, {"limit": 0.0}, "limit", "a DRIFT alarm needs a limit above 0 °C"),
        (Kind.SPIKE, {"limit": -1.0}, "limit", "a SPIKE alarm counts from 0 to 999"),
        (Kind.STARTS, {"quantity": Quantity.TEMPERATURE, "points": ("a",)}, "quantity", ON_OFF.format("STARTS")),
        (Kind.RUN_SHARE, {"quantity": Quantity.TEMPERATURE, "points": ("a",)}, "quantity", ON_OFF.format("RUN_SHARE")),
        (Kind.OFF, {"quantity": Quantity.TEMPERATURE, "points": ("a",)}, "quantity", ON_OFF.format("OFF")),
        (Kind.MKT, {"limit": -0.1}, "kind", FROZEN),
        (
            Kind.RANGE,
            {"quantity": Quantity.HUMIDITY, "points": ("h",), "unit": "%RH"},
            "sensor",
            "a pt100 does not measure humidity",
        ),
        (Kind.LOT_LIFE, {"zones": (), "points": ("a",)}, "points", "a LOT_LIFE alarm watches the lots in zones"),
        (Kind.LOT_BUDGET, {"limit": 0.0}, "limit", "a LOT_BUDGET alarm needs a limit above 0 %"),
        (Kind.LOT_CHILLING, {"limit": -1.0}, "limit", "a LOT_CHILLING alarm needs a limit above 0 %"),
        (
            Kind.LOT_LIFE,
            {"quantity": Quantity.HUMIDITY},
            "quantity",
            "LOT_LIFE watches what temperature does to lots, not humidity",
        ),
        (Kind.HI, {"points": (), "zones": ("z",), "quantity": Quantity.POWER, "unit": "kW"}, "quantity", NOBODY),
    ],
)
def test_what_cannot_be_is_named_by_its_key(definition, site, kind, more, key, message):
    assert said(site, whole(definition, kind, **more)) == [(key, message)]


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
        ({"positions": (Position(id="p", points=("a", "no")),)}, "positions[0].points", "no point 'no' in site.toml"),
        ({"positions": (Position(id="p", points=("a", "core")),)}, "positions[0].points", ALIKE),
        ({"positions": (Position(id="p", points=("a", "far")),)}, "positions[0].points", ALIKE),
        ({"positions": (Position(id="p", points=("a", "a")),)}, "positions[0].points", "a probe is named twice"),
        ({"positions": (CORE, CORE)}, "positions[1].id", "'core' is named twice"),
        ({"masks": (mask(), mask())}, "masks[1].id", "'m' is named twice"),
        ({"masks": (mask(zones=("no",)),)}, "masks[0].zones", "no zone 'no' in site.toml"),
        ({"masks": (mask(points=()),)}, "masks[0].points", "a door mask needs the points that tell of it"),
        ({"masks": (mask(points=("no",)),)}, "masks[0].points", "no point 'no' in site.toml"),
        ({"masks": (mask(points=("a",)),)}, "masks[0].points", "'a' measures temperature, which is not on or off"),
        ({"masks": (mask(points=("lamp",)),)}, "masks[0].points", OVERRUN.format("lamp")),
        ({"masks": (mask(cap_s=299.0),)}, "masks[0].points", OVERRUN.format("d")),
        (
            {"masks": (mask(cause=Cause.LOAD, recovery_s=60.0),)},
            "masks[0].points",
            "a load is told by the lots of the zone, not by points",
        ),
        ({"masks": (mask(cause=Cause.LOAD, points=()),)}, "masks[0].recovery_s", LASTS.format("load")),
        ({"masks": (mask(cause=Cause.START_UP, recovery_s=601.0),)}, "masks[0].recovery_s", LASTS.format("start-up")),
        (
            {"calibrations": (Calibration(point="no", due=date(2027, 1, 1), certificate="K"),)},
            "calibrations[0].point",
            "no point 'no' in site.toml",
        ),
    ],
)
def test_a_part_that_cannot_be_is_named_by_its_path(definition, site, parts, key, message):
    alarms = AlarmFile(alarms=(definition(**OPEN, on_delay_s=300),), **parts)
    assert list(file_faults(alarms, site)) == [(key, message)]


def test_parts_that_can_be_have_no_fault(definition, site):
    parts = {
        "positions": (CORE,),
        "masks": (
            mask(),
            mask(id="n", cause=Cause.LOAD, points=(), recovery_s=600.0),
            mask(id="o", cause=Cause.START_UP, points=("lamp",), recovery_s=0.5),
        ),
        "calibrations": (Calibration(point="a", due=date(2027, 1, 1), certificate="K"),),
    }
    assert list(file_faults(AlarmFile(alarms=(definition(**OPEN, on_delay_s=600),), **parts), site)) == []


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (Kind.STARTS, {"limit": 0.0}),
        (Kind.SPIKE, {"limit": 999.0}),
        (Kind.MKT, {"limit": 0.0}),
        (Kind.CUMULATIVE_HI, {"allowed_s": HOUR}),
        (Kind.LOT_LIFE, {"limit": 0.0}),
        (Kind.RANGE, {"sensor": Sensor.HUMIDITY, "quantity": Quantity.HUMIDITY, "points": ("h",), "unit": "%RH"}),
        (Kind.HI, {"limit": 0.0}),
        (Kind.STARTS, {"quantity": Quantity.LAMP, "points": ("lamp",)}),
        (Kind.RUN_SHARE, {"quantity": Quantity.LAMP, "points": ("lamp",)}),
    ],
)
def test_a_figure_at_the_end_of_what_is_allowed_is_allowed(definition, site, kind, more):
    assert said(site, whole(definition, kind, **more)) == []


LEVEL, DELAYS = {"limit", "deadband", "on_delay_s", "off_delay_s"}, {"on_delay_s", "off_delay_s"}
SUM, COUNT = {"limit", "window_s", "allowed_s"}, {"limit", "window_s"}
SLOPE, FORECAST = LEVEL | {"window_s"}, DELAYS | {"limit", "window_s", "within_s"}


@pytest.mark.parametrize(
    ("kinds", "keys"),
    [
        ((Kind.HI, Kind.HIHI, Kind.LO, Kind.LOLO, Kind.DISAGREE, Kind.DEW_POINT), LEVEL),
        ((Kind.OPEN, Kind.ON, Kind.OFF), DELAYS),
        ((Kind.CUMULATIVE_HI, Kind.CUMULATIVE_LO), SUM),
        ((Kind.RISE, Kind.FALL), SLOPE),
        ((Kind.PREDICTED_HI, Kind.PREDICTED_LO), FORECAST),
        ((Kind.STARTS, Kind.SPIKE), COUNT),
        ((Kind.MKT, Kind.RUN_SHARE), COUNT | {"deadband"}),
        ((Kind.DRIFT, Kind.STUCK), {"limit", "on_delay_s"}),
        ((Kind.JUMP,), {"limit", "window_s", "off_delay_s"}),
        ((Kind.RANGE,), DELAYS | {"sensor"}),
        ((Kind.STALE, Kind.CALIBRATION, Kind.COMMAND), {"limit"}),
        ((Kind.LOT_BUDGET, Kind.LOT_CHILLING, Kind.LOT_LIFE), {"limit"}),
        ((Kind.TAMPERED, Kind.RECALLED), set()),
    ],
)
def test_a_kind_has_its_keys_and_no_others(kinds, keys):
    for kind in kinds:
        assert NEEDS[kind].must | NEEDS[kind].may == keys
        assert not NEEDS[kind].must & NEEDS[kind].may


def test_a_limit_is_in_the_unit_of_its_quantity_but_for_these():
    others = {
        "s": "STALE OPEN ON OFF COMMAND",
        "": "STARTS SPIKE TAMPERED RECALLED",
        "%": "RUN_SHARE LOT_BUDGET LOT_CHILLING",
    }
    others |= {"°C": "DEW_POINT", "d": "CALIBRATION LOT_LIFE"}
    assert {kind: needs.unit for kind, needs in NEEDS.items() if needs.unit is not None} == {
        Kind(kind): unit for unit, kinds in others.items() for kind in kinds.split()
    }
    assert {kind for kind, needs in NEEDS.items() if needs.per_minute} == {Kind.RISE, Kind.FALL, Kind.JUMP}


def test_an_alarm_of_lots_watches_no_position(definition, site):
    one = whole(definition, Kind.LOT_LIFE, zones=(), positions=("core",))
    assert said(site, one) == [
        ("positions", "a LOT_LIFE alarm watches single points"),
        ("positions", "a LOT_LIFE alarm watches the lots in zones"),
    ]
