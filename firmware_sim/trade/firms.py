"""The firms behind a parcel, and what is in it."""

from typing import Annotated

from msgspec import Meta, Struct


class Firm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A firm: the code by which papers name it (its USCC, or its number with customs), and what it is called."""

    code: Annotated[str, Meta(pattern="^[0-9A-Z]{4,18}$")]
    zh: Annotated[str, Meta(min_length=1, max_length=100)]
    en: Annotated[str, Meta(min_length=1, max_length=100)]


class Trade(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who sells, on whose platform, who carries, who declares, and who runs the place where parcels arrive."""

    seller: Firm
    platform: Firm
    carrier: Firm
    agent: Firm
    operator: Firm


class Consignment(Struct, frozen=True, kw_only=True):
    """One parcel as its papers have it: number (运单号), EPC of its tag in hex, gross weight as declared."""

    logistics_no: str
    epc: str
    declared_kg: float
