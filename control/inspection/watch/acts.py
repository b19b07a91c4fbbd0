"""What happens to the watch list, as the journal keeps it. Nobody puts anybody on it alone, or takes anybody off."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id, Person
from coldport.messages.observation import Moment

Value = Annotated[str, Meta(min_length=1, max_length=80)]
Said = Annotated[str, Meta(min_length=1, max_length=500)]


class Watched(StrEnum):
    """What an entry is of."""

    PARCEL = "parcel"
    ENTERPRISE = "enterprise"
    PLATFORM = "platform"
    CARRIER = "carrier"
    AGENT = "agent"
    PERSON = "person"
    """Buyer or payer, by the SHA-256 of the identity number in lower-case hex: the list holds no such number."""
    PHONE = "phone"
    """By the SHA-256 of the number as it is declared."""
    COUNTRY = "country"
    GOODS = "goods"
    """By the beginning of their code (商品编码), four digits or more."""


class WatchPut(Struct, frozen=True, kw_only=True, tag_field="entry", tag="watch-put"):
    """Two people put something on the list; `name` is what verdicts call the entry."""

    name: Id
    watched: Watched
    value: Value
    reason: Said
    at: Moment
    by: Person
    approved_by: Person


class WatchTaken(Struct, frozen=True, kw_only=True, tag_field="entry", tag="watch-taken"):
    """Two people took an entry off the list; the journal keeps that it was there."""

    name: Id
    reason: Said
    at: Moment
    by: Person
    approved_by: Person


WatchAct = WatchPut | WatchTaken
"""What people do with the list."""
