"""Lays a report out: a list of headings, facts, tables, notes and pictures in the reader's language. Pure.

Whoever prints it knows nothing of alarms, and nothing here knows of paper.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from coldport.site import Text
from control.reports.blocks import Block, Facts, Heading, Note, Picture, Sheet, Table, length, number, share
from control.reports.document import LimitFigures, PointFigures, Proof, Report
from control.reports.words import Language, say, word, words_of

METHOD_NOTES = ("method_1", "method_2", "method_3")


class _Writer:
    """Writes in one language and the site's time."""

    def __init__(self, report: Report, language: Language) -> None:
        self.report = report
        self.language: Language = language
        self._zone = ZoneInfo(report.timezone)

    def say(self, name: str) -> str:
        """Return the words of that name."""
        return self.text(word(name))

    def pick(self, table: str, name: str) -> str:
        """Return the words for a name, or the name when there are none yet."""
        found = words_of(table).get(name)
        return self.text(found) if found else name

    def text(self, text: Text) -> str:
        """Return a text of the site's."""
        return say(text, self.language)

    def at(self, moment: datetime | None) -> str:
        return "-" if moment is None else f"{moment.astimezone(self._zone):%Y-%m-%d %H:%M:%S}"

    def table(
        self, head: Iterable[str], rows: Iterable[Sequence[str]], right: Sequence[int] = (), loud: Sequence[int] = ()
    ) -> Table:
        # In both languages one stands above the other, which makes narrow columns.
        names = map(word, head)
        heads = (f"{text.zh}\n{text.en}" if self.language == "both" else self.text(text) for text in names)
        return Table(tuple(heads), tuple(tuple(row) for row in rows), tuple(right), tuple(loud))


def lay_out(report: Report, proof: Proof, language: Language, *, charts: Sequence[tuple[str, str]], code: str) -> Sheet:
    """Return the sheet of a report.

    Args:
        report: What is said.
        proof: What proves it.
        language: zh, en or both.
        charts: The title and SVG of each.
        code: The QR code as SVG.
    """
    writer = _Writer(report, language)
    blocks = [
        *_head(writer),
        *_finding(writer),
        *_lot(writer),
        *_charts(writer, charts),
        *_limits(writer),
        *_points(writer),
        *_excursions(writer),
        *_gaps(writer),
        *_marks(writer),
        *_alarms(writer),
        *_signatures(writer),
        *_sources(writer),
        *_method(writer),
        *_proof(writer, proof, code),
    ]
    return Sheet(
        title=writer.say("title"),
        subtitle=f"{writer.pick('subject', report.kind)} {report.subject} · {writer.text(report.name)}",
        foot=f"{report.site} · {report.subject} · SHA-256 {proof.hash[:16]}…",
        language="en" if language == "en" else "zh",
        blocks=tuple(blocks),
    )


def _head(w: _Writer) -> Iterator[Block]:
    report = w.report
    rows = [
        (w.say("site"), f"{report.site} · {w.text(report.site_name)}"),
        (w.pick("subject", report.kind), f"{report.subject} · {w.text(report.name)}"),
        (w.say("span"), f"{w.at(report.start)} - {w.at(report.end)}"),
        (w.say("timezone"), report.timezone),
        (w.say("made"), w.at(report.made_at)),
        (w.say("made_by"), report.made_by or "-"),
        (w.say("recorded_until"), w.at(report.recorded_until)),
        (w.say("software"), report.software),
    ]
    yield Facts(tuple(rows))


def _finding(w: _Writer) -> Iterator[Block]:
    report = w.report
    yield Heading(w.say("verdict"))
    beyond = [f"{limit.limit_id} ({limit.subject})" for limit in report.limits if limit.violated]
    if beyond:
        yield Note(w.say("beyond") + ", ".join(beyond), "strong")
    else:
        yield Note(w.say("within"), "strong")
    if any(point.coverage < 1 for point in report.points):
        yield Note(w.say("partly"), "strong")


def _lot(w: _Writer) -> Iterator[Block]:
    lot = w.report.lot
    if lot is None:
        return
    yield Heading(w.say("lot"))
    kinetic = w.pick("no_kinetic", lot.no_kinetic) if lot.no_kinetic else number(lot.kinetic_c, "°C")
    yield Facts(
        (
            (w.say("product"), f"{lot.product}, {lot.version}"),
            (w.say("coverage"), share(lot.coverage)),
            (w.say("mean"), number(lot.mean_c, "°C")),
            (w.say("kinetic"), kinetic),
            (w.say("kinetic_limit"), number(lot.kinetic_limit_c, "°C")),
            (w.say("life_lost"), share(lot.life_lost)),
            (w.say("remaining"), number(lot.remaining_d)),
            (w.say("chilling"), share(lot.chilling_spent)),
        )
    )
    stays = [(stay.zone, w.text(stay.name), w.at(stay.since), w.at(stay.until)) for stay in w.report.stays]
    yield w.table(("zone", "stays", "start", "end"), stays)


def _charts(w: _Writer, charts: Sequence[tuple[str, str]]) -> Iterator[Block]:
    for title, svg in charts:
        yield Heading(f"{w.say('chart')} · {title}")
        yield Picture(svg)
    yield Note(w.say("chart_note"))


def _limits(w: _Writer) -> Iterator[Block]:
    limits = w.report.limits
    yield Heading(w.say("limits"))
    head = ("limit", "point", "counting", "allowed", "events", "violation", "longest", "first", "status")
    loud = [index for index, limit in enumerate(limits) if limit.violated]
    yield w.table(head, [_limit(w, limit) for limit in limits], right=(4,), loud=loud)
    sources = {limit.limit_id: limit.source for limit in limits}
    yield Note(f"{w.say('source')}: " + "; ".join(f"{name}: {source}" for name, source in sources.items()))


def _limit(w: _Writer, limit: LimitFigures) -> tuple[str, ...]:
    bound = f"> {limit.above}" if limit.above is not None else f"< {limit.below}"
    return (
        f"{limit.limit_id} {bound} {limit.unit}",
        limit.subject,
        w.pick("countings", limit.counting),
        length(limit.allowed_s),
        str(limit.events),
        length(limit.beyond_s),
        length(limit.longest_s),
        w.at(limit.first_at),
        w.pick("statuses", "violated" if limit.violated else "ok"),
    )


def _points(w: _Writer) -> Iterator[Block]:
    points = w.report.points
    figures = ("point", "minimum", "maximum", "mean", "kinetic", "coverage", "unknown")
    devices = ("point", "label", "zone", "interval", "samples", "bad", "trip", "duration", "begun", "ended")
    yield Heading(w.say("figures"))
    yield w.table(figures, [_figures(w, point) for point in points])
    yield Heading(w.say("devices"))
    yield w.table(devices, [_device(w, point) for point in points], right=(4, 5))


def _figures(w: _Writer, point: PointFigures) -> tuple[str, ...]:
    kinetic = w.pick("no_kinetic", point.no_kinetic) if point.no_kinetic else number(point.kinetic_c, point.unit)
    return (
        point.point,
        f"{number(point.minimum, point.unit)}\n{w.at(point.minimum_at)}",
        f"{number(point.maximum, point.unit)}\n{w.at(point.maximum_at)}",
        number(point.mean, point.unit),
        kinetic,
        share(point.coverage),
        length(point.unknown_s),
    )


def _device(w: _Writer, point: PointFigures) -> tuple[str, ...]:
    return (
        point.point,
        point.label or "-",
        point.zone,
        length(point.interval_s),
        str(point.samples),
        str(point.bad),
        length(point.trip_s),
        length(point.duration_s),
        w.at(point.first),
        w.at(point.last),
    )


def _excursions(w: _Writer) -> Iterator[Block]:
    report = w.report
    yield Heading(w.say("excursions"))
    head = ("limit", "point", "onset", "returned", "worst", "known", "unknown")
    rows = [
        (
            f"{one.definition} v{one.version}",
            one.point,
            w.at(one.onset),
            w.at(one.returned_at) if one.returned_at else w.say("open"),
            f"{one.worst}\n{w.at(one.worst_at)}",
            length(one.known_s),
            length(one.unknown_s),
        )
        for one in report.excursions
    ]
    yield from _listed(w, head, rows, report.excursion_count)


def _gaps(w: _Writer) -> Iterator[Block]:
    yield Heading(w.say("gaps"))
    rows, count = [], 0
    for point in w.report.points:
        count += point.gap_count + len(point.bad_spans)
        spans = [(gap, w.say("gap"), "-") for gap in point.gaps]
        spans += [(bad, bad.reason or "-", str(bad.count)) for bad in point.bad_spans]
        if point.uncalibrated is not None:
            count += 1
            spans.append((point.uncalibrated, w.say("uncalibrated"), str(point.uncalibrated.count)))
        for span, reason, readings in sorted(spans, key=lambda one: one[0].start):
            seconds = (span.end - span.start).total_seconds()
            rows.append((point.point, reason, w.at(span.start), w.at(span.end), length(seconds), readings))
    head = ("point", "reason", "start", "end", "length", "count")
    yield from _listed(w, head, rows, count)


def _marks(w: _Writer) -> Iterator[Block]:
    report = w.report
    yield Heading(w.say("marks"))
    rows = [
        (
            w.pick("kinds", mark.kind),
            mark.point or "-",
            w.at(mark.start),
            w.at(mark.end),
            length((mark.end - mark.start).total_seconds()),
        )
        for mark in report.marks
    ]
    yield from _listed(w, ("kind", "point", "start", "end", "length"), rows, report.mark_count)


def _alarms(w: _Writer) -> Iterator[Block]:
    yield Heading(w.say("alarms"))
    head = ("alarm", "priority", "onset", "returned", "status")
    rows = [
        (
            one.alarm,
            w.pick("priorities", one.priority),
            w.at(one.occurred_at),
            w.at(one.returned_at) if one.returned_at else w.say("open"),
            w.pick("states", one.state) + (f" · {w.say('historical')}" if one.historical else ""),
        )
        for one in w.report.occurrences
    ]
    yield from _listed(w, head, rows, len(rows))


def _signatures(w: _Writer) -> Iterator[Block]:
    yield Heading(w.say("signatures"))
    head = ("name", "time", "meaning", "about", "comment")
    rows = [
        (one.by, w.at(one.at), w.pick("meanings", one.meaning), one.about, one.comment or "-")
        for one in w.report.signatures
    ]
    yield from _listed(w, head, rows, len(rows))
    if rows:
        yield Note(w.say("names_note"))


def _sources(w: _Writer) -> Iterator[Block]:
    yield Heading(w.say("sources"))
    head = ("gateway", "spool", "numbers", "count", "clock")
    rows = [
        (
            one.gateway,
            one.boot_id,
            f"{one.first_seq} - {one.last_seq}",
            str(one.readings),
            number(one.clock_offset_s, "s"),
        )
        for one in w.report.sources
    ]
    yield from _listed(w, head, rows, len(rows))
    yield Note(f"{w.say('tampered')}: {w.report.tampered}")


def _method(w: _Writer) -> Iterator[Block]:
    yield Heading(w.say("method"))
    for name in METHOD_NOTES:
        yield Note(w.say(name))


def _proof(w: _Writer, proof: Proof, code: str) -> Iterator[Block]:
    yield Heading(w.say("proof"))
    yield Facts(
        (
            (w.say("hash"), proof.hash),
            (w.say("entry"), f"{proof.entry} · {proof.chain}"),
            (w.say("sealed_to"), str(proof.sealed_to) if proof.sealed_to else w.say("none")),
            (w.say("key"), proof.key),
            (w.say("signature"), proof.signature),
        ),
        wide=True,
    )
    yield Picture(code, width_mm=32)
    yield Note(w.say("proof_note"))


def _listed(w: _Writer, head: Iterable[str], rows: Sequence[Sequence[str]], count: int) -> Iterator[Block]:
    """Yield a table, or that there is nothing; and how many more there are than are listed."""
    if not rows:
        yield Note(w.say("none"))
        return
    yield w.table(head, rows)
    if count > len(rows):
        yield Note(w.say("more").replace("{}", str(count - len(rows))))
