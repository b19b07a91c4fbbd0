"""Suppression by design: alarms that say nothing while another one says why.

A gateway that is lost makes every one of its points stale, a power failure stops every compressor. The rules of
`alarms.toml` name the cause and what it makes needless; what they suppress is judged and recorded all the same. Never a
limit of a temperature, and nothing at a critical control point: the goods do not care why they get warm.

Source: ISA-18.2 / IEC 62682, suppressed by design.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from coldport.messages.alarm import Alarm, Suppression
from coldport.site import Site

RULE_LIMIT = 200
"""Rules of one site: what cannot be kept in mind suppresses what nobody expects."""


class Reach(StrEnum):
    """How far from the cause a rule suppresses."""

    POINT = "point"
    ZONE = "zone"
    SITE = "site"


class SuppressionRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """While an alarm of definition `cause` is active, those of `suppresses` within its reach are suppressed by design.

    A cause that is out of service suppresses nothing.
    """

    id: Id
    cause: Id
    suppresses: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=100)]
    within: Reach = Reach.ZONE


class Design:
    """The rules of a site, and which of their causes are active."""

    def __init__(self, rules: Iterable[SuppressionRule], site: Site) -> None:
        """Start with no cause active."""
        self._zones = {point.id: zone.id for zone in site.zones for point in zone.points}
        self._rules: dict[str, list[SuppressionRule]] = {}
        self._effects: dict[str, set[str]] = {}
        for rule in rules:
            self._effects.setdefault(rule.cause, set()).update(rule.suppresses)
            for definition in rule.suppresses:
                self._rules.setdefault(definition, []).append(rule)
        self._active: dict[str, set[str]] = {cause: set() for cause in self._effects}

    def see(self, alarm: Alarm) -> None:
        """Take in how the newest occurrence of an alarm stands."""
        points = self._active.get(alarm.definition)
        if points is not None:
            in_service = alarm.suppressed is None or alarm.suppressed.kind is not Suppression.OUT_OF_SERVICE
            acts = alarm.is_active and in_service
            (points.add if acts else points.discard)(alarm.point)

    def effects(self, cause: str) -> set[str]:
        """Return the definitions that alarms of a definition suppress, anywhere."""
        return self._effects.get(cause, set())

    def rule_for(self, definition: str, point: str) -> SuppressionRule | None:
        """Return the first rule that suppresses an alarm now."""
        for rule in self._rules.get(definition, ()):
            if any(self._reaches(rule.within, cause, point) for cause in self._active[rule.cause]):
                return rule
        return None

    def _reaches(self, within: Reach, cause: str, point: str) -> bool:
        if within is Reach.POINT:
            return cause == point
        return within is Reach.SITE or self._zones.get(cause) == self._zones.get(point)
