from datetime import timedelta

import pytest

from coldport.site import Band
from control.api.tiles import Door, hold_s, lane_tile, room_tile, worst


@pytest.mark.parametrize(
    ("values", "band", "expected"),
    [
        ([4.0, 5.0, 7.9], Band(low=2.0, high=8.0), 7.9),
        ([2.1, 5.0, 7.0], Band(low=2.0, high=8.0), 2.1),
        ([9.0, 1.5], Band(low=2.0, high=8.0), 9.0),
        ([3.0, 9.5], Band(high=10.0), 9.5),
        ([3.0, 9.5], Band(low=1.0), 3.0),
        ([3.0, 9.5], Band(), 9.5),
        ([3.0, 9.5], None, 9.5),
        ([], Band(low=2.0, high=8.0), None),
    ],
)
def test_the_worst_value_is_the_one_furthest_from_the_middle_of_the_band(values, band, expected):
    assert worst(values, band) == expected


def _room(site, clock, *seen):
    return room_tile(site.zones[0], {one.point: one for one in seen}, clock.now())


def test_a_room_shows_its_worst_probe_and_counts_those_it_cannot_trust(site, clock, see):
    tile = _room(
        site,
        clock,
        see("c1-1-temperature", 5.0),
        see("c1-2-temperature", 7.5),
        see("c1-3-temperature", None, reason="no-answer"),
    )
    assert (tile.temperature_c, tile.missing) == (7.5, 1)


def test_a_room_of_which_nothing_is_known_has_no_value_and_misses_every_probe(site, clock):
    tile = _room(site, clock)
    assert (tile.temperature_c, tile.missing, tile.door) == (None, 3, Door.UNKNOWN)


def test_an_old_value_is_not_shown_as_the_present_one(site, clock, see):
    limit_s = hold_s(site.zones[0].points[0])
    at_limit = _room(site, clock, see("c1-1-temperature", 5.0, age_s=limit_s))
    past_it = _room(site, clock, see("c1-1-temperature", 5.0, age_s=limit_s + 0.001))
    assert (at_limit.temperature_c, past_it.temperature_c) == (5.0, None)


@pytest.mark.parametrize(("value", "door"), [(0.0, Door.CLOSED), (1.0, Door.OPEN), (None, Door.UNKNOWN)])
def test_the_door_is_closed_open_or_unknown(site, clock, see, value, door):
    assert _room(site, clock, see("c1-door", value)).door is door


def test_humidity_is_shown_only_where_the_room_is_judged_by_it(site, clock, see):
    latest = {one.point: one for one in (see("t1-1-temperature", 8.0), see("t1-1-humidity", 47.0))}
    assert room_tile(site.zones[1], latest, clock.now()).humidity_percent == 47.0
    assert room_tile(site.zones[1], latest, clock.now()).door is None
    assert _room(site, clock).humidity_percent is None


def test_a_lane_shows_its_mass_and_the_last_tag_however_long_ago(site, clock, see):
    tag = see("lane-1-gate", None, age_s=7200, epc="E280116000000001")
    latest = {one.point: one for one in (see("lane-1-scale", 12.345, stable=True), tag)}
    tile = lane_tile(site.zones[2], latest, clock.now())
    assert (tile.mass_kg, tile.stable, tile.reason, tile.epc) == (12.345, True, None, "E280116000000001")
    assert tile.epc_at == clock.now() - timedelta(hours=2)


def test_a_silent_scale_is_neither_stable_nor_has_it_a_mass(site, clock, see):
    latest = {one.point: one for one in (see("lane-1-scale", 12.345, stable=True, age_s=60),)}
    tile = lane_tile(site.zones[2], latest, clock.now())
    assert (tile.mass_kg, tile.stable, tile.reason) == (None, False, "no-data")
