"""What a simulated enterprise declares is read by control as it is meant, and nothing of it is wrong."""

from datetime import UTC, datetime

import msgspec
import pytest

from control.inspection.ceb.reader import Content, read
from control.inspection.documents.acts import Declared, Source
from control.inspection.documents.checks import flaws
from control.inspection.documents.dossiers import Dossiers
from control.inspection.documents.findings import findings
from control.inspection.documents.matching import Outcome, shipped_limits
from firmware_sim.trade import papers
from firmware_sim.trade.firms import Consignment, Firm, Trade

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
NAMES = ("platform", "seller", "carrier", "agent", "operator")
TRADE = msgspec.convert(
    {name: {"code": f"430196100{n}", "zh": f"模拟 <{name}> & 一", "en": name} for n, name in enumerate(NAMES, 1)}, Trade
)
PARCELS = [Consignment(logistics_no=f"SM2603021200{n}", epc="3055A537", declared_kg=n * 1.2345) for n in range(1, 21)]


def all_papers() -> list[Content]:
    return [
        read(papers.orders(TRADE, PARCELS, NOON)),
        read(papers.waybills(TRADE, PARCELS, NOON)),
        read(papers.inventories(TRADE, PARCELS, "B1", NOON)),
        read(papers.arrival(TRADE, PARCELS, "B1", NOON)),
        read(papers.departure(TRADE, [one.logistics_no for one in PARCELS], f"{'x' * 30}-260302120000", NOON)),
    ]


def test_every_paper_is_read_without_repair_and_has_no_flaw() -> None:
    for paper in all_papers():
        assert paper.repairs == ()
        assert paper.transfer is not None
        assert [flaws(document) for document in paper.documents] == [()] * len(paper.documents)
        assert all(document.is_declared for document in paper.documents)
    counts = {one.type: len(one.documents) for one in all_papers()}
    assert counts == {"303": 20, "505": 20, "603": 20, "507": 1, "509": 1}


def test_no_rule_is_broken_by_them() -> None:
    dossiers = Dossiers()
    for paper in all_papers():
        for document in paper.documents:
            dossiers.take(Declared(document=document, source=Source.API, at=NOON, by="sim"))
    for parcel in PARCELS:
        (dossier,) = dossiers.of_parcel(parcel.logistics_no)
        assert [one.rule for one in findings(dossier, shipped_limits()) if one.outcome is Outcome.BROKEN] == []
        assert float(dossiers.declared_kg(parcel.logistics_no) or 0) == pytest.approx(parcel.declared_kg, abs=0.001)
        assert len(dossiers.lists_of(parcel.logistics_no)) == 2


def test_a_name_stands_in_a_paper_as_it_is() -> None:
    assert all_papers()[0].documents[0].text("ebc_name") == "模拟 <seller> & 一"


def test_the_same_papers_have_the_same_guid_and_others_another() -> None:
    one, again = papers.orders(TRADE, PARCELS, NOON), papers.orders(TRADE, PARCELS, NOON)
    other = papers.orders(TRADE, PARCELS[1:], NOON)
    assert read(one).guid == read(again).guid != read(other).guid


@pytest.mark.parametrize("code", ["", "43", "43-1", "4301961001" * 2])
def test_a_code_that_no_paper_can_have_is_refused(code: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"code": code, "zh": "一", "en": "one"}, Firm)
