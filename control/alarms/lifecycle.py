"""The life of one occurrence of an alarm, as one table of orthogonal regions.

Rule 1: whatever moves an occurrence is a row of RULES; `step` only looks rows up. All rows of a stimulus whose `when`
holds act at once, each on its own regions.
Rule 2: this module knows no readings, limits, people or clocks. Detectors turn readings into OCCUR and RETURN, the HTTP
border turns buttons into ACKNOWLEDGE and the rest, time turns into SHELF_ENDS and RE_ALARM.

An occurrence is born with its condition normal and is over when it is normal again, answered, and not held. When the
condition comes true again before that, `step` says OPEN_BRANCH: a new occurrence begins, the old one stays until it is
answered, so nothing that happened goes unseen.

A stimulus for which no row holds changes nothing: an operator was too late, or the moment had passed.

Sources: ISA-18.2-2016 figure 2 and IEC 62682 (states A to G; 11.7.3 what unshelving leads to); OPC 10000-9 5.8
(orthogonal flags, latch, confirm, one-shot shelving, re-alarm). A latch is a flag beside the letter, as in the 2016
edition.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from coldport.messages.alarm import AlarmState, Annunciation, Suppression


class Stimulus(StrEnum):
    """What can happen to an occurrence."""

    OCCUR = "occur"
    RETURN = "return"
    SEVERITY_UP = "severity-up"
    SEVERITY_DOWN = "severity-down"
    LOSE_DATA = "lose-data"
    FIND_DATA = "find-data"
    ACKNOWLEDGE = "acknowledge"
    UNACKNOWLEDGE = "unacknowledge"
    CONFIRM = "confirm"
    RESET = "reset"
    SILENCE = "silence"
    RE_ALARM = "re-alarm"
    SHELVE = "shelve"
    SHELVE_ONCE = "shelve-once"
    UNSHELVE = "unshelve"
    SHELF_ENDS = "shelf-ends"
    SUPPRESS = "suppress"
    UNSUPPRESS = "unsuppress"
    TAKE_OUT_OF_SERVICE = "take-out-of-service"
    RETURN_TO_SERVICE = "return-to-service"


class Condition(StrEnum):
    """What the process does. That a delay is running is the detector's matter: pending is normal, recovering active."""

    NORMAL = "normal"
    ACTIVE = "active"


class Data(StrEnum):
    """Whether anything is known of the condition now; while nothing is, it stays what it was."""

    OK = "ok"
    NONE = "no-data"


class Answer(StrEnum):
    """What people have said: nothing was asked, nothing yet, `I saw it`, `I did what had to be done`."""

    NONE = "none"
    WANTED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    CONFIRMED = "confirmed"


class Latch(StrEnum):
    """Whether the occurrence stays until somebody resets it: never, once it occurs, now."""

    NONE = "none"
    ARMED = "armed"
    LATCHED = "latched"


class Duty(StrEnum):
    """Which answer ends it. A critical control point asks for a corrective action."""

    ACKNOWLEDGE = "acknowledge"
    CONFIRM = "confirm"


class Regions(NamedTuple):
    """The whole state of an occurrence, but for how severe it is. `duty` is given at birth and never moves."""

    condition: Condition = Condition.NORMAL
    data: Data = Data.OK
    answer: Answer = Answer.NONE
    latch: Latch = Latch.NONE
    suppression: Suppression = Suppression.NONE
    annunciation: Annunciation = Annunciation.SILENT
    duty: Duty = Duty.ACKNOWLEDGE


class Effect(StrEnum):
    """What follows from a step, for others to do."""

    RECORD = "record"
    """Write it down, for it is not what it was."""
    ANNUNCIATE = "annunciate"
    """Tell people, for the first time or anew."""
    OPEN_BRANCH = "open-branch"
    """The occurrence before is not over: this is a new one."""


Region = StrEnum
Where = Mapping[str, Region | frozenset[Region]]


class Rule(NamedTuple):
    """One row: on `stimulus`, when each region named in `when` is (one of) what stands there, `then` becomes so."""

    stimulus: Stimulus
    when: Where
    then: Mapping[str, Region]
    effect: Effect | None = None


IS_ACTIVE = {"condition": Condition.ACTIVE}
IS_NORMAL = {"condition": Condition.NORMAL}
WANTED = {"answer": Answer.WANTED}
SILENT = {"annunciation": Annunciation.SILENT}
SOUNDING = {"annunciation": Annunciation.SOUNDING}
ACKNOWLEDGED = {"answer": Answer.ACKNOWLEDGED}
UNSUPPRESSED = {"suppression": Suppression.NONE}
ANSWERED = {"answer": frozenset({Answer.ACKNOWLEDGED, Answer.CONFIRMED})}
SHELVED = {"suppression": frozenset({Suppression.SHELVED, Suppression.ONE_SHOT})}
AT_MOST_SHELVED = {"suppression": frozenset({Suppression.NONE, Suppression.SHELVED, Suppression.ONE_SHOT})}


def _sounds_again(stimulus: Stimulus, while_: Where) -> tuple[Rule, ...]:
    """Give the rows of a suppression that ends by itself: active is unacknowledged again, normal wants no answer."""
    return (
        Rule(stimulus, while_, UNSUPPRESSED),
        Rule(stimulus, {**while_, **IS_ACTIVE}, {**WANTED, **SOUNDING}, Effect.ANNUNCIATE),
        Rule(stimulus, {**while_, **IS_NORMAL, **WANTED}, ACKNOWLEDGED),
    )


RULES: tuple[Rule, ...] = (
    Rule(Stimulus.OCCUR, IS_NORMAL, {**IS_ACTIVE, **WANTED}),
    Rule(Stimulus.OCCUR, {**IS_NORMAL, **UNSUPPRESSED}, SOUNDING, Effect.ANNUNCIATE),
    Rule(Stimulus.OCCUR, {**IS_NORMAL, "latch": Latch.ARMED}, {"latch": Latch.LATCHED}),
    Rule(Stimulus.RETURN, IS_ACTIVE, IS_NORMAL),
    Rule(Stimulus.RETURN, {**IS_ACTIVE, "latch": frozenset({Latch.NONE, Latch.ARMED})}, SILENT),
    Rule(Stimulus.RETURN, {**IS_ACTIVE, "suppression": Suppression.ONE_SHOT}, UNSUPPRESSED),
    Rule(Stimulus.RETURN, {**IS_ACTIVE, **WANTED, "suppression": Suppression.ONE_SHOT}, ACKNOWLEDGED),
    Rule(Stimulus.SEVERITY_UP, IS_ACTIVE, WANTED),
    Rule(Stimulus.SEVERITY_UP, {**IS_ACTIVE, **UNSUPPRESSED}, SOUNDING, Effect.ANNUNCIATE),
    Rule(Stimulus.LOSE_DATA, {"data": Data.OK}, {"data": Data.NONE}),
    Rule(Stimulus.FIND_DATA, {"data": Data.NONE}, {"data": Data.OK}),
    Rule(Stimulus.ACKNOWLEDGE, WANTED, {**ACKNOWLEDGED, **SILENT}),
    Rule(Stimulus.UNACKNOWLEDGE, {**IS_ACTIVE, **ANSWERED}, WANTED),
    Rule(Stimulus.UNACKNOWLEDGE, {**IS_ACTIVE, **ANSWERED, **UNSUPPRESSED}, SOUNDING, Effect.ANNUNCIATE),
    Rule(Stimulus.CONFIRM, ACKNOWLEDGED, {"answer": Answer.CONFIRMED}),
    Rule(Stimulus.RESET, {**IS_NORMAL, **ANSWERED, "latch": Latch.LATCHED}, {"latch": Latch.ARMED}),
    Rule(Stimulus.SILENCE, SOUNDING, {"annunciation": Annunciation.SILENCED}),
    Rule(Stimulus.RE_ALARM, {**IS_ACTIVE, **WANTED, **UNSUPPRESSED}, SOUNDING, Effect.ANNUNCIATE),
    Rule(Stimulus.SHELVE, AT_MOST_SHELVED, {"suppression": Suppression.SHELVED, **SILENT}),
    Rule(Stimulus.SHELVE_ONCE, AT_MOST_SHELVED, {"suppression": Suppression.ONE_SHOT, **SILENT}),
    Rule(Stimulus.UNSHELVE, SHELVED, UNSUPPRESSED),
    Rule(Stimulus.UNSHELVE, {**SHELVED, **WANTED}, ACKNOWLEDGED),
    *_sounds_again(Stimulus.SHELF_ENDS, SHELVED),
    Rule(Stimulus.SUPPRESS, AT_MOST_SHELVED, {"suppression": Suppression.BY_DESIGN, **SILENT}),
    *_sounds_again(Stimulus.UNSUPPRESS, {"suppression": Suppression.BY_DESIGN}),
    Rule(Stimulus.TAKE_OUT_OF_SERVICE, {}, {"suppression": Suppression.OUT_OF_SERVICE, **SILENT}),
    *_sounds_again(Stimulus.RETURN_TO_SERVICE, {"suppression": Suppression.OUT_OF_SERVICE}),
)


def step(state: Regions, stimulus: Stimulus) -> tuple[Regions, frozenset[Effect]]:
    """Return what an occurrence becomes, and what follows from it."""
    then: dict[str, Any] = {}
    effects: set[Effect] = set()
    for rule in RULES:
        if rule.stimulus is stimulus and holds(rule, state):
            then |= rule.then
            if rule.effect is not None:
                effects.add(rule.effect)
    after = state._replace(**then)
    if after != state:
        effects.add(Effect.RECORD)
    if stimulus is Stimulus.OCCUR and after != state and not is_over(state):
        effects.add(Effect.OPEN_BRANCH)
    return after, frozenset(effects)


def holds(rule: Rule, state: Regions) -> bool:
    """Whether a row's `when` holds."""
    return all(
        getattr(state, region) in wanted if isinstance(wanted, frozenset) else getattr(state, region) is wanted
        for region, wanted in rule.when.items()
    )


def rate(current: int, worst: int, rank: int) -> tuple[int, int, Stimulus | None]:
    """Take a new severity of an active occurrence in: return it, the worst since it was last answered, and what it is.

    Only what is worse than the worst asks for a new answer: an acknowledged alarm that eases and worsens again to what
    was acknowledged is nothing new.

    Source: EPICS Phoebus, alarm server, latching.
    """
    if rank == current:
        return current, worst, None
    return rank, max(rank, worst), Stimulus.SEVERITY_UP if rank > worst else Stimulus.SEVERITY_DOWN


def word(state: Regions) -> AlarmState:
    """Return the state in the four words that operators know.

    An occurrence that is held (latched, or answered with less than its duty) is shown as if its condition were true.
    """
    if state.answer is Answer.WANTED:
        shown = state.condition is Condition.ACTIVE or state.latch is Latch.LATCHED
        return AlarmState.UNACKNOWLEDGED if shown else AlarmState.RETURNED_UNACKNOWLEDGED
    return AlarmState.NORMAL if is_over(state) else AlarmState.ACKNOWLEDGED


def is_over(state: Regions) -> bool:
    """Whether nothing is wanted any more: the condition is normal, the answer given, no latch holds."""
    if state.condition is Condition.ACTIVE or state.latch is Latch.LATCHED or state.answer is Answer.WANTED:
        return False
    return state.duty is Duty.ACKNOWLEDGE or state.answer in (Answer.NONE, Answer.CONFIRMED)
