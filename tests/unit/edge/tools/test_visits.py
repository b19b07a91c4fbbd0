"""A line visited without an agent: its own drivers, everything told, the line given back."""

import asyncio
from pathlib import Path

import pytest

from coldport.errors import NotFoundError, RefusedError
from coldport.site import load_site
from edge.lines.base import Serial, Tcp
from edge.links.memory_link import MemoryLink, null_modem
from edge.settings import load_edge
from edge.tools.meaning import TextMeaning, meaning_of
from edge.tools.read import how_made
from edge.tools.tap import Way
from edge.tools.visit import Crossed, Event, Grounds, Seen, Stands, visit

EXAMPLE = Path(__file__).parents[4] / "config/sites/xiangtan"


class NullModems:
    """Serial lines of which a test has the other end."""

    def __init__(self, clock) -> None:
        self.near, self.far = null_modem(clock)

    def serial(self, serial: Serial) -> MemoryLink:
        return self.near

    def tcp(self, tcp: Tcp) -> MemoryLink:
        return self.near


@pytest.fixture
def links(clock) -> NullModems:
    return NullModems(clock)


@pytest.fixture
def grounds(clock, links) -> Grounds:
    site = load_site(EXAMPLE)
    return Grounds(site=site, wiring=load_edge(EXAMPLE, site), links=links, clock=clock)


async def test_all_that_crosses_a_line_is_told_both_ways_with_what_the_driver_makes_of_it(
    grounds, links, clock
) -> None:
    events: list[Event] = []
    line = grounds.line_of("c3-1-temperature")
    going = asyncio.create_task(visit(grounds.source(line, events.append), asyncio.Event(), clock, 1.5))
    await clock.advance(0.1)
    await links.far.write(bytes.fromhex("01 04 02 ff 33 b8 d5"))
    await clock.advance(2.0)
    assert await going is False
    crossed = [(event.way, event.data.hex(" ")) for event in events if isinstance(event, Crossed)]
    assert crossed[:2] == [(Way.SENT, "01 04 00 01 00 01 60 0a"), (Way.RECEIVED, "01 04 02 ff 33 b8 d5")]
    assert next(event.observation.value for event in events if isinstance(event, Seen)) == -20.5
    assert [event.name for event in events if isinstance(event, Stands)][:2] == ["cold-b", "c3-1"]


async def test_a_visit_ends_when_it_has_what_it_wants_and_gives_the_line_back(grounds, links, clock) -> None:
    closed: list[bool] = []
    closing = links.near.close

    async def close() -> None:
        closed.append(True)
        await closing()

    links.near.close = close  # type: ignore[method-assign] - counts
    until = asyncio.Event()
    going = asyncio.create_task(visit(grounds.source(grounds.line("cold-b"), lambda _: None), until, clock, 60.0))
    await clock.advance(0.1)
    until.set()
    await clock.settle()
    assert await going is True
    assert closed


def test_a_device_or_a_point_is_visited_alone(grounds) -> None:
    assert [device.id for device in grounds.line("c3-2").devices] == ["c3-2"]
    assert len(grounds.line("cold-b").devices) == 12
    assert grounds.line_of("c3-2-humidity").devices[0].points == {"humidity": "c3-2-humidity"}
    assert grounds.line_of("lane-1-scale").id == "lane-1-weight"
    assert [device.id for device in grounds.line("truck-1-a").devices] == ["truck-1-a"]


def test_what_the_file_does_not_name_is_not_found(grounds) -> None:
    with pytest.raises(NotFoundError, match="its lines are cold-a, cold-b"):
        grounds.line("/dev/ttyS0")
    with pytest.raises(NotFoundError, match=r"no line of edge\.toml feeds a point 'gateway-spool'"):
        grounds.line_of("gateway-spool")


@pytest.mark.parametrize("name", ["lane-1-weight", "c3-1"])
def test_only_a_modbus_line_is_scanned(grounds, name) -> None:
    with pytest.raises(RefusedError, match="is no Modbus line"):
        grounds.modbus_line(name)


def test_how_a_value_is_made_is_told_for_every_kind_of_line(grounds) -> None:
    made = {point: how_made(grounds, grounds.line_of(point)) for point in ("plant-power", "lane-1-red", "lane-1-scale")}
    assert made == {
        "plant-power": "unit 1, dtsu666: holding-registers 0x2012, float32 high-first x 0.0001",
        "lane-1-red": "unit 1, relay-module: coils 0x0000, coil",
        "lane-1-scale": "mt-sics",
    }
    assert how_made(grounds, grounds.line_of("truck-1-battery")) == "24e124136b000001, em300-th, by chirpstack"


def test_every_line_of_the_example_has_a_meaning(grounds) -> None:
    for line in grounds.wiring.settings.lines:
        meaning = meaning_of(line, grounds.profile_of(line))
        assert isinstance(meaning, TextMeaning) is (line.id in ("lane-1-weight", "lane-2-weight", "lora"))
