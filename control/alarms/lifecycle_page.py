"""Draws `docs/reference/alarm-lifecycle.md` from the table: `python -m control.alarms.lifecycle_page > that file`."""

import sys

from coldport.messages.alarm import AlarmState
from control.alarms.lifecycle import TRANSITIONS, Stimulus

_LETTERS = {
    AlarmState.NORMAL: "A",
    AlarmState.UNACKNOWLEDGED: "B",
    AlarmState.ACKNOWLEDGED: "C",
    AlarmState.RETURNED_UNACKNOWLEDGED: "D",
}


def page() -> str:
    """Return the page: the table by state and stimulus, and the same as a diagram."""
    lines = [
        "# Alarm lifecycle",
        "",
        "Generated from `control/alarms/lifecycle.py`; do not edit. Letters are those of ISA-18.2-2016.",
        "",
        "| state | " + " | ".join(Stimulus) + " |",
        "|---|" + "---|" * len(Stimulus),
    ]
    for state in AlarmState:
        cells = [str(TRANSITIONS.get((state, stimulus), "-")) for stimulus in Stimulus]
        lines.append(f"| {_LETTERS[state]} {state} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "`-`: nothing changes. A condition that comes true again while its occurrence is returned-unacknowledged opens",
        "a new occurrence; the old one stays until it is acknowledged.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        "  [*] --> normal",
    ]
    lines += [f"  {_node(a)} --> {_node(b)}: {stimulus}" for (a, stimulus), b in TRANSITIONS.items()]
    return "\n".join([*lines, "```", ""])


def _node(state: AlarmState) -> str:
    return state.replace("-", "_")


if __name__ == "__main__":
    sys.stdout.write(page())
