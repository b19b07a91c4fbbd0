"""Draws `docs/reference/alarm-lifecycle.md` from the table: `python -m control.alarms.lifecycle_page > that file`."""

import sys
from collections.abc import Iterator

from coldport.messages.alarm import AlarmState, Annunciation, Suppression
from control.alarms.lifecycle import (
    RULES,
    Answer,
    Condition,
    Data,
    Duty,
    Effect,
    Latch,
    Region,
    Regions,
    Stimulus,
    Where,
    step,
    word,
)

_REGIONS: tuple[tuple[str, type[Region], str], ...] = (
    ("condition", Condition, "what the process does; `pending` counts as normal, `recovering` as active"),
    ("data", Data, "whether anything is known of it now"),
    ("answer", Answer, "what people have said"),
    ("latch", Latch, "whether it stays until somebody resets it"),
    ("suppression", Suppression, "whether it is kept from operators"),
    ("annunciation", Annunciation, "what horns and lamps do"),
    ("duty", Duty, "which answer ends it; given at birth"),
)

_BORN = Regions()
_ACTIVE = step(_BORN, Stimulus.OCCUR)[0]
_STATES = {
    "A": _BORN,
    "B": _ACTIVE,
    "C": step(_ACTIVE, Stimulus.ACKNOWLEDGE)[0],
    "D": step(_ACTIVE, Stimulus.RETURN)[0],
    "E": step(_ACTIVE, Stimulus.SHELVE)[0],
    "F": step(_ACTIVE, Stimulus.SUPPRESS)[0],
    "G": step(_ACTIVE, Stimulus.TAKE_OUT_OF_SERVICE)[0],
}
_NAMES = {
    "A": "normal",
    "B": "unacknowledged",
    "C": "acknowledged",
    "D": "returned, unacknowledged",
    "E": "shelved (here: active)",
    "F": "suppressed by design (here: active)",
    "G": "out of service (here: active)",
}
_WORDS = dict(zip(AlarmState, "ABCD", strict=True))
_KEPT = {Suppression.BY_DESIGN: "F", Suppression.OUT_OF_SERVICE: "G", Suppression.NONE: ""}


def page() -> str:
    """Return the page: the regions, the rows, and what they make of the letters of ISA-18.2."""
    return "\n".join([*_head(), *_regions(), *_letters(), *_diagram(), *_rows(), ""])


def letter(state: Regions) -> str:
    """Return the letter of figure 2 of ISA-18.2-2016; a shelf of either kind is E."""
    return _KEPT.get(state.suppression, "E") or _WORDS[word(state)]


def _head() -> Iterator[str]:
    yield "# Alarm lifecycle"
    yield ""
    yield "Generated from `control/alarms/lifecycle.py`; do not edit. Letters are those of ISA-18.2-2016."


def _regions() -> Iterator[str]:
    yield from ("", "## Regions", "", "An occurrence is in one state of each of these at once.", "")
    yield from ("| region | states | what it says |", "|---|---|---|")
    for name, states, says in _REGIONS:
        yield f"| {name} | {', '.join(states)} | {says} |"
    yield from (
        "",
        "A latched occurrence, and one of a critical control point that is acknowledged and not yet confirmed, is",
        "shown as if its condition were true. How severe it is stands beside the regions: only what is worse than the",
        "worst since the last acknowledgement is `severity-up`.",
    )


def _letters() -> Iterator[str]:
    yield from ("", "## Letters", "")
    yield "| | " + " | ".join(_STATES) + " |"
    yield "|---|" + "---|" * len(_STATES)
    yield "| | " + " | ".join(_NAMES.values()) + " |"
    for stimulus in Stimulus:
        cells = [_becomes(state, stimulus) for state in _STATES.values()]
        yield f"| {stimulus} | " + " | ".join(cells) + " |"
    yield from (
        "",
        "`-`: nothing changes. A condition that comes true again in D opens a new occurrence; the old one stays until",
        "it is answered. What is `(kept)` changes inside and is still not shown.",
    )


def _becomes(state: Regions, stimulus: Stimulus) -> str:
    after, effects = step(state, stimulus)
    if not effects:
        return "-"
    if letter(after) == letter(state):
        return f"{letter(after)} (kept)" if letter(after) in "EFG" else letter(after)
    return letter(after)


def _diagram() -> Iterator[str]:
    yield from ("", "```mermaid", "stateDiagram-v2", "  [*] --> A")
    ways: dict[tuple[str, str], list[str]] = {}
    for name, state in _STATES.items():
        for stimulus in Stimulus:
            target = letter(step(state, stimulus)[0])
            if target != name:
                ways.setdefault((name, target), []).append(stimulus)
    yield from (f"  {name} --> {target}: {', '.join(stimuli)}" for (name, target), stimuli in ways.items())
    yield "```"


def _rows() -> Iterator[str]:
    yield from ("", "## Rows", "", "All rows of a stimulus whose `when` holds act at once.", "")
    yield from ("| stimulus | when | then | people |", "|---|---|---|---|")
    for rule in RULES:
        told = "are told" if rule.effect is Effect.ANNUNCIATE else ""
        yield f"| {rule.stimulus} | {_say(rule.when)} | {_say(rule.then)} | {told} |"


def _say(where: Where) -> str:
    return "; ".join(
        f"{region} {' or '.join(sorted(state)) if isinstance(state, frozenset) else state}"
        for region, state in where.items()
    )


if __name__ == "__main__":
    sys.stdout.write(page())
