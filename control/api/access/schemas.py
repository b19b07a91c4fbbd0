"""The shapes of what is said and asked about parties, keys, grants and the log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from control.access.decision import Why
from control.access.party import PartyKind, Scope
from control.api.lot_schemas import Name, Person
from control.api.schemas import TextView

PartyCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{4,30}$")]
Said = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]*$"), Field(max_length=200)]
ThingName = Annotated[str, StringConstraints(strip_whitespace=True), Field(min_length=1, max_length=80)]


def _strict(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [example]})


def _shown(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [example]})


_PARTY = {
    "id": "xiangcha",
    "name": {"zh": "湘茶电商", "en": "Xiang Tea"},
    "kind": "enterprise",
    "codes": ["91430300MA4L0XYZ1K"],
}
_KEY = {"id": "k3f1c9a2b7d4e", "party": "xiangcha", "scopes": ["lots:read"], "not_after": "2027-03-01T08:00:00Z"}
_GRANT = {
    "id": "g90b1c7de21aa",
    "owner": "xiangcha",
    "grantee": "sf-express",
    "scope": "consignments:read",
    "until": "2026-06-01T00:00:00Z",
    "reason": "delivery",
    "names": ["SF1234567890"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyBody:
    """A party that is new, or is called otherwise from now on: name and codes are replaced, its kind stays."""

    __pydantic_config__: ClassVar[ConfigDict] = _strict({**_PARTY, "by": "Li Lei"})

    id: Name
    name: TextView
    kind: PartyKind
    by: Person
    codes: Annotated[tuple[PartyCode, ...], Field(max_length=10)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyView:
    """A party. `codes` are what documents call it: its USCC, its numbers with customs."""

    __pydantic_config__: ClassVar[ConfigDict] = _shown(_PARTY)

    id: str
    name: TextView
    kind: PartyKind
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyBody:
    """A key for a party, for `days` days."""

    __pydantic_config__: ClassVar[ConfigDict] = _strict(
        {"party": "xiangcha", "scopes": ["lots:read", "grants:give"], "days": 365, "by": "Li Lei"}
    )

    party: Name
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1, max_length=20)]
    days: Annotated[int, Field(ge=1, le=400)]
    by: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyView:
    """A key, without its secret: nobody has that but the party."""

    __pydantic_config__: ClassVar[ConfigDict] = _shown(_KEY)

    id: str
    party: str
    scopes: tuple[Scope, ...]
    not_after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKeyView:
    """A key with its token, which is shown this once and kept nowhere."""

    __pydantic_config__: ClassVar[ConfigDict] = _shown({"key": _KEY, "token": "k3f1c9a2b7d4e.SECRET-OF-43-CHARACTERS"})

    key: KeyView
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndBody:
    """Somebody ends a key or a grant before its time."""

    __pydantic_config__: ClassVar[ConfigDict] = _strict({"by": "Li Lei", "reason": "a laptop was lost"})

    by: Person
    reason: Said = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantBody:
    """`owner` lets `grantee` do what `scope` says.

    With `names` only with these lots, waybills, orders, points or rooms.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _strict(
        {**{name: value for name, value in _GRANT.items() if name != "id"}, "by": "Li Lei"}
    )

    owner: Name
    grantee: Name
    scope: Scope
    until: AwareDatetime
    reason: Said
    by: Person
    names: Annotated[tuple[ThingName, ...], Field(max_length=100)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantView:
    """A grant that stands, or is over and has not been forgotten yet."""

    __pydantic_config__: ClassVar[ConfigDict] = _shown(_GRANT)

    id: str
    owner: str
    grantee: str
    scope: Scope
    until: datetime
    reason: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitView:
    """One thing that was asked for by a key. `owners` are those of the thing whom the reader may know of."""

    __pydantic_config__: ClassVar[ConfigDict] = _shown(
        {
            "number": 17,
            "at": "2026-03-01T08:00:00Z",
            "party": "sf-express",
            "key": "k3f1c9a2b7d4e",
            "method": "GET",
            "route": "/api/v1/floor/parcels/{logistics_no}",
            "outcome": "allowed",
            "owners": ["xiangcha"],
            "asked": ["SF1234567890"],
            "given": None,
            "why": "grant",
            "grant": "g90b1c7de21aa",
        }
    )

    number: int
    at: datetime
    party: str
    key: str
    method: str
    route: str
    outcome: str
    owners: tuple[str, ...]
    asked: tuple[str, ...]
    given: int | None
    why: Why | None
    grant: str | None
