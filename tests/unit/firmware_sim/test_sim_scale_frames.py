"""The frames of the scales' dialects: the manual's bytes, and any weight through a decoder written a second time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from second_decoders import st_gs as second_st_gs
from second_decoders import toledo as second_toledo
from second_decoders import yaohua as second_yaohua
from second_decoders.shown import BadFrameError, Shown

from firmware_sim.devices.scale import Platform, Weighing
from firmware_sim.servers import cas, st_gs, toledo, yaohua, yaohua_text

CENTIGRAMS = Platform(capacity_kg=600, division_kg=0.01)
GRAMS = Platform(capacity_kg=60, division_kg=0.001)
HECTOGRAMS = Platform(capacity_kg=6000, division_kg=0.1)


def shows(gross_kg, tare_kg=0.0, *, stable=True, trouble=None):
    return Weighing(
        gross_kg=gross_kg,
        tare_kg=tare_kg,
        stable=stable,
        overload=trouble == "overload",
        underload=trouble == "underload",
    )


@pytest.mark.parametrize(
    ("value_kg", "platform", "expected"),
    [
        (20.0, CENTIGRAMS, "02 2b 30 30 32 30 30 30 32 31 42 03"),
        (12.34, CENTIGRAMS, "02 2b 30 30 31 32 33 34 32 31 44 03"),
        (12.345, GRAMS, "02 2b 30 31 32 33 34 35 33 31 39 03"),
        (-1.2, HECTOGRAMS, "02 2d 30 30 30 30 31 32 31 31 46 03"),
    ],
)
def test_yaohua_tf0_has_the_bytes_of_the_manual(value_kg, platform, expected):
    assert yaohua.continuous(shows(value_kg), platform).hex(" ") == expected


@pytest.mark.parametrize(
    ("frame", "value_kg", "platform", "expected"),
    [
        (yaohua_text.backwards, 3.0, GRAMS, b"=000.3000"),
        (yaohua_text.backwards, -1.0, CENTIGRAMS, b"=00.1000-"),
        (yaohua_text.forwards, 3.0, GRAMS, b"=0003.000"),
        (yaohua_text.forwards, -1.0, CENTIGRAMS, b"=-0001.00"),
        (yaohua_text.a12, 4.139, GRAMS, b"WG004.139kg3D\r\n"),
        (st_gs.a_and_d, 123.4, HECTOGRAMS, b"ST,GS,+00123.4kg\r\n"),
        (st_gs.jadever, 0.876, GRAMS, b"ST,GS,+  0.876kg\r\n"),
        (st_gs.dini_argeo, 0.0, HECTOGRAMS, b"01ST,GS,     0.0,kg\r\n"),
        (st_gs.tscale, -1.5, HECTOGRAMS, b"ST,GS-    1.5kg\r\n"),
        (cas.long_frame, 12.34, CENTIGRAMS, b"ST,GS,\x01\xe4,   12.34 kg\r\n"),
        (cas.short_frame, -12.34, CENTIGRAMS, b"  -12.34\r\n"),
    ],
)
def test_a_text_has_the_letters_of_its_manual(frame, value_kg, platform, expected):
    assert frame(shows(value_kg), platform) == expected


@pytest.mark.parametrize(
    ("frame", "overload", "underload"),
    [
        (yaohua.continuous, b"", b""),
        (yaohua_text.backwards, b"", b""),
        (yaohua_text.forwards, b"", b""),
        (cas.short_frame, b"", b""),
        (yaohua_text.a12, b"         OL23\r\n", b"         LO23\r\n"),
        (st_gs.a_and_d, b"OL,GS,+00000.0kg\r\n", b"UL,GS,+00000.0kg\r\n"),
        (st_gs.jadever, b"OL,GS,+       kg\r\n", b"UL,GS,+       kg\r\n"),
        (st_gs.dini_argeo, b"01OL,GS,     0.0,kg\r\n", b"01UL,GS,     0.0,kg\r\n"),
    ],
)
def test_out_of_range_no_dialect_shows_a_weight(frame, overload, underload):
    assert frame(shows(9000.0, trouble="overload"), HECTOGRAMS) == overload
    assert frame(shows(-90.0, trouble="underload"), HECTOGRAMS) == underload


@st.composite
def states(draw):
    """A weighing, the platform it is on, and the weight its display shows."""
    platform = draw(st.sampled_from((CENTIGRAMS, GRAMS, HECTOGRAMS)))
    decimals = platform.decimals
    most = round(platform.capacity_kg / platform.division_kg)
    tare = draw(st.one_of(st.just(0), st.integers(1, most)))
    gross = draw(st.integers(-20, most + 9))
    trouble = draw(st.sampled_from((None, None, None, "overload", "underload")))
    weighing = shows(
        round(gross * platform.division_kg, decimals),
        round(tare * platform.division_kg, decimals),
        stable=draw(st.booleans()),
        trouble=trouble,
    )
    return weighing, platform, round((gross - tare) * platform.division_kg, decimals)


FLAGLESS = [
    (yaohua.continuous, second_yaohua.decode_tf0),
    (yaohua_text.backwards, second_yaohua.decode_backwards),
    (yaohua_text.forwards, second_yaohua.decode_forwards),
    (cas.short_frame, second_st_gs.decode_cas_short),
]


@pytest.mark.parametrize(("frame", "decode"), FLAGLESS, ids=["tf0", "backwards", "forwards", "cas-10"])
@given(state=states())
def test_a_dialect_without_flags_says_the_weight_or_nothing(frame, decode, state):
    weighing, platform, value = state
    sent = frame(weighing, platform)
    if weighing.overload or weighing.underload:
        assert sent == b""
    else:
        assert decode(sent) == Shown(pytest.approx(value, abs=1e-9))


@given(state=states())
def test_a12_says_weight_mode_and_range_but_not_motion(state):
    weighing, platform, value = state
    read = second_yaohua.decode_a12(yaohua_text.a12(weighing, platform))
    if weighing.overload or weighing.underload:
        assert read == Shown(None, trouble="overload" if weighing.overload else "underload")
    else:
        assert read == Shown(pytest.approx(value, abs=1e-9), net=weighing.tare_kg != 0)


FLAGGED = [
    (st_gs.a_and_d, second_st_gs.decode_a_and_d),
    (st_gs.jadever, second_st_gs.decode_a_and_d),
    (st_gs.dini_argeo, second_st_gs.decode_dini_argeo),
    (st_gs.tscale, second_st_gs.decode_tscale),
    (cas.long_frame, lambda sent: second_st_gs.decode_cas(sent)[0]),
    (toledo.frame, lambda sent: second_toledo.decode(sent)[0]),
    (toledo.short_frame, lambda sent: second_toledo.decode(sent, with_checksum=False)[0]),
]


@pytest.mark.parametrize(
    ("frame", "decode"), FLAGGED, ids=["a-and-d", "jadever", "dini", "tscale", "cas-22", "toledo", "toledo-17"]
)
@given(state=states())
def test_a_dialect_with_flags_says_weight_mode_motion_and_range(frame, decode, state):
    weighing, platform, value = state
    read = decode(frame(weighing, platform))
    assert read.net == (weighing.tare_kg != 0)
    if weighing.overload or weighing.underload:
        assert read.value is None
        assert read.trouble
    else:
        assert (read.value, read.stable, read.trouble) == (pytest.approx(value, abs=1e-9), weighing.stable, None)


@pytest.mark.parametrize(
    ("frame", "decode"),
    [(yaohua.continuous, second_yaohua.decode_tf0), (toledo.frame, second_toledo.decode)],
    ids=["yaohua", "toledo"],
)
def test_any_one_bit_turned_is_noticed_where_there_is_a_checksum(frame, decode):
    sent = frame(shows(12.345, stable=False), GRAMS)
    for bit in range(len(sent) * 8):
        turned = bytearray(sent)
        turned[bit // 8] ^= 1 << bit % 8
        if frame is toledo.frame and bit % 8 == 7:
            continue  # Toledo's checksum counts seven bits
        with pytest.raises((BadFrameError, ValueError)):
            decode(bytes(turned))
