"""Control listens twice: on loopback for its pages, and with a certificate for partners, who need a key."""

import asyncio
import contextlib
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from coldport.clock import SystemClock
from coldport.errors import RefusedError
from coldport.site import load_site
from control.api.app import create_app, platform_app
from control.api.desk_memory import MemoryDesk
from control.historian.memory import MemoryHistorian
from control.listen import open_doors, serve
from control.settings import ControlFile, Http, Platform
from dashboards import web_root

SITE = Path(__file__).parents[2] / "config/sites/xiangtan"


@pytest.fixture
def certificate(tmp_path):
    """Return a certificate of 127.0.0.1 and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "partners")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    (tmp_path / "c.pem").write_bytes(made.public_bytes(pem))
    (tmp_path / "c.key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return str(tmp_path / "c.pem"), str(tmp_path / "c.key")


async def test_partners_come_by_tls_with_a_key_and_the_site_by_loopback_without(certificate, free_port, eventually):
    pem, key = certificate
    platform = Platform(host="127.0.0.1", port=free_port(), certificate=pem, private_key=key)
    doors = open_doors(ControlFile(http=Http(port=free_port()), platform=platform))
    app = create_app(MemoryDesk(load_site(SITE), SystemClock()), MemoryHistorian(), web_root())
    serving = [asyncio.create_task(serve(platform_app(app) if door.platform else app, door)) for door in doors]
    here = f"http://127.0.0.1:{doors[0].socket.getsockname()[1]}"
    there = f"https://127.0.0.1:{platform.port}"
    trust = ssl.create_default_context(cafile=pem)
    async with httpx.AsyncClient(verify=trust, trust_env=False) as client:

        async def is_up() -> bool:
            with contextlib.suppress(httpx.ConnectError):
                return (await client.get(f"{here}/healthz")).is_success and bool(await client.get(f"{there}/x"))
            return False

        while not await is_up():
            await asyncio.gather(*(asyncio.wait([task], timeout=0.02) for task in serving))
        party = {"id": "acme", "name": {"zh": "甲", "en": "Acme"}, "kind": "regulator", "by": "Li"}
        assert (await client.post(f"{here}/api/v1/access/parties", json=party)).status_code == 201
        wanted = {"party": "acme", "scopes": ["site:read"], "days": 1, "by": "Li"}
        made = (await client.post(f"{here}/api/v1/access/keys", json=wanted)).json()
        header = {"Authorization": f"Bearer {made['token']}"}
        assert (await client.get(f"{there}/api/v1/site")).status_code == 401
        assert (await client.get(f"{there}/api/v1/site", headers=header)).json()["id"] == "xiangtan-1"
        assert (await client.get(f"{there}/cold", headers=header)).status_code == 404
        [visit] = (await client.get(f"{here}/api/v1/access/log")).json()
        assert (visit["party"], visit["route"], visit["why"]) == ("acme", "/api/v1/site", "rule")
    for task in serving:
        task.cancel()
    await asyncio.gather(*serving, return_exceptions=True)


def test_a_platform_in_the_clear_opens_no_door(free_port):
    settings = ControlFile(http=Http(port=free_port()), platform=Platform(host="0.0.0.0"))
    with pytest.raises(RefusedError, match="in the clear"):
        open_doors(settings)
    again = open_doors(ControlFile(http=settings.http))
    again[0].socket.close()
