import re
from datetime import timedelta
from decimal import Decimal

import pytest
from declarations import BUYER_ID, NOON, answer, changed, declared, exported, imported
from hypothesis import given
from hypothesis import strategies as st

from control.inspection.documents.checks import Flaw
from control.inspection.documents.codes import Table, is_id_card, is_uscc, shipped_codes
from control.inspection.documents.document import Document
from control.inspection.documents.dossiers import Dossiers
from control.inspection.documents.findings import RULES, catalogue, findings, flaw_sentence, sentence
from control.inspection.documents.matching import Level, Outcome, cents, is_overdue, shipped_limits
from control.inspection.documents.notation import Direction

LIMITS = shipped_limits()


def found(papers, outcome=Outcome.BROKEN, acts=(), year="0"):
    dossiers = Dossiers()
    for act in [*map(declared, papers.values()), *acts]:
        dossiers.take(act)
    (dossier,) = dossiers.of_parcel(papers["inventory"].text("logistics_no"))
    return [one for one in findings(dossier, LIMITS, Decimal(year)) if one.outcome is outcome]


def lined(document, **values):
    """The document with other values in its first line."""
    line = {name: value for name, value in (document.lines[0] | values).items() if value}
    return Document(type=document.type, head=document.head, lines=(line, *document.lines[1:]))


@pytest.mark.parametrize("papers", [imported(), exported()], ids=["import", "export"])
def test_papers_that_agree_hold_every_rule(papers):
    kept = found(papers, Outcome.HOLDS)
    direction = Direction.IMPORT if "311" in papers["order"].type else Direction.EXPORT
    assert [one.rule for one in kept] == [rule.id for rule in RULES[direction]]


IMPORT_CHANGES = [
    ("order", {"actural_paid": "118.02"}, {"paid-total", "paid-amount"}),
    ("order", {"actural_paid": "118.01000"}, set()),
    ("order", {"discount": "0.01"}, {"paid-total"}),
    ("order", {"freight": "10.00001"}, {"paid-total"}),
    ("payment", {"amount_paid": "119.01"}, {"paid-amount"}),
    ("payment", {"payer_name": "Li"}, {"buyer"}),
    ("payment", {"payer_id_number": "110105194912310038"}, {"buyer"}),
    ("inventory", {"buyer_name": "Li"}, {"buyer"}),
    ("waybill", {"consignee": "Li"}, {"consignee"}),
    ("waybill", {"consignee_telephone": "1"}, {"consignee"}),
    ("waybill", {"consignee_address": "elsewhere"}, {"consignee"}),
    ("inventory", {"consignee_address": "elsewhere"}, {"consignee"}),
    ("order", {"goods_value": "98", "discount": "", "freight": "11"}, {"goods-value"}),
    ("inventory", {"pack_no": "2"}, {"fixed"}),
    ("inventory", {"currency": "502"}, {"fixed"}),
    ("inventory", {"buyer_id_type": "2"}, {"fixed"}),
    ("inventory", {"net_weight": "1.21"}, {"weights"}),
    ("inventory", {"net_weight": "0"}, {"weights"}),
    ("inventory", {"assure_code": "4301960009"}, {"guarantee"}),
    ("inventory", {"ems_no": ""}, {"mode"}),
    ("inventory", {"bill_no": "B"}, {"mode"}),
    ("inventory", {"country": "116"}, {"mode"}),
    ("inventory", {"trade_mode": "9610"}, {"mode"}),
    ("inventory", {"trade_mode": "9610", "traf_no": "CZ1", "voyage_no": "1", "bill_no": "B"}, set()),
    ("inventory", {"freight": "4901"}, set()),
    ("inventory", {"freight": "4901.00001"}, {"single-limit"}),
    ("inventory", {"gross_weight": "1.27"}, {"carrier-weight"}),
    ("inventory", {"gross_weight": "1.26"}, set()),
    ("inventory", {"agent_code": "913302017532977857"}, {"companies"}),
    ("inventory", {"agent_code": "913302017532977856"}, set()),
    ("inventory", {"traf_mode": "Q"}, {"known-codes"}),
]


@pytest.mark.parametrize(("paper", "head", "broken"), IMPORT_CHANGES)
def test_a_change_in_the_papers_of_an_import_breaks_its_rules_and_no_others(paper, head, broken):
    papers = imported()
    papers[paper] = changed(papers[paper], **head)
    assert {one.rule for one in found(papers)} == broken


LINE_CHANGES = [
    ("order", {"qty": "3"}, {"lines", "line-total"}),
    ("order", {"qty": "2.00"}, set()),
    ("inventory", {"price": "49.50001"}, {"lines"}),
    ("inventory", {"total_price": "99.01"}, {"lines", "line-total"}),
    ("inventory", {"gname": "Coffee"}, {"lines"}),
    ("order", {"currency": "502"}, {"lines"}),
    ("inventory", {"gnum": "2"}, {"lines"}),
    ("inventory", {"unit1": "011"}, {"units"}),
    ("inventory", {"unit2": "011"}, {"units"}),
    ("inventory", {"qty2": "1"}, {"units"}),
    ("inventory", {"unit2": "011", "qty2": "0"}, {"units"}),
    ("inventory", {"unit2": "011", "qty2": "2"}, set()),
    ("inventory", {"unit1": "999"}, {"known-codes"}),
    ("inventory", {"item_record_no": ""}, {"mode"}),
]


@pytest.mark.parametrize(("paper", "line", "broken"), LINE_CHANGES)
def test_a_change_in_a_line_breaks_its_rules_and_no_others(paper, line, broken):
    papers = imported()
    papers[paper] = lined(papers[paper], **line)
    assert {one.rule for one in found(papers)} == broken


EXPORT_CHANGES = [
    ("order", {"order_type": "W"}, {"order-type"}),
    ("order", {"ebp_code": "4301969999"}, {"order-number"}),
    ("inventory", {"trade_mode": "9710"}, {"order-type"}),
    ("waybill", {"pack_no": "2"}, {"packages"}),
    ("payment", {"charge": "12.01"}, {"charge"}),
    ("inventory", {"license_no": "1"}, {"goods-code"}),
    ("inventory", {"statistics_flag": "B"}, {"goods-code"}),
    ("inventory", {"gross_weight": "0.841"}, {"carrier-weight"}),
]


@pytest.mark.parametrize(("paper", "head", "broken"), EXPORT_CHANGES)
def test_a_change_in_the_papers_of_an_export_breaks_its_rules_and_no_others(paper, head, broken):
    papers = exported()
    papers[paper] = changed(papers[paper], **head)
    assert {one.rule for one in found(papers)} == broken


@pytest.mark.parametrize(("order_type", "mode"), [("B", "9710"), ("W", "9810"), ("E", "9610"), ("B", "1210")])
def test_each_kind_of_order_goes_by_its_mode(order_type, mode):
    papers = exported()
    papers["order"] = changed(papers["order"], order_type=order_type)
    papers["inventory"] = changed(papers["inventory"], trade_mode=mode)
    assert found(papers) == []


def test_a_single_item_may_pass_the_limit_of_one_order_and_counts_to_the_year():
    papers = imported()
    for name in ("order", "inventory"):
        papers[name] = lined(papers[name], qty="1", price="6000", total_price="6000")
    papers["order"] = changed(papers["order"], goods_value="6000", actural_paid="6019.01")
    papers["payment"] = changed(papers["payment"], amount_paid="6019.01")
    assert found(papers) == []
    assert found(papers, year="19990") == []
    (finding,) = found(papers, year="19990.01")
    assert (finding.rule, finding.parameters) == ("year-limit", {"value": "26000.01", "limit": "26000"})


@pytest.mark.parametrize("paper", ["order", "payment", "waybill"])
def test_a_missing_paper_is_waited_for_and_is_no_error(paper):
    papers = imported()
    del papers[paper]
    waiting = found(papers, Outcome.WAITS)
    assert found(papers) == []
    assert waiting
    assert {(one.missing, one.since) for one in waiting} == {((paper,), NOON)}
    assert not is_overdue(waiting[0], NOON + timedelta(hours=24), LIMITS)
    assert is_overdue(waiting[0], NOON + timedelta(hours=24, seconds=1), LIMITS)


def test_a_paper_that_customs_sent_back_breaks_the_match():
    (finding,) = found(imported(), acts=[answer("-621005", 1)])
    assert (finding.rule, finding.level, finding.parameters) == ("accepted", Level.ERROR, {"papers": "inventory"})


def test_the_largest_numbers_that_fit_are_counted_exactly():
    papers = imported()
    most = "9" * 14 + ".99999"
    papers["order"] = lined(papers["order"], qty=most, price=most, total_price=most)
    papers["inventory"] = lined(papers["inventory"], qty=most, price=most, total_price=most)
    (total,) = (one for one in found(papers) if one.rule == "line-total")
    assert str((10**19 - 1) ** 2) in total.parameters["said"].replace(".", "")


money = st.integers(0, 10**8).map(lambda hundredths: Decimal(hundredths) / 100)


@given(goods=money, freight=money, tax=money, discount=money, slip=st.integers(-3, 3))
def test_paid_is_checked_as_whole_numbers_would_be(goods, freight, tax, discount, slip):
    paid = goods + freight + tax - discount + Decimal(slip) / 100_000
    if paid < 0:
        return
    papers = imported()
    head = {"goods_value": goods, "freight": freight, "tax_total": tax, "discount": discount, "actural_paid": paid}
    papers["order"] = changed(papers["order"], **{name: f"{value:f}" for name, value in head.items()})
    assert ("paid-total" in {one.rule for one in found(papers)}) == (slip != 0)


@pytest.mark.parametrize(
    ("exact", "paid"), [("0.005", "0.01"), ("0.004999", "0.00"), ("1.115", "1.12"), ("1.125", "1.13")]
)
def test_cents_are_rounded_half_up(exact, paid):
    assert str(cents(Decimal(exact))) == paid


@pytest.mark.parametrize("code", ["913302017532977856", "91370220395949850B"])
def test_credit_codes_that_exist_have_their_check_character_and_no_other_character_does(code):
    assert is_uscc(code)
    others = [code[:17] + other for other in "0123456789ABCDEFGHJKLMNPQRTUWXY" if other != code[17]]
    assert not any(map(is_uscc, [*others, code[:17], code.lower() + "0", "I" + code[1:]]))


def test_an_identity_number_has_one_check_character():
    assert [last for last in "0123456789X" if is_id_card(BUYER_ID[:17] + last)] == ["X"]
    assert not is_id_card("1" * 17)
    assert not is_id_card("\uff11" * 17 + "0")


def test_a_table_from_memory_is_marked_as_such():
    codes = shipped_codes()
    tables = [getattr(codes, name) for name in codes.__struct_fields__]
    assert all(isinstance(table, Table) and table.codes for table in tables)
    assert codes.currency.mark == "recalled"
    assert codes.unit.mark == "verified"


def test_both_languages_have_words_for_every_rule_with_the_same_parameters():
    zh, en = catalogue("zh"), catalogue("en")
    for part in zh.__struct_fields__:
        ours, theirs = getattr(zh, part), getattr(en, part)
        assert list(ours) == list(theirs)
        for key, text in ours.items():
            assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", theirs[key])), key
    rules = {rule.id for rules in RULES.values() for rule in rules}
    assert set(en.rule) == set(en.broken) == rules


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_finding_has_a_sentence(language):
    words = catalogue(language)
    said = []
    for paper, head, _ in IMPORT_CHANGES:
        papers = imported()
        papers[paper] = changed(papers[paper], **head)
        said += [sentence(one, words) for outcome in Outcome for one in found(papers, outcome)]
    assert all(said)
    papers = imported()
    del papers["payment"]
    (first, *_) = found(papers, Outcome.WAITS)
    expected = {
        "en": "waits for payment: the payment is what the order says was paid",
        "zh": "等待支付单:支付金额与订单实付金额一致",
    }
    assert sentence(first, words) == expected[language]


def test_a_flaw_has_a_sentence_with_its_place():
    flaw = Flaw(reason="digits", field="qty", line=3, parameters={"most": "19", "decimals": "5"})
    said = flaw_sentence(flaw, catalogue("en"))
    assert said == "line 3, qty: has too many digits: at most 19, 5 of them behind the point"
