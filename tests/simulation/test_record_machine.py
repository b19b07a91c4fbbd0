"""Control against a slow model, whatever comes late, twice or out of order, with clocks that step, people and restarts.

`COLDPORT_RECORD_EXAMPLES=10000 COLDPORT_RECORD_STEPS=60` for a longer search: `make test-simulation`.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from coldport.errors import RefusedError
from coldport.messages.observation import Batch, Quality, Reading
from coldport.settings import load
from coldport.site import Point, Quantity, Site, Text, Zone, ZoneClass
from control.alarms.definition import AlarmFile
from control.entries import Observed, Reviewed
from control.followers.historian import pieces
from control.followers.record import RecordFollower
from control.historian.memory import MemoryHistorian
from control.journal.memory import MemoryJournal
from control.service import Service

EXAMPLES = int(os.environ.get("COLDPORT_RECORD_EXAMPLES", "1000"))
STEPS = int(os.environ.get("COLDPORT_RECORD_STEPS", "40"))

TICK = timedelta(seconds=30)
START = datetime(2026, 3, 1, 8, tzinfo=UTC)
LIMIT, CLEAR = 8.0, 7.5
INTERVAL, HOLD, HORIZON, WATERMARK = 2, 6, 10, 4  # ticks
VALUES = st.sampled_from([None, 5.0, 7.5, 7.8, 8.0, 8.1, 9.0, 9.0, 11.0])
EXAMPLE = load(Path(__file__).parents[2] / "config/sites/recorded/alarms.toml", AlarmFile).alarms[0]
BOOT = "0" * 32


class Model:
    """The record of one point by walking every tick of its complete, sorted history, with nothing but counters."""

    def __init__(self, samples, on, off):
        self.samples, self.on, self.off = samples, on, off
        self.excursions, self.gaps = [], []
        self.breached = self.raised = False
        self.run = self.known_to = 0
        self.current = None
        self.gap = None
        first, last = min(samples), max(samples)
        self.known_to = first
        for tick in range(first, last + 1):
            self.pass_to(tick, first)
            if tick in samples:
                self.read(tick, samples[tick])
        if self.gap is not None and self.gap < last:
            self.gaps.append((self.gap, last))
        self.open = self.current is not None and self.current["raised"] is not None

    def pass_to(self, tick, first):
        if tick == first:
            return
        known = tick <= self.known_to
        if not known and self.gap is None:
            self.gap = tick - 1
        if self.breached:
            self.current["known" if known else "unknown"] += 1
        if known and self.breached is not self.raised:
            self.run += 1
            self.turn(tick)

    def turn(self, tick):
        if self.breached is self.raised or self.run < (self.on if self.breached else self.off):
            return
        self.raised = self.breached
        if self.raised:
            self.current["raised"] = tick
        else:
            self.excursions.append(self.current | {"cleared": tick})
            self.current = None

    def read(self, tick, value):
        if value is None:
            self.gap = tick if self.gap is None else self.gap
            self.known_to = tick
            return
        if self.gap is not None and self.gap < tick:
            self.gaps.append((self.gap, tick))
            if self.breached:
                self.current["gaps"] += 1
        self.gap = None
        self.known_to = tick + HOLD
        breached = value > (CLEAR if self.breached else LIMIT)
        if breached is not self.breached:
            self.breached, self.run = breached, 0
        if breached:
            self.warm(tick, value)
        elif self.raised:
            self.current["returned"] = self.current["returned"] or tick
        else:
            self.current = None
        self.turn(tick)

    def warm(self, tick, value):
        if self.current is None:
            self.current = {"onset": tick, "worst": value, "worst_at": tick, "known": 0, "unknown": 0, "gaps": 0,
                            "raised": None, "returned": None, "cleared": None}  # fmt: skip
        self.current["returned"] = None
        if value > self.current["worst"]:
            self.current["worst"], self.current["worst_at"] = value, tick


def ticks(moment):
    return None if moment is None else (moment - START) / TICK


class ControlMachine(RuleBasedStateMachine):
    """One point of one site. `sent` is what came, by tick; `held` what was read and is still on its way."""

    file: Path

    @initialize(on=st.integers(0, 8), off=st.integers(0, 5))
    def begin(self, on, off):
        self.on, self.off = on, off
        changes = {"zones": (), "points": ("p",), "limit": LIMIT, "deadband": LIMIT - CLEAR}
        delays = {"on_delay_s": on * 30.0, "off_delay_s": off * 30.0}
        hi = msgspec.structs.replace(EXAMPLE, id="hi", **changes, **delays)
        point = Point(id="p", quantity=Quantity.TEMPERATURE, every_s=INTERVAL * 30)
        zone = Zone(id="z", name=Text(zh="库", en="Room"), zone_class=ZoneClass.CHILLED, points=(point,))
        self.site = Site(id="s", name=Text(zh="站", en="Site"), timezone="UTC", zones=(zone,))
        self.alarms = AlarmFile(settle_s=0, alarms=(hi,))
        self.file.unlink(missing_ok=True)
        self.journal, self.historian = MemoryJournal(), MemoryHistorian()
        self.tick, self.seq, self.in_order = 0, 0, True
        self.sent, self.held, self.batches, self.answered = {}, {}, [], []
        self.start()

    def start(self):
        self.service = Service(self.site, self.alarms, self.journal, self)
        self.follower = RecordFollower(
            self.site, self.alarms, self.journal, self.historian, self.service.review, self,
            self.file,
        )  # fmt: skip

    def now(self):
        return START + self.tick * TICK

    def send(self, tick, value, gateway="g"):
        if tick in self.sent:
            return
        self.in_order &= not self.sent or max(self.sent) - tick <= WATERMARK
        self.in_order &= self.tick - tick <= HORIZON
        self.sent[tick] = value
        self.seq += 1
        at = START + tick * TICK
        quality = {"quality": Quality.BAD, "reason": "no-answer"} if value is None else {}
        reading = Reading(seq=self.seq, point="p", observed_at=at, spooled_at=at, value=value, **quality)
        self.batches.append(Batch(gateway=gateway, boot_id=BOOT, observations=(reading,)))
        self.service.take(self.batches[-1:])

    @rule(step=st.integers(1, 3), value=VALUES, times=st.integers(1, 6))
    def read(self, step, value, times):
        for _ in range(times):
            self.tick += step
            self.send(self.tick, value)

    @rule(
        readings=st.lists(st.tuples(st.integers(1, 3), VALUES, st.integers(0, WATERMARK)), min_size=1, max_size=8),
        ticking=st.booleans(),
    )
    def read_by_two_gateways_one_of_them_slower(self, readings, ticking):
        """Each reading comes late by less than the watermark, in whatever order that makes."""
        coming, read_at = [], self.tick
        for step, value, late in readings:
            read_at += step
            coming.append((read_at + late, read_at, value, "slow" if late else "g"))
        for now, tick, value, gateway in sorted(coming, key=lambda one: one[:2]):
            self.tick = max(self.tick, now)
            self.send(tick, value, gateway)
            if ticking:
                self.service.tick()
        if self.in_order:
            self.the_live_view_is_that_of(Model(self.sent, self.on, self.off))

    @rule(step=st.integers(1, 3), value=VALUES, times=st.integers(1, 12))
    def read_and_hold_up(self, step, value, times):
        for _ in range(times):
            self.tick += step
            self.held.setdefault(self.tick, value)

    @precondition(lambda self: self.held)
    @rule(dice=st.randoms(use_true_random=False), part=st.floats(0.1, 1))
    def deliver(self, dice, part):
        chosen = dice.sample(sorted(self.held), max(1, int(part * len(self.held))))
        for tick in chosen:
            self.send(tick, self.held.pop(tick))

    @precondition(lambda self: self.batches)
    @rule(dice=st.randoms(use_true_random=False))
    def repeat(self, dice):
        self.service.take([dice.choice(self.batches)])

    @rule(back=st.integers(1, 40), value=VALUES)
    def read_by_a_clock_that_stepped_back(self, back, value):
        self.tick += 1
        if self.tick - back > 0:
            self.send(self.tick - back, value)

    @rule(ticks=st.integers(1, 60))
    def be_cut_off(self, ticks):
        self.tick += ticks
        self.service.tick()

    @rule()
    def let_time_pass(self):
        self.tick += 1
        self.service.tick()

    @rule()
    def acknowledge(self):
        for alarm in self.service.alarms():
            try:
                self.service.acknowledge(alarm.id, "Li", "seen")
            except RefusedError:
                continue

    @rule(save=st.booleans(), save_record=st.booleans())
    def restart(self, save, save_record):
        if save:
            self.service.save()
        if save_record:
            self.follower.save()
        self.start()

    @rule()
    def follow(self):
        applied = self.historian.applied()
        for through, samples in pieces(self.journal.read(applied, 100_000)):
            self.historian.write(through, samples)
        while self.follower._take_next():
            pass
        self.follower._review()
        while self.follower._untold:
            self.service.review(self.follower._untold.pop(0))
        self.historian.write(self.journal.last(), [])
        while self.follower._take_next():
            pass
        while self.follower._untold:
            self.service.review(self.follower._untold.pop(0))
        self.compare()

    def compare(self):
        if not self.sent:
            return
        model = Model(self.sent, self.on, self.off)
        record = self.follower.book("p").record()
        assert (ticks(record.first), ticks(record.last)) == (min(self.sent), max(self.sent))
        assert [(ticks(gap.start), ticks(gap.end)) for gap in record.gaps] == model.gaps
        assert record.covered_s == 30 * (max(self.sent) - min(self.sent) - sum(b - a for a, b in model.gaps))
        wanted = [*model.excursions, *([model.current] if model.open else [])]
        assert [self.as_model(one) for one in record.excursions] == wanted
        self.everything_was_told(model)
        if self.in_order:
            self.the_live_view_is_that_of(model)

    def the_live_view_is_that_of(self, model):
        """Up to the newest reading; what a tick may have moved after it is not in the model. Nothing lasts no time."""
        newest = max(self.sent)
        lasting = [
            (ticks(alarm.occurred_at), ticks(alarm.returned_at))
            for alarm in self.service.alarms()
            if alarm.returned_at != alarm.occurred_at and not alarm.historical
        ]
        told = [(raised, cleared) for raised, cleared in lasting if raised <= newest]
        wanted = [one for one in model.excursions if one["cleared"] != one["raised"]]
        wanted += [model.current] if model.open else []
        assert [(raised, None if (cleared or 0) > newest else cleared) for raised, cleared in told][-10:] == [
            (one["raised"], one["cleared"]) for one in wanted
        ][-10:]

    def everything_was_told(self, model):
        """What is over was told: live, as found in its gap, or as a part of what was one when it was told."""
        told = self.follower._told("p")
        for one in [*model.excursions, *([model.current] if model.open else [])]:
            onset, cleared = START + one["onset"] * TICK, START + (one["cleared"] or max(self.sent)) * TICK
            live = any(a.occurred_at <= cleared and (a.returned_at or cleared) >= onset for a in told.alarms)
            found = any(start < cleared and onset < end for start, end in told.gaps)
            part = any(start <= one["onset"] <= end for start, end in self.answered)
            assert live or found or part or one["cleared"] is None, one
            if live or found:
                self.answered.append((one["onset"], one["cleared"] or max(self.sent)))

    def as_model(self, one):
        return {
            "onset": ticks(one.onset),
            "worst": one.worst,
            "worst_at": ticks(one.worst_at),
            "known": one.known_s / 30,
            "unknown": one.unknown_s / 30,
            "gaps": one.gaps,
            "raised": ticks(one.raised_at),
            "returned": ticks(one.returned_at),
            "cleared": ticks(one.cleared_at),
        }

    @invariant()
    def each_reading_is_on_record_once(self):
        entries = self.journal.read(0, 100_000)
        seen = [o.seq for e in entries if isinstance(e.content, Observed) for o in e.content.observations]
        assert sorted(seen) == list(range(1, self.seq + 1))

    def teardown(self):
        if hasattr(self, "journal"):
            for tick in sorted(self.held, reverse=True):
                self.send(tick, self.held.pop(tick))
            self.follow()
            reviews = [e.content for e in self.journal.read(0, 100_000) if isinstance(e.content, Reviewed)]
            found = [(one.definition, one.gap_start, one.gap_end) for said in reviews for one in said.found]
            assert len(found) == len(set(found))


@pytest.mark.slow
def test_record_and_live_view_are_those_of_a_slow_model(tmp_path):
    ControlMachine.file = tmp_path / "record"
    run_state_machine_as_test(
        ControlMachine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            print_blob=False,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
