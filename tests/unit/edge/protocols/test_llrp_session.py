from random import Random

import pytest
from mutation import SEED, mutate

from edge.protocols.llrp.events import Closed, Connected, RefusedBusy
from edge.protocols.llrp.replies import TEXT_LIMIT
from edge.protocols.llrp.requests import Setup
from edge.protocols.llrp.session import SILENCE, Session
from edge.protocols.llrp.states import STEPS, TRANSITIONS, State, Stimulus
from edge.protocols.reader_events import GpiEvent, ReaderProblem, TagRead

SETTING_UP = [1, 2, 3, 41, 21, 20, 24, 22]
STOPPING = [23, 21, 14]
EPC = bytes.fromhex("3000abcdef00000000000003")


def talk(session: Session, reader, now_s: float) -> list:
    events = []
    while sent := session.take_outgoing():
        events += session.receive(reader.answer(sent), now_s)
    return events


def reasons(events: list) -> list[str]:
    return [event.reason for event in events if isinstance(event, Closed | ReaderProblem)]


def test_nothing_is_sent_before_the_reader_has_greeted(llrp):
    session = Session(Setup(antennas=(1,)), now_s=0.0)

    assert session.take_outgoing() == b""
    session.receive(llrp.greeting, 1.0)
    assert session.take_outgoing() != b""


def test_the_reader_is_set_up_in_order_one_request_at_a_time_and_then_told_as_connected(llrp, reader):
    session = Session(Setup(antennas=(1, 2)), now_s=0.0)
    session.receive(llrp.greeting, 0.0)

    events = talk(session, reader, 0.1)

    assert reader.heard == SETTING_UP
    assert session.state is State.RUNNING
    (connected,) = events
    assert isinstance(connected, Connected)
    assert connected.identity == "001625f0a1b2"
    assert connected.capabilities.country == 156
    assert connected.capabilities.firmware == "5.14 "
    assert connected.capabilities.powers_dbm == ((1, 10.0), (2, 20.0), (3, 30.0))
    assert connected.capabilities.hop_tables == (7,)


def test_a_busy_reader_is_told_apart_from_a_failure_and_nothing_is_sent_to_it(llrp):
    session = Session(Setup(antennas=(1,)), now_s=0.0)

    busy, closed = session.receive(llrp.notification(llrp.tlv(256, b"\x00\x02")), 0.1)

    assert busy == RefusedBusy(status=2)
    assert closed.reason == "occupied"
    assert session.take_outgoing() == b""
    assert session.receive(llrp.greeting, 0.2) == []


def test_a_reader_that_does_not_greet_is_given_up(llrp):
    session = Session(Setup(antennas=(1,), request_timeout_s=5.0), now_s=10.0)

    assert session.deadline_s == 15.0
    assert session.tick(14.9) == []
    assert reasons(session.tick(15.0)) == ["timeout"]


@pytest.mark.parametrize("request_type", SETTING_UP)
def test_a_request_without_an_answer_ends_the_session_in_time(request_type, llrp, reader):
    reader.silent_on.add(request_type)
    session = Session(Setup(antennas=(1,), request_timeout_s=5.0), now_s=0.0)
    session.receive(llrp.greeting, 1.0)
    talk(session, reader, 1.0)

    assert reader.heard[-1] == request_type
    assert session.deadline_s == 6.0
    assert session.tick(5.9) == []
    assert reasons(session.tick(6.0)) == ["timeout"]
    assert session.deadline_s == float("inf")


@pytest.mark.parametrize("request_type", [1, 3, 20, 24, 22])
def test_a_refused_setting_that_the_gate_cannot_do_without_ends_the_session(request_type, llrp, reader):
    reader.replies[request_type] = llrp.status(201, b"no such field")
    session = Session(Setup(antennas=(1,)), now_s=0.0)
    session.receive(llrp.greeting, 0.0)

    (closed,) = talk(session, reader, 0.0)

    assert closed.reason == "refused"
    assert "status 201 no such field" in closed.text


@pytest.mark.parametrize("request_type", [2, 41, 21])
def test_a_refused_setting_that_the_gate_can_do_without_is_told_and_passed_over(request_type, llrp, reader):
    reader.replies[request_type] = llrp.status(109)
    session = Session(Setup(antennas=(1,)), now_s=0.0)
    session.receive(llrp.greeting, 0.0)

    events = talk(session, reader, 0.0)

    assert reasons(events) == ["setting-refused"]
    assert session.state is State.RUNNING


def test_an_error_message_with_the_number_of_a_request_answers_it(llrp):
    session = Session(Setup(antennas=(1,)), now_s=0.0)
    session.receive(llrp.greeting, 0.0)

    (closed,) = session.receive(llrp.message(100, 1, llrp.status(109)), 0.0)

    assert closed.reason == "refused"


def test_a_reply_with_another_number_answers_nothing(llrp, reader):
    session = Session(Setup(antennas=(1,)), now_s=0.0)
    session.receive(llrp.greeting, 0.0)
    session.take_outgoing()

    session.receive(llrp.message(11, 99, llrp.status()), 0.0)

    assert session.take_outgoing() == b""
    assert session.state is State.SETTING_UP


def test_capabilities_that_cannot_be_read_do_not_stop_a_gate(llrp, reader):
    reader.contents[1] = b"\xff\xff"
    session = Session(Setup(antennas=(1,)), now_s=0.0)
    session.receive(llrp.greeting, 0.0)

    assert reasons(talk(session, reader, 0.0)) == ["malformed"]
    assert session.state is State.RUNNING


def test_a_silent_reader_is_lost_after_more_than_one_and_less_than_one_and_a_half_keepalive_periods(start):
    session = start(Setup(antennas=(1,), keepalive_s=10.0))

    assert 10.0 < session.deadline_s <= 15.0
    assert session.tick(session.deadline_s - 0.001) == []
    assert reasons(session.tick(session.deadline_s)) == ["silent"]


def test_a_keepalive_is_answered_with_its_number_and_puts_the_watchdog_off(start, llrp):
    session = start(Setup(antennas=(1,), keepalive_s=10.0))

    assert session.receive(llrp.message(62, 77), 9.0) == []

    assert session.take_outgoing() == bytes.fromhex("0448 0000000a 0000004d")
    assert session.deadline_s == 9.0 + 10.0 * SILENCE


def test_a_stop_says_good_bye_and_waits_for_the_answer(start, reader):
    session = start()
    reader.heard.clear()

    assert session.stop(1.0) == []
    events = talk(session, reader, 1.0)

    assert reader.heard == STOPPING
    assert reasons(events) == ["stopped"]
    assert session.closed


def test_a_stop_ends_even_if_the_reader_answers_nothing(start, reader):
    session = start(Setup(antennas=(1,), request_timeout_s=5.0))
    reader.silent_on.add(23)
    session.stop(1.0)
    talk(session, reader, 1.0)

    assert reasons(session.tick(6.0)) == ["stopped"]


def test_a_stop_goes_on_when_the_reader_refuses_a_step(start, reader, llrp):
    session = start()
    reader.replies[23] = llrp.status(100)
    reader.heard.clear()
    session.stop(1.0)

    assert reasons(talk(session, reader, 1.0)) == ["stopped"]
    assert reader.heard == STOPPING


def test_a_stop_amid_the_setting_up_leaves_its_request_behind(llrp, reader):
    session = Session(Setup(antennas=(1,)), now_s=0.0)
    session.receive(llrp.greeting, 0.0)
    late = reader.answer(session.take_outgoing())
    session.stop(0.1)

    session.receive(late, 0.2)
    assert reasons(talk(session, reader, 0.3)) == ["stopped"]
    assert reader.heard == [1, *STOPPING]


def test_a_stop_before_the_greeting_ends_at_once(llrp):
    session = Session(Setup(antennas=(1,)), now_s=0.0)

    assert reasons(session.stop(0.1)) == ["stopped"]
    assert session.stop(0.2) == []
    assert session.take_outgoing() == b""


def test_a_fallen_connection_is_told_once(start):
    session = start()

    assert reasons(session.hang_up()) == ["hang-up"]
    assert session.hang_up() == []


def test_a_connection_that_falls_while_stopping_is_a_stop(start):
    session = start()
    session.stop(1.0)

    assert reasons(session.hang_up()) == ["stopped"]


def test_reads_of_a_spec_that_another_client_left_are_not_ours(llrp):
    session = Session(Setup(antennas=(1,)), now_s=0.0)
    session.receive(llrp.greeting, 0.0)

    assert session.receive(llrp.report(EPC, 1), 0.1) == []


def test_reads_that_come_while_stopping_still_count(start, llrp):
    session = start()
    session.stop(1.0)

    (read,) = session.receive(llrp.report(EPC, 2), 1.1)

    assert read == TagRead(epc="3000ABCDEF00000000000003", antenna=2, rssi_dbm=-50, age_s=0.0, count=1)


def test_a_message_that_begins_and_does_not_end_costs_the_session_though_the_reader_is_not_silent(start, llrp):
    session = start(Setup(antennas=(1,), keepalive_s=60.0, request_timeout_s=5.0))
    session.receive(llrp.message(61, 1, bytes(1000))[:20], 100.0)

    assert session.deadline_s == 105.0
    session.receive(b"\x00", 104.0)
    assert reasons(session.tick(105.0)) == ["timeout"]


def test_an_unknown_message_is_passed_over_at_every_split(start, llrp):
    stream = llrp.message(999, 1, bytes(30)) + llrp.report(EPC, 1)
    for cut in range(len(stream)):
        session = start()

        events = session.receive(stream[:cut], 1.0) + session.receive(stream[cut:], 1.0)

        assert [type(event) for event in events] == [ReaderProblem, TagRead]


def test_what_stands_behind_the_end_of_a_session_is_not_told(start, llrp):
    session = start()
    closing = llrp.notification(llrp.tlv(257), llrp.tlv(248, b"\x00\x01\x80"))

    assert reasons(session.receive(closing + llrp.report(EPC, 1), 1.0)) == ["reader-closed"]


def test_a_read_is_as_old_as_the_readers_clock_says_whatever_that_clock_shows(start, llrp):
    session = start()
    three_hours_us = 3 * 3600 * 1_000_000
    session.receive(llrp.notification(llrp.tlv(248, b"\x00\x01\x80"), at_us=three_hours_us), 50.0)

    (read,) = session.receive(llrp.report(EPC, 1, first_us=three_hours_us + 500_000), 52.0)

    assert read.age_s == pytest.approx(1.5)


def test_a_long_text_of_a_reader_is_cut_to_a_log_line(start, llrp):
    session = start()

    (problem,) = session.receive(llrp.notification(llrp.tlv(252, b"\x27\x10" + b"x" * 10_000)), 0.0)

    assert problem == ReaderProblem(reason="reader-exception", text="x" * TEXT_LIMIT)


def test_a_light_barrier_tells_its_port_and_level(start, llrp):
    session = start()

    events = session.receive(llrp.notification(llrp.tlv(248, b"\x00\x02\x00")), 0.0)

    assert events == [GpiEvent(port=2, high=False, age_s=0.0)]


def test_every_state_but_the_last_can_fail_and_every_step_list_belongs_to_a_state_with_a_way_out():
    assert set(TRANSITIONS) == set(State)
    assert all(Stimulus.FAIL in ways for state, ways in TRANSITIONS.items() if state is not State.CLOSED)
    assert all(Stimulus.STEPS_DONE in TRANSITIONS[state] for state in STEPS)
    assert TRANSITIONS[State.CLOSED] == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"antennas": ()},
        {"antennas": (0,)},
        {"antennas": (1,), "gen2_session": 4},
        {"antennas": (1,), "tag_population": 0},
        {"antennas": (1,), "gpi_ports": (0,)},
        {"antennas": (1,), "keepalive_s": 0.0},
        {"antennas": (1,), "request_timeout_s": 3601.0},
    ],
    ids=str,
)
def test_a_setup_that_no_reader_could_take_is_refused(wrong):
    with pytest.raises(ValueError, match=r"antenna|session|population|ports|seconds"):
        Setup(**wrong)


def test_a_whole_session_survives_replies_that_were_mutated(llrp, reader):
    dice = Random(SEED)
    for _ in range(2_000):
        session = Session(Setup(antennas=(1, 2), power_dbm=20.0), now_s=0.0)
        session.receive(llrp.greeting, 0.0)
        for _ in range(12):
            answer = reader.answer(session.take_outgoing())
            if not answer:
                break
            session.receive(mutate(dice, [answer]) if dice.random() < 0.2 else answer, 0.0)
        reader.heard.clear()

        session.tick(min(session.deadline_s, 1e9))
        session.stop(1e9)
        session.take_outgoing()
        session.hang_up()
        assert session.closed
