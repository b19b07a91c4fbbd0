"""A site that serves a platform: parties with keys, and things that are theirs."""

from datetime import timedelta

import pytest
from declarations import NOON, changed, declared, exported
from starlette.testclient import TestClient

from coldport.clock import ManualClock
from coldport.site import Site, Text
from control.access.acts import GrantGiven, KeyIssued, PartyAdded
from control.access.key import Key, digest_of, token_of
from control.access.party import Grant, Party, PartyKind, Scope
from control.access_log.memory import MemoryAccessLog
from control.api.app import create_app, platform_app
from control.api.desk_memory import MemoryDesk
from control.exposure.custody import LotReceived
from control.exposure.product import Product
from control.exposure.rules import ExposureRules
from control.exposure_archive import ExposureArchive
from control.historian.memory import MemoryHistorian
from control.inspection.parcels.acts import ParcelReceived
from dashboards import web_root

SECRET = bytes(range(32))
LOOPBACK = "http://127.0.0.1:8000"
SHARED = [scope for scope in Scope if scope is not Scope.ACCESS_MANAGE]


class House:
    """One site; `here` asks on the machine itself, `there` on the platform."""

    def __init__(self, site: Site) -> None:
        self.clock = ManualClock(NOON + timedelta(hours=1))
        self.desk = MemoryDesk(site, self.clock)
        self.log = MemoryAccessLog()
        historian = MemoryHistorian()
        tools = Product(id="tools", version=1, name=Text(zh="物", en="Goods"), exposure=ExposureRules())
        exposures = ExposureArchive(site, {("tools", 1): tools}, historian)
        app = create_app(self.desk, historian, web_root(), exposures=exposures, access_log=self.log, clock=self.clock)
        self.app, self.platform = app, platform_app(app)
        self.here = TestClient(app, base_url=LOOPBACK, raise_server_exceptions=False)
        self.there = TestClient(self.platform, base_url="https://partners.example", raise_server_exceptions=False)

    def add(self, name: str, kind: PartyKind = PartyKind.ENTERPRISE, *codes: str) -> None:
        party = Party(id=name, name=Text(zh=name, en=name), kind=kind, codes=codes)
        self.desk.record(PartyAdded(party=party, at=self.desk.now(), by="li"))

    def key(self, party: str, *scopes: Scope, days: int = 30) -> dict[str, str]:
        """Give a party a key and return the header that sends it."""
        name = f"k-{party}-{len(self.desk.access.state.keys)}"
        until = self.desk.now() + timedelta(days=days)
        key = Key(id=name, party=party, digest=digest_of(SECRET), scopes=scopes or tuple(SHARED), not_after=until)
        self.desk.record(KeyIssued(key=key, at=self.desk.now(), by="li"))
        return {"Authorization": f"Bearer {token_of(name, SECRET)}"}

    def grant(self, owner: str, grantee: str, scope: Scope, *names: str, days: int = 30) -> str:
        name = f"g-{len(self.desk.access.state.grants)}"
        until = self.desk.now() + timedelta(days=days)
        grant = Grant(id=name, owner=owner, grantee=grantee, scope=scope, until=until, reason="t", names=names)
        self.desk.record(GrantGiven(grant=grant, at=self.desk.now(), by="li"))
        return name

    def receive(self, lot: str, owner: str | None) -> None:
        at = self.desk.now() - timedelta(minutes=10)
        self.desk.take_lot(
            LotReceived(lot=lot, product="tools", product_version=1, zone="c1", at=at, by="li", owner=owner)
        )

    def declare(self, number: int, code: str) -> str:
        """Let the shipper with this code declare a parcel, which is on the floor; return its number."""
        for document in exported(number).values():
            new = changed(document, ebc_code=code) if "ebc_code" in document.head else document
            self.desk.record(declared(new))
        self.desk.record(ParcelReceived(logistics_no=f"E{number}", at=self.desk.now(), by="li"))
        return f"E{number}"

    def jump(self, to) -> None:
        self.clock._start = to

    def visits(self):
        """Return what the log holds, the newest first: party, route, outcome."""
        return [(one.visit.party, one.visit.route, one.visit.outcome) for one in reversed(self.log._kept)]


@pytest.fixture
def house(site) -> House:
    return House(site)


@pytest.fixture(scope="session")
def make_house() -> type[House]:
    return House
