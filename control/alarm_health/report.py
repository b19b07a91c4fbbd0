"""The health of alarms as a page of Markdown, in English or Chinese."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from coldport.messages.alarm import Priority, Suppression
from coldport.settings import load
from coldport.site import Site
from control.alarms.performance import AlarmHealth, Answers, Kpi, Verdict

Words = Annotated[str, Meta(min_length=1)]


class Catalogue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The words of one language."""

    title: Words
    span: Words
    raised: Words
    figures: Words
    figure_head: Words
    floods: Words
    flood_line: Words
    top: Words
    top_head: Words
    priorities: Words
    priority_head: Words
    nuisances: Words
    chattering: Words
    fleeting: Words
    stale: Words
    none: Words
    held: Words
    kpi: dict[str, Words]
    verdict: dict[Verdict, Words]
    priority: dict[Priority, Words]
    suppressed: dict[Suppression, Words]


def catalogue(language: Literal["zh", "en"]) -> Catalogue:
    """Read the words of a language."""
    return load(Path(__file__).parent / "words" / f"{language}.toml", Catalogue)


def as_markdown(health: AlarmHealth, site: Site, language: Literal["zh", "en"]) -> str:
    """Return the report. Times are local ones of the site."""
    return "\n".join(_lines(health, site, language)) + "\n"


def _lines(health: AlarmHealth, site: Site, language: Literal["zh", "en"]) -> Iterator[str]:
    words, zone = catalogue(language), ZoneInfo(site.timezone)

    def local(at: datetime) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"

    yield f"# {words.title.format(site=getattr(site.name, language))}"
    yield ""
    yield words.span.format(start=local(health.start), end=local(health.end))
    yield ""
    yield words.raised.format(count=health.raised)
    yield from _heading(words.figures)
    yield from _table(words.figure_head, [_figures(kpi, words) for kpi in health.kpis])
    yield from _heading(words.floods)
    for flood in health.floods:
        yield f"- {words.flood_line.format(start=local(flood.start), end=local(flood.end), count=flood.alarms)}"
    if not health.floods:
        yield words.none
    yield from _heading(words.top)
    yield from _table(words.top_head, [(t.alarm, str(t.count), f"{100 * t.share:.1f} %") for t in health.top])
    yield from _heading(words.priorities)
    yield from _table(words.priority_head, [_answers(some, words) for some in health.answers])
    yield from _heading(words.nuisances)
    yield f"- {words.chattering.format(names=', '.join(health.chattering) or words.none)}"
    yield f"- {words.fleeting.format(count=health.fleeting)}"
    held = [f"{words.suppressed[kind]} {count}" for kind, count in health.suppressed.items() if count]
    yield f"- {words.held.format(kinds=', '.join(held) or words.none)}"
    yield f"- {words.stale.format(names=', '.join(health.stale) or words.none)}"


def _figures(kpi: Kpi, words: Catalogue) -> list[str]:
    limits = [_figure(value, kpi.unit) for value in (kpi.value, kpi.aim, kpi.most)]
    return [words.kpi[kpi.name], *limits, words.verdict[kpi.verdict], kpi.source]


def _answers(some: Answers, words: Catalogue) -> list[str]:
    waits = ["-" if wait is None else duration(wait) for wait in (some.median_s, some.p90_s, some.longest_s)]
    return [words.priority[some.priority], str(some.raised), str(some.acknowledged), *waits]


def duration(seconds: float) -> str:
    """Return a duration in the largest units that say enough.

    >>> duration(59), duration(61), duration(3_660)
    ('59 s', '1 min 1 s', '1 h 1 min')
    """
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest} s"
    hours, left = divmod(minutes, 60)
    return f"{hours} h {left} min" if hours else f"{minutes} min {rest} s"


def _figure(value: float, unit: str) -> str:
    said = f"{value:.2f}".rstrip("0").rstrip(".")
    return f"{said} %" if unit == "%" else said


def _heading(text: str) -> Iterator[str]:
    yield from ("", f"## {text}", "")


def _table(head: str, rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {head} |"
    yield f"|{'---|' * len(head.split(' | '))}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
