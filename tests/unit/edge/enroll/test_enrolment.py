"""Certificates of a site: who gets which, what is never overwritten, what each may do."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from coldport.errors import RefusedError
from coldport.ids import SiteId
from coldport.site import Broker, Tls, load_site
from control.intake import filters
from edge.enroll.authority import LIFE, issue, new_authority
from edge.enroll.brokers import mosquitto_acl, nats_authorization
from edge.enroll.folder import Folder, enroll
from edge.enroll.permissions import permissions_of
from edge.gateway import heard
from edge.settings import load_edge

EXAMPLE = Path(__file__).parents[4] / "config/sites/xiangtan"
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
SITE = load_site(EXAMPLE)
EDGE = load_edge(EXAMPLE, SITE).settings
GATEWAY = "xiangtan-edge-1"


def test_the_first_gateway_brings_the_authority_and_the_roles_the_next_only_itself(tmp_path) -> None:
    folder = Folder(tmp_path)
    first = enroll(folder, SITE, EDGE, GATEWAY, NOON, renew=False)
    assert list(first) == ["ca", "broker", "control", "simulator", "technician", GATEWAY]
    assert list(enroll(folder, SITE, EDGE, "edge-2", NOON, renew=False)) == ["edge-2"]
    assert set(folder.permissions()) == {"control", "simulator", "technician", GATEWAY, "edge-2"}


def test_everything_is_for_its_owner_alone(tmp_path) -> None:
    enroll(Folder(tmp_path / "tls"), SITE, EDGE, GATEWAY, NOON, renew=False)
    for path in [tmp_path / "tls", *(tmp_path / "tls").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_nothing_is_overwritten_but_what_is_to_be_renewed(tmp_path) -> None:
    folder = Folder(tmp_path)
    enroll(folder, SITE, EDGE, GATEWAY, NOON, renew=False)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*.crt")}
    with pytest.raises(RefusedError, match=r"is enrolled in .* until 2027-08-02; --renew makes it anew"):
        enroll(folder, SITE, EDGE, GATEWAY, NOON, renew=False)
    assert list(enroll(folder, SITE, EDGE, GATEWAY, NOON, renew=True)) == [GATEWAY]
    after = {path.name: path.read_bytes() for path in tmp_path.glob("*.crt")}
    assert [name for name in before if before[name] != after[name]] == [f"{GATEWAY}.crt"]


def test_the_authority_is_never_renewed_and_nothing_outlives_it(tmp_path) -> None:
    authority = new_authority("s", NOON)
    late = authority.expires - timedelta(days=3)
    assert issue(authority, "edge-1", NOON).expires == NOON + LIFE
    assert issue(authority, "edge-1", late).expires == authority.expires
    with pytest.raises(RefusedError, match="expired on 2036-06-28"):
        issue(authority, "edge-1", authority.expires)
    with pytest.raises(RefusedError, match="the authority is not renewed"):
        enroll(Folder(tmp_path), SITE, EDGE, "ca", NOON, renew=True)


def test_a_certificate_names_its_process_and_says_what_it_is_for(tmp_path) -> None:
    folder = Folder(tmp_path)
    enroll(folder, SITE, EDGE, GATEWAY, NOON, renew=False)
    gateway, broker = folder.pair(GATEWAY).certificate, folder.pair("broker").certificate
    assert gateway.subject.rfc4514_string() == f"CN={GATEWAY}"
    assert not gateway.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    names = broker.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]


def test_a_damaged_folder_is_told_with_its_file(tmp_path) -> None:
    folder = Folder(tmp_path)
    enroll(folder, SITE, EDGE, GATEWAY, NOON, renew=False)
    (tmp_path / "ca.key").write_bytes(b"-----BEGIN")
    with pytest.raises(RefusedError, match=r"ca\.key"):
        enroll(folder, SITE, EDGE, "edge-2", NOON, renew=False)


def test_each_may_hear_what_it_listens_to() -> None:
    site = SiteId(SITE.id)
    assert set(filters(site)) == set(permissions_of("control", site, EDGE).subscribe)
    gateway = permissions_of(GATEWAY, site, EDGE)
    assert set(gateway.subscribe) == {*heard(site, GATEWAY), "application/#"}
    assert permissions_of("simulator", site, EDGE).subscribe == ()


def test_a_gateway_may_say_nothing_in_the_name_of_another() -> None:
    permissions = permissions_of("edge-2", SiteId(SITE.id), EDGE)
    assert all("/edge-2" in topic for topic in permissions.publish)
    assert "application/#" not in permissions.subscribe, "the lines of edge.toml are those of another gateway"


def test_topic_filters_become_subjects_of_nats_and_rules_of_mosquitto() -> None:
    everybody = {
        "edge-1": permissions_of("edge-1", SiteId("s"), None),
        "simulator": permissions_of("simulator", SiteId("s"), EDGE),
    }
    nats, acl = nats_authorization(everybody), mosquitto_acl(everybody)
    assert '"coldport.v1.s.links.edge-1.*"' in nats
    assert '"application.>", "application"' in nats
    assert 'subscribe: { allow: ["coldport.nothing"] }' in nats
    assert "user edge-1\ntopic write coldport/v1/s/presence/edge-1\n" in acl


def test_the_paths_of_a_broker_are_below_the_site_and_named_for_who_connects(tmp_path) -> None:
    text = (EXAMPLE / "site.toml").read_text(encoding="utf-8")
    (tmp_path / "site.toml").write_text(text.replace("embedded = true", "embedded = true\ntls = {}"), encoding="utf-8")
    tls = load_site(tmp_path).broker.seen_by("edge-1").tls
    assert tls == Tls(
        ca=f"{tmp_path}/tls/ca.crt", certificate=f"{tmp_path}/tls/edge-1.crt", key=f"{tmp_path}/tls/edge-1.key"
    )
    assert Broker(tls=True).seen_by("edge-1") == Broker(tls=True)
