"""What people at a lane are shown of it: its last verdicts, and how many of each it gave today."""

from collections.abc import Callable
from datetime import date, datetime

import msgspec
from msgspec import Struct, field

from control.inspection.lane.acts import Judged
from control.inspection.lane.parcels import Standing
from control.inspection.lane.verdict import Verdict

LAST_LIMIT = 8
"""Verdicts that a lane remembers for its screens: as many as a station lists; a board shows five of them."""


class Board(Struct):
    """The last verdicts, the newest presentation first, each as it stands; and the counts of `day`.

    A parcel that goes round counts each time; a verdict that takes the place of another counts instead of it.
    """

    last: list[Judged] = field(default_factory=list)
    day: date | None = None
    counts: dict[Verdict, int] = field(default_factory=dict)


def show(board: Board, judged: Judged, standing: Standing | None, day_of: Callable[[datetime], date]) -> None:
    """Take in a verdict of the lane; `standing` is how its parcel stood before, None if it was not known."""
    today = day_of(judged.at)
    if board.day != today:
        board.day, board.counts = today, {}
    place = next((i for i, one in enumerate(board.last) if one.presentation == judged.presentation), None)
    before: Judged | Standing | None = board.last[place] if place is not None else None
    if before is None and standing is not None and standing.judged == judged.supersedes:
        before = standing
    if before is not None and day_of(before.at) == today and board.counts.get(before.verdict):
        board.counts[before.verdict] -= 1
    board.counts[judged.verdict] = board.counts.get(judged.verdict, 0) + 1
    if place is not None:
        board.last[place] = _with_measures(judged, board.last[place])
    elif judged.supersedes is None:
        # What is taken back long after it has passed is no news of this lane: it is told where the parcel is.
        board.last.append(judged)
        board.last.sort(key=_presented_at, reverse=True)
        del board.last[LAST_LIMIT:]


def _presented_at(judged: Judged) -> datetime:
    return judged.seen_at or judged.at


def _with_measures(judged: Judged, before: Judged) -> Judged:
    """Keep what was measured and seen where a verdict by people or customs does not say it again."""
    if judged.seen_at is not None:
        return judged
    return msgspec.structs.replace(
        judged,
        seen_at=before.seen_at,
        measured_kg=before.measured_kg,
        error_kg=before.error_kg,
        epcs=before.epcs,
        codes=before.codes,
    )
