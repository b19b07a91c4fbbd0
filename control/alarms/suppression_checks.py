"""What is wrong with rules of suppression by design, said before anything is suppressed by them."""

from collections.abc import Iterable, Iterator, Mapping

from coldport.site import Quantity
from control.alarms.definition import STATES, Definition, Kind
from control.alarms.suppression import SuppressionRule

HARMLESS = frozenset({Kind.STALE, Kind.STARTS, Kind.RUN_SHARE, Kind.STUCK, Kind.COMMAND, *STATES})
"""The kinds that a rule may suppress whatever they watch: they speak of devices, not of goods."""


def rule_faults(rules: Iterable[SuppressionRule], definitions: Mapping[str, Definition]) -> Iterator[tuple[str, str]]:
    """Give what is wrong with rules, as (key, message); the keys are paths in the file."""
    seen: set[str] = set()
    for index, rule in enumerate(rules):
        where = f"suppressions[{index}]"
        if rule.id in seen:
            yield f"{where}.id", f"{rule.id!r} is named twice"
        seen.add(rule.id)
        if rule.cause not in definitions:
            yield f"{where}.cause", f"no alarm {rule.cause!r}"
        for name in rule.suppresses:
            if name == rule.cause:
                yield f"{where}.suppresses", f"{name!r} would suppress itself"
            elif name not in definitions:
                yield f"{where}.suppresses", f"no alarm {name!r}"
            elif message := _protected(definitions[name]):
                yield f"{where}.suppresses", message


def _protected(definition: Definition) -> str | None:
    if definition.ccp:
        return f"{definition.id!r} stands at a critical control point"
    if definition.quantity is Quantity.TEMPERATURE and definition.kind not in HARMLESS:
        return f"{definition.id!r} watches a temperature: the goods do not care why they get warm"
    return None
