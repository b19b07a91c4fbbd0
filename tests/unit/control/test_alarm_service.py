"""What people do about alarms goes through the one way into the journal, once, and is there after a restart."""

import pytest

from coldport.clock import ManualClock
from coldport.errors import RefusedError, UnavailableError
from coldport.messages.alarm import Annunciation, Disposition, Priority
from coldport.messages.observation import Batch
from coldport.site import Point, Quantity
from control.alarms.definition import AlarmFile
from control.alarms.pending import Phase
from control.entries import Acted, Action, Ticked, Transitioned
from control.journal.memory import MemoryJournal
from control.service import Service


class FullDisk(MemoryJournal):
    full = False

    def append(self, recorded_at, contents):
        if self.full:
            raise UnavailableError("disk full")
        return super().append(recorded_at, contents)


@pytest.fixture
def journal():
    return FullDisk()


@pytest.fixture
def clock(at):
    return ManualClock(at(0))


@pytest.fixture
def start(one_room, definition, journal, clock):
    """Start a service on the journal; `changes` make the definition another one."""

    def start_with(**changes):
        site = one_room(Point(id="p", quantity=Quantity.TEMPERATURE, every_s=1))
        return Service(site, AlarmFile(settle_s=0, alarms=(definition(**changes),)), journal, clock)

    return start_with


@pytest.fixture
def warm(reading):
    """Let the point be at 9 °C at a second."""

    def make(service, second=1):
        service.take([Batch(gateway="g", boot_id="0" * 32, observations=(reading(second, 9.0, seq=second),))])

    return make


def acts(journal):
    return [entry.content.action for entry in journal.entries if isinstance(entry.content, Acted)]


def acted(action, clock, alarm="hi.p.1", **said):
    return Acted(action=action, alarm=alarm, at=clock.now(), by="Wang", **said)


def test_what_a_person_does_is_on_record_with_the_alarm_it_moves(start, journal, warm, clock):
    service = start()
    warm(service)
    alarm = service.act(acted(Action.SILENCE, clock))
    assert alarm.annunciation is Annunciation.SILENCED
    assert [type(entry.content) for entry in journal.entries[-2:]] == [Acted, Transitioned]
    service.act(acted(Action.SILENCE, clock))
    assert acts(journal) == [Action.SILENCE]


def test_what_is_refused_is_not_on_record(start, journal, warm, clock):
    service = start()
    warm(service)
    with pytest.raises(RefusedError):
        service.act(acted(Action.CONFIRM, clock, text="done"))
    with pytest.raises(RefusedError):
        service.suppress(acted(Action.OUT_OF_SERVICE, clock, text="x"))
    assert acts(journal) == []


async def test_a_shelf_ends_on_time_over_a_restart_and_is_on_record_as_the_tick_that_ended_it(
    start, journal, warm, clock, at
):
    service = start()
    warm(service)
    kept = service.suppress(acted(Action.SHELVE, clock, text="x", until=at(600)))
    assert service.suppressions() == {"hi.p": kept}
    again = start()
    assert again.alarms() == service.alarms()
    await clock.advance(599)
    again.tick()
    assert again.alarms()[0].isa_letter == "E"
    await clock.advance(2)
    again.tick()
    assert (again.alarms()[0].isa_letter, again.alarms()[0].annunciated_at) == ("B", at(600))
    assert isinstance(journal.entries[-2].content, Ticked)
    assert start().alarms() == again.alarms()


def test_what_never_occurred_is_out_of_service_after_a_restart_too_and_is_written_once(start, journal, warm, clock):
    out = acted(Action.OUT_OF_SERVICE, clock, "hi.p", text="new probe", reference="T-1")
    service = start()
    service.suppress(out)
    service.suppress(out)
    assert acts(journal) == [Action.OUT_OF_SERVICE]
    again = start()
    assert again.suppressions() == service.suppressions()
    warm(again)
    assert again.alarms()[0].isa_letter == "G"
    assert again.suppress(acted(Action.RETURN_TO_SERVICE, clock)) is None
    assert again.alarms()[0].isa_letter == "B"


def test_what_was_put_aside_stays_so_when_its_definition_is_gone_or_wants_more_now(start, clock):
    start().suppress(acted(Action.OUT_OF_SERVICE, clock, "hi.p", text="new probe", reference="T-1"))
    assert start(ccp=True).suppressions().keys() == {"hi.p"}
    renamed = start(id="too-warm")
    assert renamed.suppressions().keys() == {"hi.p"}
    assert renamed.suppress(acted(Action.RETURN_TO_SERVICE, clock, "hi.p")) is None
    assert start(id="too-warm").suppressions() == {}


def test_a_snapshot_holds_what_was_put_aside(start, journal, clock):
    service = start()
    service.suppress(acted(Action.OUT_OF_SERVICE, clock, "hi.p", text="new probe", reference="T-1"))
    service.save()
    assert start().suppressions() == service.suppressions()


def test_a_disk_that_is_full_leaves_everything_as_it_was(start, journal, warm, clock):
    service = start()
    warm(service)
    journal.full = True
    with pytest.raises(UnavailableError):
        service.act(acted(Action.SILENCE, clock))
    with pytest.raises(UnavailableError):
        service.suppress(acted(Action.OUT_OF_SERVICE, clock, text="x", reference="T-1"))
    journal.full = False
    assert service.suppress(acted(Action.UNSHELVE, clock)) is None
    assert service.alarms()[0].isa_letter == "B"
    assert service.alarms()[0].annunciation is Annunciation.SOUNDING


def test_a_critical_control_point_is_closed_by_what_was_done(start, warm, clock):
    service = start(ccp=True, priority=Priority.HIGH)
    warm(service)
    service.acknowledge("hi.p.1", "Wang", "core 9 °C")
    alarm = service.act(acted(Action.CONFIRM, clock, text="moved", disposition=Disposition.REWORK))
    assert (alarm.isa_letter, alarm.disposition) == ("C", Disposition.REWORK)


def test_technicians_see_what_waits(start, warm, clock, at):
    service = start(on_delay_s=60.0)
    warm(service)
    assert service.pending() == [("hi", "p", Phase.PENDING, at(1))]
