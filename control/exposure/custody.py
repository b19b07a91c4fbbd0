"""What happens to a lot, as the journal keeps it: received, moved, shipped; and what another site said of it before.

Each of them says when it happened on the floor (`at`), which may be before it was typed in.
"""

import hashlib
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from coldport.ids import Id, Person
from coldport.messages.observation import Moment
from control.exposure.exposure import Exposure
from control.exposure.product import Version


class Plan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What lies before a lot: `transit_d` days at `at_c`, and `buffer_d` days in which it is to be sold."""

    at_c: Annotated[float, Meta(ge=-100, le=100)]
    transit_d: Annotated[float, Meta(ge=0, le=3_660)]
    buffer_d: Annotated[float, Meta(ge=0, le=3_660)] = 0.0


class ExposureStatement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a lot suffered at another site, from `since` to `until`, as a person there signed it off.

    `rules` is the digest of the product's rules, without which the figures mean nothing; `hash` the SHA-256 of the
    statement as canonical JSON with an empty `hash`. It shows a slip of the hand or of a line; who sent it, it does
    not prove.
    """

    lot: Id
    product: Id
    product_version: Version
    rules: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    site: Id
    since: Moment
    until: Moment
    signed_by: Person
    signed_at: Moment
    exposure: Exposure
    hash: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""


class LotReceived(Struct, frozen=True, kw_only=True, tag_field="entry", tag="lot-received"):
    """A lot came in and stands in `zone`. `earlier` is what the site before stated, `owner` the party it is of."""

    lot: Id
    product: Id
    product_version: Version
    zone: Id
    at: Moment
    by: Person
    made_at: Moment | None = None
    expires_at: Moment | None = None
    plan: Plan | None = None
    earlier: ExposureStatement | None = None
    owner: Id | None = None


class LotMoved(Struct, frozen=True, kw_only=True, tag_field="entry", tag="lot-moved"):
    """A lot was brought to another zone."""

    lot: Id
    zone: Id
    at: Moment
    by: Person


class LotShipped(Struct, frozen=True, kw_only=True, tag_field="entry", tag="lot-shipped"):
    """A lot left the site."""

    lot: Id
    at: Moment
    by: Person


class LotStated(Struct, frozen=True, kw_only=True, tag_field="entry", tag="lot-stated"):
    """Somebody signed off what a lot suffered here, for the next site; `hash` is that of the statement."""

    lot: Id
    at: Moment
    by: Person
    hash: str


class LotAssessed(Struct, frozen=True, kw_only=True, tag_field="entry", tag="lot-assessed"):
    """How a lot in `zone` stood at `at`, by its record; kept when that moved an alarm.

    The percentages are of the budget and of the dose of cold that is used most; `margin_d` days are left beyond its
    plan. None: its product has no such rule, or it no plan.
    """

    lot: Id
    zone: Id
    at: Moment
    coverage: float
    budget_percent: float | None = None
    chilling_percent: float | None = None
    margin_d: float | None = None


LotAct = LotReceived | LotMoved | LotShipped


def sealed(statement: ExposureStatement) -> ExposureStatement:
    """Return the statement with its hash."""
    return msgspec.structs.replace(statement, hash=_hash(statement))


def is_sealed(statement: ExposureStatement) -> bool:
    """Whether a statement says what its hash was made of."""
    return statement.hash == _hash(statement)


def _hash(statement: ExposureStatement) -> str:
    """Return the hash of a statement as it reads when it has been on the wire: a figure that was 5 there is 5.0."""
    bare = msgspec.json.encode(msgspec.structs.replace(statement, hash=""))
    read = msgspec.json.decode(bare, type=ExposureStatement)
    return hashlib.sha256(msgspec.json.encode(read, order="deterministic")).hexdigest()
