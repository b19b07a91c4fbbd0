"""From a report to its two files: JSON with its proof, and the PDF that prints and carries that JSON."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from control.historian.buckets import milliseconds
from control.printing.typeset import print_pdf, qr_code
from control.records.proof import canonical, prove
from control.reports.chart import Band, Limit, Line, columns_of, draw
from control.reports.document import Proof, Stay
from control.reports.make import Made
from control.reports.sheet import lay_out
from control.reports.words import Language, say

_TEMPLATE = Path(__file__).with_name("report.typ")


class Witness(NamedTuple):
    """What a report is proved by: the journal's newest entry and its hash, how far it is sealed, the site's key."""

    entry: int
    chain: bytes
    sealed_to: int
    key: Ed25519PrivateKey


class Files(NamedTuple):
    """A report as it is kept."""

    json: bytes
    pdf: bytes


def render(made: Made, witness: Witness, language: Language) -> Files:
    """Return the files of a report; raises RefusedError when it cannot be printed."""
    members: dict[str, Any] = msgspec.to_builtins(made.report)
    proof = prove(members, entry=witness.entry, chain=witness.chain, sealed_to=witness.sealed_to, key=witness.key)
    data = canonical(members | {"proof": proof}) + b"\n"
    sheet = lay_out(
        made.report,
        msgspec.convert(proof, Proof),
        language,
        charts=[*_charts(made, language)],
        code=qr_code(f"coldport:report:{proof['hash']}:{proof['entry']}:{proof['key']}"),
    )
    inputs = {"sheet": msgspec.json.encode(sheet).decode(), "data": data.decode()}
    return Files(json=data, pdf=print_pdf(_TEMPLATE, inputs, made.report.made_at))


def _charts(made: Made, language: Language) -> Iterator[tuple[str, str]]:
    """Yield a chart of each stay's temperatures, and of its humidities when a limit watches them."""
    report = made.report
    watched = {limit.subject for limit in report.limits}
    for stay in report.stays:
        for quantity in ("temperature", "humidity"):
            points = [point for point in report.points if (point.zone, point.quantity) == (stay.zone, quantity)]
            if points and (quantity == "temperature" or any(point.point in watched for point in points)):
                title = f"{stay.zone} {say(stay.name, language)} · {points[0].unit}"
                yield title, _chart(made, stay, {point.point: point.unit for point in points})


def _chart(made: Made, stay: Stay, units: dict[str, str]) -> str:
    report = made.report
    start_ms, end_ms = milliseconds(stay.since), milliseconds(stay.until)
    limits = {
        (bound, limit.limit_id): Limit(bound, limit.limit_id)
        for limit in report.limits
        if limit.subject in units and (bound := limit.above if limit.above is not None else limit.below) is not None
    }
    return draw(
        [Line(name, columns_of(made.series[name], start_ms, end_ms)) for name in units],
        [*limits.values()],
        [
            Band(mark.kind, max(mark.start, stay.since), min(mark.end, stay.until))
            for mark in report.marks
            if mark.start < stay.until and mark.end >= stay.since
        ],
        span=(stay.since, stay.until),
        unit=next(iter(units.values())),
        zone=ZoneInfo(report.timezone),
    )
