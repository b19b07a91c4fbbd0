"""The annunciation lifecycle of one occurrence of an alarm, as a table.

Rule 1: whatever moves an occurrence between states is in TRANSITIONS; there is no other way.
Rule 2: this module knows no readings, limits, people or clocks. Detectors turn readings into OCCUR and RETURN, the HTTP
border turns a button into ACKNOWLEDGE.

An occurrence is born NORMAL and ends NORMAL. When its condition comes true again while it is still
returned-unacknowledged, that is a new occurrence; the old one stays until it is acknowledged, so nothing that happened
goes unseen.

A pair that is not in the table changes nothing: for ACKNOWLEDGE it is an operator who was too late, for OCCUR and
RETURN it cannot come, because detectors report edges.

Source: ISA-18.2-2016 figure 2 and IEC 62682, states A to D; latched states left out, as in the 2016 edition.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from coldport.messages.alarm import AlarmState


class Stimulus(StrEnum):
    """What can happen to an occurrence."""

    OCCUR = "occur"
    RETURN = "return"
    ACKNOWLEDGE = "acknowledge"


TRANSITIONS: Mapping[tuple[AlarmState, Stimulus], AlarmState] = MappingProxyType(
    {
        (AlarmState.NORMAL, Stimulus.OCCUR): AlarmState.UNACKNOWLEDGED,
        (AlarmState.UNACKNOWLEDGED, Stimulus.ACKNOWLEDGE): AlarmState.ACKNOWLEDGED,
        (AlarmState.UNACKNOWLEDGED, Stimulus.RETURN): AlarmState.RETURNED_UNACKNOWLEDGED,
        (AlarmState.ACKNOWLEDGED, Stimulus.RETURN): AlarmState.NORMAL,
        (AlarmState.RETURNED_UNACKNOWLEDGED, Stimulus.ACKNOWLEDGE): AlarmState.NORMAL,
    }
)

ACTIVE = frozenset({AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED})
"""States in which the condition is still true."""
