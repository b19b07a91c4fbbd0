"""Whether the papers of a consignment agree with each other: one small rule for each thing they must agree in.

A rule holds, or is broken, or waits: a paper that it needs has not come yet. Numbers are exact decimals.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from coldport.messages.observation import Moment
from coldport.settings import load
from control.inspection.clearance import Clearance
from control.inspection.documents.document import Document
from control.inspection.documents.dossier import Dossier, Paper

PRECISION = 64
"""Digits of a result: two numbers of 19 digits multiplied, and a hundred of those added up, stay exact."""


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What rules measure against. `single_cny` and `year_cny` bound what one person may import."""

    single_cny: Decimal
    year_cny: Decimal
    wait_h: Annotated[float, Meta(gt=0, le=8_784)]
    weight_percent: Decimal
    weight_kg: Decimal


@cache
def shipped_limits() -> Limits:
    """Read the limits that come with the package."""
    return load(Path(__file__).parent / "limits.toml", Limits)


class Level(StrEnum):
    """How grave it is when a rule is broken."""

    ERROR = "error"
    WARNING = "warning"


class Outcome(StrEnum):
    """What came of a rule."""

    HOLDS = "holds"
    BROKEN = "broken"
    WAITS = "waits"


class Finding(Struct, frozen=True, kw_only=True):
    """What came of one rule; `rule` is its id and the key of its sentence in `words`.

    Broken, `parameters` are what the sentence says. Waiting, `missing` are the papers, and `since` is when the first
    paper of the consignment came.
    """

    rule: str
    level: Level
    outcome: Outcome
    parameters: dict[str, str] = {}
    missing: tuple[str, ...] = ()
    since: Moment | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule looks at. Papers that it did not ask for may be empty documents.

    `rejected` are those that customs sent back; `year_cny` is what the buyer imported this year without this order.
    """

    order: Document
    payment: Document
    waybill: Document
    inventory: Document
    rejected: tuple[str, ...]
    limits: Limits
    year_cny: Decimal


Differs = dict[str, str] | None
"""What a rule found: None where all agree, else the parameters of its sentence."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its id, its level, the papers that it needs, and the test."""

    id: str
    level: Level
    papers: tuple[str, ...]
    test: Callable[[Case], Differs]


def judge(rules: tuple[Rule, ...], dossier: Dossier, limits: Limits, year_cny: Decimal) -> tuple[Finding, ...]:
    """Return what comes of each rule, in their order."""
    papers = {
        "order": dossier.order,
        "payment": dossier.payment,
        "waybill": dossier.waybill,
        "inventory": dossier.inventory,
    }
    nothing = Document(type="000", head={})
    case = Case(
        **{name: paper.document if paper is not None else nothing for name, paper in papers.items()},
        rejected=tuple(name for name, paper in papers.items() if paper is not None and _is_rejected(paper)),
        limits=limits,
        year_cny=year_cny,
    )
    since = min((paper.since for paper in dossier.papers), default=None)
    found = []
    for rule in rules:
        missing = tuple(name for name in rule.papers if papers[name] is None)
        if missing:
            found.append(Finding(rule=rule.id, level=rule.level, outcome=Outcome.WAITS, missing=missing, since=since))
            continue
        with localcontext(prec=PRECISION):
            differs = rule.test(case)
        outcome = Outcome.HOLDS if differs is None else Outcome.BROKEN
        found.append(Finding(rule=rule.id, level=rule.level, outcome=outcome, parameters=differs or {}))
    return tuple(found)


def _is_rejected(paper: Paper) -> bool:
    return paper.clearance is Clearance.REJECTED


def is_overdue(finding: Finding, now: datetime, limits: Limits) -> bool:
    """Whether a paper has been awaited for longer than it may."""
    return finding.since is not None and now - finding.since > timedelta(hours=limits.wait_h)


def same(*papers: tuple[Document, str]) -> Differs:
    """Hold that fields of several papers say the same; a paper without the field says nothing."""
    said = {f"{document.type}.{name}": document.text(name) for document, name in papers if document.text(name)}
    return said_by(said) if len(set(said.values())) > 1 else None


def said_by(values: dict[str, str]) -> Differs:
    """Return who says what, as parameters."""
    return {"said": ", ".join(f"{name} = {value}" for name, value in values.items())}


def first(found: Iterator[dict[str, str]]) -> Differs:
    """Return the first thing found, if there is one."""
    return next(found, None)


def line_number(line: dict[str, str], name: str) -> Decimal:
    """Return a number of a line, 0 where there is none."""
    return Decimal(line.get(name, "0"))


def cents(amount: Decimal) -> Decimal:
    """Round to two decimals, half up: what money is paid in."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
