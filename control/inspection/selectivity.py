"""What is declared of a parcel, as a lane wants to know it: is it cold, which stratum of the draw is it of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from control.inspection.documents.dossier import Dossier
from control.inspection.settings import ColdGoods, StratumRule

EVERYTHING_ELSE = "all"
"""The stratum of what no rule names."""


def declared(dossiers: Iterable[Dossier]) -> Iterator[Mapping[str, str]]:
    """Yield the heads and lines of all papers of a parcel."""
    for dossier in dossiers:
        for paper in dossier.papers:
            yield paper.document.head
            yield from paper.document.lines


def dwell_limit_s(dossiers: Iterable[Dossier], goods: Sequence[ColdGoods]) -> float | None:
    """Return how long a parcel may be in the warm, by the goods that are least patient; None: nothing in it is cold."""
    codes = {line.get("gcode", "") for one in dossiers if one.inventory for line in one.inventory.document.lines}
    return min(
        (one.dwell_s for one in goods if any(code.startswith(start) for start in one.codes for code in codes)),
        default=None,
    )


def stratum(dossiers: Iterable[Dossier], rules: Sequence[StratumRule]) -> str:
    """Return the first stratum whose rule fits an inventory of a parcel."""
    for dossier in dossiers:
        if dossier.inventory is None:
            continue
        head, lines = dossier.inventory.document.head, dossier.inventory.document.lines
        countries = {head.get("country", ""), *(line.get("country", "") for line in lines)}
        for rule in rules:
            if (
                (not rule.enterprises or head.get("ebc_code") in rule.enterprises)
                and (not rule.modes or head.get("trade_mode") in rule.modes)
                and (not rule.countries or countries & set(rule.countries))
            ):
                return rule.id
    return EVERYTHING_ELSE
