"""How a question is put to SQLite: driven by its rarest word, in the order asked for, page by page."""

import heapq
import itertools
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from coldport.errors import RefusedError
from control.traceability.event import Found
from control.traceability.ports import NAMES_LIMIT, Mark, Page
from control.traceability.query import Order, Query, Wanted

COLUMNS = "e.record, e.recorded_at, e.event_id, e.at, c.body, e.body"

RARE = 1_000
"""Events that have to be few: so many are put in an order that the index does not have in a few milliseconds."""

Pair = tuple[int, int]
"""A kind and a name, as numbers."""


def found(row: Sequence[Any]) -> Found:
    """Return a row of `COLUMNS` as an event."""
    return Found(record=row[0], recorded_at=row[1], event_id=row[2], at=row[3], context=row[4], body=row[5])


def last_record(db: sqlite3.Connection) -> int:
    """Return the newest record's number; 0 when there is none."""
    return int(db.execute("SELECT coalesce(max(record), 0) FROM event").fetchone()[0])


def values_of(db: sqlite3.Connection, kinds: Sequence[str], after: str, limit: int) -> list[str]:
    """Return what events have of some kinds, in order, above `after`."""
    places = ", ".join("?" * len(kinds))
    asked = f"""
        SELECT n.text FROM name n WHERE n.text > ? AND EXISTS (
          SELECT 1 FROM term t WHERE t.kind IN (SELECT id FROM name WHERE text IN ({places})) AND t.name = n.id
        ) ORDER BY n.text LIMIT ?
    """  # noqa: S608 - only question marks are put in
    return [str(row[0]) for row in db.execute(asked, (after, *kinds, limit))]


def search(db: sqlite3.Connection, query: Query, after: Mark | None, limit: int) -> Page:
    """Return a page of what matches; see `control.traceability.ports.Traces.page`."""
    ceiling = after.ceiling if after else last_record(db)
    wanted = [_pairs(db, one) for one in query.wanted]
    if not all(wanted):
        return Page((), ceiling, more=False)
    counts = [_count(db, pairs) for pairs in wanted]
    rarest = min(range(len(wanted)), key=counts.__getitem__) if wanted else None
    by_record = query.order is Order.RECORD_TIME
    if rarest is not None and by_record and counts[rarest] >= RARE:
        rarest = None  # so many that reading the records in their order meets a page of them soon
    others = [pairs for place, pairs in enumerate(wanted) if place != rarest]
    conditions, bound = _conditions(query, others, after, ceiling)
    if rarest is None:
        rows: Iterator[Sequence[Any]] = _scan(db, query, conditions, bound, limit + 1)
    else:
        rows = _driven(db, query, wanted[rarest], conditions, bound, limit + 1)
    page = [found(row) for row in itertools.islice(rows, limit + 1)]
    return Page(tuple(page[:limit]), ceiling, len(page) > limit)


def _pairs(db: sqlite3.Connection, wanted: Wanted) -> list[Pair]:
    kinds = [row[0] for kind in wanted.kinds for row in db.execute("SELECT id FROM name WHERE text = ?", (kind,))]
    names: set[int] = set()
    for value in wanted.values:
        if value.endswith("*"):
            start = value[:-1]
            asked = "SELECT id FROM name WHERE text >= ? AND text < ? LIMIT ?"
            some = db.execute(asked, (start, f"{start}\U0010ffff", NAMES_LIMIT + 1)).fetchall()
            if len(some) > NAMES_LIMIT:
                raise RefusedError(f"{value} stands for more than {NAMES_LIMIT} identifiers")
        else:
            some = db.execute("SELECT id FROM name WHERE text = ?", (value,)).fetchall()
        names |= {row[0] for row in some}
    return [(kind, name) for kind in kinds for name in sorted(names)]


def _count(db: sqlite3.Connection, pairs: Sequence[Pair]) -> int:
    """Return how many events a word has, not counting beyond `RARE`."""
    total = 0
    for pair in pairs:
        asked = "SELECT count(*) FROM (SELECT 1 FROM term WHERE kind = ? AND name = ? LIMIT ?)"
        total += db.execute(asked, (*pair, RARE - total)).fetchone()[0]
        if total >= RARE:
            break
    return total


def _conditions(
    query: Query, others: Sequence[Sequence[Pair]], after: Mark | None, ceiling: int
) -> tuple[list[str], list[object]]:
    conditions, bound = ["e.record <= ?"], list[object]([ceiling])
    for column, sign, value in (
        ("e.at", ">=", query.event_from),
        ("e.at", "<", query.event_until),
        ("e.recorded_at", ">=", query.record_from),
        ("e.recorded_at", "<", query.record_until),
        ("e.declaration", "=", query.declarations),
    ):
        if value is not None:
            conditions.append(f"{column} {sign} ?")
            bound.append(value)
    for pairs in others:
        places = ", ".join(["(?, ?)"] * len(pairs))
        conditions.append(
            "EXISTS (SELECT 1 FROM term x WHERE (x.kind, x.name) IN "  # noqa: S608 - only question marks are put in
            f"(VALUES {places}) AND x.at = e.at AND x.record = e.record)"
        )
        bound += itertools.chain.from_iterable(pairs)
    signs = {"GE": ">=", "GT": ">", "LE": "<=", "LT": "<", "EQ": "="}
    for one in query.compared:
        places = ", ".join("?" * len(one.fields))
        conditions.append(
            "EXISTS (SELECT 1 FROM measured m WHERE m.record = e.record AND m.uom = ? "  # noqa: S608 - ours
            f"AND m.field IN ({places}) AND m.number {signs[one.sign]} ?)"
        )
        bound += [one.uom, *one.fields, one.number]
    if after:
        sign = "<" if query.descending else ">"
        if query.order is Order.RECORD_TIME:
            conditions.append(f"e.record {sign} ?")
            bound.append(after.record)
        else:
            conditions.append(f"(e.at, e.record) {sign} (?, ?)")
            bound += [after.at, after.record]
    return conditions, bound


def _scan(
    db: sqlite3.Connection, query: Query, conditions: Sequence[str], bound: Sequence[object], limit: int
) -> Iterator[Sequence[Any]]:
    where = " AND ".join(conditions)
    low, high = _records(db, query)
    asked = f"""
        SELECT {COLUMNS} FROM event e JOIN context c ON c.id = e.context
        WHERE {where} AND e.record >= ? AND e.record <= ? ORDER BY {_order(query, "e")} LIMIT ?
    """  # noqa: S608 - conditions and order are ours
    yield from db.execute(asked, (*bound, low, high, limit))


def _records(db: sqlite3.Connection, query: Query) -> Pair:
    """Return the records between two record times: they are numbered in that order."""
    low, high = 0, 2**62
    if query.record_from is not None:
        row = db.execute("SELECT min(record) FROM event WHERE recorded_at >= ?", (query.record_from,)).fetchone()
        low = row[0] if row[0] is not None else 2**62
    if query.record_until is not None:
        row = db.execute("SELECT max(record) FROM event WHERE recorded_at < ?", (query.record_until,)).fetchone()
        high = row[0] if row[0] is not None else -1
    return low, high


def _driven(
    db: sqlite3.Connection,
    query: Query,
    pairs: Sequence[Pair],
    conditions: Sequence[str],
    bound: Sequence[object],
    limit: int,
) -> Iterator[Sequence[Any]]:
    """Yield the events of some words in order: of each word in the order of its index, merged, each event once."""
    where = " AND ".join(conditions)
    window = "".join(
        f" AND t.at {sign} ?"
        for sign, value in ((">=", query.event_from), ("<", query.event_until))
        if value is not None
    )
    edges = [value for value in (query.event_from, query.event_until) if value is not None]
    asked = f"""
        SELECT {COLUMNS} FROM term t CROSS JOIN event e ON e.record = t.record JOIN context c ON c.id = e.context
        WHERE t.kind = ? AND t.name = ?{window} AND {where} ORDER BY {_order(query, "t")} LIMIT ?
    """  # noqa: S608 - conditions and order are ours
    streams = [iter(db.execute(asked, (*pair, *edges, *bound, limit)).fetchall()) for pair in pairs]
    by_record = query.order is Order.RECORD_TIME

    def place(row: Sequence[Any]) -> tuple[int, int]:
        return (0 if by_record else row[3], row[0])

    before: int | None = None
    for row in heapq.merge(*streams, key=place, reverse=query.descending):
        if row[0] != before:
            yield row
        before = row[0]


def _order(query: Query, table: str) -> str:
    way = "DESC" if query.descending else "ASC"
    columns = ("record",) if query.order is Order.RECORD_TIME else ("at", "record")
    return ", ".join(f"{table}.{column} {way}" for column in columns)
