"""Lines of RFID readers."""

from collections.abc import Iterator

from coldport.settings import Problem
from coldport.site import Quantity
from edge.checks.checker import Checker
from edge.lines.reader import ReaderLine, ReaderProfile, ReaderProtocol, RecordedReads
from edge.passage.settings import settings_problems
from edge.protocols.uhf_reader import Family

WAYS = {
    ReaderProtocol.LLRP: ("tcp",),
    ReaderProtocol.IMPINJ: ("topics", "http_stream"),
    ReaderProtocol.ZEBRA: ("topics", "http_posts"),
    ReaderProtocol.UHF_READER: ("serial", "tcp"),
}
"""How a reader can be reached, by what it speaks."""

UHF_ANTENNAS = {Family.UHF18: 1, Family.UHF288: 8}
"""The 18 does not tell antennas apart; the 288 names them by the bits of one byte."""


def reader_problems(checker: Checker, at: str, line: ReaderLine) -> Iterator[Problem]:
    """Yield what is wrong with a reader's line whose key is `at`."""
    profile = checker.profile(f"{at}.profile", line.profile, ReaderProfile)
    if isinstance(profile, Problem):
        yield profile
    else:
        yield from _way(checker, at, line, profile)
    yield from checker.feed(f"{at}.point", line.point, Quantity.TAGS)
    if line.passages is not None:
        for key, message in settings_problems(line.passages, line.antennas):
            yield checker.problem(f"{at}.passages.{key}", message)
    elif line.reads is RecordedReads.PASSAGES_ONLY:
        yield checker.problem(f"{at}.reads", "a gate that records passages only needs [lines.passages]")


def _way(checker: Checker, at: str, line: ReaderLine, profile: ReaderProfile) -> Iterator[Problem]:
    allowed = WAYS[profile.protocol]
    given = [way for way, has in line.ways.items() if has]
    if len(given) != 1 or given[0] not in allowed:
        yield checker.problem(at, f"line {line.id!r} needs either {' or '.join(f'`{way}`' for way in allowed)}")
    if line.identity is not None and profile.protocol is not ReaderProtocol.LLRP:
        yield checker.problem(f"{at}.identity", "only an LLRP reader says who it is")
    if profile.protocol is ReaderProtocol.UHF_READER and max(line.antennas) > UHF_ANTENNAS[profile.family]:
        most = UHF_ANTENNAS[profile.family]
        yield checker.problem(f"{at}.antennas", f"a UHFReader{profile.family} has antennas 1 to {most}")
