import itertools

import pytest
from declarations import changed, exported, imported

from control.inspection.documents.catalogue import BY_RECEIPT, MESSAGES
from control.inspection.documents.checks import flaws
from control.inspection.documents.document import Document

ALL = [*imported().values(), *exported().values()]


def test_every_message_has_its_keys_among_its_required_fields():
    for message in MESSAGES.values():
        receipt = {field.name: field for field in message.receipt_fields}
        assert all(message.by_name[name].required for name in message.key + message.receipt_key), message.type
        assert all(receipt[name].required for name in message.receipt_key), message.type


def test_there_are_the_messages_of_export_and_import_and_a_receipt_for_each():
    assert set(MESSAGES) == {
        str(number) for number in (303, 403, 505, 507, 509, 603, 605, 607, 311, 411, 511, 513, 621, 623, 711)
    }
    assert set(BY_RECEIPT) == {str(int(message) + 1) for message in MESSAGES}


def test_the_name_traps_of_the_specification_are_as_the_schema_has_them():
    xml = {field.xml for message in MESSAGES.values() for field in message.fields}
    assert {"acturalPaid", "POD", "consignee", "consigneeDistrict", "agentName"} <= xml
    assert not {"actualPaid", "pod", "consingee", "consigneeDitrict", "agengName"} & xml


@pytest.mark.parametrize("document", ALL, ids=lambda document: document.type)
def test_a_document_in_order_has_no_flaw(document):
    assert flaws(document) == ()


@pytest.mark.parametrize("document", ALL, ids=lambda document: document.type)
def test_each_required_field_is_missed(document):
    for field in MESSAGES[document.type].fields:
        if field.required:
            (flaw,) = flaws(changed(document, **{field.name: ""}))
            assert (flaw.reason, flaw.field, flaw.line) == ("missing", field.xml, None)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("app_type", "4", "choice"),
        ("app_time", "20260230110000", "moment"),
        ("app_time", "2026030211", "length"),
        ("guid", "A" * 35, "length"),
        ("goods_value", "1e3", "number"),
        ("goods_value", "-1", "number"),
        ("goods_value", "1,000", "number"),
        ("goods_value", "\uff11", "number"),
        ("goods_value", "1.123456", "digits"),
        ("goods_value", "1" * 20, "digits"),
        ("goods_value", "1" * 15 + ".12345", "digits"),
        ("order_no", "O" * 61, "length"),
        ("order_no", "O\x1f1", "character"),
        ("order_no", " O1", "character"),
        ("order_no", "O\ud800", "character"),
        ("colour", "red", "unknown-field"),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_its_field(bonded, name, value, reason):
    (flaw,) = flaws(changed(bonded["order"], **{name: value}))
    assert flaw.reason == reason


@pytest.mark.parametrize("value", ["1" * 14 + ".12345", "0", "0.1", "007"])
def test_a_number_of_nineteen_digits_fits(bonded, value):
    assert flaws(changed(bonded["order"], goods_value=value)) == ()


def test_lines_are_counted_and_numbered(bonded):
    order = bonded["order"]
    none = Document(type="311", head=order.head)
    many = Document(type="311", head=order.head, lines=tuple(order.lines[0] | {"gnum": str(n)} for n in range(100)))
    twice = Document(type="311", head=order.head, lines=order.lines * 2)
    assert [flaw.reason for one in (none, many, twice) for flaw in flaws(one)] == ["lines", "lines", "repeated-number"]


def test_of_many_flaws_a_hundred_are_told(bonded):
    lines = tuple({"gnum": str(number)} for number in range(1, 50))
    assert len(flaws(Document(type="311", head={}, lines=lines))) == 100


def test_a_message_that_nobody_knows_is_a_flaw():
    assert [flaw.reason for flaw in flaws(Document(type="999", head={}))] == ["unknown-message"]


def test_two_documents_have_one_key_only_where_all_its_values_are_the_same(bonded):
    keys = [changed(bonded["order"], order_no=order, ebc_code=ebc).key for order, ebc in itertools.product("ab", "ab")]
    assert len(set(keys)) == 4


@pytest.fixture
def bonded():
    return imported()
