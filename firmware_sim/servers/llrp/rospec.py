"""A reader operation: what a client asked to be inventoried and reported (sections 10 and 13)."""

from dataclasses import dataclass
from enum import IntEnum

from firmware_sim.servers.llrp.capabilities import SPECS_PER_ROSPEC
from firmware_sim.servers.llrp.wire import Parameter, Problem, Status, at, parameters, tlv

_ROSPEC, _BOUNDARY, _AISPEC, _RF_SURVEY, _LOOP, _REPORT, _CUSTOM = 177, 178, 183, 187, 355, 237, 1023
_AI_STOP, _OBSERVATION, _INVENTORY = 184, 185, 186
_START, _STOP, _CONTENT = 179, 182, 238


class State(IntEnum):
    """Where a ROSpec is (section 6.1)."""

    DISABLED = 0
    INACTIVE = 1
    ACTIVE = 2


class Content(IntEnum):
    """Bits of TagReportContentSelector."""

    ROSPEC = 1 << 15
    SPEC_INDEX = 1 << 14
    INVENTORY = 1 << 13
    ANTENNA = 1 << 12
    CHANNEL = 1 << 11
    PEAK_RSSI = 1 << 10
    FIRST_SEEN = 1 << 9
    LAST_SEEN = 1 << 8
    SEEN_COUNT = 1 << 7
    ACCESSSPEC = 1 << 6


NOTHING, EACH_SPEC, WHOLE_ROSPEC = 0, 1, 2
"""ROReportTrigger: on request, at N tags or the end of the AISpec, at N tags or the end of the ROSpec."""

NULL_TRIGGER, IMMEDIATE, DURATION, OBSERVATION = 0, 1, 1, 3


@dataclass(slots=True, kw_only=True)
class RoSpec:
    """A ROSpec with what this reader needs of it. `parameter` is the whole of it, for GET_ROSPECS."""

    number: int
    body: bytes
    state: State
    immediate: bool
    stop_s: float | None
    antennas: frozenset[int]
    ai_stop_s: float | None
    ai_stop_tags: int | None
    inventory: int
    report_trigger: int
    report_every: int
    content: int

    @property
    def parameter(self) -> bytes:
        """Return the ROSpec parameter with its present state."""
        return tlv(_ROSPEC, self.body[:5], bytes([self.state]), self.body[6:])

    def covers(self, antenna: int) -> bool:
        """Tell whether an antenna is inventoried; 0 stands for all of them."""
        return 0 in self.antennas or antenna in self.antennas


def parse(body: bytes) -> RoSpec:
    """Read the body of an ADD_ROSPEC.

    Raises:
        Problem: It is not whole, or asks for something this reader has not.
    """
    spec = _only(parameters(body), _ROSPEC, "ROSpec")
    number = at(spec.body, 0, 4)
    if number == 0 or at(spec.body, 5, 1) != State.DISABLED:
        raise Problem(Status.FIELD_ERROR, "a new ROSpec has a number above 0 and is disabled")
    parts = parameters(spec.body[6:])
    if any(part.kind in (_RF_SURVEY, _LOOP) for part in parts):
        raise Problem(Status.UNSUPPORTED_PARAMETER, "RF surveys and loops are not supported")
    boundary = parameters(_only(parts, _BOUNDARY, "ROBoundarySpec").body)
    start = _only(boundary, _START, "ROSpecStartTrigger")
    stop = _only(boundary, _STOP, "ROSpecStopTrigger")
    if at(start.body, 0, 1) not in (NULL_TRIGGER, IMMEDIATE) or at(stop.body, 0, 1) not in (NULL_TRIGGER, DURATION):
        raise Problem(Status.FIELD_ERROR, "only null, immediate and duration triggers are supported")
    if sum(part.kind == _AISPEC for part in parts) > SPECS_PER_ROSPEC:
        raise Problem(Status.OVERFLOW_PARAMETER, f"a ROSpec has at most {SPECS_PER_ROSPEC} AISpec")
    antennas, ai_stop_s, ai_stop_tags, inventory = _ai_spec(_only(parts, _AISPEC, "AISpec").body)
    reports = [part for part in parts if part.kind == _REPORT]
    trigger, every, content = _report(reports[0].body) if reports else (EACH_SPEC, 0, 0)
    return RoSpec(
        number=number,
        body=spec.body,
        state=State.DISABLED,
        immediate=at(start.body, 0, 1) == IMMEDIATE,
        stop_s=at(stop.body, 1, 4) / 1000 if at(stop.body, 0, 1) == DURATION else None,
        antennas=antennas,
        ai_stop_s=ai_stop_s,
        ai_stop_tags=ai_stop_tags,
        inventory=inventory,
        report_trigger=trigger,
        report_every=every,
        content=content,
    )


def _ai_spec(body: bytes) -> tuple[frozenset[int], float | None, int | None, int]:
    """Return antennas, the AISpec's longest duration, the tags that end it, and the number of its inventory."""
    count = at(body, 0, 2)
    antennas = frozenset(at(body, 2 + 2 * index, 2) for index in range(count))
    parts = parameters(body[2 + 2 * count :])
    stop = _only(parts, _AI_STOP, "AISpecStopTrigger").body
    inventory = at(_only(parts, _INVENTORY, "InventoryParameterSpec").body, 0, 2)
    kind, duration_ms = at(stop, 0, 1), at(stop, 1, 4)
    if kind == NULL_TRIGGER:
        return antennas, None, None, inventory
    if kind == DURATION:
        return antennas, duration_ms / 1000, None, inventory
    if kind != OBSERVATION:
        raise Problem(Status.FIELD_ERROR, f"stop trigger {kind} of an AISpec is not supported")
    observation = _only(parameters(stop[5:]), _OBSERVATION, "TagObservationTrigger").body
    timeout_ms = at(observation, 8, 4)
    return antennas, timeout_ms / 1000 if timeout_ms else None, at(observation, 2, 2), inventory


def _report(body: bytes) -> tuple[int, int, int]:
    content = _only(parameters(body[3:]), _CONTENT, "TagReportContentSelector")
    trigger = at(body, 0, 1)
    if trigger not in (NOTHING, EACH_SPEC, WHOLE_ROSPEC):
        raise Problem(Status.FIELD_ERROR, f"report trigger {trigger} is not supported")
    return trigger, at(body, 1, 2), at(content.body, 0, 2)


def _only(parts: list[Parameter], kind: int, name: str) -> Parameter:
    found = [part for part in parts if part.kind == kind]
    if not found:
        raise Problem(Status.MISSING_PARAMETER, f"{name} is missing")
    if len(found) > 1:
        raise Problem(Status.PARAMETER_ERROR, f"{name} is there {len(found)} times")
    return found[0]
