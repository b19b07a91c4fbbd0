"""Verdicts and their reasons in words."""

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from coldport.settings import load
from control.inspection.lane.verdict import Verdict, VerdictReason, Why

Words = Annotated[str, Meta(min_length=1)]


class Catalogue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The words of one language."""

    verdict: dict[Verdict, Words]
    why: dict[Why, Words]


def catalogue(language: Literal["zh", "en"]) -> Catalogue:
    """Read the words of a language."""
    return load(Path(__file__).parent / "words" / f"{language}.toml", Catalogue)


def said(one: VerdictReason, words: Catalogue) -> str:
    """Return a reason in words; a value it came without, from an older table of rules, is a question mark."""
    return words.why[one.why].format_map(_Values(one.of))


class _Values(dict[str, str | float]):
    def __missing__(self, key: str) -> str:
        return "?"
