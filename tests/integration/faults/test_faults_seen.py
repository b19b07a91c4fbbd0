"""For every fault and every kind of device it concerns: what an operator is told, and that it passes by itself."""

import pytest

from coldport.messages.observation import Quality, TagRead
from firmware_sim.faults import FaultKind as Kind

TOLD_S = 6.0
BACK_S = 8.0
NEXT_PARCEL_S = 20.0
"""Until tags pass a reader again, on the slowest of these floors."""

BUSY = "exception-6"
TEMPERATURE, DOOR = "c1-1-temperature", "c1-door"


def bad(point, *reasons):
    """Readings that carry no value, and the reason."""

    def seen(operator):
        newest = operator.newest(point)
        return newest is not None and newest.quality is Quality.BAD and newest.reason in reasons

    return seen


def down(name, *reasons):
    return lambda operator: operator.states.get(name) in reasons


def errors(device, reason):
    """Health counts what was spoiled or lost."""

    def seen(operator):
        pulse = operator.pulse(device)
        return pulse is not None and pulse.errors > 0 and pulse.last_error == reason

    return seen


def counted(device):
    return lambda operator: operator.pulse(device) is not None and operator.pulse(device).errors > 0


def both(*tests):
    return lambda operator: all(test(operator) for test in tests)


AWAY = down("air", "bridge-offline")
POWER, READER = "plant-power", "lane-1-reader"
UNANSWERED = both(bad(TEMPERATURE, "timeout", "no-answer"), down("c1-1", "timeout"))

# device, fault, its parameters (target and unit among them), what is told while it lasts
TOLD = [
    ("rtu", Kind.SILENCE, {"unit": 7}, both(bad(TEMPERATURE, "timeout", "no-answer"), down("c1-1", "timeout"))),
    ("rtu", Kind.UNPLUGGED, {}, both(bad(TEMPERATURE, "link-down"), down("cold-a", "link-down", "missing"))),
    ("rtu", Kind.SLOW, {}, both(bad(TEMPERATURE, "timeout", "no-answer"), down("c1-1", "timeout"))),
    ("rtu", Kind.CRC, {"unit": 7}, both(bad(TEMPERATURE, "crc", "no-answer"), down("c1-1", "crc"))),
    ("rtu", Kind.SENTINEL, {"unit": 7}, bad(TEMPERATURE, "sentinel", "out-of-range")),
    ("rtu", Kind.EXCEPTION, {"unit": 7, "code": 6}, both(bad(TEMPERATURE, BUSY), errors("c1-1", BUSY))),
    ("rtu", Kind.SPIKE, {"unit": 7, "by": 500.0, "every_s": 2.0}, bad(TEMPERATURE, "out-of-range")),
    ("rtu", Kind.DRIFT, {"unit": 7, "per_h": 100_000.0}, bad(TEMPERATURE, "out-of-range")),
    ("rtu", Kind.SWALLOW, {"unit": 7, "every": 2}, errors("c1-1", "timeout")),
    ("rtu-tcp", Kind.SILENCE, {"unit": 7}, UNANSWERED),
    ("rtu-tcp", Kind.UNPLUGGED, {}, both(bad(TEMPERATURE, "link-down"), down("cold-a", "refused", "closed"))),
    ("rtu-tcp", Kind.HALF_OPEN, {}, both(bad(TEMPERATURE, "timeout", "no-answer"), errors("c1-1", "timeout"))),
    ("rtu-tcp", Kind.SLOW, {}, UNANSWERED),
    ("rtu-tcp", Kind.CRC, {"unit": 7}, both(bad(TEMPERATURE, "crc", "no-answer"), down("c1-1", "crc"))),
    ("rtu-tcp", Kind.SENTINEL, {"unit": 7}, bad(TEMPERATURE, "sentinel", "out-of-range")),
    ("rtu-tcp", Kind.EXCEPTION, {"unit": 7, "code": 6}, both(bad(TEMPERATURE, BUSY), errors("c1-1", BUSY))),
    ("rtu-tcp", Kind.SWALLOW, {"unit": 7, "every": 2}, errors("c1-1", "timeout")),
    ("tcp", Kind.HALF_OPEN, {}, both(bad(DOOR, "timeout", "no-answer"), errors("io-1-doors", "timeout"))),
    ("meter", Kind.SILENCE, {}, both(bad(POWER, "timeout", "no-answer"), down("plant-supply", "timeout"))),
    ("meter", Kind.UNPLUGGED, {}, both(bad(POWER, "link-down"), down("plant-meter", "refused", "closed"))),
    ("meter", Kind.HALF_OPEN, {}, both(bad(POWER, "timeout", "no-answer"), errors("plant-supply", "timeout"))),
    ("meter", Kind.SLOW, {}, bad(POWER, "timeout", "no-answer")),
    ("meter", Kind.EXCEPTION, {"unit": 1, "code": 6}, both(bad(POWER, BUSY), errors("plant-supply", BUSY))),
    ("meter", Kind.SWALLOW, {"every": 2}, errors("plant-supply", "timeout")),
    ("meter", Kind.DRIFT, {"per_h": 100_000.0}, bad(POWER, "out-of-range")),
    ("meter", Kind.SPIKE, {"by": 5000.0, "every_s": 3.0}, bad(POWER, "out-of-range")),
    ("tcp", Kind.SILENCE, {}, both(bad(DOOR, "timeout", "no-answer"), down("io-1-doors", "timeout"))),
    ("tcp", Kind.UNPLUGGED, {}, both(bad(DOOR, "link-down"), down("io-1", "refused", "closed"))),
    ("tcp", Kind.SLOW, {}, bad(DOOR, "timeout", "no-answer")),
    ("tcp", Kind.EXCEPTION, {"code": 6}, bad(DOOR, BUSY)),
    ("tcp", Kind.SWALLOW, {"every": 2}, errors("io-1-doors", "timeout")),
    ("sics", Kind.SILENCE, {}, both(bad("lane-1-scale", "silent"), down("lane-1-weight", "silent"))),
    ("sics", Kind.UNPLUGGED, {}, down("lane-1-weight", "link-down", "missing")),
    ("sics", Kind.SLOW, {"delay_s": 2.0}, bad("lane-1-scale", "silent")),
    ("sics", Kind.OVERLOAD, {}, bad("lane-1-scale", "overload")),
    ("sics", Kind.DRIFT, {"per_h": 100_000.0}, bad("lane-1-scale", "overload")),
    ("sics", Kind.SPIKE, {"by": 5000.0, "every_s": 2.0}, bad("lane-1-scale", "overload")),
    ("sics", Kind.SWALLOW, {"every": 3}, both(bad("lane-1-scale", "silent"), errors("lane-1-weight", "silent"))),
    ("toledo", Kind.SILENCE, {}, both(bad("lane-2-scale", "silent"), down("lane-2-weight", "silent"))),
    ("toledo", Kind.CRC, {}, errors("lane-2-weight", "checksum")),
    ("toledo", Kind.OVERLOAD, {}, bad("lane-2-scale", "overload")),
    ("llrp", Kind.SILENCE, {}, down("lane-1-reader", "silent")),
    ("llrp", Kind.HALF_OPEN, {}, down("lane-1-reader", "silent")),
    ("llrp", Kind.UNPLUGGED, {}, down("lane-1-reader", "refused", "closed")),
    ("uhf", Kind.SILENCE, {}, down("lane-1-reader", "silent")),
    ("uhf", Kind.HALF_OPEN, {}, down("lane-1-reader", "silent")),
    ("uhf", Kind.UNPLUGGED, {}, down("lane-1-reader", "refused", "closed")),
    ("uhf", Kind.CRC, {}, both(down(READER, "silent"), counted(READER))),
    ("uhf", Kind.SWALLOW, {"every": 2}, errors(READER, "timeout")),
    ("impinj", Kind.SILENCE, {}, both(down(READER, "silent"), errors(READER, "silent"))),
    ("impinj", Kind.HALF_OPEN, {}, errors(READER, "silent")),
    ("impinj", Kind.UNPLUGGED, {}, both(down(READER, "unreachable", "closed"), counted(READER))),
    ("impinj", Kind.ANTENNA, {"unit": 2}, down("lane-1-reader-antenna-2", "disconnected")),
    ("zebra", Kind.SILENCE, {}, both(down(READER, "silent"), errors(READER, "silent"))),
    ("zebra-http", Kind.SILENCE, {}, both(down(READER, "silent"), errors(READER, "silent"))),
    ("lht", Kind.SENTINEL, {}, bad(TEMPERATURE, "sentinel")),
    ("lora", Kind.SILENCE, {"target": "c1-lora"}, both(bad(TEMPERATURE, "no-answer"), down("c1-lora", "no-answer"))),
    ("lora", Kind.SILENCE, {"target": "lora"}, both(bad(TEMPERATURE, "no-answer"), down("c1-lora", "no-answer"))),
    ("lora", Kind.OUT_OF_REACH, {}, bad(TEMPERATURE, "no-answer")),
    ("zigbee", Kind.SILENCE, {"target": "c1-zig"}, bad(TEMPERATURE, "no-answer")),
    ("zigbee", Kind.SILENCE, {"target": "zigbee"}, both(bad(TEMPERATURE, "offline", "no-answer"), AWAY)),
    ("zigbee", Kind.DRIFT, {"per_h": 100_000.0}, bad(TEMPERATURE, "out-of-range")),
]  # fmt: skip

DEVICE = {
    "rtu": ("cold-a", TEMPERATURE, "c1-1"),
    "rtu-tcp": ("cold-a", TEMPERATURE, "c1-1"),
    "tcp": ("io-1", DOOR, "io-1-doors"),
    "meter": ("plant-meter", POWER, "plant-supply"),
    "sics": ("lane-1-scale", "lane-1-scale", "lane-1-weight"),
    "toledo": ("lane-2-scale", "lane-2-scale", "lane-2-weight"),
    "llrp": ("lane-1-gate", "lane-1-gate", "lane-1-reader"),
    "uhf": ("lane-1-gate", "lane-1-gate", "lane-1-reader"),
    "impinj": ("lane-1-gate", "lane-1-gate", "lane-1-reader"),
    "zebra": ("lane-1-gate", "lane-1-gate", "lane-1-reader"),
    "zebra-http": ("lane-1-gate", "lane-1-gate", "lane-1-reader"),
    "lora": ("c1-lora", TEMPERATURE, "c1-lora"),
    "lht": ("c1-lora", TEMPERATURE, "c1-lora"),
    "zigbee": ("c1-zig", TEMPERATURE, "c1-zig"),
}
"""Its name on the simulated floor, a point it feeds, and its name (or its line's) at the edge."""

READERS = ("llrp", "uhf", "impinj", "zebra", "zebra-http")


def whole(device):
    """Whether a device is read well."""
    _, point, name = DEVICE[device]

    def seen(operator):
        newest = operator.newest(point)
        return newest is not None and newest.quality is Quality.GOOD and operator.states.get(name, "") is None

    if device in READERS:
        return lambda operator: operator.states.get(name, "") is None
    return seen


@pytest.mark.parametrize(
    ("device", "kind", "parameters", "told"), TOLD, ids=[f"{one[0]}-{one[1]}-{n}" for n, one in enumerate(TOLD)]
)
async def test_a_fault_is_told_with_its_reason_and_passes_by_itself(
    device, kind, parameters, told, watching, eventually
) -> None:
    target, point, _ = DEVICE[device]
    async with watching(device) as operator:
        await eventually(lambda: whole(device)(operator))

        fault = operator.begin(kind, **{"target": target, **parameters})
        await eventually(lambda: told(operator), within_s=TOLD_S)
        bads = [seen for seen in operator.of(point) if getattr(seen, "quality", None) is Quality.BAD]
        assert all(getattr(seen, "value", None) is None and getattr(seen, "gross_kg", None) is None for seen in bads)

        operator.sim.faults.end(fault)
        operator.observations.clear()
        await eventually(lambda: whole(device)(operator), within_s=BACK_S)
        operator.observations.clear()
        if device in READERS:
            await eventually(lambda: operator.of(point), within_s=NEXT_PARCEL_S)
        else:
            await eventually(lambda: whole(device)(operator), within_s=BACK_S)


HARMLESS = [
    *[
        (device, kind)
        for device in ("rtu", "rtu-tcp", "tcp", "meter", "sics", "toledo")
        for kind in (Kind.SPLIT, Kind.DUPLICATE)
    ],
    *[("llrp", kind) for kind in (Kind.SPLIT, Kind.UNKNOWN_MESSAGE, Kind.CLOCK_STEP, Kind.UPTIME, Kind.DUPLICATE)],
    *[("uhf", kind) for kind in (Kind.SPLIT, Kind.DUPLICATE)],
    *[("impinj", kind) for kind in (Kind.SPLIT, Kind.DUPLICATE, Kind.CLOCK_STEP)],
    *[("zebra", kind) for kind in (Kind.DUPLICATE, Kind.CLOCK_STEP)],
    *[(device, Kind.DUPLICATE) for device in ("lora", "lht", "zigbee")],
    ("zebra-http", Kind.CLOCK_STEP),
    ("toledo", Kind.SWALLOW),
    ("lora", Kind.CLOCK_STEP),
]


@pytest.mark.parametrize(("device", "kind"), HARMLESS)
async def test_a_fault_that_costs_nothing_is_not_noticed(device, kind, watching, eventually) -> None:
    target, point, _ = DEVICE[device]
    async with watching(device) as operator:
        await eventually(lambda: whole(device)(operator))
        operator.begin(kind, target)
        operator.observations.clear()
        await eventually(lambda: len(operator.of(point)) >= 3, within_s=15)
        assert all(getattr(seen, "quality", Quality.GOOD) is Quality.GOOD for seen in operator.of(point))
        assert whole(device)(operator)


@pytest.mark.parametrize("device", ["rtu", "tcp", "meter", "sics", "toledo", "lora", "zigbee"])
async def test_a_stuck_value_is_told_as_it_is_and_moves_again_when_it_is_mended(device, watching, eventually) -> None:
    target, point, _ = DEVICE[device]
    async with watching(device) as operator:
        await eventually(lambda: whole(device)(operator))
        fault = operator.begin(Kind.STUCK, target)
        operator.observations.clear()
        await eventually(lambda: len(operator.of(point)) >= 3)
        values = [getattr(seen, "value", getattr(seen, "gross_kg", None)) for seen in operator.of(point)]
        assert len(set(values[1:])) == 1
        operator.sim.faults.end(fault)
        operator.observations.clear()
        await eventually(lambda: whole(device)(operator))


async def test_a_shaken_scale_is_never_stable_until_it_stands_still_again(watching, eventually) -> None:
    async with watching("sics") as operator:
        await eventually(lambda: whole("sics")(operator))
        fault = operator.begin(Kind.MOTION, "lane-1-scale")
        await eventually(lambda: not operator.newest("lane-1-scale").stable)
        operator.observations.clear()
        await eventually(lambda: len(operator.of("lane-1-scale")) > 5)
        assert not any(seen.stable for seen in operator.of("lane-1-scale"))
        operator.sim.faults.end(fault)
        await eventually(lambda: operator.newest("lane-1-scale").stable)


async def test_a_reader_that_a_ghost_has_is_occupied_and_taken_when_the_ghost_is_gone(watching, eventually) -> None:
    async with watching("llrp") as operator:
        await eventually(lambda: whole("llrp")(operator))
        ghost = operator.begin(Kind.OCCUPIED, "lane-1-gate")
        operator.begin(Kind.HALF_OPEN, "lane-1-gate")
        await eventually(lambda: operator.states["lane-1-reader"] == "occupied", within_s=TOLD_S)
        operator.sim.faults.end(ghost)
        await eventually(lambda: whole("llrp")(operator), within_s=BACK_S)


async def test_an_antenna_that_is_pulled_off_reads_nothing_and_the_other_goes_on(watching, eventually) -> None:
    async with watching("llrp") as operator:
        await eventually(lambda: {seen.antenna for seen in operator.of("lane-1-gate")} == {1, 2}, within_s=20)
        operator.begin(Kind.ANTENNA, "lane-1-gate", unit=2)
        operator.observations.clear()
        await eventually(lambda: len(operator.of("lane-1-gate")) > 5)
        reads = [seen for seen in operator.of("lane-1-gate")[2:] if isinstance(seen, TagRead)]
        assert {seen.antenna for seen in reads} == {1}


@pytest.mark.parametrize("kind", [Kind.CLOCK_STEP, Kind.UPTIME])
async def test_reads_keep_the_gateways_time_when_the_readers_clock_jumps_or_is_lost(kind, watching, eventually) -> None:
    async with watching("llrp") as operator:
        await eventually(lambda: operator.of("lane-1-gate"), within_s=20)
        before = operator.newest("lane-1-gate").observed_at
        operator.begin(kind, "lane-1-gate")
        operator.observations.clear()
        await eventually(lambda: len(operator.of("lane-1-gate")) > 5, within_s=20)
        assert all(abs((seen.observed_at - before).total_seconds()) < 60 for seen in operator.of("lane-1-gate"))


async def test_what_an_impinj_reader_kept_while_its_line_was_dead_comes_whole(watching, eventually) -> None:
    async with watching("impinj") as operator:
        await eventually(lambda: whole("impinj")(operator))
        fault = operator.begin(Kind.SILENCE, "lane-1-gate")
        await eventually(lambda: operator.states["lane-1-reader"] == "silent", within_s=TOLD_S)
        operator.observations.clear()
        operator.sim.faults.end(fault)
        await eventually(lambda: len(operator.of("lane-1-gate")) > 200, within_s=BACK_S)
        assert operator.pulse("lane-1-reader").last_error == "silent"


async def test_old_records_of_a_device_whose_clock_is_ahead_are_left_out_and_counted(watching, eventually) -> None:
    async with watching("lora") as operator:
        await eventually(lambda: whole("lora")(operator))
        out = operator.begin(Kind.OUT_OF_REACH, "c1-lora")
        await eventually(lambda: bad(TEMPERATURE, "no-answer")(operator), within_s=TOLD_S)
        ahead = operator.begin(Kind.CLOCK_STEP, "c1-lora")
        operator.observations.clear()
        operator.sim.faults.end(out)
        await eventually(lambda: errors("c1-lora", "device-clock")(operator), within_s=BACK_S)
        assert not [seen for seen in operator.of(TEMPERATURE) if seen.reason == "backfilled"]
        operator.sim.faults.end(ahead)
        await eventually(lambda: whole("lora")(operator), within_s=BACK_S)
