"""What simulated scales send in any state is read by the edge as it was shown, however the stream is cut."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldport.messages.observation import Quality
from edge.protocols import cas as edge_cas
from edge.protocols import st_gs as edge_st_gs
from edge.protocols import toledo as edge_toledo
from edge.protocols import yaohua as edge_yaohua
from edge.protocols import yaohua_text as edge_yaohua_text
from firmware_sim.devices.scale import Platform, Scale, Weighing
from firmware_sim.faults import Faults
from firmware_sim.servers import cas, st_gs, toledo, yaohua, yaohua_text

PLATFORMS = [
    Platform(capacity_kg=600, division_kg=0.01),
    Platform(capacity_kg=60, division_kg=0.001),
    Platform(capacity_kg=6000, division_kg=0.5),
    Platform(capacity_kg=60_000, division_kg=20),
]
SILENT = "says nothing out of range"
TELLS = "tells what is wrong"

DIALECTS = {
    "yaohua-tf0": (yaohua.continuous, lambda: edge_yaohua.continuous_stream("kg"), SILENT),
    "yaohua-reversed": (
        yaohua_text.backwards,
        lambda: edge_yaohua_text.equals_stream("kg", backwards=True),
        SILENT,
    ),
    "yaohua-forward": (yaohua_text.forwards, lambda: edge_yaohua_text.equals_stream("kg", backwards=False), SILENT),
    "yaohua-a12": (yaohua_text.a12, lambda: edge_yaohua_text.a12_stream(with_checksum=True), TELLS),
    "and-st-gs": (st_gs.a_and_d, lambda: edge_st_gs.line_stream(16), TELLS),
    "jadever": (st_gs.jadever, lambda: edge_st_gs.line_stream(16), TELLS),
    "dini-argeo": (st_gs.dini_argeo, lambda: edge_st_gs.line_stream(None), TELLS),
    "tscale": (st_gs.tscale, lambda: edge_st_gs.line_stream(None), TELLS),
    "cas-22": (cas.long_frame, edge_cas.long_stream, TELLS),
    "cas-10": (cas.short_frame, lambda: edge_cas.short_stream("kg"), SILENT),
    "toledo": (toledo.frame, lambda: edge_toledo.continuous_stream(with_checksum=True), TELLS),
    "toledo-17": (toledo.short_frame, lambda: edge_toledo.continuous_stream(with_checksum=False), TELLS),
}
FLAGLESS = {"yaohua-tf0", "yaohua-reversed", "yaohua-forward", "cas-10"}
MOTIONLESS = FLAGLESS | {"yaohua-a12"}


@st.composite
def states(draw):
    platform = draw(st.sampled_from(PLATFORMS))
    most = round(platform.capacity_kg / platform.division_kg)

    def kilograms(divisions):
        return round(divisions * platform.division_kg, platform.decimals)

    trouble = draw(st.sampled_from(("", "", "", "overload", "underload")))
    weighing = Weighing(
        gross_kg=kilograms(draw(st.integers(-20, most + 9))),
        tare_kg=kilograms(draw(st.one_of(st.just(0), st.integers(1, most)))),
        stable=draw(st.booleans()),
        overload=trouble == "overload",
        underload=trouble == "underload",
    )
    return weighing, platform


@pytest.mark.parametrize("name", DIALECTS)
@given(shown=st.lists(states(), min_size=1, max_size=5), cut=st.integers(1, 40))
def test_every_state_of_a_scale_is_read_as_it_was_shown(name, shown, cut) -> None:
    frame, stream, out_of_range = DIALECTS[name]
    reader, sent = stream(), b"".join(frame(weighing, platform) for weighing, platform in shown)

    read = [one for at in range(0, len(sent), cut) for one in reader.feed(sent[at : at + cut])]

    told = [weighing for weighing, _ in shown if out_of_range is TELLS or not (weighing.overload or weighing.underload)]
    assert len(read) == len(told)
    for weighing, one in zip(told, read, strict=True):
        if weighing.overload or weighing.underload:
            assert (one.quality, one.display_kg) == (Quality.BAD, None)
        else:
            assert one.display_kg == pytest.approx(weighing.net_kg, abs=1e-6)
            assert one.device_stable is (None if name in MOTIONLESS else weighing.stable)
            assert (one.net_kg is not None) == (weighing.tare_kg != 0 and name not in FLAGLESS)
    assert (reader.tally.spoiled, reader.tally.skipped_bytes) == (0, 0)


@pytest.mark.parametrize("name", ["yaohua-tf0", "yaohua-a12", "toledo"])
@given(state=states(), flip=st.integers(0, 18 * 8 - 1))
def test_a_turned_bit_is_never_read_as_a_weight_where_there_is_a_checksum(name, state, flip) -> None:
    frame, stream, _ = DIALECTS[name]
    sent = bytearray(frame(*state))
    if not sent or (name == "toledo" and flip % 8 == 7):  # Toledo's checksum counts seven bits
        return
    at = flip // 8 % len(sent)
    sent[at] ^= 1 << flip % 8
    reader = stream()
    quiet = name == "yaohua-a12" and at >= 13  # a wrong line end: the next byte ends the line, and its content is right

    assert reader.feed(bytes(sent)) == [] or quiet


def exchange(indicator, asked):
    indicator.receive(asked.outgoing, 0.0)
    return asked.replies.feed(indicator.send(0.0))


@pytest.mark.parametrize("digits", [6, 8])
@given(load=st.floats(0, 60, allow_nan=False))
def test_an_asked_yaohua_indicator_is_read_tared_and_zeroed(digits, load) -> None:
    dice = random.Random(1)
    scale = Scale(Platform(capacity_kg=60, division_kg=0.005, noise_divisions=0), dice)
    for now_s in (0.0, 30.0):
        scale.update(now_s, {"load_kg": load, "disturbance": 0.0, "overload": 0.0})
    indicator = yaohua.YaohuaCommands("s", scale, Faults(dice), address="B", weight_digits=digits)
    gross_kg = scale.weighing().gross_kg

    def read(command):
        (value,) = exchange(indicator, edge_yaohua.ask_weight("B", command, digits))
        return float(value)

    assert read(edge_yaohua.GROSS) == pytest.approx(gross_kg)
    assert len(exchange(indicator, edge_yaohua.press_key("B", "T"))) == 1
    assert (read(edge_yaohua.TARE), read(edge_yaohua.NET)) == (pytest.approx(gross_kg), 0.0)
    assert len(exchange(indicator, edge_yaohua.press_key("B", "0"))) == (1 if load <= 1.2 else 0)
