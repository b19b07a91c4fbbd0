"""The edge reads lane 1 of the simulated example site with every reader and every scale dialect there is."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from coldport.clock import SystemClock
from coldport.ids import GatewayId, SiteId
from coldport.messages.observation import TagRead, Weight
from coldport.site import load_site
from edge.health.book import HealthBook
from edge.lines.base import Serial, Tcp
from edge.lines.reader import HttpPosts, HttpStream, ReaderLine
from edge.lines.scale import ScaleLine
from edge.main import SystemLinks
from edge.ports import Outlet
from edge.profiles import load_profile, profile_path
from edge.sources.around import Around
from edge.sources.build import source_of
from firmware_sim.places.readers import ImpinjHttp, LlrpLink, UhfSerial, UhfTcp, ZebraHttp
from firmware_sim.scenario import load_scenario
from firmware_sim.servers.scales import Dialect
from firmware_sim.servers.uhf.inventory import UhfModel
from firmware_sim.site import running

EXAMPLE = Path(__file__).parents[3] / "config" / "sites" / "xiangtan"


class Seen:
    """What the driver of one line saw, and how it said that the line does."""

    def __init__(self):
        self.observations = []

    async def record(self, observations):
        self.observations += observations

    def up(self, link, device=None): ...

    def down(self, link, reason, device=None): ...

    def of(self, kind):
        return [seen for seen in self.observations if isinstance(seen, kind)]


async def read(line, data, seen, enough):
    """Read one line until `enough()`."""
    site, clock = load_site(EXAMPLE), SystemClock()
    around = Around(
        points=site.points(),
        profiles={line.profile: load_profile(profile_path(EXAMPLE, line.profile))},
        links=SystemLinks(site, "gw-1", data, clock),
        outlet=Outlet(seen, seen, clock, HealthBook(SiteId(site.id), GatewayId("gw-1"), clock)),
    )
    task = asyncio.create_task(source_of(line, around).run())
    try:
        async with asyncio.timeout(60):
            while not enough():
                assert not task.done(), task.exception()
                await clock.sleep(0.05)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def lane_1(**changed):
    """The example without its timeline and its other lanes, and something changed in lane 1."""
    scenario = load_scenario(EXAMPLE)
    lane = msgspec.structs.replace(scenario.lanes[0], **changed)
    return msgspec.structs.replace(scenario, timeline=(), lanes=(lane,))


READERS = {
    "llrp": lambda free: LlrpLink(port=free, version="1.0.1"),
    "llrp-1-1": lambda free: LlrpLink(port=free, clock="uptime"),
    "impinj-iot": lambda free: ImpinjHttp(port=free),
    "zebra-iot-connector": lambda free: ZebraHttp(url=f"http://127.0.0.1:{free}/events"),
    "uhf-reader-18": lambda _: UhfSerial(model=UhfModel.UHF18),
    "uhf-reader-288": lambda free: UhfTcp(model=UhfModel.UHF288, port=free),
}


@pytest.mark.parametrize("profile", READERS)
async def test_tags_of_a_lane_are_read_whatever_the_reader_speaks(profile, tmp_path, free_port) -> None:
    free, seen = free_port(), Seen()
    gate = msgspec.structs.replace(load_scenario(EXAMPLE).lanes[0].gate, reader=READERS[profile](free))
    way = {
        "impinj-iot": {"http_stream": HttpStream(url=f"http://127.0.0.1:{free}/api/v1/data/stream")},
        "zebra-iot-connector": {"http_posts": HttpPosts(host="127.0.0.1", port=free, path="/events")},
        "uhf-reader-18": {"serial": Serial(path="lines/lane-1-gate", baud=57_600)},
    }.get(profile, {"tcp": Tcp(host="127.0.0.1", port=free)})
    antennas = (1,) if profile == "uhf-reader-18" else (1, 2)
    line = ReaderLine(id="lane-1-reader", profile=profile, point="lane-1-gate", antennas=antennas, **way)

    async with running(lane_1(gate=gate), tmp_path, SystemClock(), speed=4.0):
        await read(line, tmp_path, seen, lambda: {tag.antenna for tag in seen.of(TagRead)} >= set(antennas))

    assert all(tag.epc.startswith("3055A537C837754") for tag in seen.of(TagRead))


SCALES = {
    "mt-sics": Dialect.MT_SICS,
    "toledo-continuous": Dialect.TOLEDO_CONTINUOUS,
    "toledo-continuous-no-checksum": Dialect.TOLEDO_CONTINUOUS_NO_CHECKSUM,
    "yaohua-tf0": Dialect.YAOHUA_TF0,
    "yaohua-tf1": Dialect.YAOHUA_TF1,
    "yaohua-reversed": Dialect.YAOHUA_REVERSED,
    "yaohua-forward": Dialect.YAOHUA_FORWARD,
    "yaohua-a12": Dialect.YAOHUA_A12,
    "and-st-gs": Dialect.A_AND_D,
    "cas-22": Dialect.CAS_22,
    "cas-10": Dialect.CAS_10,
    "dini-argeo": Dialect.DINI_ARGEO,
    "tscale": Dialect.TSCALE,
}


@pytest.mark.parametrize("profile", SCALES)
async def test_a_parcel_is_weighed_whatever_the_scale_speaks(profile, tmp_path, free_port) -> None:
    seen, lane = Seen(), load_scenario(EXAMPLE).lanes[0]
    gate = msgspec.structs.replace(lane.gate, reader=LlrpLink(port=free_port()))
    scale = msgspec.structs.replace(lane.scale, dialect=SCALES[profile])
    line = ScaleLine(
        id="lane-1-weight",
        profile=profile,
        point="lane-1-scale",
        division_kg=scale.platform.division_kg,
        serial=Serial(path="lines/lane-1-scale", baud=9600),
    )

    async with running(lane_1(gate=gate, scale=scale), tmp_path, SystemClock(), speed=8.0) as sim:
        await read(line, tmp_path, seen, lambda: any((w.gross_kg or 0) > 0.5 and w.stable for w in seen.of(Weight)))

    shown = [weight.gross_kg for weight in seen.of(Weight) if weight.stable]
    assert max(shown) < sim.floor.scenario.lanes[0].belt.heaviest_kg + 0.1
