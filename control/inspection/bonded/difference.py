"""Book, shelf and customs side by side: where they differ, and what explains it."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from control.inspection.bonded.acts import BookReported
from control.inspection.bonded.book import BookItem


class Cause(StrEnum):
    """What explains a difference, as far as it can be told. What none of them explains somebody must look for."""

    IN_TRANSIT = "in-transit"
    """It is booked ahead and not through the gate, or through and not booked for good."""
    COUNTED_SHORT = "counted-short"
    COUNTED_OVER = "counted-over"
    NOT_REPORTED = "not-reported"
    """Customs has not said what its account holds."""
    CUSTOMS_BEHIND = "customs-behind"
    """What differs from customs is what is booked ahead here or there."""
    UNEXPLAINED = "unexplained"


class OnShelf(Struct, frozen=True, kw_only=True):
    """What lies in the house of an item: all of it, and the part that was never put on a shelf.

    `count_difference` is how much more (less: negative) the last counts found than the records said, unless that was
    adjusted since.
    """

    quantity: Decimal = Decimal()
    arrived: Decimal = Decimal()
    count_difference: Decimal = Decimal()


class Row(Struct, frozen=True, kw_only=True):
    """One item: what the book, the shelves by the records, and customs hold, and the causes of what differs.

    `counted` is how much more or less the last counts found than the records say.
    """

    item: str
    book: Decimal
    shelf: Decimal
    counted: Decimal
    customs: Decimal | None
    causes: tuple[Cause, ...]


def differences(
    book: Mapping[str, BookItem], shelf: Mapping[str, OnShelf], reports: Mapping[str, BookReported]
) -> list[Row]:
    """Return the items on which the three do not agree, by name. Each mapping is by `account/item`."""
    rows = (
        _row(key, book.get(key, BookItem()), shelf.get(key, OnShelf()), reports.get(key))
        for key in sorted(book.keys() | shelf.keys() | reports.keys())
    )
    return [row for row in rows if row.causes]


def _row(key: str, booked: BookItem, lies: OnShelf, report: BookReported | None) -> Row:
    held = booked.increased - booked.reduced
    causes: list[Cause] = []
    short = held - lies.quantity
    if short:
        on_the_way = {booked.reduce_ahead, -booked.increase_ahead, booked.reduce_ahead - booked.increase_ahead}
        causes.append(Cause.IN_TRANSIT if short in on_the_way or short == -lies.arrived else Cause.UNEXPLAINED)
    if lies.count_difference:
        causes.append(Cause.COUNTED_SHORT if lies.count_difference < 0 else Cause.COUNTED_OVER)
    theirs = report.increased - report.reduced if report is not None else None
    if report is None:
        causes.append(Cause.NOT_REPORTED)
    elif theirs != held:
        off = held - (report.increased - report.reduced)
        ahead = {report.increase_ahead, -report.reduce_ahead, report.increase_ahead - report.reduce_ahead}
        causes.append(Cause.CUSTOMS_BEHIND if off in ahead else Cause.UNEXPLAINED)
    return Row(
        item=key,
        book=held,
        shelf=lies.quantity,
        counted=lies.count_difference,
        customs=theirs,
        causes=tuple(dict.fromkeys(causes)),
    )
