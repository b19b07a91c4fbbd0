"""What a scanner sends, read: GS1 keys with their check digits held, and nothing guessed from anybody's own numbers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.protocols.framing import FrameError
from edge.protocols.label import TEXT_LIMIT, Label, read_label

GTIN = "80614141123458"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (f"]C101{GTIN}10ABC\x1d21XY", Label(gtin=GTIN, lot="ABC", serial="XY")),
        (f"]d201{GTIN}10LOT\x1d3103001250", Label(gtin=GTIN, lot="LOT", net_kg=Decimal("1.250"))),
        (f"\x1d01{GTIN}3302012345", Label(gtin=GTIN, gross_kg=Decimal("123.45"))),
        (f"01{GTIN}", Label(gtin=GTIN)),
        ("]C100106141412345678908", Label(sscc="106141412345678908")),
        ("106141412345678908", Label(sscc="106141412345678908")),
        (f"00106141412345678908\x1d02{GTIN}3712", Label(sscc="106141412345678908", contents_gtin=GTIN)),
        ("]E04006381333931", Label(gtin="04006381333931")),
        ("4006381333931", Label(gtin="04006381333931")),
    ],
)
def test_a_label_is_read(text, label) -> None:
    assert read_label(text) == label


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("]C10180614141123450", "check-digit"),
        ("]C100106141412345678901", "check-digit"),
        ("4006381333932", "not-gs1"),
        ("106141412345678901", "not-gs1"),
        ("21SHELF-7", "not-gs1"),
        ("10LOT", "not-gs1"),
        (f"01{GTIN}310300xx34", "not-gs1"),
        ("", "not-gs1"),
        ("A" * TEXT_LIMIT, "not-gs1"),
        ("A" * (TEXT_LIMIT + 1), "too-long"),
    ],
)
def test_what_is_no_label_is_refused_with_a_reason(text, reason) -> None:
    with pytest.raises(FrameError) as caught:
        read_label(text)
    assert caught.value.reason == reason


@given(st.text(max_size=60) | st.text("0123456789\x1d]C1d2Q3E0ABC", max_size=60))
def test_no_text_breaks_the_reader(text) -> None:
    try:
        label = read_label(text)
    except FrameError:
        return
    assert label != Label() or text[:1] in ("]", "\x1d")
