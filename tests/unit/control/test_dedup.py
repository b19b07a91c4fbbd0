"""What of a batch is new, what is a repeat, what contradicts the record."""

from hypothesis import given, settings
from hypothesis import strategies as st

from control.dedup import runs_of, sift


def observations(reading, numbers, value=5.0):
    return [reading(number, value, seq=number) for number in numbers]


def test_a_batch_in_order_with_nothing_on_record_is_one_run(reading):
    batch = observations(reading, range(1, 501))
    assert sift(batch, {}).runs == (tuple(batch),)


def test_a_missing_number_cuts_a_run(reading):
    assert [[o.seq for o in run] for run in runs_of(observations(reading, [1, 2, 4, 5, 9]))] == [[1, 2], [4, 5], [9]]


def test_an_equal_repeat_is_counted_and_nothing_else(reading):
    batch = observations(reading, [1, 2])
    sifted = sift(batch, {o.seq: o for o in batch})
    assert (sifted.runs, sifted.repeats, sifted.conflicts) == ([], 2, [])


def test_another_content_under_the_same_name_is_a_conflict_and_the_first_one_stands(reading):
    first, again = reading(1, 5.0, seq=1), reading(1, 5.1, seq=1)
    assert sift([again], {1: first}).conflicts == [(first, again)]
    within = sift([first, again], {})
    assert (within.runs, within.conflicts) == ([(first,)], [(first, again)])


@settings(max_examples=60, deadline=None)
@given(
    held=st.sets(st.integers(1, 30)),
    numbers=st.lists(st.integers(1, 30), min_size=1, max_size=60),
)
def test_what_is_new_is_what_was_not_held_once_each_and_in_order(reading, held, numbers):
    sifted = sift(observations(reading, numbers), {n: reading(n, 5.0, seq=n) for n in held})
    new = [o.seq for run in sifted.runs for o in run]
    assert new == sorted(set(numbers) - held)
    assert sifted.repeats == len(numbers) - len(new)
    assert not sifted.conflicts
    assert all([o.seq for o in run] == list(range(run[0].seq, run[0].seq + len(run))) for run in sifted.runs)
