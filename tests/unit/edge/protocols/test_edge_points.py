import struct

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldport.messages.observation import Quality
from edge.points import BitScale, Measured, RegisterScale, RegisterType, Sign, WordOrder


@pytest.mark.parametrize(
    ("registers", "scale", "value"),
    [
        ([0xFF9B], RegisterScale(scale=0.1), -10.1),
        ([0xFF9B], RegisterScale(type=RegisterType.UINT16, scale=0.1), 6543.5),
        ([0x80CD], RegisterScale(scale=0.1, sign=Sign.MAGNITUDE), -20.5),
        ([10_205], RegisterScale(scale=0.1, sign=Sign.PLUS_10000), -20.5),
        ([9_999], RegisterScale(scale=0.1, sign=Sign.PLUS_10000), 999.9),
        ([305], RegisterScale(scale=0.1, offset=-0.5), 30.0),
        ([3], RegisterScale(scale=0.1), 0.3),
        ([0xFFFF, 0xFFFE], RegisterScale(type=RegisterType.INT32), -2.0),
        ([0xFFFE, 0xFFFF], RegisterScale(type=RegisterType.INT32, word_order=WordOrder.LOW_FIRST), -2.0),
        ([0xFFFF, 0xFFFE], RegisterScale(type=RegisterType.UINT32), 4294967294.0),
        ([0x8000, 0x0001], RegisterScale(type=RegisterType.INT32, sign=Sign.MAGNITUDE), -1.0),
        ([0x41F4, 0x0000], RegisterScale(type=RegisterType.FLOAT32), 30.5),
        ([0x0000, 0x41F4], RegisterScale(type=RegisterType.FLOAT32, word_order=WordOrder.LOW_FIRST), 30.5),
    ],
    ids=[
        "twos", "unsigned", "sign-magnitude", "plus-10000", "below-10000", "offset", "tenths-stay-tenths",
        "int32", "int32-low-first", "uint32", "int32-sign-magnitude", "float32", "float32-low-first",
    ],
)  # fmt: skip
def test_registers_become_the_value_that_the_device_means(registers, scale, value):
    assert scale.measure(registers) == Measured(value)


@pytest.mark.parametrize(
    ("registers", "scale", "reason"),
    [
        ([0x8000], RegisterScale(scale=0.1, sentinels=(0x8000, 0x7FFF)), "sentinel"),
        ([0xFFFF], RegisterScale(type=RegisterType.UINT16, scale=0.1, maximum=120.0), "out-of-range"),
        ([0xFE6F], RegisterScale(scale=0.1, minimum=-40.0), "out-of-range"),
        ([0x7FC0, 0x0000], RegisterScale(type=RegisterType.FLOAT32), "not-a-number"),
        ([0x7F80, 0x0000], RegisterScale(type=RegisterType.FLOAT32), "not-a-number"),
    ],
    ids=["probe-open", "read-as-unsigned", "below-the-probe", "nan", "infinite"],
)
def test_what_cannot_be_a_measurement_is_bad_and_has_no_value(registers, scale, reason):
    assert scale.measure(registers) == Measured(None, Quality.BAD, reason)


def test_the_ends_of_the_range_are_inside_it():
    scale = RegisterScale(scale=0.1, minimum=-40.0, maximum=80.0)

    assert [scale.measure([raw & 0xFFFF]).value for raw in (-400, 800)] == [-40.0, 80.0]
    assert [scale.measure([raw & 0xFFFF]).reason for raw in (-401, 801)] == ["out-of-range"] * 2


@settings(max_examples=100)
@given(tenths=st.integers(-32_768, 32_767))
def test_every_tenth_of_a_degree_comes_out_as_it_is_written(tenths):
    (raw,) = struct.unpack(">H", struct.pack(">h", tenths))

    assert RegisterScale(scale=0.1).measure([raw]).value == float(f"{tenths}e-1")


def test_a_wrong_number_of_registers_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="takes 2 registers"):
        RegisterScale(type=RegisterType.FLOAT32).measure([1])


def test_a_contact_wired_the_other_way_is_turned_round():
    assert [BitScale().measure(bit).value for bit in (0, 1)] == [0.0, 1.0]
    assert [BitScale(inverted=True).measure(bit).value for bit in (0, 1)] == [1.0, 0.0]


@pytest.mark.parametrize("wrong", [{"minimum": 80.0, "maximum": -40.0}, {"scale": 0}], ids=str)
def test_a_scale_by_which_no_value_could_be_good_is_refused_where_it_is_written(wrong):
    with pytest.raises(msgspec.ValidationError, match=r"`\$\[0\]`"):
        msgspec.convert([wrong], list[RegisterScale])
