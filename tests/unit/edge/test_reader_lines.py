"""Lines of readers as `edge.toml` says them: each kind becomes its gate, and each mistake is named."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from coldport.bus import Outgoing
from coldport.bus_memory import MemoryBroker
from coldport.messages.observation import Passage, TagRead
from coldport.settings import SiteFileError
from coldport.site import load_site
from edge.drivers.gates.json_gate import JsonGate
from edge.drivers.gates.llrp_gate import Gate
from edge.drivers.gates.uhf_gate import UhfGate
from edge.drivers.gates.watched import WatchedGate
from edge.links.memory_link import MemoryLink
from edge.passage.neighbours import Neighbours
from edge.settings import load_edge
from edge.sources.around import Around
from edge.sources.build import source_of

SITE = """
id = "s"
name = { zh = "站", en = "Site" }
timezone = "Asia/Shanghai"

[[zones]]
id = "d1"
name = { zh = "一号门", en = "Dock 1" }
zone_class = "chilled"
points = [{ id = "gate", quantity = "tags", every_s = 60 }]
"""

HEAD = """gateway = "edge-1"

[[lines]]
kind = "reader"
id = "dock-1-reader"
point = "gate"
antennas = [1, 2]
"""

PASSAGES = """
[lines.passages]
outside = [1]
inside = [2]
outer_beam = 1
inner_beam = 2
"""


class Links:
    """Makes what was asked for, in memory, and remembers the broker's sessions."""

    def __init__(self, clock) -> None:
        self.broker = MemoryBroker()
        self._clock = clock

    def tcp(self, tcp):
        return MemoryLink(self._clock)

    def serial(self, serial):
        return MemoryLink(self._clock)

    def http_stream(self, line, http):
        return f"{line} asks {http.url}"

    def http_posts(self, posts):
        return f"listens on {posts.port}{posts.path}"

    @contextlib.asynccontextmanager
    async def bus(self, line, mqtt, filters):
        yield self.broker.client(f"edge-{line}", filters)


@pytest.fixture
def load(tmp_path: Path) -> Callable:
    def load(text: str):
        (tmp_path / "site.toml").write_text(SITE, encoding="utf-8")
        (tmp_path / "edge.toml").write_text(HEAD + text, encoding="utf-8")
        site = load_site(tmp_path)
        return site, load_edge(tmp_path, site)

    return load


@pytest.fixture
def build(load, clock, outlet) -> Callable:
    def build(text: str):
        site, wiring = load(text)
        links = Links(clock)
        around = Around(
            points=site.points(), profiles=wiring.profiles, links=links, outlet=outlet, neighbours=Neighbours()
        )
        return source_of(wiring.settings.lines[0], around), links

    return build


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('profile = "llrp"\ntcp = { host = "h", port = 5084 }', Gate),
        ('profile = "llrp-1-1"\ntcp = { host = "h", port = 5084 }\nidentity = "001625f0a1b2"', Gate),
        ('profile = "impinj-iot"\nhttp_stream = { url = "https://r/api/v1/data/stream", user = "root" }', JsonGate),
        ('profile = "impinj-iot"\ntopics = ["impinj/dock-1"]', JsonGate),
        ('profile = "zebra-iot-connector"\nhttp_posts = { host = "0.0.0.0", port = 9000, path = "/d1" }', JsonGate),
        ('profile = "zebra-iot-connector"\ntopics = ["zebra/d1/data", "zebra/d1/management"]', JsonGate),
        ('profile = "uhf-reader-288"\nserial = { path = "lines/d1", baud = 57600 }\naddress = 0', UhfGate),
        ('profile = "uhf-reader-288-push"\ntcp = { host = "h", port = 6000 }', UhfGate),
    ],
)
def test_a_line_becomes_the_gate_of_what_its_reader_speaks(build, text, kind) -> None:
    source, _ = build(text)
    assert isinstance(source, kind)
    assert source.name == "dock-1-reader"


def test_a_line_that_says_how_its_gate_is_built_is_watched_for_passages(build) -> None:
    source, _ = build('profile = "llrp"\ntcp = { host = "h", port = 5084 }' + PASSAGES)
    assert isinstance(source, WatchedGate)


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ('profile = "llrp"\nserial = { path = "x" }', "lines[0]", "needs either `tcp`"),
        ('profile = "llrp"', "lines[0]", "needs either `tcp`"),
        ('profile = "impinj-iot"\ntcp = { host = "h", port = 1 }', "lines[0]", "`topics` or `http_stream`"),
        ('profile = "impinj-iot"\ntopics = ["a"]\nhttp_stream = { url = "http://r/" }', "lines[0]", "needs either"),
        ('profile = "uhf-reader-18"\ntcp = { host = "h", port = 1 }', "antennas", "antennas 1 to 1"),
        ('profile = "impinj-iot"\ntopics = ["a"]\nidentity = "00"', "identity", "only an LLRP reader"),
        ('profile = "llrp"\ntcp = { host = "h", port = 1 }\nreads = "passages-only"', "reads", "[lines.passages]"),
        ('profile = "mt-sics"\ntcp = { host = "h", port = 1 }', "profile", "another kind of device"),
        (
            'profile = "llrp"\ntcp = { host = "h", port = 1 }\n[lines.passages]\noutside = [1]\ninside = [4]',
            "passages.inside",
            "no antenna 4",
        ),
    ],
)
def test_a_mistake_is_named_with_its_key(load, text, key, message) -> None:
    with pytest.raises(SiteFileError) as caught:
        load(text)
    assert key in str(caught.value)
    assert message in str(caught.value)


def zebra(epc: str, antenna: int, rssi: int, number: int) -> bytes:
    data = {"antenna": antenna, "eventNum": number, "format": "epc", "idHex": epc, "peakRssi": rssi}
    return json.dumps({"type": "CUSTOM", "data": data}).encode()


@pytest.mark.parametrize(("reads", "recorded"), [("all", True), ("passages-only", False)])
async def test_a_pallet_that_comes_in_is_one_passage_whatever_the_reader_speaks(
    build, clock, sink, running_of, reads, recorded
) -> None:
    text = f'profile = "zebra-iot-connector"\ntopics = ["zebra/d1"]\nreads = "{reads}"\n' + PASSAGES
    source, links = build(text.replace("outer_beam = 1\ninner_beam = 2\n", ""))
    async with running_of(source):
        await clock.advance(0.1)
        number = 0
        for step in range(40):
            outside, inside = -50 - abs(step - 12), -50 - abs(step - 26)
            for antenna, rssi in ((1, outside), (2, inside)):
                if rssi > -66:
                    number += 1
                    links.broker.deliver(Outgoing("zebra/d1", zebra("3034257bf7194e4000001a85", antenna, rssi, number)))
            await clock.advance(0.05)
        await clock.advance(10.0)

    seen = sink.of("gate")
    (passage,) = [one for one in seen if isinstance(one, Passage)]
    assert (passage.direction, passage.identity) == ("in", "urn:epc:id:sgtin:0614141.812345.6789")
    assert any(isinstance(one, TagRead) for one in seen) is recorded


@pytest.fixture
def running_of():
    @contextlib.asynccontextmanager
    async def running(source):
        task = asyncio.create_task(source.run())
        yield
        task.cancel()
        await asyncio.wait([task])

    return running
