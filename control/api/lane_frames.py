"""What the live stream says of the inspection lanes to pages that ask for them. Pure; codes and figures, no sentences.

{"kind": "lanes", "at": ms, "lanes": [row..]}    all lanes at first, then those that changed

row:     {"lane": id, "busy": true while something waits for its verdict, "today": {verdict: count},
          "down": [[line, reason or null, since ms]..], "last": [verdict.. the newest first, at most eight]}
verdict: {id, verdict, at ms, reasons: [{why, of}..], and what there is of parcel, codes, tags (how many were read),
          declared, weighed, band}    masses in kg; `band` is by how much it may be off
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from coldport.messages.status import LinkState, LinkStatus
from control.api.frames import milliseconds
from control.inspection.lane.acts import Judged
from control.inspection.lane.engine import Lanes
from control.inspection.lane.settings import Lane
from control.inspection.lane.weight import Band, allowed_kg

LaneRow = Mapping[str, Any]


def lane_row(lane: Lane, lanes: Lanes, links: Sequence[LinkStatus]) -> LaneRow:
    """Return the row of one lane."""
    board = lanes.board(lane.id)
    return {
        "lane": lane.id,
        "busy": lanes.is_busy(lane.id),
        "today": dict(board.counts),
        "down": _down(lane, links),
        "last": [verdict_row(one, lanes.weight) for one in board.last],
    }


def verdict_row(judged: Judged, band: Band) -> dict[str, Any]:
    """Return a verdict with its codes; what they mean is in the catalogues of the pages."""
    row: dict[str, Any] = {
        "id": judged.id,
        "verdict": judged.verdict.value,
        "at": milliseconds(judged.at),
        "reasons": msgspec.to_builtins(judged.reasons),
        "parcel": judged.logistics_no,
        "codes": judged.codes,
        "tags": len(judged.epcs),
        "declared": judged.declared_kg,
        "weighed": judged.measured_kg,
    }
    if judged.declared_kg is not None and judged.error_kg is not None:
        row["band"] = allowed_kg(judged.declared_kg, judged.error_kg, band)
    return {key: value for key, value in row.items() if value not in (None, ())}


def lanes_frame(now: datetime, rows: Sequence[LaneRow]) -> str:
    """Return the frame with these lanes."""
    return msgspec.json.encode({"kind": "lanes", "at": milliseconds(now), "lanes": rows}).decode()


def _down(lane: Lane, links: Sequence[LinkStatus]) -> list[tuple[str, str | None, int]]:
    """Return the lane's lines that are down, each once, whether it is the line or the device on it."""
    down = [one for one in links if one.link in lane.lines and one.state is LinkState.DOWN]
    return list({one.link: (one.link, one.reason, milliseconds(one.since)) for one in down}.values())
