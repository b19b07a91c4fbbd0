"""The gateway of the example site against its simulated devices, over real ptys and sockets."""

import asyncio

import pytest

from coldport.messages.observation import Quality, Reading, TagRead, Weight
from firmware_sim.faults import Fault, FaultKind


async def test_every_point_of_the_example_site_is_read(start, eventually) -> None:
    gateway = await start()
    points = gateway.site.points()
    fed_by_reads = [
        name for name, point in points.items() if point.quantity != "tags" and not name.startswith("truck-1")
    ]  # the truck's device is heard through a broker, which is not here

    def all_good() -> bool:
        return all(any(seen.quality is Quality.GOOD for seen in gateway.of(name)) for name in fed_by_reads)

    await eventually(all_good, within_s=15)
    assert gateway.is_up("cold-a")
    assert gateway.is_up("lane-2-reader")


async def test_values_are_those_of_the_rooms(start, eventually) -> None:
    gateway = await start("cold-a", "cold-b", "io-1")
    await eventually(lambda: gateway.of("f1-1-temperature") and gateway.of("t1-3-humidity") and gateway.of("c1-door"))
    assert -26 < gateway.of("f1-1-temperature")[0].value < -12
    assert 0 < gateway.of("t1-3-humidity")[0].value < 70
    assert gateway.of("c1-door")[0].value == 0
    gateway.sim.open_door("c1-door", wanted=True)
    await eventually(lambda: gateway.of("c1-door")[-1].value == 1)


async def test_both_scales_weigh_the_parcels_and_both_gates_read_their_tags(start, eventually) -> None:
    gateway = await start("lane-1-weight", "lane-2-weight", "lane-1-reader", "lane-2-reader")
    await eventually(lambda: gateway.of("lane-1-gate") and gateway.of("lane-2-gate"), within_s=60)
    tag = gateway.of("lane-1-gate")[0]
    assert isinstance(tag, TagRead)
    assert len(tag.epc) == 24
    for point in ("lane-1-scale", "lane-2-scale"):
        weights = [seen for seen in gateway.of(point) if isinstance(seen, Weight)]
        assert any(weight.stable and weight.gross_kg is not None for weight in weights)


async def test_a_silent_unit_is_bad_and_its_neighbours_go_on(start, eventually) -> None:
    gateway = await start("cold-a")
    await eventually(lambda: gateway.of("f1-2-temperature"))
    gateway.sim.faults.begin(Fault(kind=FaultKind.SILENCE, target="cold-a", unit=2))
    await eventually(lambda: gateway.is_down("f1-2"))
    await eventually(lambda: gateway.of("f1-2-temperature")[-1].reason == "no-answer")
    gateway.sim.faults.end(Fault(kind=FaultKind.SILENCE, target="cold-a", unit=2))
    await eventually(lambda: gateway.of("f1-2-temperature")[-1].quality is Quality.GOOD)
    assert {seen.quality for seen in gateway.of("f1-3-temperature")} == {Quality.GOOD}


async def test_an_unplugged_line_is_told_within_five_seconds_and_back_within_five(start, eventually) -> None:
    gateway = await start("cold-b", "lane-2-weight")
    unplugged = [Fault(kind=FaultKind.UNPLUGGED, target=name) for name in ("cold-b", "lane-2-scale")]
    await eventually(lambda: gateway.is_up("cold-b") and gateway.is_up("lane-2-weight"))
    for fault in unplugged:
        gateway.sim.faults.begin(fault)
    await eventually(lambda: gateway.is_down("cold-b") and gateway.is_down("lane-2-weight"), within_s=5)
    await eventually(lambda: gateway.of("k1-3-humidity") and gateway.of("k1-3-humidity")[-1].reason == "link-down")
    for fault in unplugged:
        gateway.sim.faults.end(fault)
    await eventually(lambda: gateway.is_up("cold-b") and gateway.is_up("lane-2-weight"), within_s=5)
    await eventually(lambda: gateway.of("k1-3-humidity")[-1].quality is Quality.GOOD)


@pytest.mark.parametrize("kind", [FaultKind.SENTINEL, FaultKind.EXCEPTION, FaultKind.CRC])
async def test_a_probe_that_fails_gives_bad_readings_and_never_a_value(start, eventually, kind: FaultKind) -> None:
    gateway = await start("cold-a")
    await eventually(lambda: gateway.of("c1-1-temperature"))
    gateway.sim.faults.begin(Fault(kind=kind, target="cold-a", unit=7))
    await eventually(lambda: gateway.of("c1-1-temperature")[-1].quality is Quality.BAD)
    bad = [seen for seen in gateway.of("c1-1-temperature") if seen.quality is Quality.BAD]
    assert all(isinstance(seen, Reading) and seen.value is None and seen.reason for seen in bad)


async def test_a_silent_scale_is_told_within_two_seconds(start, eventually) -> None:
    gateway = await start("lane-1-weight", "lane-2-weight")
    await eventually(lambda: gateway.of("lane-1-scale") and gateway.of("lane-2-scale"))
    for scale in ("lane-1-scale", "lane-2-scale"):
        gateway.sim.faults.begin(Fault(kind=FaultKind.SILENCE, target=scale))
    await eventually(
        lambda: all(gateway.of(f"lane-{lane}-scale")[-1].reason == "silent" for lane in (1, 2)), within_s=3
    )
    assert gateway.is_down("lane-1-weight")


async def test_an_overloaded_scale_shows_no_mass(start, eventually) -> None:
    gateway = await start("lane-1-weight", "lane-2-weight")
    await eventually(lambda: gateway.of("lane-1-scale") and gateway.of("lane-2-scale"))
    for scale in ("lane-1-scale", "lane-2-scale"):
        gateway.sim.faults.begin(Fault(kind=FaultKind.OVERLOAD, target=scale))
    await eventually(lambda: all(gateway.of(f"lane-{lane}-scale")[-1].reason == "overload" for lane in (1, 2)))
    assert gateway.of("lane-1-scale")[-1].gross_kg is None


async def test_a_reader_that_stops_answering_is_noticed_within_one_and_a_half_keepalives(start, eventually) -> None:
    gateway = await start("lane-1-reader")
    await eventually(lambda: gateway.is_up("lane-1-reader"))
    gateway.sim.faults.begin(Fault(kind=FaultKind.SILENCE, target="lane-1-gate"))
    await eventually(lambda: gateway.is_down("lane-1-reader"), within_s=1.5 * 2.0)
    assert gateway.link("lane-1-reader").reason == "silent"


async def test_unknown_messages_and_split_bytes_do_not_disturb_a_reader(start, eventually) -> None:
    gateway = await start("lane-1-reader")
    gateway.sim.faults.begin(Fault(kind=FaultKind.UNKNOWN_MESSAGE, target="lane-1-gate"))
    gateway.sim.faults.begin(Fault(kind=FaultKind.SPLIT, target="lane-1-gate"))
    await eventually(lambda: gateway.of("lane-1-gate"), within_s=60)
    assert gateway.is_up("lane-1-reader")


async def test_a_reader_that_serves_another_client_is_occupied_and_taken_when_it_is_free(
    sim, start, eventually
) -> None:
    _, other = await asyncio.open_connection("127.0.0.1", sim.ports["lane-1-gate"])
    gateway = await start("lane-1-reader")
    await eventually(lambda: gateway.is_down("lane-1-reader"))
    assert gateway.link("lane-1-reader").reason == "occupied"
    other.close()
    await other.wait_closed()
    await eventually(lambda: gateway.is_up("lane-1-reader"))


async def test_a_gateway_that_stops_parts_from_the_reader_so_that_the_next_one_gets_in(start, eventually) -> None:
    first = await start("lane-1-reader")
    await eventually(lambda: first.is_up("lane-1-reader"))
    first.stop.set()
    second = await start("lane-1-reader")
    await eventually(lambda: second.is_up("lane-1-reader"), within_s=5)
