"""What moves the occurrences of a site's alarms: conditions, people, other alarms, time.

Every change gives the alarm as others will see it, and `Register.put` takes such an alarm in again: so what was written
down stands after a restart, whatever the definitions say by then.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from coldport.errors import NotFoundError, RefusedError
from coldport.messages.alarm import Alarm, Annunciation, Priority, Suppressed, Suppression
from coldport.site import Site
from control.alarms.conduct import (
    RE_ALARMS,
    SUPPRESSING,
    answer,
    check_acknowledgement,
    check_suppression,
    suppression_after,
)
from control.alarms.definition import APART, AlarmFile, Definition, Kind
from control.alarms.detector import Move
from control.alarms.ladder import Ladder
from control.alarms.lifecycle import Stimulus
from control.alarms.occurrence import (
    NOTHING_SAID,
    SYSTEM,
    Moved,
    Said,
    begin,
    begin_past,
    ends_when_acknowledged,
    kind_of,
    rated,
    stepped,
)
from control.alarms.register import OccurrenceState, Register, alarm_of, key_of
from control.alarms.suppression import Design, SuppressionRule
from control.entries import Acknowledged, Acted, Found, Revised

WAITING_LIMIT = 20
"""Occurrences of one alarm that may wait for an answer; past it the oldest is acknowledged by the system, with a
comment. An alarm that came twenty times unseen needs a person at the definition, not a longer list. Where an
acknowledgement ends none of them, the newest goes on instead of another beginning."""

FIRST_OUT = timedelta(minutes=10)
"""Only the first alarm of a zone in this time is its first-out: probably the cause of the others."""

FORGOTTEN = Said(text="it returned while it was suppressed")
"""What the system says of an occurrence that it acknowledges because nobody had to see it."""

NEVER = datetime(1, 1, 1, tzinfo=UTC)
LAST = datetime(9999, 12, 31, tzinfo=UTC)


class Occurrences(Register):
    """All occurrences of a site. What each method moves it adds to `out`."""

    def __init__(self, site: Site, alarms: AlarmFile, state: OccurrenceState) -> None:
        """Go on from `state`; `alarms` say what alarms mean from now on."""
        super().__init__(state)
        self._definitions: dict[str, Definition] = {definition.id: definition for definition in alarms.alarms}
        self._zones = {point.id: zone.id for zone in site.zones for point in zone.points}
        self._design = Design(alarms.suppressions, site)
        self._ladder = Ladder(alarms.alarms)
        self._keys: dict[str, set[str]] = {}
        self._silent: set[str] = set()
        self._due: dict[str, datetime] = {}
        self._next_due = LAST
        for key, alarm in state.newest.items():
            self._see(key, alarm)

    def put(self, alarm: Alarm) -> None:
        """Take an alarm in as it stands in the journal."""
        super().put(alarm)
        if alarm.first_out:
            zone = self._zones.get(alarm.point, "")
            self.state.first_out[zone] = max(alarm.occurred_at, self.state.first_out.get(zone, NEVER))
        key = alarm_of(alarm)
        if self.state.newest[key] is alarm:
            self._see(key, alarm)

    def move(self, move: Move, out: Moved) -> None:
        """Do what an edge of a condition does; usually one alarm moves, and none when it tells nothing new."""
        key = key_of(move.definition, move.point)
        newest = self.state.newest.get(key)
        if move.instead_of is not None and self._correct(key, move, move.instead_of, out):
            pass
        elif move.stimulus is Stimulus.OCCUR and (newest is None or not newest.is_active):
            self._occur(key, move, out)
        elif move.stimulus is Stimulus.RETURN and newest is not None and newest.is_active:
            self._step(newest, Stimulus.RETURN, move.at, out, FORGOTTEN)
            if kind_of(newest.suppressed) is Suppression.ONE_SHOT:
                self._step_all(key, Stimulus.SHELF_ENDS, move.at, out, FORGOTTEN)
        else:
            return
        self._affect(self.state.newest[key], move.at, out)

    def revise(self, revised: Revised, point: str, out: Moved) -> None:
        """Move the onset of an alarm back to when it really occurred, if it is remembered and was thought later."""
        for alarm in self.remembered(key_of(revised.definition, point)):
            if alarm.occurred_at > revised.now and (alarm.returned_at is None or alarm.returned_at >= revised.was):
                self._take(_moved(alarm, revised.now, out.number), out)
                return

    def find_past(self, found: Found, point: str, at: datetime, out: Moved) -> None:
        """Open an occurrence that is over and was never seen, found at `at`; one of that time is revised instead."""
        key = key_of(found.definition, point)
        for alarm in self.remembered(key):
            if alarm.occurred_at <= found.returned_at and found.raised_at <= (alarm.returned_at or found.raised_at):
                seen = Revised(definition=found.definition, was=alarm.occurred_at, now=found.raised_at)
                self.revise(seen, point, out)
                return
        past = begin_past(found, at, point, self.next(key), out.number, self._priority(found.definition))
        self._take(msgspec.structs.replace(past, suppressed=self.suppressed(key)), out)

    def acknowledge(self, said: Acknowledged, out: Moved) -> None:
        """Acknowledge an occurrence; nothing changes when a person has done so before.

        Raises:
            NotFoundError: No such occurrence is remembered.
            RefusedError: It became normal without a person having acknowledged it, or it wants a comment.
        """
        alarm = self.find(said.alarm)
        after = stepped(alarm, Stimulus.ACKNOWLEDGE, said.at, out.number, Said(by=said.by, text=said.comment))
        if after is not None:
            check_acknowledgement(alarm, said.comment)
            self._take(after, out)
        elif alarm.acknowledged_by in (None, SYSTEM):
            raise RefusedError(f"alarm {alarm.id} is {alarm.state}; there is nothing to acknowledge")

    def act(self, acted: Acted, out: Moved) -> None:
        """Do what a person asks for; nothing changes when it is so already.

        Raises:
            NotFoundError: No such occurrence is remembered; or, of what concerns an alarm as a whole, no such alarm.
            RefusedError: It is not the moment for it, something is missing, or a second person was not asked.
        """
        if acted.action in SUPPRESSING:
            self._suppress(acted, out)
        else:
            after = answer(self.find(acted.alarm), acted, out.number)
            if after is not None:
                self._take(after, out)

    def named(self, name: str) -> str:
        """Return the alarm that is named, or one of whose occurrences is, as `definition.point`.

        Raises:
            NotFoundError: There is none.
        """
        definition, _, rest = name.partition(".")
        point, _, number = rest.partition(".")
        key = key_of(definition, point)
        if number and key in self.state.newest:
            return alarm_of(self.find(name))
        known = key in self.state.newest or key in self.state.ahead
        if known or (not number and definition in self._definitions and point in self._zones):
            return key
        raise NotFoundError(f"no alarm {name!r}")

    def recall_act(self, acted: Acted) -> None:
        """Take an action in as it is on record: only what it did to an alarm that had not occurred is in no other."""
        key = ".".join(acted.alarm.split(".")[:2])
        if acted.action in SUPPRESSING and key not in self.state.newest:
            self._keep_ahead(key, suppression_after(acted, self.state.ahead.get(key)))

    def forget_shelves(self, now: datetime) -> None:
        """Forget shelves that have ended on alarms that never occurred: their end is on record with their beginning."""
        for key in [key for key, kept in self.state.ahead.items() if kept.until is not None and kept.until <= now]:
            del self.state.ahead[key]

    def elapse(self, now: datetime, out: Moved) -> None:
        """Do what was due by `now`: shelves end, people are told again. What was missed is done once."""
        while self._next_due <= now:
            for due, key in sorted((due, key) for key, due in self._due.items() if due <= now):
                alarm = self.state.newest[key]
                if alarm.suppressed is not None:
                    self._step_all(key, Stimulus.SHELF_ENDS, due, out, FORGOTTEN)
                    self._affect(self.state.newest[key], due, out)
                else:
                    missed = (now - due) // RE_ALARMS[alarm.priority]
                    self._step(alarm, Stimulus.RE_ALARM, due + missed * RE_ALARMS[alarm.priority], out)
            self._next_due = min(self._due.values(), default=LAST)

    def reconcile(self, at: datetime, out: Moved) -> None:
        """Bring what stands in line with the definitions and rules of now."""
        for key in sorted(self.state.newest):
            alarm = self.state.newest[key]
            if alarm.is_active and (after := rated(alarm, self._priority(alarm.definition), at, out.number)):
                self._take(after, out)
        self._reconsider(sorted(self.state.newest), at, out)

    def _occur(self, key: str, move: Move, out: Moved) -> None:
        waiting = sorted(self.state.standing.get(key, {}).values(), key=lambda alarm: alarm.occurrence)
        ending = [alarm for alarm in waiting if ends_when_acknowledged(alarm)]
        newest = self.state.newest.get(key)
        if len(waiting) >= WAITING_LIMIT and not ending and newest in waiting:
            self._step(waiting[-1], Stimulus.OCCUR, move.at, out)
            return
        kept = self.suppressed(key)
        rule = self._design.rule_for(move.definition, move.point)
        if rule is not None and kind_of(kept) not in (Suppression.BY_DESIGN, Suppression.OUT_OF_SERVICE):
            kept = _by_design(rule, move.at)
        alarm = begin(move, self.next(key), out.number, self._definitions.get(move.definition), kept)
        first = alarm.occurred_at - self.state.first_out.get(self._zones.get(move.point, ""), NEVER) >= FIRST_OUT
        speaker = self._ladder.speaker(alarm, self.state.newest)
        if speaker is not None:
            alarm = msgspec.structs.replace(
                alarm, superseded_by=speaker, annunciation=Annunciation.SILENCED, annunciated_at=None
            )
        self._take(msgspec.structs.replace(alarm, first_out=first), out)
        if len(waiting) >= WAITING_LIMIT and ending:
            comment = Said(text=f"more than {WAITING_LIMIT} occurrences were waiting")
            self._step(ending[0], Stimulus.ACKNOWLEDGE, alarm.occurred_at, out, comment)

    def _correct(self, key: str, move: Move, was: datetime, out: Moved) -> bool:
        """Tell an edge anew that was told to be at `was`; False: of that edge nothing is remembered."""
        seen = [alarm for alarm in self.remembered(key) if not alarm.historical]
        occurred = next((alarm for alarm in seen if alarm.occurred_at == was), None)
        returned = next((alarm for alarm in seen if alarm.returned_at == was), None)
        if move.stimulus is Stimulus.RETURN and returned is not None:
            self._take(msgspec.structs.replace(returned, returned_at=move.at, transition=out.number), out)
        elif move.stimulus is Stimulus.OCCUR and move.at != was and occurred is not None:
            self._take(_moved(occurred, move.at, out.number), out)
        elif move.stimulus is Stimulus.OCCUR and move.at == was and returned is not None:
            self._go_on(returned, move, out)
        else:
            return False
        return True

    def _go_on(self, returned: Alarm, move: Move, out: Moved) -> None:
        """Let an occurrence be active that did not return after all; the newest stands for all that were one."""
        newest = self.state.newest[alarm_of(returned)]
        for alarm in self.remembered(alarm_of(returned)):
            if returned.occurrence <= alarm.occurrence < newest.occurrence and not alarm.historical:
                nothing = msgspec.structs.replace(alarm, returned_at=alarm.occurred_at, transition=out.number)
                self._take(nothing, out)
        if newest.id != returned.id:
            newest = _moved(newest, returned.occurred_at, out.number)
            self._take(newest, out)
        if not newest.is_active:
            self._step(newest, Stimulus.OCCUR, move.at, out)

    def _suppress(self, acted: Acted, out: Moved) -> None:
        key = self.named(acted.alarm)
        current, newest = self.suppressed(key), self.state.newest.get(key)
        name = key.partition(".")[0]
        priority = self._priority(name) if newest is None else newest.priority
        check_suppression(acted, current, self._definitions.get(name), priority)
        after = suppression_after(acted, current)
        if newest is None:
            self._keep_ahead(key, after)
            return
        if after == current:
            return
        said = Said(by=acted.by, text=acted.text, suppressed=after)
        self._step_all(key, SUPPRESSING[acted.action][0], acted.at, out, said)
        self._affect(self.state.newest[key], acted.at, out)
        self._reconsider([key], acted.at, out)

    def _keep_ahead(self, key: str, kept: Suppressed | None) -> None:
        self.state.ahead.pop(key, None)
        if kept is not None:
            self.state.ahead[key] = kept

    def _affect(self, cause: Alarm, at: datetime, out: Moved) -> None:
        """Do what one alarm does to others: without data they stand as they were, by design they say nothing."""
        definition = self._definitions.get(cause.definition)
        effects = self._design.effects(cause.definition)
        if effects:
            self._reconsider(sorted(set().union(*(self._keys.get(name, ()) for name in effects))), at, out)
        if definition is not None and definition.kind is Kind.STALE:
            self._reconsider([key_of(name, cause.point) for name in self._definitions], at, out)
        self._let_speak(cause, at, out)
        for key in self._ladder.below(cause):
            if key in self.state.newest:
                self._let_speak(self.state.newest[key], at, out)

    def _reconsider(self, keys: Iterable[str], at: datetime, out: Moved) -> None:
        """Let the newest occurrence of each alarm that has one follow what others do to it."""
        for key in keys:
            alarm = self.state.newest.get(key)
            if alarm is None:
                continue
            if alarm.no_data is not self._is_unknown(alarm):
                self._step(alarm, Stimulus.FIND_DATA if alarm.no_data else Stimulus.LOSE_DATA, at, out)
            rule = self._design.rule_for(alarm.definition, alarm.point)
            kind = kind_of(alarm.suppressed)
            if rule is None and kind is Suppression.BY_DESIGN:
                self._step_all(key, Stimulus.UNSUPPRESS, at, out, FORGOTTEN)
            elif rule is not None and kind not in (Suppression.BY_DESIGN, Suppression.OUT_OF_SERVICE):
                self._step_all(key, Stimulus.SUPPRESS, at, out, Said(suppressed=_by_design(rule, at)))
            self._let_speak(self.state.newest[key], at, out)

    def _let_speak(self, alarm: Alarm, at: datetime, out: Moved) -> None:
        """Let a graver alarm of its point speak for an active one, or it for itself again."""
        speaker = self._ladder.speaker(alarm, self.state.newest) if alarm.is_active else alarm.superseded_by
        if speaker != alarm.superseded_by or (speaker is not None and alarm.annunciation is Annunciation.SOUNDING):
            stimulus = Stimulus.RE_ALARM if speaker is None else Stimulus.SILENCE
            after = stepped(alarm, stimulus, at, out.number) or alarm
            self._take(msgspec.structs.replace(after, superseded_by=speaker, transition=out.number), out)

    def _is_unknown(self, alarm: Alarm) -> bool:
        definition = self._definitions.get(alarm.definition)
        judged = definition is not None and definition.kind not in APART
        return judged and alarm.is_active and alarm.point in self._silent

    def _step_all(self, key: str, stimulus: Stimulus, at: datetime, out: Moved, said: Said) -> None:
        for alarm in self.of(key):
            self._step(alarm, stimulus, at, out, said)

    def _step(self, alarm: Alarm, stimulus: Stimulus, at: datetime, out: Moved, said: Said = NOTHING_SAID) -> None:
        after = stepped(alarm, stimulus, at, out.number, said)
        if after is not None:
            self._take(after, out)

    def _take(self, alarm: Alarm, out: Moved) -> None:
        self.put(alarm)
        out.alarms.append(alarm)

    def _see(self, key: str, newest: Alarm) -> None:
        """Keep at hand what follows from how the newest occurrence of an alarm stands."""
        self._keys.setdefault(newest.definition, set()).add(key)
        self._design.see(newest)
        definition = self._definitions.get(newest.definition)
        if definition is not None and definition.kind is Kind.STALE:
            (self._silent.add if newest.is_active else self._silent.discard)(newest.point)
        due = _due(newest)
        if due is None:
            self._due.pop(key, None)
        else:
            self._due[key] = due
            self._next_due = min(due, self._next_due)

    def _priority(self, definition: str) -> Priority:
        found = self._definitions.get(definition)
        return Priority.LOW if found is None else found.priority


def _moved(alarm: Alarm, onset: datetime, number: int) -> Alarm:
    """Return an occurrence with another onset."""
    return msgspec.structs.replace(
        alarm, occurred_at=onset.astimezone(UTC), revised_from=alarm.occurred_at, transition=number
    )


def _by_design(rule: SuppressionRule, at: datetime) -> Suppressed:
    return Suppressed(
        kind=Suppression.BY_DESIGN,
        since=at.astimezone(UTC),
        by=SYSTEM,
        reason=f"{rule.cause} says why",
        reference=rule.id,
    )


def _due(alarm: Alarm) -> datetime | None:
    """Return when time will move an alarm: at the end of its shelf, or when people are to be told again."""
    if alarm.suppressed is not None:
        return alarm.suppressed.until
    wait = RE_ALARMS.get(alarm.priority)
    if (
        alarm.superseded_by is not None
        or alarm.annunciated_at is None
        or wait is None
        or not alarm.is_active
        or alarm.acknowledged_at is not None
    ):
        return None
    return alarm.annunciated_at + wait
