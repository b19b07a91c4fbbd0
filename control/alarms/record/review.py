"""What late readings change: excursions nobody saw, onsets that were earlier, gaps that are none. Pure.

The record before and after late readings were folded in are held against each other. An excursion of which the record
knew a part was seen live, so its onset is revised; one of which it knew nothing, and that is over, is found. What is
found in one gap of a point is one finding, whatever the number of limits that were passed in it: somebody has to look
at the goods once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from control.alarms.record.spans import Excursion, Gap, PointRecord
from control.entries import Found, Reviewed, Revised

FINDING_LIMIT = 50
"""Findings, revisions and closed gaps of one review, each; the record has them all."""


def review(
    before: PointRecord, after: PointRecord, span: tuple[datetime, datetime], rank: Callable[[str], int], at: datetime
) -> Reviewed | None:
    """Return what the record says now that it did not, or None when nobody has to know.

    Args:
        before: The record without the late readings.
        after: The record with them.
        span: From when to when it was folded again.
        rank: How grave an alarm of a definition is; the greatest stands for all that is found in one gap.
        at: When this is told.
    """
    known: dict[str, list[Excursion]] = {}
    for one in before.excursions:
        known.setdefault(one.definition, []).append(one)
    found: list[Excursion] = []
    revised: list[Revised] = []
    for one in after.excursions:
        if one.raised_at > span[1] or (one.cleared_at is not None and one.cleared_at < span[0]):
            continue
        seen = [other for other in known.get(one.definition, ()) if _overlap(one, other)]
        if not seen and one.cleared_at is not None:
            found.append(one)
        elif seen and one.raised_at < seen[0].raised_at:
            revised.append(Revised(definition=one.definition, was=seen[0].raised_at, now=one.raised_at))
    closed = [
        gap for gap in before.gaps if span[0] <= gap.end and gap.start <= span[1] and not _remains(gap, after.gaps)
    ]
    if not (found or revised or closed):
        return None
    return Reviewed(
        point=after.point,
        at=at,
        since=span[0],
        until=span[1],
        found=tuple(_findings(found, before.gaps, rank))[:FINDING_LIMIT],
        revised=tuple(revised[:FINDING_LIMIT]),
        closed=tuple((gap.start, gap.end) for gap in closed[:FINDING_LIMIT]),
    )


def _overlap(one: Excursion, other: Excursion) -> bool:
    return (other.cleared_at is None or one.onset <= other.cleared_at) and (
        one.cleared_at is None or other.onset <= one.cleared_at
    )


def _remains(gap: Gap, gaps: Iterable[Gap]) -> bool:
    """Whether some of a gap is still one."""
    return any(other.start < gap.end and gap.start < other.end for other in gaps)


def _findings(found: Sequence[Excursion], gaps: Sequence[Gap], rank: Callable[[str], int]) -> Iterator[Found]:
    """Give one finding for each gap, and one for each excursion that lies in none."""
    together: dict[tuple[datetime, datetime], list[Excursion]] = {}
    for one in found:
        end = one.returned_at or one.raised_at
        gap = next((gap for gap in gaps if gap.start < end and one.onset < gap.end), Gap(one.onset, end))
        together.setdefault((gap.start, gap.end), []).append(one)
    for (start, end), some in together.items():
        gravest = max(some, key=lambda one: (rank(one.definition), one.known_s))
        yield Found(
            definition=gravest.definition,
            version=gravest.version,
            onset=gravest.onset,
            raised_at=gravest.raised_at,
            returned_at=gravest.returned_at or gravest.raised_at,
            worst=gravest.worst,
            worst_at=gravest.worst_at,
            known_s=gravest.known_s,
            unknown_s=gravest.unknown_s,
            others=len(some) - 1,
            gap_start=start,
            gap_end=end,
        )
