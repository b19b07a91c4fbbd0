"""Labels and pick lists say all they have to, in both languages, and nothing on them is cut however long it is."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pypdf
import pytest
import typst
from PIL import Image
from pylopdf_fonts_zh_cn import sans_path

from coldport.errors import NotFoundError, RefusedError
from coldport.site import Band, ZoneClass
from control.inspection.stock.acts import BinSet, StockLotNamed, StockMoved
from control.inspection.stock.rules import Verb
from control.inspection.stock.stock import Stock
from control.labels import label, picks
from control.labels.label import Keep, Label, print_labels
from control.labels.picks import picks as picked
from control.labels.picks import print_picks
from control.passport.acts import PassportIssued
from control.passport.code import Item, grower_code

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
TODAY = date(2026, 3, 1)
ADDRESS = "https://pass.example/01/06901234567892/10/L2603/21/000017"
KEEP = Keep(ZoneClass.CHILLED, Band(low=2.0, high=8.0))
SHORT = {
    "product": "湘莲 Lotus seed",
    "grower": "花石合作社",
    "item": Item(gtin="06901234567892", lot="L2603", serial="17"),
}
LONG = [
    {**SHORT, "product": "超" * 120, "grower": "湘" * 120},
    {**SHORT, "product": "W" * 120, "grower": "W" * 120, "item": Item(gtin="0" * 14, lot="W" * 20, serial="M" * 20)},
    {**SHORT, "product": "a long name of a thing " * 5, "grower": "Genossenschaft für Außergewöhnliches " * 3},
    {**SHORT, "item": None, "code": grower_code("91350100M000100Y43", "010701", "260301", 12)},
]


def issued(**fields) -> PassportIssued:
    return PassportIssued(at=NOON, by="li", **{**SHORT, **fields})


def print_label(passport, address, keep, made_at) -> bytes:
    return print_labels([Label(passport, address, keep)], made_at)


def words(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).replace("\u200b", "")


@pytest.fixture
def drawn(monkeypatch):
    """Let what is printed be drawn instead, at 200 dots an inch."""

    def draw(template, inputs, _made_at):
        fonts = {"font_paths": [str(sans_path().parent)], "ignore_system_fonts": True}
        return typst.compile(str(template), format="png", ppi=200, sys_inputs=dict(inputs), **fonts)

    monkeypatch.setattr(label, "print_pdf", draw)
    monkeypatch.setattr(picks, "print_pdf", draw)


def test_a_label_is_one_page_of_its_size_with_everything_on_it():
    pdf = pypdf.PdfReader(io.BytesIO(print_label(issued(), ADDRESS, KEEP, NOON)))
    [page] = pdf.pages
    assert [round(float(side) / 72 * 25.4) for side in page.mediabox[2:]] == [100, 60]
    text = words(print_label(issued(), ADDRESS, KEEP, NOON))
    for said in ("湘莲 Lotus seed", "花石合作社", "L2603", "17", "冷藏 Chilled 2 ~ 8 °C", ADDRESS, "种植者 Grower"):
        assert said.replace(" ", "") in text.replace(" ", "").replace("\n", ""), said
    assert print_label(issued(), ADDRESS, KEEP, NOON) == print_label(issued(), ADDRESS, KEEP, NOON)


@pytest.mark.parametrize("fields", [SHORT, *LONG])
def test_nothing_on_a_label_is_cut_or_lies_over_another(drawn, fields):
    address = (
        "https://pass.example-of-a-long-host.xiangtan.example/01/06901234567892/10/" + "W" * 20 + "/21/" + "M" * 20
    )
    picture = Image.open(io.BytesIO(print_label(issued(**fields), address, KEEP, NOON))).convert("L")
    millimetre = picture.width / 100
    dark = picture.point(lambda value: 255 * (value < 128))
    box = [side / millimetre for side in dark.getbbox()]
    assert box[0] >= 2.5
    assert box[1] >= 1.5
    assert box[2] <= 97.5
    assert box[3] <= 58.5
    between = dark.crop([round(side * millimetre) for side in (65.3, 3, 66.7, 35)])
    assert between.getbbox() is None, "the text keeps away from the code"
    for below in (48.2, 50.6):
        strip = dark.crop([round(side * millimetre) for side in (3, below, 97, below + 0.4)])
        assert strip.getbbox() is None, "facts, line and address keep apart"


def test_all_of_a_long_name_is_on_the_label():
    for fields in LONG[:3]:
        text = words(print_label(issued(**fields), ADDRESS, None, NOON)).replace("\n", "").replace(" ", "")
        assert fields["product"].replace(" ", "") in text
        assert fields["grower"].replace(" ", "") in text


def test_a_character_without_a_shape_is_refused_and_markup_is_text():
    with pytest.raises(RefusedError, match="cannot be printed"):
        print_label(issued(product="\U00013000"), ADDRESS, None, NOON)
    assert '#import"x"' in words(print_label(issued(product='#import "x" *b*'), ADDRESS, None, NOON)).replace(" ", "")


def test_the_labels_of_a_lot_are_a_page_each():
    labels = [Label(issued(item=Item(gtin="06901234567892", lot="L1", serial=str(n))), ADDRESS) for n in (71, 82)]
    pages = pypdf.PdfReader(io.BytesIO(print_labels(labels, NOON))).pages
    assert len(pages) == 2
    assert all(serial in page.extract_text() for page, serial in zip(pages, ("71", "82"), strict=True))


def stock(*reserved: tuple[str, str, str]) -> Stock:
    """Return a stock with two items in three rooms; `reserved`: lot, bin, order."""
    kept = Stock()
    common = {"at": NOON, "by": "li"}
    bins = (
        ("f-1", ZoneClass.FROZEN, 0),
        ("c-1", ZoneClass.CHILLED, 5),
        ("a-2", ZoneClass.CONSTANT, 9),
        ("a-1", ZoneClass.CONSTANT, 8),
    )
    for name, kind, walk in bins:
        kept.take(BinSet(bin=name, zone=name[0], temperature_class=kind, capacity=Decimal(999), walk=walk, **common))
    lots = (
        ("milk-1", "奶粉 Formula", ZoneClass.CONSTANT, date(2027, 1, 1), "a-1"),
        ("milk-0", "奶粉 Formula", ZoneClass.CONSTANT, date(2026, 12, 1), "a-2"),
        ("old", "奶粉 Formula", ZoneClass.CONSTANT, date(2026, 2, 1), "a-2"),
        ("cheese", "Cheese", ZoneClass.CHILLED, date(2026, 5, 1), "c-1"),
        ("pork", "Pork", ZoneClass.FROZEN, None, "f-1"),
    )
    for name, item, kind, expires_on, place in lots:
        named = {"lot": name, "item": item, "temperature_class": kind, "expires_on": expires_on}
        kept.take(StockLotNamed(unit="011", owner="EBC", **named, **common))
        kept.take(StockMoved(verb=Verb.ADJUST_UP, lot=name, quantity=Decimal(20), bin=place, **common))
    for name, place, order in reserved:
        kept.take(StockMoved(verb=Verb.RESERVE, lot=name, quantity=Decimal("2.50"), bin=place, order=order, **common))
    return kept


WAVE = (("pork", "f-1", "o1"), ("cheese", "c-1", "o1"), ("milk-0", "a-2", "o2"), ("milk-1", "a-1", "o1"))


def test_a_list_goes_along_the_way_and_fetches_cold_goods_last():
    found = picked(stock(*WAVE, ("milk-1", "a-1", "other")), ["o1", "o2"], TODAY)
    assert [(one.bin, one.lot, one.order) for one in found] == [
        ("a-1", "milk-1", "o1"),
        ("a-2", "milk-0", "o2"),
        ("c-1", "cheese", "o1"),
        ("f-1", "pork", "o1"),
    ]


def test_a_line_says_when_a_lot_is_free_that_expires_earlier_and_has_not_expired():
    found = {one.lot: one.earlier for one in picked(stock(*WAVE), ["o1", "o2"], TODAY)}
    assert found == {"milk-1": ("milk-0", "a-2"), "milk-0": None, "cheese": None, "pork": None}


def test_an_order_for_which_nothing_is_reserved_is_not_there():
    with pytest.raises(NotFoundError, match="o9"):
        picked(stock(*WAVE), ["o1", "o9"], TODAY)
    with pytest.raises(NotFoundError):
        picked(stock(*WAVE), ["o1"], TODAY, owner="SOMEBODY")


def test_a_list_has_no_more_lines_than_one_carries(monkeypatch):
    monkeypatch.setattr(picks, "PICK_LIMIT", 3)
    assert len(picked(stock(*WAVE), ["o1"], TODAY)) == 3
    with pytest.raises(RefusedError, match="4 lines"):
        picked(stock(*WAVE), ["o1", "o2"], TODAY)


def test_a_list_names_bin_lot_expiry_quantity_and_order_in_both_languages():
    found = picked(stock(*WAVE), ["o1", "o2"], TODAY)
    text = (
        words(print_picks(found, "湘潭 Xiangtan", ZoneInfo("Asia/Shanghai"), NOON)).replace("\n", "").replace(" ", "")
    )
    for said in (
        "拣货单Picklist",
        "a-1",
        "恒温Constant",
        "milk-1",
        "2027-01-01",
        "2.5",
        "o1,o2",
        "先到期的批次可用",
        "湘潭",
    ):
        assert said in text, said


def test_nothing_on_a_list_is_cut(drawn):
    found = [
        picks.Pick(
            order="ORDER-OF-SIXTY-CHARACTERS-" + "W" * 34,
            bin="b" * 48,
            zone="z" * 48,
            zone_class=ZoneClass.FROZEN,
            item="婴儿配方奶粉" * 10,
            lot="l" * 48,
            expires_on=TODAY,
            quantity=Decimal("123456.78901"),
            earlier=("e" * 48, "b" * 48),
        )
    ]
    picture = Image.open(io.BytesIO(print_picks(found, "名" * 40, ZoneInfo("Asia/Shanghai"), NOON))).convert("L")
    box = picture.point(lambda value: 255 * (value < 128)).getbbox()
    assert box[0] / picture.width * 210 >= 11
    assert box[2] / picture.width * 210 <= 199
