"""What is owed to whom: a fold over the alarms as they move, and time.

An episode is one alarm from when somebody should know of it until its return was told. It looks at the newest state and
not at each move, so whatever happened while nobody looked (a restart, a broken disk) is told once, as it stands.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from msgspec import Struct, field

from coldport.messages.alarm import Alarm, AlarmState
from control.notify.notice import Why
from control.notify.settings import Policy, Recipient, Step
from control.notify.severity import RANK, worth_telling

UNANSWERED = frozenset({AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED_UNACKNOWLEDGED})

Address = tuple[str, str]
"""A recipient and a channel."""


class Owed(Struct, frozen=True):
    """A notice that is due to somebody: why, by which step (`round.step.repeat`), about which transition."""

    why: Why
    step: str
    transition: int


class Episode(Struct):
    """One alarm that somebody is, or should be, told about.

    `begun` is since when it is unanswered, in control's time; `answered` is when control saw it acknowledged. `reached`
    holds the newest (round, repeat) of each step that was carried out. `told` says of each address whether it knows
    that the alarm is active; False: the priority was below what is told there.
    """

    alarm: Alarm
    begun: datetime
    answered: datetime | None = None
    raised: int = 1
    reached: dict[int, tuple[int, int]] = field(default_factory=dict)
    owed: dict[Address, Owed] = field(default_factory=dict)
    told: dict[Address, bool] = field(default_factory=dict)

    @property
    def active(self) -> bool:
        """Whether the condition is true."""
        return self.alarm.is_active

    @property
    def name(self) -> str:
        """The alarm, whichever of its occurrences."""
        return f"{self.alarm.definition}.{self.alarm.point}"

    def see(self, alarm: Alarm, now: datetime, levels: Mapping[str, int]) -> None:
        """Take in how the alarm stands now; `levels` are the ranks from which on recipients are told."""
        before, self.alarm = self.alarm, alarm
        anew = alarm.occurrence - before.occurrence
        self.raised += anew
        if anew and (self.answered or before.state is AlarmState.NORMAL):
            self.begun, self.answered, self.raised = now, None, 1
            self.reached.clear()
        if alarm.state is AlarmState.UNACKNOWLEDGED and self.answered:
            self.begun, self.answered = now, None  # somebody took the acknowledgement back
            self.reached.clear()
        elif alarm.state is AlarmState.ACKNOWLEDGED and self.answered is None:
            self.answered = now
            self.owed.clear()
        if alarm.priority is not before.priority and self.active:
            self._change(RANK[before.priority], RANK[alarm.priority], levels)

    def _change(self, before: int, now: int, levels: Mapping[str, int]) -> None:
        for address in self.told:
            if worth_telling(levels.get(address[0], 1), before, now):
                self.owed[address] = Owed(Why.CHANGED, "0.0.0", self.alarm.transition)
                self.told[address] = True

    def advance(self, policy: Policy, now: datetime) -> Iterator[tuple[Step, Owed]]:
        """Yield the steps that have come due; of those missed, each once, at its newest repeat.

        An alarm that is over takes no further step, but for its first: it came and went before anybody looked. One
        that is shelved, suppressed by design or out of service takes none.
        """
        if self.alarm.suppressed or (not self.active and self.reached):
            return
        if self.answered is None:
            round_, start, why = 0, self.begun, Why.ESCALATED
        elif policy.unfixed_after_s is None:
            return
        else:
            round_ = int((now - self.answered).total_seconds() // policy.unfixed_after_s)
            start, why = self.answered + timedelta(seconds=round_ * policy.unfixed_after_s), Why.UNFIXED
            if round_ == 0:
                return
        for index, step in enumerate(policy.steps):
            late_s = (now - start).total_seconds() - step.after_s
            if late_s < 0:
                continue
            repeat = int(late_s // step.repeat_s) if step.repeat_s and round_ == 0 else 0
            if self.reached.get(index, (-1, 0)) < (round_, repeat):
                self.reached[index] = (round_, repeat)
                first = (round_, step.after_s, repeat) == (0, 0.0, 0)
                yield step, Owed(Why.RAISED if first else why, f"{round_}.{index}.{repeat}", self.alarm.transition)

    def owe(self, address: Address, owed: Owed, recipient: Recipient) -> None:
        """Owe a notice to an address, unless the alarm is below what is told there."""
        if worth_telling(RANK[recipient.level], 0, RANK[self.alarm.priority]):
            self.owed[address] = owed
        else:
            self.told.setdefault(address, False)

    def settle(self) -> None:
        """Turn what is owed into what fits the state."""
        if self.active:
            for address in [a for a, owed in self.owed.items() if owed.why is Why.RETURNED]:
                del self.owed[address]
                if address not in self.told:  # it has not heard that the alarm ever came
                    self.owed[address] = Owed(Why.RAISED, "0.0.0", self.alarm.transition)
            return
        # Whom the alarm was never told of hears of it all the same, unless somebody has answered it meanwhile.
        unheard = self.owed.keys() if self.alarm.state in UNANSWERED else ()
        returned = Owed(Why.RETURNED, "0.0.0", self.alarm.transition)
        self.owed = dict.fromkeys([*(a for a, knows in self.told.items() if knows), *unheard], returned)

    def deliver(self, address: Address) -> Owed:
        """Take what is owed to an address as told."""
        owed = self.owed.pop(address)
        if owed.why is Why.RETURNED:
            self.told.pop(address, None)
        else:
            self.told[address] = True
        return owed
