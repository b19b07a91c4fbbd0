"""`coldport notify`, as a person types it."""

import argparse

import pytest

from coldport.errors import NotFoundError, RefusedError
from control.notify.command import register

SITE = """
id = "s"
name = { zh = "站", en = "Site" }
timezone = "Asia/Shanghai"
[[zones]]
id = "c1"
name = { zh = "库", en = "Room" }
zone_class = "chilled"
points = [{ id = "p0", quantity = "temperature", every_s = 1 }]
"""


@pytest.fixture
def say(tmp_path, notify_toml):
    """Run a command on a site; its words stand after the folder."""
    (tmp_path / "site.toml").write_text(SITE)
    rota = 'rota = { since = 2026-03-02, hand_overs = [08:00:00], order = [["wang"], ["boss"]] }'
    text = notify_toml.replace('id = "head", recipients = ["wang"]', f'id = "head", {rota}')
    (tmp_path / "notify.toml").write_text(text)

    def run(action, *words):
        parser = argparse.ArgumentParser()
        register(parser.add_subparsers())
        arguments = parser.parse_args(["notify", action, str(tmp_path), *words])
        return arguments.run(arguments)

    run.folder = tmp_path
    return run


@pytest.mark.parametrize(
    ("at", "who"),
    [
        ("2026-03-02T08:00", "Wang (wang)"),
        ("2026-03-03T07:59", "Wang (wang)"),
        ("2026-03-03T00:00Z", "Boss (boss)"),
    ],
)
def test_it_says_who_has_duty_in_local_time(say, capsys, at, who):
    assert say("duty", "--at", at) == 0

    assert f"head: {who}" in capsys.readouterr().out


def test_without_a_moment_it_is_now(say, capsys):
    assert say("duty") == 0

    assert "duty: Duty group (group)" in capsys.readouterr().out


def test_what_is_no_moment_is_refused(say):
    with pytest.raises(RefusedError, match="no moment"):
        say("duty", "--at", "tonight")


def test_a_test_goes_by_every_channel_to_everybody(say, capsys, caplog):
    assert say("test") == 0

    assert capsys.readouterr().out.count(": sent") == 4
    assert "Nothing is to be done" in caplog.text


def test_a_test_goes_only_where_it_is_sent(say, capsys):
    assert say("test", "--channel", "call", "--recipient", "boss") == 0

    assert capsys.readouterr().out == "call to boss: sent\n"


def test_nobody_to_send_it_to_is_said(say):
    with pytest.raises(NotFoundError, match="no recipient"):
        say("test", "--channel", "fax")


def test_a_channel_that_cannot_is_said_with_its_reason_and_code_1(say, capsys):
    path = say.folder / "notify.toml"
    bot = '{ kind = "bot", id = "call", service = "wecom", secret = "DUTY_BOT" }'
    path.write_text(path.read_text().replace('{ kind = "log", id = "call" }', bot))

    assert say("test", "--channel", "call", "--recipient", "boss") == 1
    assert "COLDPORT_NOTIFY_DUTY_BOT is not set" in capsys.readouterr().out


def test_a_site_that_tells_nobody_is_said(say):
    (say.folder / "notify.toml").unlink()

    with pytest.raises(NotFoundError, match=r"no notify\.toml"):
        say("duty")
