"""Passports by a key: issued, scanned by a reader that says where it is, listed, and drawn as a code."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from coldport.errors import NotFoundError, RefusedError
from control.access.decision import OF_THE_SITE, Owned
from control.access.party import SITE, Scope
from control.api.access.owners import THE_PASSPORT, of_lot, of_passport
from control.api.access.policy import EACH, IN_BODY, needs
from control.api.access.visitor import Visitor
from control.api.context import Context, InContext
from control.api.passport.schemas import PassportBody, PassportView, ScanBody
from control.labels.label import Keep, Label, print_labels
from control.passport.acts import PassportIssued, PassportScanned
from control.passport.code import Item, grower_code, is_grower_code, name_at, path_of, uscc_of
from control.passport.passports import Passport, name_of
from control.printing.typeset import qr_code

router = APIRouter(prefix="/api/v1/passports", tags=["passports"])

PAGE_LIMIT = 1_000
"""Passports of one answer, and how many of the newest are looked at for a party's list."""

LABEL_LIMIT = 100
"""Labels of one PDF: some seconds of the press."""

PassportPath = Annotated[
    str, Path(max_length=200, description="`01/GTIN/10/LOT/21/SERIAL`, or `p/CODE` for a grower's code")
]


@router.get("")
async def get_passports(
    context: InContext,
    visitor: Annotated[Visitor, needs(Scope.PASSPORTS_READ, EACH)],
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 100,
) -> list[PassportView]:
    """List passports, those issued last first.

    A party is shown its own among the last 1,000; of an older one it asks by its name.
    """
    newest = reversed(context.desk.passports.state.by_name.values())
    looked_at = newest if visitor.sees_all else islice(newest, PAGE_LIMIT)
    return [_view(context, one) for one in await visitor.only(looked_at, of_passport, limit)]


@router.post("", status_code=HTTPStatus.CREATED)
async def issue(
    context: InContext, visitor: Annotated[Visitor, needs(Scope.PASSPORTS_ISSUE, IN_BODY)], body: PassportBody
) -> PassportView:
    """Give one thing a passport; who asks issues it, or whoever has granted that.

    409: its name is not one, or was given already; or its code has the USCC of another party. 404: no such lot, or
    another's.
    """
    desk = context.desk
    owner = body.owner or visitor.principal.party
    await visitor.must(lambda: Owned(frozenset({owner})))
    desk.access.party(owner)
    if body.lot is not None:
        lot = body.lot
        await visitor.must(lambda: _of_lot(context, lot))
    issued = PassportIssued(
        item=Item(gtin=body.item.gtin, lot=body.item.lot, serial=body.item.serial) if body.item else None,
        code=_code(body),
        product=body.product,
        grower=body.grower,
        plot=body.plot,
        certificates=body.certificates,
        lot=body.lot,
        owner=None if owner == SITE else owner,
        at=desk.now(),
        by=body.by,
    )
    if issued.code is not None and is_grower_code(issued.code):
        others = desk.access.named([uscc_of(issued.code)]) - {owner}
        if others:
            raise RefusedError(
                f"the USCC {uscc_of(issued.code)} is another party's: it issues its own, or is the owner"
            )
    desk.record(issued)
    return _view(context, desk.passports.find(name_of(issued)))


@router.post("/scans", status_code=HTTPStatus.CREATED)
async def scan(
    context: InContext, visitor: Annotated[Visitor, needs(Scope.PASSPORTS_SCAN, IN_BODY)], body: ScanBody
) -> PassportView:
    """Put on record that a reader with a place scanned a passport; two places too far apart are a suspected copy."""
    desk = context.desk
    await visitor.must(lambda: of_passport(desk.passports.find(body.passport)))
    desk.record(PassportScanned(passport=body.passport, at=body.at or desk.now(), where=body.where))
    return _view(context, desk.passports.find(body.passport))


@router.get("/labels.pdf", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
async def get_labels(
    context: InContext,
    visitor: Annotated[Visitor, needs(Scope.PASSPORTS_READ, EACH)],
    lot: Annotated[str, Query(min_length=1, max_length=48, description="lot of the passport's item, or on this floor")],
    after: Annotated[str, Query(max_length=200, description="only those issued after the one of this name")] = "",
) -> Response:
    """Print the labels of a lot in the order in which they were issued, at most 100; go on with `after`.

    404: none of them is yours or shared with you, or there are no more.
    """
    those = [one for one in context.desk.passports.state.by_name.values() if lot in _lots(one)]
    names = [name_of(one.issued) for one in those]
    following = those[names.index(after) + 1 :] if after in names else those
    labels = await visitor.only(following, of_passport, LABEL_LIMIT)
    if not labels:
        raise NotFoundError(f"no passports of lot {lot!r}")
    return await _printed(context, labels)


READ = needs(Scope.PASSPORTS_READ, THE_PASSPORT)


@router.get("/{name:path}/qr.svg", dependencies=[READ], response_class=Response)
async def get_code(context: InContext, name: PassportPath) -> Response:
    """Return the QR code that leads to a passport's page, as SVG."""
    drawn = qr_code(context.passports.address_of(name_of(found(context, name).issued)))
    return Response(drawn, media_type="image/svg+xml")


@router.get(
    "/{name:path}/label.pdf",
    dependencies=[READ],
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}}},
)
async def get_label(context: InContext, name: PassportPath) -> Response:
    """Print the label of a passport, 100 x 60 mm: product, grower, lot, serial, how to keep it, and its code."""
    return await _printed(context, [found(context, name)])


@router.get("/{name:path}", dependencies=[READ])
async def get_passport(context: InContext, name: PassportPath) -> PassportView:
    """Return a passport and how often it was scanned."""
    return _view(context, found(context, name))


def found(context: Context, path: str) -> Passport:
    """Return the passport at a path; raises NotFoundError."""
    return context.desk.passports.find(name_at(path) or path)


def _of_lot(context: Context, lot: str) -> Owned:
    """Whose a lot is, in the cold store or on the shelves; raises NotFoundError."""
    try:
        return of_lot(context.desk.lot(lot))
    except NotFoundError:
        context.desk.floor.stock.lot(lot)
        return OF_THE_SITE


def _lots(passport: Passport) -> tuple[str | None, str | None]:
    issued = passport.issued
    return issued.lot, issued.item.lot if issued.item is not None else None


async def _printed(context: Context, passports: Sequence[Passport]) -> Response:
    labels = [
        Label(one.issued, context.passports.address_of(name_of(one.issued)), _keep(context, one.issued.lot))
        for one in passports
    ]
    job = partial(print_labels, labels, context.desk.now())
    return Response(await context.press.run(job), media_type="application/pdf")


def _keep(context: Context, lot: str | None) -> Keep | None:
    """Return how a lot is kept: as the zone it is in, or was in last; of a lot on a shelf its class is known."""
    if lot is None:
        return None
    with suppress(NotFoundError):
        last = context.desk.lot(lot).stays[-1].zone
        return next(
            (Keep(one.zone_class, one.temperature_c) for one in context.desk.site.zones if one.id == last), None
        )
    with suppress(NotFoundError):
        return Keep(context.desk.floor.stock.lot(lot).temperature_class)
    return None


def _code(body: PassportBody) -> str | None:
    if body.numbered is None:
        return body.code
    if body.code is not None:
        raise RefusedError("a code is given, or made of what is numbered, not both")
    parts = body.numbered
    return grower_code(parts.uscc, parts.product, parts.day, parts.serial)


def _view(context: Context, passport: Passport) -> PassportView:
    issued = passport.issued
    name = name_of(issued)
    return PassportView(
        name=name,
        address=context.passports.address_of(name),
        path=path_of(name),
        product=issued.product,
        grower=issued.grower,
        plot=issued.plot,
        certificates=issued.certificates,
        lot=issued.lot,
        owner=issued.owner or SITE,
        issued_at=issued.at,
        issued_by=issued.by,
        scans=passport.scans,
        first_scan=passport.first_scan,
        suspicions=passport.suspicions,
    )
