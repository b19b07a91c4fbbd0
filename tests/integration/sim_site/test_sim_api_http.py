"""Faults of a running site by real HTTP, and by the command."""

import argparse
import asyncio
import http.client
import json

import msgspec
import pytest

from coldport.clock import SystemClock
from coldport.errors import RefusedError, UnavailableError
from firmware_sim.api import command
from firmware_sim.api.desk import Desk
from firmware_sim.api.server import listening
from firmware_sim.faults import Fault, FaultKind
from firmware_sim.scenario import Api


def asked(port, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    told = response.status, response.getheader("content-type"), response.read()
    connection.close()
    return told


def run(monkeypatch, scenario, *words):
    monkeypatch.setattr(command, "load_scenario", lambda _: scenario)
    parser = argparse.ArgumentParser()
    command.register(parser.add_subparsers())
    arguments = parser.parse_args(["fault", "--site", "config/sites/xiangtan", *words])
    return arguments.run(arguments)


async def test_a_fault_comes_and_goes_by_http_and_by_the_command(start, quiet, monkeypatch, capsys):
    async with start() as site, listening(Desk(site.floor, SystemClock()), 0) as port:
        here = msgspec.structs.replace(quiet, api=Api(port=port))
        path = "/sim/v1/targets/cold-a/units/2/faults/exception"
        status, kind, body = await asyncio.to_thread(asked, port, "PUT", path, '{"code": 6}')
        assert (status, kind) == (200, "application/json")
        assert json.loads(body) == {"kind": "exception", "target": "cold-a", "unit": 2, "code": 6}
        assert await asyncio.to_thread(run, monkeypatch, here, "cold-a") == 0
        assert "BROKEN: exception (unit=2 code=6)" in capsys.readouterr().out
        assert await asyncio.to_thread(run, monkeypatch, here, "cold-a", "exception", "--unit", "2", "--off") == 0
        assert not site.faults.active
        words = ("c1-1x", "silence")
        with pytest.raises(RefusedError, match="no target 'c1-1x'"):
            await asyncio.to_thread(run, monkeypatch, here, *words)
        words = ("cold-b", "spike", "--unit", "3", "--with", "by=12.5", "--for", "600")
        assert await asyncio.to_thread(run, monkeypatch, here, *words) == 0
        assert site.faults.find(FaultKind.SPIKE, "cold-b", 3).by == 12.5
        assert await asyncio.to_thread(run, monkeypatch, here) == 0
        assert "lane-1-gate" in capsys.readouterr().out
    with pytest.raises(UnavailableError, match="no simulation answers"):
        await asyncio.to_thread(run, monkeypatch, here)


async def test_bodies_are_bounded_and_foreign_names_refused(start):
    async with start() as site, listening(Desk(site.floor, SystemClock()), 0) as port:
        path = "/sim/v1/doors/c1-door"
        status, kind, _ = await asyncio.to_thread(asked, port, "PUT", path, "x" * 5000)
        assert (status, kind) == (413, "application/problem+json")
        status, _, _ = await asyncio.to_thread(asked, port, "GET", "/sim/v1/doors", None, {"Host": "evil.example"})
        assert status == 409
        status, _, body = await asyncio.to_thread(asked, port, "PUT", path, '{"open": true}')
        assert (status, body) == (204, b"")


async def test_a_port_in_use_is_said(start):
    async with start() as site, listening(Desk(site.floor, SystemClock()), 0) as port:
        with pytest.raises(RefusedError, match="in use"):
            async with listening(Desk(site.floor, SystemClock()), port):
                pass


async def test_a_tcp_port_that_is_unplugged_refuses_and_takes_clients_again_on_the_same_port(start):
    async with start() as site:
        port = site.ports["io-1"]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        site.faults.begin(gone := Fault(kind=FaultKind.UNPLUGGED, target="io-1"))
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()

        async def answers():
            try:
                _, one = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                return False
            one.close()
            return True

        assert not await answers()
        site.faults.end(gone)
        async with asyncio.timeout(5):
            while not await answers():
                pass
