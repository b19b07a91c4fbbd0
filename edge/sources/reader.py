"""RFID readers."""

from functools import partial
from random import Random

from coldport.ids import LinkId, PointId
from edge.drivers.gates.bus_feed import BusFeed
from edge.drivers.gates.json_gate import JsonGate
from edge.drivers.gates.llrp_gate import Gate
from edge.drivers.gates.passages import PassageWatch
from edge.drivers.gates.report import GateSettings
from edge.drivers.gates.uhf_gate import UhfGate, UhfSetup
from edge.drivers.gates.watched import WatchedGate
from edge.lines.reader import Level, ReaderLine, ReaderMode, ReaderProfile, ReaderProtocol, RecordedReads
from edge.ports import Feed, Source
from edge.protocols.impinj import ImpinjReader
from edge.protocols.llrp.requests import Setup
from edge.protocols.zebra import ZebraReader
from edge.sources.around import Around


def reader_source(line: ReaderLine, around: Around) -> Source:
    """Return the gate that a reader watches, and that is watched for passages if its line says how it is built."""
    point = PointId(line.point)
    if line.passages is None:
        return _reader(line, around, GateSettings(name=LinkId(line.id), point=point, antennas=frozenset(line.antennas)))
    watch = PassageWatch(point, line.passages, around.neighbours, around.outlet)
    settings = GateSettings(
        name=LinkId(line.id),
        point=point,
        antennas=frozenset(line.antennas),
        beams=frozenset(line.passages.beams),
        broken_when_low=line.beam_broken is Level.LOW,
        record_reads=line.reads is RecordedReads.ALL,
        watch=watch,
    )
    return WatchedGate(point, _reader(line, around, settings), watch)


def _reader(line: ReaderLine, around: Around, settings: GateSettings) -> Source:
    profile = around.profile(line.profile, ReaderProfile)
    dice = Random(line.id)  # noqa: S311 - spreads reconnects, guards nothing
    if profile.protocol is ReaderProtocol.LLRP:
        setup = _llrp_setup(line, profile, settings)
        return Gate(settings, around.link(None, line.tcp), setup, around.outlet, dice)
    if profile.protocol is ReaderProtocol.UHF_READER:
        link = around.link(line.serial, line.tcp)
        return UhfGate(settings, link, _uhf_setup(line, profile), around.outlet, dice)
    reader = ImpinjReader() if profile.protocol is ReaderProtocol.IMPINJ else ZebraReader()
    silent_s = profile.silent_s or float("inf")
    return JsonGate(settings, _feed(line, around), reader, around.outlet, silent_s, dice)


def _llrp_setup(line: ReaderLine, profile: ReaderProfile, settings: GateSettings) -> Setup:
    return Setup(
        antennas=line.antennas,
        negotiate=profile.negotiate,
        identity=line.identity,
        keepalive_s=line.keepalive_s,
        power_dbm=line.power_dbm,
        gpi_ports=tuple(sorted(settings.beams)),
    )


def _uhf_setup(line: ReaderLine, profile: ReaderProfile) -> UhfSetup:
    return UhfSetup(
        family=profile.family,
        antennas=line.antennas,
        address=line.address,
        scan_time_s=profile.scan_time_s,
        push=profile.mode is ReaderMode.PUSH,
        silent_s=profile.silent_s,
        rssi_zero_dbm=profile.rssi_zero_dbm,
    )


def _feed(line: ReaderLine, around: Around) -> Feed:
    if line.http_stream is not None:
        return around.links.http_stream(LinkId(line.id), line.http_stream)
    if line.http_posts is not None:
        return around.links.http_posts(line.http_posts)
    connect = partial(around.links.bus, LinkId(line.id), line.mqtt, line.topics)
    return BusFeed(connect, around.outlet.clock)
