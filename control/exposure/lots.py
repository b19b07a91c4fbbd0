"""Which lots there are and where each of them was when: a fold over what the journal says of them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from coldport.errors import NotFoundError, RefusedError
from coldport.ids import Id, PointId
from coldport.messages.observation import Moment
from coldport.site import Site
from control.exposure.custody import ExposureStatement, LotAct, LotMoved, LotReceived, LotShipped, Plan, is_sealed
from control.exposure.product import Version

LOT_LIMIT = 5_000
"""Lots in the house: more pallets than the largest site thought of has places."""
SHIPPED_LIMIT = 1_000
"""Lots that have left and are still shown; the journal has the rest."""
STAY_LIMIT = 500
"""Zones that one lot was in, one after the other."""

_MILLISECOND = timedelta(milliseconds=1)


class Stay(Struct, frozen=True, kw_only=True):
    """A lot was in `zone` from `since` to `until`; None: it is there."""

    zone: Id
    since: Moment
    until: Moment | None = None


class Lot(Struct, frozen=True, kw_only=True):
    """A lot and its custody: stays follow each other without a hole, the last one open until it is shipped."""

    id: Id
    product: Id
    product_version: Version
    stays: tuple[Stay, ...]
    made_at: Moment | None = None
    expires_at: Moment | None = None
    plan: Plan | None = None
    earlier: ExposureStatement | None = None
    owner: Id | None = None

    @property
    def received_at(self) -> datetime:
        """When it came to this site."""
        return self.stays[0].since

    @property
    def shipped_at(self) -> datetime | None:
        """When it left, or None."""
        return self.stays[-1].until


class Lots:
    """The lots of one site, by id, in the order in which they came."""

    def __init__(self, known: Mapping[str, Lot] | None = None) -> None:
        """Go on from what is known."""
        self.by_id: dict[str, Lot] = dict(known or {})

    def find(self, lot: str) -> Lot:
        """Return a lot; raises NotFoundError."""
        found = self.by_id.get(lot)
        if found is None:
            raise NotFoundError(f"no lot {lot!r}")
        return found

    def check(self, act: LotAct, now: datetime, site: Site) -> None:
        """Raise when `act` cannot have happened.

        Raises:
            NotFoundError: No such lot, or no such zone in `site`.
            RefusedError: It contradicts what is on record, lies ahead of `now`, or passes a limit.
        """
        if act.at > now:
            raise RefusedError(f"{act.at.isoformat()} has not come yet")
        if not isinstance(act, LotShipped) and act.zone not in {zone.id for zone in site.zones}:
            raise NotFoundError(f"the site has no zone {act.zone!r}")
        if isinstance(act, LotReceived):
            if PointId(act.lot) in site.points():
                raise RefusedError(f"{act.lot!r} is the name of a point; alarms could not tell them apart")
            self._check_received(act)
        else:
            _check_in_house(self.find(act.lot), act)

    def take(self, act: LotAct) -> Lot:
        """Take in what happened, as the journal has it; return the lot."""
        if isinstance(act, LotReceived):
            lot = Lot(
                id=act.lot,
                product=act.product,
                product_version=act.product_version,
                stays=(Stay(zone=act.zone, since=act.at),),
                made_at=act.made_at,
                expires_at=act.expires_at,
                plan=act.plan,
                earlier=act.earlier,
                owner=act.owner,
            )
        else:
            lot = self.by_id[act.lot]
            *before, last = lot.stays
            after = [Stay(zone=act.zone, since=act.at)] if isinstance(act, LotMoved) else []
            stays = (*before, msgspec.structs.replace(last, until=act.at), *after)
            lot = msgspec.structs.replace(lot, stays=stays)
        self.by_id[lot.id] = lot
        if isinstance(act, LotShipped):
            self._forget()
        return lot

    def _check_received(self, act: LotReceived) -> None:
        if act.lot in self.by_id:
            raise RefusedError(f"lot {act.lot!r} has been received already")
        if sum(lot.shipped_at is None for lot in self.by_id.values()) >= LOT_LIMIT:
            raise RefusedError(f"{LOT_LIMIT} lots are in the house already")
        if act.made_at is not None and act.made_at > act.at:
            raise RefusedError("made_at is after the lot was received")
        if act.earlier is not None:
            _check_statement(act.earlier, act)

    def _forget(self) -> None:
        shipped = [lot.id for lot in self.by_id.values() if lot.shipped_at is not None]
        for lot in shipped[: max(0, len(shipped) - SHIPPED_LIMIT)]:
            del self.by_id[lot]


def _check_in_house(lot: Lot, act: LotMoved | LotShipped) -> None:
    if lot.shipped_at is not None:
        raise RefusedError(f"lot {lot.id!r} was shipped at {lot.shipped_at.isoformat()}")
    here = lot.stays[-1]
    if act.at <= here.since:
        raise RefusedError(f"lot {lot.id!r} came to {here.zone!r} at {here.since.isoformat()}, not before")
    if isinstance(act, LotMoved) and act.zone == here.zone:
        raise RefusedError(f"lot {lot.id!r} is in {here.zone!r} already")
    if isinstance(act, LotMoved) and len(lot.stays) >= STAY_LIMIT:
        raise RefusedError(f"lot {lot.id!r} was moved {STAY_LIMIT - 1} times already")


def _check_statement(statement: ExposureStatement, act: LotReceived) -> None:
    stated = (statement.lot, statement.product, statement.product_version)
    if stated != (act.lot, act.product, act.product_version):
        raise RefusedError("the statement is of another lot, or judged by another version of the product")
    if not statement.since <= statement.until <= act.at:
        raise RefusedError("the statement's time does not end before the lot was received")
    if statement.exposure.statistics.total_ms != (statement.until - statement.since) // _MILLISECOND:
        raise RefusedError("the statement's exposure is not of the time it names")
    if not is_sealed(statement):
        raise RefusedError("the statement does not say what its hash was made of")
