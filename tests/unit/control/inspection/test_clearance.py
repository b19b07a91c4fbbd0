import itertools

import pytest

from control.inspection.clearance import STATUSES, Clearance, clearance_of, is_final, status_rank


@pytest.mark.parametrize(
    ("statuses", "meaning"),
    [
        (["1", "2", "3", "120", "300", "399", "400"], Clearance.PENDING),
        (["800"], Clearance.RELEASED),
        (["500"], Clearance.INSPECT),
        (["600"], Clearance.SUSPENDED),
        (["501", "502", "503", "599"], Clearance.DETAINED),
        (["100", "4", "-621005", "-1"], Clearance.REJECTED),
        (["700"], Clearance.RETURNED),
        (["899"], Clearance.CLOSED),
    ],
)
def test_each_status_means_one_thing_on_the_floor(statuses, meaning):
    assert {clearance_of(status) for status in statuses} == {meaning}


@pytest.mark.parametrize("status", ["", "801", "8000", " 800", "\uff18\uff10\uff10", "-", "ok", "0800"])
def test_a_status_that_nobody_has_heard_of_releases_nothing(status):
    assert clearance_of(status) is Clearance.PENDING


def test_every_status_that_is_not_800_releases_nothing():
    assert [status for status in STATUSES if clearance_of(status) is Clearance.RELEASED] == ["800"]


def test_the_ranks_of_the_known_statuses_are_a_total_order():
    ranks = [status_rank(status) for status in STATUSES]
    assert len(set(ranks)) == len(ranks)


def test_at_the_same_moment_what_stops_a_parcel_wins_over_a_release():
    for stop, go in itertools.product(["100", "500", "501", "600", "700"], ["399", "800"]):
        assert status_rank(stop) > status_rank(go)


def test_only_a_closed_case_is_final():
    assert [status for status in STATUSES if is_final(status)] == ["899"]
