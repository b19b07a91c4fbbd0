import logging

from coldport import log


def test_requests_are_not_told_one_by_one_for_addresses_hold_secrets(monkeypatch):
    monkeypatch.setattr(logging, "basicConfig", lambda **_: None)
    monkeypatch.setattr(logging.getLogger("httpx"), "level", logging.NOTSET)
    log.set_up()
    assert logging.getLogger("httpx").level == logging.WARNING
