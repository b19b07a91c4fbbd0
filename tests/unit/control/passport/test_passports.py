"""A passport has a name that no slip of the hand turns into another, and a copy of it shows in its scans."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldport.errors import NotFoundError, RefusedError
from control.passport.acts import PassportIssued, PassportScanned
from control.passport.code import ALPHABET, Item, grower_code, is_grower_code, link
from control.passport.passports import CopyLimits, Passports, Suspicion
from control.traceability.identifiers import canonical

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
LATE = NOON + timedelta(days=100)
USCC = "91350100M000100Y43"
XIANGTAN, CHANGSHA, ROTTERDAM = (27.83, 112.94), (28.23, 112.94), (51.92, 4.48)
CODE = grower_code(USCC, "010701", "260301", 12)


def issued(**fields) -> PassportIssued:
    return PassportIssued(**{"product": "湘莲", "grower": "合作社", "at": NOON, "by": "li", "code": CODE, **fields})


def scanned(minutes: int, where=None) -> PassportScanned:
    return PassportScanned(passport=CODE, at=NOON + timedelta(minutes=minutes), where=where)


def after(*scans: PassportScanned, limits: CopyLimits | None = None):
    passports = Passports(limits)
    for act in (issued(), *scans):
        passports.check(act, LATE)
        passports.take(act)
    return passports.find(CODE)


@given(st.integers(0, 999_999), st.integers(0, 38), st.sampled_from(ALPHABET))
def test_a_code_with_one_character_misread_is_no_code(serial, place, wrong) -> None:
    code = grower_code(USCC, "010701", "260301", serial)
    assert is_grower_code(code)
    assert is_grower_code(code[:place] + wrong + code[place + 1 :]) == (wrong == code[place])


def test_the_name_by_gtin_is_the_canonical_digital_link() -> None:
    name = link(Item(gtin="06901234567892", lot="L1", serial="7"))
    assert name == "https://id.gs1.org/01/06901234567892/10/L1/21/7"
    assert canonical("https://shop.example/gtin/6901234567892/21/7") == "https://id.gs1.org/01/06901234567892/21/7"


@pytest.mark.parametrize(
    "wrong",
    [
        issued(code=None),
        issued(item=Item(gtin="06901234567892", lot="L1", serial="7")),
        issued(code=None, item=Item(gtin="06901234567893", lot="L1", serial="7")),
        issued(code=CODE[:-1] + ("0" if CODE[-1] != "0" else "1")),
    ],
)
def test_a_passport_has_one_name_and_it_checks(wrong) -> None:
    with pytest.raises(RefusedError):
        Passports().check(wrong, NOON)


def test_a_passport_is_issued_once_and_what_was_never_issued_is_not_scanned() -> None:
    passports = Passports()
    with pytest.raises(NotFoundError):
        passports.check(scanned(1), LATE)
    passports.take(issued())
    with pytest.raises(RefusedError):
        passports.check(issued(), NOON)


def test_scans_are_counted_and_a_journey_is_no_copy() -> None:
    passport = after(scanned(1, XIANGTAN), scanned(61, CHANGSHA), scanned(62))
    assert (passport.scans, passport.suspicions) == (3, ())
    assert passport.first_scan == NOON + timedelta(minutes=1)


@pytest.mark.parametrize("order", [1, -1])
def test_two_places_that_cannot_both_be_true_are_a_suspected_copy_in_whatever_order_they_come(order) -> None:
    scans = (scanned(1, XIANGTAN), scanned(61, ROTTERDAM))[::order]
    assert after(*scans).suspicions == (Suspicion.TOO_FAR,)


def test_a_container_that_took_weeks_is_no_copy() -> None:
    assert after(scanned(1, XIANGTAN), scanned(40_000, ROTTERDAM)).suspicions == ()


def test_too_many_scans_are_a_suspected_copy_which_stays() -> None:
    passport = after(*(scanned(n) for n in range(4)), limits=CopyLimits(scans=3))
    assert passport.suspicions == (Suspicion.TOO_OFTEN,)


def test_there_are_as_many_passports_as_a_site_can_hold(monkeypatch) -> None:
    monkeypatch.setattr("control.passport.passports.PASSPORT_LIMIT", 1)
    passports = Passports()
    passports.check(issued(), NOON)
    passports.take(issued())
    with pytest.raises(RefusedError, match="issued already"):
        passports.check(issued(code=grower_code(USCC, "010701", "260301", 13)), NOON)
