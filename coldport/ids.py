"""Names of things. Every one is lower-case ASCII so that it can stand in a topic, a file name and a URL unescaped.

The broker keeps '.' and ' ' for itself, so neither may stand in an id; '.' joins the parts of an `AlarmId`.
"""

from typing import Annotated, NewType

import msgspec

ID_PATTERN = r"^[a-z0-9][a-z0-9-]{0,47}$"

SiteId = NewType("SiteId", str)
ZoneId = NewType("ZoneId", str)
PointId = NewType("PointId", str)
GatewayId = NewType("GatewayId", str)
LinkId = NewType("LinkId", str)
DefinitionId = NewType("DefinitionId", str)
AlarmId = NewType("AlarmId", str)
"""One occurrence: `{definition}.{point}.{occurrence}`, occurrence counted from 1 per definition and point."""

Id = Annotated[str, msgspec.Meta(pattern=ID_PATTERN, description="lower-case letters, digits and '-', at most 48")]

Person = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
"""Who did it, as given with the request; nothing proves it before there are logins."""


def alarm_id(definition: DefinitionId, point: PointId, occurrence: int) -> AlarmId:
    """Name one occurrence of an alarm.

    >>> alarm_id(DefinitionId("chilled-hi"), PointId("c1-1-temperature"), 3)
    'chilled-hi.c1-1-temperature.3'
    """
    return AlarmId(f"{definition}.{point}.{occurrence}")
