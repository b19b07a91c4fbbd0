"""Rules that hold for export and import alike: lines against lines, totals, weights, units, codes."""

from collections.abc import Iterator

from control.inspection.documents.codes import is_uscc, shipped_codes
from control.inspection.documents.document import Document
from control.inspection.documents.matching import Case, Differs, cents, first, line_number, said_by, same

_UNITS = ("qty", "unit", "qty1", "unit1", "qty2", "unit2")


def order_number(case: Case) -> Differs:
    """Order, payment and inventory name the same order and the same platform."""
    named = (case.order, case.payment, case.inventory)
    return same(*((paper, "order_no") for paper in named)) or same(*((paper, "ebp_code") for paper in named))


def waybill_number(case: Case) -> Differs:
    """Waybill and inventory name the same parcel and the same carrier."""
    both = (case.waybill, case.inventory)
    return same(*((paper, "logistics_no") for paper in both)) or same(*((paper, "logistics_code") for paper in both))


def lines(case: Case) -> Differs:
    """Each line of the inventory is the line of the order with its number, in name, quantity, price and currency."""
    ordered = {line["gnum"]: line for line in case.order.lines}
    declared = {line["gnum"]: line for line in case.inventory.lines}
    if set(ordered) != set(declared):
        return {"said": f"{case.order.type}: {', '.join(ordered)}; {case.inventory.type}: {', '.join(declared)}"}
    return first(_unlike(case, ordered, declared))


def _unlike(
    case: Case, ordered: dict[str, dict[str, str]], declared: dict[str, dict[str, str]]
) -> Iterator[dict[str, str]]:
    for gnum, line in declared.items():
        other = ordered[gnum]
        for name in ("qty", "price", "total_price"):
            if line_number(line, name) != line_number(other, name):
                yield _line_said(gnum, name, case, other.get(name, ""), line.get(name, ""))
        pairs = [("currency", other.get("currency", ""), line.get("currency", ""))]
        pairs.append(("gname", other.get("item_name", ""), line.get("gname", "")))
        for name, was, now in pairs:
            if was != now:
                yield _line_said(gnum, name, case, was, now)


def _line_said(gnum: str, name: str, case: Case, was: str, now: str) -> dict[str, str]:
    return {"said": f"{gnum}: {name} {case.order.type} = {was}, {case.inventory.type} = {now}"}


def line_total(case: Case) -> Differs:
    """In every line the total is quantity times price, to the cent at least."""
    return first(
        {"said": f"{paper.type} {line['gnum']}: {line['qty']} * {line['price']} = {exact}, {line['total_price']}"}
        for paper in (case.order, case.inventory)
        for line in paper.lines
        if line_number(line, "total_price")
        not in {exact := line_number(line, "qty") * line_number(line, "price"), cents(exact)}
    )


def goods_value(case: Case) -> Differs:
    """The lines of the order add up to its value."""
    total = sum(line_number(line, "total_price") for line in case.order.lines)
    declared = case.order.number("goods_value")
    return None if total == declared else said_by({"lines": str(total), "303/311.goodsValue": str(declared)})


def weights(case: Case) -> Differs:
    """Net weight is above 0 and not above gross weight."""
    net, gross = case.inventory.number("net_weight"), case.inventory.number("gross_weight")
    return None if 0 < net <= gross else said_by({"netWeight": str(net), "grossWeight": str(gross)})


def units(case: Case) -> Differs:
    """A unit that is the lawful one has the lawful quantity; a second unit has a second quantity above 0."""
    return first(
        {"said": f"{line['gnum']}: " + ", ".join(f"{name} = {line.get(name, '-')}" for name in _UNITS)}
        for line in case.inventory.lines
        if not _units_fit(line)
    )


def _units_fit(line: dict[str, str]) -> bool:
    if line["unit"] == line["unit1"] and line_number(line, "qty") != line_number(line, "qty1"):
        return False
    if "unit2" in line or "qty2" in line:
        return "unit2" in line and line_number(line, "qty2") > 0
    return True


def carrier_weight(case: Case) -> Differs:
    """The declared gross weight is near that of the carrier."""
    carried = case.waybill.number("weight") or case.waybill.number("gross_weight")
    declared = case.inventory.number("gross_weight")
    band = max(case.limits.weight_kg, carried * case.limits.weight_percent / 100)
    if abs(declared - carried) <= band:
        return None
    return {"declared": str(declared), "carried": str(carried), "band": str(band.normalize())}


def accepted(case: Case) -> Differs:
    """Customs has rejected none of the papers."""
    return {"papers": ", ".join(case.rejected)} if case.rejected else None


def companies(case: Case) -> Differs:
    """A company code of 18 characters has the check character of a credit code."""
    names = ("ebp_code", "ebc_code", "logistics_code", "agent_code", "owner_code", "assure_code")
    said = {name: case.inventory.text(name) for name in names}
    wrong = {name: code for name, code in said.items() if len(code) == 18 and not is_uscc(code)}
    return said_by(wrong) if wrong else None


def known_codes(case: Case) -> Differs:
    """Units, currencies, ways of transport and packings are in the code tables."""
    return first(_unknown(case.inventory))


def _unknown(inventory: Document) -> Iterator[dict[str, str]]:
    tables = shipped_codes()
    head = {"traf_mode": tables.traf_mode, "wrap_type": tables.wrap_type}
    for name, table in head.items():
        if inventory.text(name) and inventory.text(name) not in table.codes:
            yield {"field": name, "code": inventory.text(name)}
    line_tables = {"unit": tables.unit, "unit1": tables.unit, "unit2": tables.unit, "currency": tables.currency}
    for line in inventory.lines:
        for name, table in line_tables.items():
            if name in line and line[name] not in table.codes:
                yield {"field": name, "code": line[name]}
