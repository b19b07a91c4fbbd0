"""What the case folders do not show of MT-SICS: the bookkeeping between commands and lines."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.protocols import sics
from edge.protocols.framing import FrameError
from edge.protocols.sics import LINE_LIMIT, Conversation, Heard, read_line


@settings(max_examples=100)
@given(grams=st.integers(-9_999_999, 9_999_999), stable=st.booleans())
def test_a_weight_comes_out_as_it_was_printed(grams, stable):
    shown = f"{grams / 1000:.3f}"
    reply = read_line(f"S {'S' if stable else 'D'} {shown:>10} kg".encode())

    assert (reply.mass_kg, reply.stable) == (float(shown), stable)


def test_asking_twice_without_an_answer_is_a_mistake_of_ours():
    scale = Conversation()
    scale.ask(sics.STABLE_WEIGHT)

    with pytest.raises(RuntimeError, match="SI was asked while S waits"):
        scale.ask(sics.WEIGHT_NOW)


def test_a_command_given_up_leaves_room_for_the_next_and_its_late_reply_waits_for_nobody():
    scale = Conversation()
    scale.ask(sics.TARE_WEIGHT)
    assert scale.give_up().reason == "timeout"

    (late,) = scale.feed(b"TA A      1.000 kg\r\n")
    scale.ask(sics.WEIGHT_NOW)
    (answer,) = scale.feed(b"S S      2.000 kg\r\n")

    assert late.asked is None
    assert answer == Heard(read_line(b"S S      2.000 kg"), sics.WEIGHT_NOW)
    assert scale.waiting is None


def test_a_stream_does_not_use_up_the_patience_of_another_command():
    scale = Conversation()
    scale.ask(sics.WEIGHTS_REPEATED)
    scale.feed(b"S S      1.000 kg\r\n")
    scale.ask(sics.TARE_WEIGHT)

    heard = scale.feed(b"S S      1.000 kg\r\n" * 20 + b"TA A      0.000 kg\r\n")

    assert [one.asked for one in heard] == [None] * 20 + [sics.TARE_WEIGHT]


def test_a_reset_ends_a_stream():
    scale = Conversation()
    scale.ask(sics.WEIGHTS_REPEATED)
    scale.feed(b"S S      1.000 kg\r\n")
    scale.ask(sics.RESET)
    scale.feed(b'I4 A "1"\r\n')
    scale.ask(sics.TARE_WEIGHT)

    heard = scale.feed(b"S S      1.000 kg\r\n" * 6)

    assert isinstance(heard[-1], FrameError)
    assert heard[-1].reason == "no-reply"


@pytest.mark.parametrize("over", [0, 1])
def test_a_line_is_read_up_to_the_limit_and_what_is_longer_is_an_error_that_ends_with_the_line(over):
    scale = Conversation()
    line = b'I2 A "' + b"x" * (LINE_LIMIT + over - 8) + b'"\r\n'

    heard = scale.feed(line + b"S S      1.000 kg\r\n")

    assert isinstance(heard[0], FrameError) is bool(over)
    assert heard[1].reply.mass_kg == 1.0


def test_noise_without_a_line_end_is_told_once_and_not_kept():
    scale = Conversation()
    told = [one for _ in range(1000) for one in scale.feed(b"\x55" * 100)]

    assert [error.reason for error in told] == ["line-too-long"]
    assert len(scale._buffer) <= LINE_LIMIT + 100

    assert scale.feed(b"\r\n") == []
    assert scale.feed(b"S S      1.000 kg\r\n")[0].reply.mass_kg == 1.0


@pytest.mark.parametrize(
    "line", [b"\xff\xfe", b"S S", b"S S kg", b"S A 1.0 kg", b"S S 1e5 kg", b"S S nan kg", b"X", b"S S  1.0"]
)
def test_a_line_that_is_no_reply_is_an_error_and_never_a_weight(line):
    with pytest.raises(FrameError) as caught:
        read_line(line)

    assert caught.value.reason in ("syntax", "value")


def test_a_preset_tare_keeps_the_digits_of_its_scale():
    assert sics.preset_tare(Decimal("1.20")).outgoing == b"TA 1.20 kg\r\n"
    assert sics.preset_tare(Decimal("1E+2")).outgoing == b"TA 100 kg\r\n"
