import json

import msgspec
import pytest

from coldport.ids import PointId
from coldport.site import Band, Point, Quantity, Text, Zone, ZoneClass
from control.api.frames import alarm_row, delta_frame, point_row, room_frame, zone_row


def _row(site, clock, index, *seen):
    return zone_row(index, site.zones[index], {one.point: one for one in seen}, clock.now())


def test_a_quiet_room_is_two_figures(site, clock, see):
    probes = [see(f"c1-{n}-temperature", 5.04) for n in (1, 2, 3)]
    assert _row(site, clock, 0, *probes, see("c1-door", 0.0)) == (0, 5.0)


def test_a_room_says_what_is_missing_open_and_humid(site, clock, see):
    assert _row(site, clock, 0, see("c1-1-temperature", 9.26), see("c1-door", 1.0)) == (0, 9.3, 2, 1)
    assert _row(site, clock, 1, see("t1-1-temperature", 0.0), see("t1-1-humidity", 51.25)) == (1, 0.0, None, None, 51.2)


def test_a_room_that_is_nothing_known_of_still_has_its_place(site, clock):
    assert _row(site, clock, 0) == (0, None, 3, 2)


def test_a_value_just_below_nought_is_nought(site, clock, see):
    assert str(_row(site, clock, 1, see("t1-1-temperature", -0.04))[1]) == "0.0"


def test_a_lane_says_mass_stability_and_tag(site, clock, see):
    row = _row(site, clock, 2, see("lane-1-scale", 12.3456, stable=False), see("lane-1-gate", None, epc="E280"))
    assert row == (2, 12.346, 0, None, "E280", round(clock.now().timestamp() * 1000))


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ({"value": 5.04}, (5.0, "good", None)),
        ({"value": 5.04, "age_s": 60}, (None, "stale", None)),
        ({"value": None, "reason": "no-answer"}, (None, "bad", "no-answer")),
    ],
)
def test_a_probe_says_how_far_it_can_be_trusted(site, clock, see, seen, expected):
    point = site.zones[0].points[0]
    row = point_row(point, see(point.id, **seen), clock.now())
    assert row[:4] == (point.id, *expected)
    assert point_row(point, None, clock.now()) == (point.id, None, "none", None, None)


def test_a_room_frame_names_every_point_of_the_zone(site, clock):
    frame = json.loads(room_frame(site.zones[0], {}, clock.now()))
    assert [row[0] for row in frame["points"]] == [point.id for point in site.zones[0].points]


def test_an_alarm_leaves_as_codes_without_sentences(raise_alarm):
    row = alarm_row(raise_alarm())
    assert row["state"] == "unacknowledged"
    assert "returned_at" not in row
    assert not any(" " in str(value) for value in row.values())


def test_a_delta_leaves_out_what_did_not_change(clock):
    frame = json.loads(delta_frame(3, clock.now(), [], frozenset(), {}))
    assert set(frame) == {"kind", "seq", "at"}


def test_a_frame_in_which_all_of_200_rooms_changed_has_at_most_3_kb(clock, see):
    zones = [
        Zone(
            id=f"f{n}",
            name=Text(zh="库", en="room"),
            zone_class=ZoneClass.FROZEN,
            temperature_c=Band(low=-22.0, high=-16.0),
            points=(Point(id=f"f{n}-1-temperature", quantity=Quantity.TEMPERATURE, every_s=1),),
        )
        for n in range(200)
    ]
    latest = {PointId(z.points[0].id): see(z.points[0].id, -19.0 - n / 100) for n, z in enumerate(zones)}
    rows = [zone_row(n, zone, latest, clock.now()) for n, zone in enumerate(zones)]
    frame = delta_frame(123_456, clock.now(), rows, frozenset(), {})
    assert len(msgspec.json.decode(frame)["rooms"]) == 200
    assert len(frame.encode()) <= 3_000
