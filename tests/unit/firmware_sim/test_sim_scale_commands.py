"""The dialogues of Yaohua tF=1 and CAS, what all scales do when they are broken, and which scale can speak what."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from second_decoders import st_gs as second_st_gs
from second_decoders import yaohua as second_yaohua
from second_decoders.shown import Shown

from firmware_sim.devices.scale import Platform, Scale
from firmware_sim.faults import Fault, FaultKind, Faults
from firmware_sim.servers.cas import CasCommands
from firmware_sim.servers.scales import CHECKED, Dialect, misfit, speaking
from firmware_sim.servers.yaohua import YaohuaCommands

HUNDREDTHS = Platform(capacity_kg=60, division_kg=0.01, noise_divisions=0)


def loaded(load_kg, *, shaken=0.0, overload=0.0, platform=HUNDREDTHS):
    scale = Scale(platform, random.Random(1))
    for now_s in (0.0, 30.0):
        scale.update(now_s, {"load_kg": load_kg, "disturbance": shaken, "overload": overload})
    return scale


def ask(core, data):
    core.receive(bytes.fromhex(data) if isinstance(data, str) else data, 0.0)
    return core.send(0.0)


def yaohua(scale, faults, **settings_):
    return YaohuaCommands("lane-9-scale", scale, faults, **settings_)


def test_yaohua_answers_each_command_with_the_bytes_of_the_manual(faults):
    scale = loaded(12.34)
    indicator = yaohua(scale, faults)
    assert ask(indicator, "02 41 41 30 30 03").hex(" ") == "02 41 41 30 30 03"
    assert ask(indicator, "02 41 42 30 33 03").hex(" ") == "02 41 42 2b 30 30 31 32 33 34 32 31 45 03"
    assert ask(indicator, "02 41 45 30 34 03").hex() == b"\x02AE0000034\x03".hex()
    assert ask(indicator, "02 41 46 30 37 03").hex() == b"\x02AF00037\x03".hex()
    scale.set_tare(2.5)
    assert ask(indicator, "02 41 43 30 32 03").hex(" ") == "02 41 43 2b 30 30 30 32 35 30 32 31 43 03"
    scale.set_tare(12.46)
    assert ask(indicator, "02 41 44 30 35 03").hex(" ") == "02 41 44 2d 30 30 30 30 31 32 32 31 39 03"


def test_yaohua_with_eight_digits_answers_sixteen_bytes(faults):
    answer = ask(yaohua(loaded(12.34), faults, weight_digits=8), "02 41 42 30 33 03")
    assert len(answer) == 16
    assert second_yaohua.decode_answer(answer, 8) == ("A", "B", Shown(12.34))


def test_yaohua_tares_zeroes_and_reads_by_the_keys_of_a22(faults):
    scale = loaded(0.5)
    indicator = yaohua(scale, faults)
    assert ask(indicator, "02 41 54 31 35 03") == b"\x02AT15\x03"
    assert second_yaohua.decode_answer(ask(indicator, "02 41 52 31 33 03")) == ("A", "R", Shown(0.0))
    assert scale.weighing().tare_kg == 0.5
    assert ask(indicator, "02 41 30 37 31 03") == b"\x02A071\x03"
    assert (scale.weighing().gross_kg, scale.weighing().tare_kg) == (0.0, 0.0)


@pytest.mark.parametrize(
    "wrong",
    ["02 42 42 30 30 03", "02 41 42 30 34 03", "02 41 5a 31 42 03", "41 42 30 33 03", "02 41 42 30 33", ""],
    ids=["another-address", "wrong-xor", "unknown-command", "no-start", "no-end", "nothing"],
)
def test_yaohua_says_nothing_to_a_wrong_frame_and_answers_the_next(faults, wrong):
    indicator = yaohua(loaded(12.34), faults)
    assert ask(indicator, wrong) == b""
    assert ask(indicator, "02 41 41 30 30 03") == b"\x02AA00\x03"


def test_yaohua_says_nothing_out_of_range_and_presses_no_key_while_it_moves(faults):
    assert ask(yaohua(loaded(1.0, overload=1.0), faults), "02 41 42 30 33 03") == b""
    shaken = yaohua(loaded(1.0, shaken=1.0), faults)
    assert ask(shaken, "02 41 54 31 35 03") == b""
    assert ask(shaken, "02 41 30 37 31 03") == b""


def test_cas_reads_tares_and_zeroes_and_says_what_did_not_work(faults):
    scale = loaded(12.34)
    indicator = CasCommands("lane-9-scale", scale, faults)
    read, lamps = second_st_gs.decode_cas(ask(indicator, b"01RW\r\n"))
    assert (read, lamps) == (Shown(12.34, stable=True, net=False), 0xE4)
    assert ask(indicator, b"01MZ\r\n") == b"!\r\n"
    assert ask(indicator, b"01 MT\r\n") == b"01 MT\r\n"
    read, lamps = second_st_gs.decode_cas(ask(indicator, b"01 RW\r\n"))
    assert (read, lamps) == (Shown(0.0, stable=True, net=True), 0xE2)
    assert ask(indicator, b"02RW\r\n") == b""
    assert ask(indicator, b"01XX\r\n") == b"?\r\n"
    assert ask(indicator, b"hello\r\n") == b"?\r\n"


@pytest.mark.parametrize(
    ("dialect", "tare", "zero"),
    [
        (Dialect.A_AND_D, b"T\r\n", b"Z\r\n"),
        (Dialect.CAS_22, b"01MT\r\n", b"01MZ\r\n"),
        (Dialect.TOLEDO_CONTINUOUS, b"T", b"Z"),
    ],
)
def test_keys_are_pressed_over_the_line_of_a_scale_that_sends_by_itself(faults, dialect, tare, zero):
    scale = loaded(0.5)
    core = speaking(dialect, "lane-9-scale", scale, faults)
    core.receive(b"X" * 1000 + b"\r\n" + tare, 0.0)
    assert scale.weighing().tare_kg == 0.5
    core.receive(zero, 0.0)
    assert (scale.weighing().gross_kg, scale.weighing().tare_kg) == (0.0, 0.0)


@pytest.mark.parametrize("dialect", list(Dialect))
def test_every_dialect_is_silent_stuck_and_whole_again_as_its_faults_say(faults, dialect):
    scale = loaded(12.34)
    core = speaking(dialect, "lane-9-scale", scale, faults)
    moments = iter(range(1000))

    def say():
        question = {
            Dialect.MT_SICS: b"SI\r\n",
            Dialect.CAS_COMMANDS: b"01RW\r\n",
            Dialect.YAOHUA_TF1: b"\x02AB03\x03",
            Dialect.YAOHUA_TF1_EIGHT_DIGITS: b"\x02AB03\x03",
        }
        now_s = float(next(moments))
        core.receive(question.get(dialect, b""), now_s)
        return core.send(now_s)

    first = say()
    assert first
    faults.begin(silence := Fault(kind=FaultKind.SILENCE, target="lane-9-scale"))
    assert say() == b""
    faults.end(silence)
    faults.begin(stuck := Fault(kind=FaultKind.STUCK, target="lane-9-scale"))
    assert say() == first
    scale.update(60.0, {"load_kg": 3.0, "disturbance": 0.0, "overload": 0.0})
    scale.update(90.0, {"load_kg": 3.0, "disturbance": 0.0, "overload": 0.0})
    assert say() == first
    faults.end(stuck)
    assert say() not in (first, b"")
    if dialect in CHECKED:
        whole = say()
        faults.begin(Fault(kind=FaultKind.CRC, target="lane-9-scale"))
        spoilt = say()
        assert sum((a ^ b).bit_count() for a, b in zip(whole, spoilt, strict=True)) == 1
    assert not core.finished


@pytest.mark.parametrize("dialect", list(Dialect))
@settings(max_examples=40)
@given(data=st.binary(max_size=200))
def test_no_bytes_break_a_scale(dialect, data):
    core = speaking(dialect, "s", loaded(1.0), Faults(random.Random(1)))
    for at in range(0, len(data), 7):
        core.receive(data[at : at + 7], 0.0)
    core.send(100.0)


def test_a_dialect_that_cannot_say_what_a_platform_weighs_is_told():
    assert misfit(Dialect.YAOHUA_TF0, HUNDREDTHS) is None
    assert "up to 4 decimals" in misfit(Dialect.YAOHUA_TF0, Platform(capacity_kg=1, division_kg=0.00001))
    assert misfit(Dialect.MT_SICS, Platform(capacity_kg=1, division_kg=0.00001)) is None
    assert "1, 2 or 5" in misfit(Dialect.MT_SICS, Platform(capacity_kg=1, division_kg=0.003))
    assert misfit(Dialect.TOLEDO_CONTINUOUS, Platform(capacity_kg=60_000, division_kg=20)) is None
    assert "hundreds" in misfit(Dialect.TOLEDO_CONTINUOUS, Platform(capacity_kg=60_000, division_kg=1000))
    assert "6 digits" in misfit(Dialect.YAOHUA_TF0, Platform(capacity_kg=10_000, division_kg=0.01))
