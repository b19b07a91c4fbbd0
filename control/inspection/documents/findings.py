"""What the matching rules say of a consignment, in ids and parameters, and in words for people."""

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from coldport.settings import load
from control.inspection.documents.checks import Flaw
from control.inspection.documents.dossier import Dossier
from control.inspection.documents.export_rules import EXPORT_RULES
from control.inspection.documents.import_rules import IMPORT_RULES
from control.inspection.documents.matching import Finding, Limits, Outcome, Rule, judge
from control.inspection.documents.notation import Direction

RULES: dict[Direction, tuple[Rule, ...]] = {Direction.EXPORT: EXPORT_RULES, Direction.IMPORT: IMPORT_RULES}

Words = Annotated[str, Meta(min_length=1)]


class Catalogue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The words of one language: what each rule asks, what is said when it is broken, flaws, repairs, papers."""

    rule: dict[str, Words]
    broken: dict[str, Words]
    flaw: dict[str, Words]
    repair: dict[str, Words]
    row: dict[str, Words]
    paper: dict[str, Words]
    line: dict[str, Words]


@cache
def catalogue(language: Literal["zh", "en"]) -> Catalogue:
    """Read the words of a language."""
    return load(Path(__file__).parent / "words" / f"{language}.toml", Catalogue)


def findings(dossier: Dossier, limits: Limits, year_cny: Decimal = Decimal(0)) -> tuple[Finding, ...]:
    """Return what comes of each rule for a consignment; `year_cny` is what the buyer imported this year besides it."""
    return judge(RULES[dossier.direction], dossier, limits, year_cny)


def sentence(finding: Finding, words: Catalogue) -> str:
    """Return a finding as people read it."""
    if finding.outcome is Outcome.HOLDS:
        return words.rule[finding.rule]
    if finding.outcome is Outcome.WAITS:
        papers = words.line["and"].join(words.paper[name] for name in finding.missing)
        return words.line["waits"].format(papers=papers, rule=words.rule[finding.rule])
    return words.broken[finding.rule].format(**finding.parameters)


def flaw_sentence(flaw: Flaw, words: Catalogue) -> str:
    """Return a flaw as people read it, with its place."""
    place = words.line["head"] if flaw.line is None else words.line["line"].format(line=flaw.line)
    return words.line["flaw"].format(
        place=place, field=flaw.field, said=words.flaw[flaw.reason].format(**flaw.parameters)
    )
