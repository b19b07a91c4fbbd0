"""Passports and their scans outlive control: from the journal, and from a snapshot of it; each is found by its name."""

from datetime import timedelta

import msgspec
import pytest

from coldport.clock import ManualClock
from coldport.errors import RefusedError
from coldport.settings import SiteFileError
from coldport.site import Point, Quantity
from control.alarms.definition import AlarmFile
from control.journal.memory import MemoryJournal
from control.passport.acts import PassportIssued, PassportScanned
from control.passport.code import Item, link, name_at, path_of
from control.passport.passports import SCAN_LIMIT, CopyLimits, PassportState, Suspicion
from control.passport_settings import check, load_passports
from control.service import Service

ITEM = Item(gtin="06901234567892", lot="L+1", serial="7")
NAME = link(ITEM)


@pytest.mark.parametrize("snapshot", [False, True])
def test_a_restart_knows_every_passport_and_its_scans(at, one_room, snapshot):
    journal, clock = MemoryJournal(), ManualClock(at(0))
    site = one_room(Point(id="p", quantity=Quantity.TEMPERATURE, every_s=1))

    def start() -> Service:
        return Service(site, AlarmFile(alarms=()), journal, clock, copies=CopyLimits(scans=1))

    service, now = start(), clock.now()
    issued = PassportIssued(item=ITEM, product="湘莲", grower="合作社", lot="a1", at=now, by="li")
    service.record(issued)
    service.record(PassportScanned(passport=NAME, at=now))
    if snapshot:
        service.save()
    service.record(PassportScanned(passport=NAME, at=now))
    with pytest.raises(RefusedError):
        service.record(issued)
    again = start()
    assert again.passports.state == service.passports.state
    assert (again.passports.find(NAME).scans, again.passports.find(NAME).suspicions) == (2, (Suspicion.TOO_OFTEN,))
    assert [type(entry.content) for entry in again.about(f"passport:{NAME}", 9)] == [
        PassportScanned,
        PassportScanned,
        PassportIssued,
    ]
    assert [entry.content for entry in again.about("lot:a1", 9)] == [issued]


def test_scans_are_put_on_record_up_to_their_limit_and_none_from_the_future(at, one_room):
    site = one_room(Point(id="p", quantity=Quantity.TEMPERATURE, every_s=1))
    service = Service(site, AlarmFile(alarms=()), MemoryJournal(), ManualClock(at(0)))
    now = service.now()
    service.record(PassportIssued(item=ITEM, product="湘莲", grower="合作社", at=now, by="li"))
    with pytest.raises(RefusedError, match="not come yet"):
        service.record(PassportScanned(passport=NAME, at=now + timedelta(seconds=1)))
    passports = service.passports
    passports.state.by_name[NAME] = msgspec.structs.replace(passports.find(NAME), scans=SCAN_LIMIT - 1)
    service.record(PassportScanned(passport=NAME, at=now))
    with pytest.raises(RefusedError, match="nothing new"):
        service.record(PassportScanned(passport=NAME, at=now))


@pytest.mark.parametrize("name", [NAME, "XT1"])
def test_a_name_is_found_again_by_its_path(name):
    assert name_at(path_of(name).replace("%2B", "+")) == name
    assert name_at(path_of(name) + "/more") is None


def test_an_item_that_no_address_carries_gets_no_passport():
    for lot in ("a/b", "", "é", "x" * 21):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"gtin": ITEM.gtin, "lot": lot, "serial": "1"}, Item)


def test_a_site_says_where_its_passports_are_looked_up(tmp_path):
    assert load_passports(tmp_path).address_of(NAME) == NAME
    file = tmp_path / "passport.toml"
    file.write_text('address = "https://pass.example"\n[copies]\nscans = 20\n')
    settings = load_passports(tmp_path)
    assert settings.address_of(NAME) == "https://pass.example/01/06901234567892/10/L%2B1/21/7"
    assert settings.address_of("XT1") == "https://pass.example/p/XT1"
    assert (settings.copies.scans, check(tmp_path)) == (20, [])
    file.write_text('\naddress = "https://pass.example/"\n')
    with pytest.raises(SiteFileError, match=r"passport.toml:2: address: "):
        load_passports(tmp_path)
    assert [problem.line for problem in check(tmp_path)] == [2]


def test_a_snapshot_of_passports_is_read_as_it_was_written():
    state = PassportState()
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=PassportState) == state
