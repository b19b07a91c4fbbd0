"""Parcels of all kinds over a simulated gate and scale: none that should be held is released, hardly a good one held.

Two hundred parcels, or as many as COLDPORT_PARCELS says (`make bench-lane-verdicts`: ten thousand, and the table is
printed).
"""

import os
import sys
from collections import Counter

import pytest
from simulated_lane import KINDS, Run, lane_run

from control.inspection.lane.verdict import Verdict

COUNT = int(os.environ.get("COLDPORT_PARCELS", "200"))
SEED = int(os.environ.get("COLDPORT_SEED", "1"))
FALSE_HOLDS = 0.005


@pytest.fixture(scope="module")
def run() -> Run:
    run = lane_run(COUNT, SEED)
    table: Counter[tuple[str, str, str]] = Counter()
    for one in run.judged:
        truth = run.on_scale(one.seen_at)
        table[truth.kind if truth else "nothing", one.verdict.value, one.reasons[0].why.value] += 1
    for (kind, verdict, why), count in sorted(table.items()):
        sys.stdout.write(f"{kind:26} {verdict:8} {why:20} {count:6}\n")
    return run


def test_no_parcel_that_should_be_held_is_released(run) -> None:
    assert [one for one in run.judged if one.verdict is Verdict.RELEASE and run.should_be_held(one)] == []


def test_what_is_released_is_what_stood_on_the_scale(run) -> None:
    released = [one for one in run.judged if one.verdict is Verdict.RELEASE]
    assert [one for one in released if run.on_scale(one.seen_at).logistics_no != one.logistics_no] == []


def test_hardly_a_good_parcel_is_held(run) -> None:
    fine = [one for one in run.parcels.values() if one.kind == "fine"]
    released = {one.logistics_no for one in run.judged if one.verdict is Verdict.RELEASE}
    held = [one for one in fine if one.logistics_no not in released]
    sys.stdout.write(f"good parcels held: {len(held)} of {len(fine)}\n")
    assert len(held) <= max(1, FALSE_HOLDS * len(fine))


def test_each_parcel_has_one_verdict_and_none_is_lost(run) -> None:
    superseded = {one.supersedes for one in run.judged}
    standing = [one for one in run.judged if one.id not in superseded]
    weighed = Counter(truth.logistics_no for one in standing if (truth := run.on_scale(one.seen_at)))
    assert {one.logistics_no for one in run.parcels.values()} == set(weighed)
    assert sum(weighed.values()) == len(run.parcels)


def test_parcels_of_every_kind_came(run) -> None:
    if COUNT >= 2_000:
        assert {one.kind for one in run.parcels.values()} == set(KINDS)
