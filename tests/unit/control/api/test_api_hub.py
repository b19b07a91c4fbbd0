import json

import pytest

from coldport.ids import ZoneId
from coldport.messages.status import SIMULATOR, LinkState, LinkStatus, Presence
from control.api import hub as hubs
from control.api.hub import CLIENT_LIMIT, QUEUE_LIMIT, Hub, TooManyClientsError


@pytest.fixture
def hub(desk, clock) -> Hub:
    return Hub(desk, clock, "build-1")


async def _frames(client):
    return [json.loads(text) for text in await client.next()]


async def _tick(hub, clock, times=1):
    for _ in range(times):
        await clock.advance(hubs.TICK_S)
        hub.tick()


async def test_a_new_client_gets_a_snapshot_and_then_deltas_that_count_on(hub, desk, clock, see):
    client = hub.join(None)
    (snapshot,) = await _frames(client)
    assert (snapshot["kind"], snapshot["build"], len(snapshot["rooms"]), len(snapshot["lanes"])) == (
        "snapshot",
        "build-1",
        2,
        1,
    )
    desk.put(see("c1-1-temperature", 5.0))
    await _tick(hub, clock)
    (delta,) = await _frames(client)
    assert (delta["kind"], delta["seq"]) == ("delta", snapshot["seq"] + 1)
    assert delta["rooms"][0][:2] == [0, 5.0]
    assert "lanes" not in delta


async def test_many_changes_within_a_tick_are_one_frame(hub, desk, clock, see):
    client = hub.join(None)
    await client.next()
    for n in range(50):
        desk.put(see("c1-1-temperature", 5.0 + n / 10))
    await _tick(hub, clock)
    (delta,) = await _frames(client)
    assert delta["rooms"][0][1] == 9.9


async def test_no_second_passes_without_a_frame(hub, clock):
    client = hub.join(None)
    (before,) = await _frames(client)
    for _ in range(10):
        await _tick(hub, clock, 3)
        (frame,) = await _frames(client)
        assert 0 < frame["at"] - before["at"] <= 1000
        before = frame


async def test_a_change_below_the_shown_digit_is_not_sent(hub, desk, clock, see):
    desk.put(see("c1-1-temperature", 5.01))
    await _tick(hub, clock)
    client = hub.join(None)
    await client.next()
    desk.put(see("c1-1-temperature", 5.02))
    await _tick(hub, clock, 3)
    (frame,) = await _frames(client)
    assert "rooms" not in frame


async def test_a_value_grows_stale_by_time_alone(hub, desk, clock, see):
    desk.put(see("c1-1-temperature", 5.0))
    await _tick(hub, clock)
    client = hub.join(None)
    await client.next()
    rows = []
    for _ in range(7 * 4):
        await _tick(hub, clock)
        while not client._waiting.empty():
            rows += [row for frame in await _frames(client) for row in frame.get("rooms", [])]
    assert rows == [[0, None, 3, 2]]


async def test_an_alarm_is_sent_when_it_moves_and_not_again(hub, desk, clock, raise_alarm):
    client = hub.join(None)
    await client.next()
    desk.put_alarm(raise_alarm())
    await _tick(hub, clock)
    assert [alarm["id"] for alarm in (await _frames(client))[0]["alarms"]] == ["chilled-hi.c1-1-temperature.1"]
    await _tick(hub, clock, 3)
    assert "alarms" not in (await _frames(client))[0]


async def test_a_site_is_simulated_for_as_long_as_a_simulator_is_on_the_bus(hub, desk, clock):
    client = hub.join(None)
    assert (await _frames(client))[0]["simulated"] is False
    for online in (True, False):
        desk.put_status([], [Presence(process=SIMULATOR, session="0" * 32, online=online, since=clock.now())])
        await _tick(hub, clock)
        assert (await _frames(client))[0]["simulated"] is online
    await _tick(hub, clock, 3)
    assert "simulated" not in (await _frames(client))[0]


async def test_lines_that_are_down_and_processes_that_are_gone_are_told(hub, desk, clock):
    client = hub.join(None)
    await client.next()
    down = LinkStatus(gateway="gw-1", link="cold-a", state=LinkState.DOWN, since=clock.now(), reason="unplugged")
    gone = Presence(process="gw-2", session="0" * 32, online=False, since=clock.now())
    desk.put_status([down], [gone])
    await _tick(hub, clock)
    assert (await _frames(client))[0]["links"] == [
        ["gw-1", "cold-a", None, "down", "unplugged"],
        ["gw-2", "gw-2", None, "down", "offline"],
    ]


async def test_a_client_that_looks_at_a_room_gets_its_probes_with_every_frame(hub, clock):
    client = hub.join(ZoneId("c1"))
    assert [frame["kind"] for frame in await _frames(client)] == ["snapshot", "room"]
    hub.turn(client, ZoneId("t1"))
    assert [frame["zone"] for frame in await _frames(client)] == ["t1"]
    await _tick(hub, clock, 3)
    assert [frame["kind"] for frame in await _frames(client)] == ["delta", "room"]
    hub.turn(client, None)
    await _tick(hub, clock, 3)
    assert [frame["kind"] for frame in await _frames(client)] == ["delta"]


async def test_a_client_that_falls_behind_gets_a_snapshot_instead_of_what_it_missed(hub, desk, clock, see):
    slow, quick = hub.join(None), hub.join(None)
    await quick.next()
    for n in range(QUEUE_LIMIT + 3):
        desk.put(see("c1-1-temperature", 3.0 + n))
        await _tick(hub, clock)
        (last,) = await _frames(quick)
    frames = []
    while not slow._waiting.empty():
        frames += await _frames(slow)
    assert frames[0]["kind"] == "snapshot"
    assert [frame["seq"] for frame in frames] == list(range(frames[0]["seq"], last["seq"] + 1))
    assert len(frames) <= QUEUE_LIMIT
    assert (slow.snapshots, quick.snapshots) == (2, 1)


async def test_a_tick_is_encoded_once_for_all_clients(hub, clock, monkeypatch):
    clients = [hub.join(ZoneId("c1")) for _ in range(20)]
    calls = []
    monkeypatch.setattr(hubs.frames, "_text", lambda frame: calls.append(frame["kind"]) or json.dumps(frame))
    await _tick(hub, clock, 3)
    assert calls == ["delta", "room"]
    for client in clients:
        await client.next()
    texts = [await client.next() for client in clients]
    assert all(text == texts[0] for text in texts)


async def test_one_client_more_than_the_limit_is_refused(hub):
    clients = [hub.join(None) for _ in range(CLIENT_LIMIT)]
    with pytest.raises(TooManyClientsError):
        hub.join(None)
    hub.leave(clients[0])
    hub.join(None)
    assert hub.clients == CLIENT_LIMIT


async def test_a_zone_the_site_does_not_have_is_none(hub):
    assert hub.zone("no-such-zone") is None
    assert hub.zone(None) is None
    assert hub.zone("c1") == "c1"
