"""Which batches in flight are sent again, and when. Pure rules, by the second."""

from edge.spool.window import FIRST_RESEND_S, LONGEST_RESEND_S, WINDOW, Flight, Window


def full_window(now_s: float = 0.0) -> Window:
    window = Window()
    for index in range(WINDOW):
        window.sent(Flight(index * 10 + 1, index * 10 + 10, index * 10, now_s))
    return window


def test_a_window_has_room_for_one_less_than_its_limit_and_none_at_it() -> None:
    window = full_window()
    assert not window.has_room
    window.confirmed(1, 10, 1.0)
    assert window.has_room


def test_a_batch_is_not_repeated_before_its_receipt_is_late() -> None:
    window = Window()
    window.sent(Flight(1, 10, 0, 0.0))
    assert window.overdue(FIRST_RESEND_S - 0.01) is None
    assert window.overdue(FIRST_RESEND_S) is window.flights[0]


def test_a_confirmed_batch_is_never_repeated() -> None:
    window = Window()
    window.sent(Flight(1, 10, 0, 0.0))
    window.confirmed(1, 10, 1.0)
    assert window.overdue(1_000.0) is None


def test_a_receipt_may_cover_several_batches() -> None:
    window = full_window()
    window.confirmed(1, 30, 1.0)
    assert [flight.first for flight in window.flights] == [31, 41, 51, 61, 71]


def test_a_batch_confirmed_in_part_stays_in_flight() -> None:
    window = full_window()
    window.confirmed(5, 15, 1.0)
    assert len(window.flights) == WINDOW


def test_while_control_is_away_only_the_oldest_batch_is_repeated_and_ever_more_seldom() -> None:
    window = full_window()
    repeats = []
    for now_s in range(3_600):
        flight = window.overdue(now_s)
        if flight is not None:
            assert flight is window.flights[0]
            window.resent(flight, now_s)
            repeats.append(now_s)
    waits = [later - earlier for earlier, later in zip([0, *repeats], repeats, strict=False)]
    assert waits[:4] == [5, 10, 20, 40]
    assert waits[-1] == LONGEST_RESEND_S
    assert len(repeats) < 20


def test_the_first_receipt_after_a_silence_sets_the_other_batches_free() -> None:
    window = full_window()
    window.resent(window.flights[0], 1_000.0)
    window.confirmed(1, 10, 1_001.0)
    due = []
    while (flight := window.overdue(1_001.0)) is not None:
        window.resent(flight, 1_001.0)
        due.append(flight.first)
    assert due == [11, 21, 31, 41, 51, 61, 71]


def test_a_lost_receipt_is_asked_for_while_others_come_in() -> None:
    window = full_window()
    window.confirmed(1, 10, 5.0)
    window.confirmed(21, 80, 5.0)
    assert window.overdue(5.0) is window.flights[0]


def test_a_broker_that_is_back_ends_the_long_waits() -> None:
    window = full_window()
    for now_s in range(1_000):
        flight = window.overdue(now_s)
        if flight is not None:
            window.resent(flight, now_s)
    assert window.overdue(1_000.0) is None
    window.reconnected()
    assert window.overdue(1_000.0) is window.flights[0]


def test_a_control_that_began_anew_is_sent_at_once_all_that_the_old_one_did_not_confirm_and_only_once() -> None:
    window = full_window()
    window.control_began(400.0)
    sent = []
    while (flight := window.overdue(400.0)) is not None:
        window.resent(flight, 400.0)
        sent.append(flight.first)
    assert sent == [1, 11, 21, 31, 41, 51, 61, 71]
    assert window.overdue(400.0 + FIRST_RESEND_S) is window.flights[0]


def test_a_batch_sent_twice_tells_nothing_of_the_round_trip() -> None:
    window = full_window()
    window.resent(window.flights[1], 5.0)
    assert [flight.repeated for flight in window.confirmed(1, 30, 6.0)] == [False, True, False]
