import re
import tracemalloc

import pytest
from declarations import answer, changed, exported, imported
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from coldport.errors import MalformedError, RefusedError
from control.inspection.ceb import tree
from control.inspection.ceb.reader import Transfer, read
from control.inspection.ceb.schema import schema
from control.inspection.ceb.writer import write, write_receipts
from control.inspection.documents.catalogue import MESSAGES
from control.inspection.documents.checks import flaws
from control.inspection.documents.document import Document
from control.inspection.documents.notation import Kind
from control.inspection.documents.receipts import CustomsReceipt

GUID = "C" * 36
FROM = Transfer(cop_code="4301960004", cop_name="Broker", dxp_id="DXPENT0000000001")
ALL = [*imported().values(), *exported().values()]
SCHEMA = etree.XMLSchema(etree.fromstring(schema().encode()))


def is_valid(body):
    SCHEMA.assertValid(etree.fromstring(body))
    return True


def value(field, *, full):
    if field.choices:
        return st.sampled_from(field.choices)
    if field.kind is Kind.NUMBER:
        whole = st.integers(0, 10 ** (field.longest - field.decimals) - 1)
        part = st.integers(0, 10**field.decimals - 1)
        return st.tuples(whole, part).map(
            lambda two: f"{two[0]}.{two[1]:0{field.decimals}}" if field.decimals else f"{two[0]}"
        )
    if field.kind is Kind.MOMENT:
        return st.just("20260302110000000"[: field.longest])
    size = field.longest if full else field.shortest
    text = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zs", "Zl", "Zp")), min_size=size, max_size=size)
    return text.filter(lambda one: one == one.strip())


@st.composite
def documents(draw, kind=None):
    message = MESSAGES[kind or draw(st.sampled_from(sorted(MESSAGES)))]
    full = draw(st.booleans())

    def part(table):
        return {
            field.name: draw(value(field, full=full and field.longest <= 60))
            for field in table
            if field.required or full
        }

    count = draw(st.integers(message.line_limits[0], min(2, message.line_limits[1])))
    lines = tuple(part(message.line_fields) | {"gnum": str(number)} for number in range(1, count + 1))
    return Document(type=message.type, head=part(message.fields), lines=lines)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(documents())
def test_whatever_is_in_order_is_written_as_the_schema_has_it_and_read_back_the_same(document):
    assert flaws(document) == ()
    body = write([document], FROM, GUID)
    assert is_valid(body)
    content = read(body)
    assert (content.documents, content.transfer, content.guid, content.repairs) == ((document,), FROM, GUID, ())


@pytest.mark.parametrize("kind", sorted(MESSAGES))
def test_each_receipt_is_written_as_the_schema_has_it_and_read_back_the_same(kind):
    message = MESSAGES[kind]
    keys = {field.name: "1" * field.shortest for field in message.receipt_fields if not field.name.startswith("return")}
    receipt = CustomsReceipt(
        type=message.receipt, keys=keys, status="120", time="20260302120000000", info="[Code:1;Desc:<&>]"
    )
    body = write_receipts([receipt], FROM, GUID)
    assert is_valid(body)
    assert read(body).receipts == (receipt,)


def test_import_and_export_nest_as_each_has_it():
    shapes = {
        document.type: re.findall(r"<ceb:([A-Z]\w+)>", write([document], FROM, GUID).decode()) for document in ALL
    }
    assert shapes["411"] == ["Payment", "PaymentHead", "BaseTransfer"]
    assert shapes["511"] == ["Logistics", "LogisticsHead", "BaseTransfer"]
    assert shapes["403"] == ["Receipts", "BaseTransfer"]
    assert shapes["505"] == ["Logistics", "BaseTransfer"]
    assert shapes["621"] == ["Inventory", "InventoryHead", "InventoryList", "BaseTransfer"]


def test_a_signature_has_its_place_after_what_the_schema_puts_before_it():
    signature = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo/></ds:Signature>'
    extend = "<ceb:ExtendMessage/>"
    for document, parts in ((ALL[3], extend + signature), (ALL[7], signature + extend)):
        body = write([document], FROM, GUID).decode().replace("</ceb:BaseTransfer>", f"</ceb:BaseTransfer>{parts}")
        assert is_valid(body.encode())
        assert read(body.encode()).is_signed


def test_a_document_with_a_flaw_is_not_written(bonded_order):
    with pytest.raises(RefusedError, match="311: head orderNo: missing"):
        write([changed(bonded_order, order_no="")], FROM, GUID)


@pytest.mark.parametrize("several", [[], [ALL[0]] * 101, [ALL[0], ALL[1]]])
def test_one_to_a_hundred_documents_of_one_type_are_one_message(several):
    with pytest.raises(RefusedError, match="1 to 100 nodes of one type"):
        write(several, FROM, GUID)


def rewritten(old, new):
    body = write([ALL[3]], FROM, GUID).decode()
    assert old in body
    return read(body.replace(old, new).encode())


TRANSFER = "<ceb:BaseTransfer><ceb:copCode>4301960004</ceb:copCode><ceb:copName>Broker</ceb:copName>"
TRANSFER += "<ceb:dxpMode>DXP</ceb:dxpMode><ceb:dxpId>DXPENT0000000001</ceb:dxpId></ceb:BaseTransfer>"


def test_a_transfer_that_stands_twice_is_read_once_and_noted():
    content = rewritten("</ceb:CEB621Message>", f"{TRANSFER}</ceb:CEB621Message>")
    assert content.transfer == FROM
    assert [repair.reason for repair in content.repairs] == ["transfer-twice"]


def test_a_root_without_its_message_is_read_and_noted():
    content = rewritten("CEB621Message", "CEB621")
    assert (content.documents, [repair.reason for repair in content.repairs]) == ((ALL[3],), ["root"])


@pytest.mark.parametrize(
    ("old", "new", "reasons"), [("ceb:", "", ["no-namespace"]), ("ceb:", "x:", []), ("ceb:", "default", [])]
)
def test_the_prefix_does_not_matter_and_a_missing_namespace_is_noted(old, new, reasons):
    body = write([ALL[3]], FROM, GUID).decode()
    if new == "":
        body = body.replace(' xmlns:ceb="http://www.chinaport.gov.cn/ceb"', "").replace("ceb:", "")
    elif new == "default":
        body = body.replace("xmlns:ceb", "xmlns").replace("ceb:", "")
    else:
        body = body.replace("ceb:", "x:").replace("xmlns:ceb", "xmlns:x")
    content = read(body.encode())
    assert (content.documents, [repair.reason for repair in content.repairs]) == ((ALL[3],), reasons)


def test_elements_in_another_order_are_read_and_noted():
    content = rewritten("      <ceb:ebcCode>4301960002</ceb:ebcCode>\n", "")
    assert [flaw.field for flaw in flaws(content.documents[0])] == ["ebcCode"]
    body = write([ALL[3]], FROM, GUID).decode().replace("      <ceb:ebcCode>4301960002</ceb:ebcCode>\n", "")
    body = body.replace("    </ceb:InventoryHead>", "<ceb:ebcCode>4301960002</ceb:ebcCode></ceb:InventoryHead>")
    content = read(body.encode())
    assert (content.documents, [repair.reason for repair in content.repairs]) == ((ALL[3],), ["order"])


def test_empty_elements_and_blanks_around_are_no_values():
    assert rewritten("<ceb:packNo>1<", "<ceb:preNo/><ceb:packNo> \n 1 <").documents == (ALL[3],)


def test_chinese_encodings_are_read():
    document = changed(ALL[3], consignee_address="湖南省湘潭市雨湖区")
    text = write([document], FROM, GUID).decode()
    for encoding in ("gb2312", "GBK", "gb18030", "utf-16"):
        assert read(text.replace("UTF-8", encoding).encode(encoding)).documents == (document,)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<ceb:packNo>", "<ceb:colour>red</ceb:colour><ceb:packNo>", "'colour' has no place in InventoryHead"),
        ("<ceb:packNo>1<", "<ceb:packNo>1</ceb:packNo><ceb:packNo>2<", "packNo stands twice and says two things"),
        ("<ceb:packNo>1<", "<ceb:packNo><ceb:a/><", "'packNo' has no place"),
        ("ceb:Inventory>", "ceb:Thing>", "'Thing' has no place in CEB621Message"),
        ("InventoryHead>", "Head>", "Inventory is not one InventoryHead and its lines"),
        ("CEB621Message", "CEB999Message", "'CEB999Message' is no message"),
        ("gov.cn/ceb", "gov.cn/other", "is not the namespace"),
        ("</ceb:CEB621Message>", "", "no XML: no element found"),
        ("</ceb:CEB621Message>", TRANSFER.replace("Broker", "B") + "</ceb:CEB621Message>", "twice and says two things"),
        ("<ceb:dxpMode>DXP<", "<ceb:dxpMode>dx<", "BaseTransfer"),
    ],
)
def test_what_cannot_be_meant_as_a_message_is_refused_with_its_reason(old, new, said):
    with pytest.raises(MalformedError, match=said):
        rewritten(old, new)


HOSTILE = {
    "external entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "external type": b'<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>',
    "parameter entity": b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1/a"> %x;]><a/>',
    "billion laughs": b"<!DOCTYPE a [<!ENTITY x0 'ha'>"
    + b"".join(b"<!ENTITY x%d '%s'>" % (n, b"&x%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]><a>&x9;</a>",
    "quadratic": b"<!DOCTYPE a [<!ENTITY x '" + b"h" * 50_000 + b"'>]><a>" + b"&x;" * 50_000 + b"</a>",
    "undeclared entity": b"<a>&x;</a>",
    "deep": b"<a>" * 100_000,
    "many": b"<a>" + b"<b/>" * 300_000 + b"</a>",
    "wide character set": b'<?xml version="1.0" encoding="utf-7"?><a/>',
    "odd character set": b'<?xml version="1.0" encoding="zip"?><a/>',
    "broken chinese": b'<?xml version="1.0" encoding="GBK"?><a>\xff\xff</a>',
    "nothing": b"",
    "zeros": b"\x00" * 1_000_000,
    "long name": b"<" + b"a" * 9_000_000 + b"/>",
    "many attributes": b"<a " + b" ".join(b'a%d="1"' % n for n in range(100_000)) + b"/>",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_are_refused_and_cost_little_memory(body):
    tracemalloc.start()
    with pytest.raises(MalformedError) as refused:
        read(body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200 * 1024 * 1024
    assert len(str(refused.value)) < 300


def test_a_hundred_megabytes_are_refused_before_anything_is_read(monkeypatch):
    monkeypatch.setattr(tree.expat, "ParserCreate", None)
    with pytest.raises(MalformedError, match="too large: 104,857,600 bytes, at most 10,485,760"):
        read(b"<a>".ljust(100 * 1024 * 1024))


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fall(body):
    with pytest.raises(MalformedError):
        read(body)


@settings(max_examples=150)
@given(st.data())
def test_a_message_with_bytes_changed_is_read_or_refused(data):
    body = bytearray(write([ALL[3]], FROM, GUID))
    for _ in range(data.draw(st.integers(1, 5))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        read(bytes(body))
    except MalformedError as refused:
        assert len(str(refused)) < 300  # noqa: PT017 - either way is right


def test_the_receipt_of_a_simulated_customs_is_read_whatever_its_prefix():
    body = write_receipts([answer("800", 1).receipt], FROM, GUID).decode()
    plain = body.replace("xmlns:ceb", "xmlns").replace("ceb:", "").encode()
    assert read(plain).receipts == (answer("800", 1).receipt,)


@pytest.fixture
def bonded_order():
    return ALL[0]
