import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.devices.scale import Platform, Scale
from firmware_sim.faults import Fault, FaultKind, Faults
from firmware_sim.servers.sics import COMMAND_LIMIT, SicsTerminal


@pytest.fixture
def terminal(still_scale, faults):
    return SicsTerminal("lane-1-scale", "B021", still_scale, faults)


def ask(terminal, command, now_s=0.0):
    terminal.receive(f"{command}\r\n".encode("latin-1"), now_s)
    return terminal.send(now_s).decode("ascii").splitlines()


def settle(put, scale, load_kg, now_s=100.0):
    put(scale, now_s, load_kg)
    put(scale, now_s + 30, load_kg)


def test_a_stable_weight_has_ten_characters_and_its_unit(terminal, still_scale, put):
    settle(put, still_scale, 12.345)
    terminal.receive(b"S\r\n", 0.0)
    assert terminal.send(0.0) == bytes.fromhex("532053202020202031322e333435206b670d0a")


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("SI", ["S S      2.000 kg"]),
        ("T", ["T S      2.000 kg"]),
        ("TI", ["TI S      2.000 kg"]),
        ("TA", ["TA A      0.000 kg"]),
        ("TA 1.250 kg", ["TA A      1.250 kg"]),
        ("TA 1250 g", ["TA A      1.250 kg"]),
        ("TA 99 kg", ["TA L"]),
        ("TA x kg", ["TA L"]),
        ("TAC", ["TAC A"]),
        ("Z", ["Z +"]),
        ("ZI", ["ZI +"]),
        ("@", ['I4 A "B021"']),
        ("I1", ['I1 A "01" "2.30" "2.20" "" "" ""']),
        ("I2", ['I2 A "Coldport-Sim 60.000 kg"']),
        ("I3", ['I3 A "2.30 0.0.0.0"']),
        ("I4", ['I4 A "B021"']),
        ("I5", ['I5 A "00000000A"']),
        ("NONSENSE", ["ES"]),
        ("", ["ES"]),
        ("s", ["ES"]),
        ("S 1", ["ES"]),
        ("K 3", ["EL"]),
        ("DW", ["EL"]),
        ("S\x81", ["ET"]),
        ("SR 0.5 kg", ["S S      2.000 kg"]),
        ("SR 1 g", ["S L"]),
        ("SR much", ["S L"]),
    ],
)
def test_each_command_is_answered_as_the_manual_says(terminal, still_scale, put, command, answer):
    settle(put, still_scale, 2.0)
    assert ask(terminal, command) == answer


def test_the_list_of_commands_ends_with_an_a(terminal):
    lines = ask(terminal, "I0")
    assert len(lines) == 17
    assert all(line.startswith("I0 B ") for line in lines[:-1])
    assert lines[-1] == 'I0 A 1 "TI"'


def test_zero_within_range_is_set(terminal, still_scale, put):
    settle(put, still_scale, 0.5)
    assert ask(terminal, "Z") == ["Z A"]
    assert ask(terminal, "SI") == ["S S      0.000 kg"]
    assert ask(terminal, "ZI") == ["ZI S"]


def test_a_moving_weight_is_d_for_si_and_holds_up_s_until_it_stands(terminal, still_scale, put):
    put(still_scale, 10.0, 5.0)
    assert ask(terminal, "SI", 10.0)[0].startswith("S D ")
    assert ask(terminal, "S", 10.0) == []
    assert ask(terminal, "TA", 10.1) == []  # it waits behind S
    put(still_scale, 20.0, 5.0)
    assert terminal.send(20.0) == b"S S      5.000 kg\r\nTA A      0.000 kg\r\n"


@pytest.mark.parametrize(("command", "answer"), [("S", "S I"), ("Z", "Z I"), ("T", "T I"), ("SR", "S I")])
def test_a_weight_that_never_stands_is_given_up_after_fifteen_seconds(terminal, still_scale, put, command, answer):
    put(still_scale, 10.0, 5.0, disturbance=1.0)
    assert ask(terminal, command, 10.0) == []
    assert terminal.send(24.9) == b""
    assert terminal.send(25.0) == f"{answer}\r\n".encode()


@pytest.mark.parametrize(
    ("command", "answer"), [("S", "S +"), ("SI", "S +"), ("T", "T +"), ("TI", "TI +"), ("Z", "Z +"), ("ZI", "ZI +")]
)
def test_an_overload_is_a_plus_and_never_a_number(terminal, still_scale, put, command, answer):
    settle(put, still_scale, 61.0)
    assert ask(terminal, command) == [answer]


@pytest.mark.parametrize(("command", "answer"), [("S", "S -"), ("SI", "S -"), ("Z", "Z -"), ("T", "T -")])
def test_an_underload_is_a_minus(terminal, still_scale, put, command, answer):
    settle(put, still_scale, -2.0)
    assert ask(terminal, command) == [answer]


def test_sir_repeats_until_another_weighing_command_or_a_reset(terminal):
    assert ask(terminal, "SIR", 0.0) == ["S S      0.000 kg"]
    assert terminal.send(0.05) == b""
    assert terminal.send(0.1) == b"S S      0.000 kg\r\n"
    assert ask(terminal, "@", 0.2) == ['I4 A "B021"']
    assert terminal.send(10.0) == b""


def test_sr_sends_the_movement_and_then_the_next_stable_weight(terminal, still_scale, put):
    assert ask(terminal, "SR", 0.0) == ["S S      0.000 kg"]
    put(still_scale, 1.0, 8.0)
    put(still_scale, 1.1, 8.0)
    assert terminal.send(1.1).startswith(b"S D ")
    put(still_scale, 1.2, 8.0)
    assert terminal.send(1.3) == b""
    put(still_scale, 9.0, 8.0)
    assert terminal.send(9.0) == b"S S      8.000 kg\r\n"
    assert terminal.send(10.0) == b""


def test_sr_with_a_change_of_its_own_does_not_wait_for_thirty_divisions(terminal, still_scale, put):
    assert ask(terminal, "SR 0.005 kg", 0.0) == ["S S      0.000 kg"]
    put(still_scale, 1.0, 0.1)
    put(still_scale, 1.1, 0.1)
    assert terminal.send(1.1).startswith(b"S D ")
    put(still_scale, 9.0, 0.1)
    assert terminal.send(9.0) == b"S S      0.100 kg\r\n"


def test_commands_past_the_limit_are_lost_and_the_terminal_lives_on(terminal, still_scale, put):
    put(still_scale, 10.0, 5.0, disturbance=1.0)
    terminal.receive(b"S\r\n" + b"I4\r\n" * 100, 10.0)
    assert len(terminal.send(25.0).splitlines()) == COMMAND_LIMIT


def test_a_line_without_an_end_is_bounded(terminal):
    terminal.receive(b"S" * 100_000, 0.0)
    assert len(terminal._buffer) < 200
    terminal.receive(b"\r\n", 0.0)
    assert terminal.send(0.0) == b"ES\r\n"


def test_a_silent_terminal_says_nothing_and_forgets_what_it_was_asked(terminal, faults):
    silence = Fault(kind=FaultKind.SILENCE, target="lane-1-scale")
    faults.begin(silence)
    assert ask(terminal, "SI") == []
    faults.end(silence)
    assert terminal.send(1.0) == b""


@settings(max_examples=200)
@given(data=st.binary(max_size=300))
def test_no_bytes_break_the_terminal(data):
    dice = random.Random(1)
    scale = Scale(Platform(capacity_kg=60, division_kg=0.005), dice)
    scale.update(0.0, {"load_kg": 0.0, "disturbance": 0.0, "overload": 0.0})
    terminal = SicsTerminal("s", "B021", scale, Faults(dice))
    terminal.receive(data + b"\r\n@\r\n", 0.0)
    assert terminal.send(100.0).endswith(b'I4 A "B021"\r\n')
