"""Draws `docs/reference/floor-ways.md`: the tables of the floor, each as a diagram and as rows."""

from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from typing import Any

from control.inspection.gate import transit
from control.inspection.gate.acts import LegStep
from control.inspection.inbound import rules as inbound
from control.inspection.orders import rules as orders
from control.inspection.parcels import rules as parcels
from control.inspection.stock import rules as stock

Table = Mapping[tuple[Any, Any], StrEnum]

NEEDS = (("RELEASED_ONLY", "customs' release (800)"), ("TWO_PERSONS", "two persons"), ("WITH_REASON", "a reason"))
"""Sets of a module of rules, and what the steps in them need."""

_WAYS = (
    ("A parcel (9610)", parcels),
    ("A consignment into the zone (1210)", inbound),
    ("An order out of the zone (1210)", orders),
)


def page() -> str:
    """Return the page."""
    lines = [
        "# The ways over the floor",
        "",
        "Generated from the tables in `control/inspection`; do not edit. What is not in a table is refused when",
        "people do it (409), and changes nothing when it happens by itself. *Steps* are what people do; *fates* are",
        "what other parts of the floor tell: lanes, shelves, the account, the gate, customs.",
    ]
    for title, rules in _WAYS:
        needs = {said: getattr(rules, name) for name, said in NEEDS if hasattr(rules, name)}
        lines += _way(title, rules.RULES, rules.Step, needs)
    lines += _way("A transit leg (转关)", transit.RULES, LegStep, {})
    return "\n".join([*lines, *_stock(), ""])


def _way(title: str, rules: Table, step: type[StrEnum], needs: Mapping[str, Collection[StrEnum]]) -> Iterator[str]:
    yield from ("", f"## {title}", "", "```mermaid", "stateDiagram-v2")
    ways: dict[tuple[StrEnum, StrEnum], list[str]] = {}
    for (before, what), after in rules.items():
        ways.setdefault((before, after), []).append(what)
    yield from (f"  {before} --> {after}: {', '.join(whats)}" for (before, after), whats in ways.items())
    yield from ("```", "", "| state | step or fate | needs | state after |", "|---|---|---|---|")
    for (before, what), after in rules.items():
        is_step = isinstance(what, step)
        asked = ", ".join(said for said, steps in needs.items() if what in steps) if is_step else ""
        yield f"| {before} | {what if is_step else f'*{what}*'} | {asked} | {after} |"


def _stock() -> Iterator[str]:
    yield from ("", "## A quantity in stock", "", "A bonded one is picked at 399 and shipped at 800.", "")
    yield from ("| verb | from | to | needs |", "|---|---|---|---|")
    for verb, row in stock.RULES.items():
        asked = [said for name, said in _STOCK_NEEDS if getattr(row, name)]
        yield f"| {verb} | {row.before} | {row.after} | {', '.join(asked)} |"


_STOCK_NEEDS = (("order", "an order"), ("other_bin", "another bin"), ("reason", "a reason"), ("two", "two persons"))
