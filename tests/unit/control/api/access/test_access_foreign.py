"""No foreign consignment is readable: parties, things and grants at random, over every route that partners are served.

The routes come from the router, so that a new one is held to it as soon as it is there.
"""

import asyncio
import json
import os
import re
from datetime import timedelta
from urllib.parse import quote

import httpx
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from control.access.party import SITE, PartyKind, Scope
from control.api.access.policy import declared

EXAMPLES = int(os.environ.get("COLDPORT_ACCESS_EXAMPLES", "4"))

SAID_BY_THE_READER = {"/api/v1/access/grants"}
"""There a name is only what a party said it grants, whether or not there is such a thing."""

PARTIES = ("acme", "bolt", "crane")
CODES = {"acme": "4301960001X", "bolt": "4301960002X", "crane": "4301960003X"}
KINDS = st.sampled_from([PartyKind.ENTERPRISE, PartyKind.CARRIER, PartyKind.WAREHOUSE])
THINGS = 3

owners = st.lists(st.sampled_from([*PARTIES, None]), min_size=THINGS, max_size=THINGS)
grants = st.tuples(
    st.sampled_from(PARTIES),
    st.sampled_from(PARTIES),
    st.sampled_from([Scope.LOTS_READ, Scope.CONSIGNMENTS_READ]),
    st.sampled_from([[], ["lot-0", "E50"], ["lot-1", "X51"], ["lot-2", "X52"]]),
    st.sampled_from([True, True, False]),
)


def build(house, kinds, lots, parcels, given_grants):
    """Put all of it into a house; return each thing's owner by its marker, and the grants that stand."""
    for name, kind in zip(PARTIES, kinds, strict=True):
        house.add(name, kind, CODES[name])
    for number, owner in enumerate(lots):
        house.receive(f"lot-{number}", owner)
    for number, owner in enumerate(parcels, 50):
        house.declare(number, CODES.get(owner, "4301969999"))
    standing = []
    for owner, grantee, scope, names, lasts in given_grants:
        if owner != grantee:
            house.grant(owner, grantee, scope, *dict.fromkeys(names), days=2 if lasts else 1)
            standing += [(owner, grantee, scope, set(names))] if lasts else []
    house.jump(house.desk.now() + timedelta(days=1))
    things = {f"lot-{number}": (owner, Scope.LOTS_READ, {f"lot-{number}"}) for number, owner in enumerate(lots)}
    for number, owner in enumerate(parcels, 50):
        things[f"E{number}"] = (owner, Scope.CONSIGNMENTS_READ, {f"E{number}", f"X{number}"})
    return things, standing


def readable(party, thing, standing) -> bool:
    """Whether a party may read a thing: the rule, said apart from the decision."""
    owner, scope, names = thing
    return owner == party or any(
        (by, to, what) == (owner, party, scope) and (not of or of & names) for by, to, what, of in standing
    )


def addresses(house, names):
    """Give every address of the platform, with every thing's name in each place that takes one."""
    for method, path, _ in declared(house.platform.routes):
        if method == "WebSocket" or path in SAID_BY_THE_READER:
            continue
        holes = re.findall(r"\{([a-z_]+)(?::path)?\}", path)
        filled = re.sub(r"\{[^}]+\}", "{}", path)
        for name in names if holes else [""]:
            yield method, filled.format(*[quote(name, safe="")] * len(holes)), name


async def read_all(house, party, names):
    """Give the address, the name in it, and the body of every answer that a party is given."""
    key = house.key(party)
    door = httpx.AsyncClient(transport=httpx.ASGITransport(app=house.platform), base_url="https://partners.example")
    async with door as client:
        for method, address, asked in addresses(house, names):
            answer = await client.request(method, address, headers=key)
            if answer.status_code < 400:
                yield address, asked, answer.text


FEW = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])


@FEW
@given(
    kinds=st.tuples(KINDS, KINDS, KINDS),
    lots=owners,
    parcels=owners,
    given_grants=st.lists(grants, min_size=2, max_size=6),
)
def test_no_route_of_the_platform_gives_out_what_is_neither_ones_own_nor_granted(
    site, make_house, monkeypatch, kinds, lots, parcels, given_grants
):
    monkeypatch.setattr("control.access.bucket.Buckets.wait_s", lambda *_: 0)
    house = make_house(site)
    things, standing = build(house, kinds, lots, parcels, given_grants)

    async def look(party: str) -> None:
        seen = set()
        async for address, asked, body in read_all(house, party, [*things, "c1-door"]):
            assert asked not in things or readable(party, things[asked], standing), (party, address, body)
            found = {marker for marker in things if f'"{marker}"' in body}
            assert all(readable(party, things[marker], standing) for marker in found), (party, address, body)
            seen |= found
        own = {marker for marker, thing in things.items() if readable(party, thing, standing)}
        assert seen == own, "what may be read is read, or this would prove nothing"

    for party in PARTIES:
        asyncio.run(look(party))


@FEW
@given(lots=owners, parcels=owners)
def test_the_log_names_every_visit_to_a_party_by_another(site, make_house, monkeypatch, lots, parcels):
    monkeypatch.setattr("control.access.bucket.Buckets.wait_s", lambda *_: 0)
    house = make_house(site)
    build(house, [PartyKind.ENTERPRISE] * 3, lots, parcels, [])
    house.add("customs", PartyKind.REGULATOR)
    house.there.get("/api/v1/lots", headers=house.key("customs"))
    house.there.get("/api/v1/floor/parcels", headers=house.key("customs"))
    for party in PARTIES:
        shown = house.there.get("/api/v1/access/log", headers=house.key(party)).json()
        given_out = {one["route"]: one["given"] for one in shown if one["party"] == "customs"}
        counts = {"/api/v1/lots": lots.count(party), "/api/v1/floor/parcels": parcels.count(party)}
        assert given_out == {route: count for route, count in counts.items() if count}
        assert SITE not in json.dumps([one["owners"] for one in shown])
