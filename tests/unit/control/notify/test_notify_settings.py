"""A wrong `notify.toml` is found before anybody relies on it."""

import re

import pytest

from coldport.settings import SiteFileError
from coldport.site import load_site
from control.notify.channels.by_apprise import AppriseChannel
from control.notify.load import check, find_secrets, load_notify
from control.notify.start import MuteChannel, open_channels

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
def folder(tmp_path, notify_toml):
    (tmp_path / "site.toml").write_text(SITE)
    (tmp_path / "notify.toml").write_text(notify_toml)
    return tmp_path


def changed(folder, *pairs):
    path = folder / "notify.toml"
    text = path.read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return [re.sub(r"^.*notify.toml:", "", str(problem)) for problem in check(folder)]


def test_a_site_without_the_file_tells_nobody(folder):
    (folder / "notify.toml").unlink()

    assert load_notify(folder, load_site(folder)) is None
    assert check(folder) == []


def test_the_file_of_these_tests_is_without_a_problem(folder):
    assert check(folder) == []
    assert load_notify(folder, load_site(folder)).window_s == 600


def test_a_site_that_cannot_be_read_is_said_by_its_own_check(folder):
    (folder / "site.toml").write_text("")

    assert check(folder) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "call" }]', 'id = "chat" }]', "channels[1].id: 'chat' is named twice"),
        ('id = "call" }]', 'id = "call", fallback = "call" }]', "channels[1].fallback: no other channel 'call'"),
        ('id = "call" }]', 'id = "call", reserve = 15 }]', "channels[1].reserve: leaves nothing for alarms"),
        ('call = "+862"', 'sms = "+862"', "recipients[2].addresses: no channel 'sms'"),
        ('id = "boss", recipients = ["boss"]', 'id = "boss", recipients = ["who"]', "recipients: no recipient 'who'"),
        ('id = "boss", recipients = ["boss"]', 'id = "boss"', "roles[2].id: give exactly one of recipients and rota"),
        ('recipients = ["boss"] }', 'recipients = ["boss"], holidays = [{ on = 2026-01-01, recipients = ["boss"] }] }',
         "roles[2].holidays: mean nothing without a rota"),
        ('id = "boss", recipients = ["boss"]',
         'id = "boss", rota = { since = 2026-01-01, hand_overs = [20:00:00, 08:00:00], order = [["boss"]] }',
         "roles[2].rota: hand_overs must rise"),
        ('roles = ["head"]', 'roles = ["nobody"]', "policies[0].steps[1].roles: no role 'nobody'"),
        ('channels = ["call"]', 'channels = ["fax"]', "policies[0].steps[1].channels: no channel 'fax'"),
        ("after_s = 0,", "after_s = 301,", "policies[0].steps: after_s must not fall"),
        ('roles = ["duty"] },', 'roles = ["duty"], channels = ["call"] },', "policies[0].steps: step 1 reaches nobody"),
        ('id = "all"', 'id = "all"\nmin_people = 2', "policies[0].min_people: at some time the steps reach 1 persons"),
        ('id = "all"', 'id = "all"\nzone_classes = ["frozen"]', "no policy tells anybody of critical alarms in"),
        ('language = "en"', 'language = "fr"', "language: Invalid enum value 'fr', expected one of"),
        ("after_s = 300", "after_s = -1", "steps[1].after_s"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_named_with_its_place(folder, old, new, said):
    problems = changed(folder, (old, new))

    assert any(said in problem for problem in problems), problems


def test_a_day_named_twice_is_found(folder):
    holidays = "holidays = [{ on = 2026-10-01, recipients = ['boss'] }, { on = 2026-10-01, recipients = ['wang'] }]"
    rota = 'rota = { since = 2026-01-01, hand_overs = [08:00:00], order = [["boss"]] }'
    problems = changed(folder, ('id = "boss", recipients = ["boss"]', f'id = "boss", {rota}, {holidays}'))

    assert any("a day is named twice" in problem for problem in problems)


def test_a_holiday_that_reaches_too_few_is_found(folder):
    rota = 'rota = { since = 2026-01-01, hand_overs = [08:00:00], order = [["wang", "boss"]] }'
    holidays = 'holidays = [{ on = 2026-10-01, recipients = ["wang"] }]'
    pairs = [
        ('id = "head", recipients = ["wang"]', f'id = "head", {rota}'),
        ('id = "all"', 'id = "all"\nmin_people = 2'),
    ]
    assert changed(folder, *pairs) == []

    assert "reach 1 persons" in changed(folder, (rota, f"{rota}, {holidays}"))[0]


class TestSecrets:
    BOT = ('{ kind = "log", id = "call" }', '{ kind = "bot", id = "call", service = "wecom", secret = "DUTY_BOT" }')

    def test_one_that_is_missing_is_a_warning_and_a_mute_channel(self, folder, start):
        problems = changed(folder, self.BOT)
        channels = open_channels(load_notify(folder, load_site(folder)), None)

        assert "warning: COLDPORT_NOTIFY_DUTY_BOT is not set here" in problems[0]
        assert isinstance(channels["call"], MuteChannel)

    def test_it_comes_from_the_environment_or_from_a_file_of_the_machine(self, folder, tmp_path_factory, monkeypatch):
        file = tmp_path_factory.mktemp("etc") / "secrets.toml"
        file.write_text('DUTY_BOT = "from-file"')
        assert changed(folder, self.BOT, ('language = "en"', f'language = "en"\nsecrets_file = "{file}"')) == []
        settings = load_notify(folder, load_site(folder))
        assert find_secrets(settings) == {"DUTY_BOT": "from-file"}
        monkeypatch.setenv("COLDPORT_NOTIFY_DUTY_BOT", "from-environment")

        assert find_secrets(settings) == {"DUTY_BOT": "from-environment"}

    def test_the_file_may_not_lie_in_the_site_folder(self, folder):
        file = folder / "secrets.toml"
        file.write_text("")

        assert "lies in the site folder" in changed(folder, ('language = "en"', f'secrets_file = "{file}"'))[0]

    def test_a_file_that_is_no_names_and_texts_is_said_without_its_text(self, folder, tmp_path_factory):
        file = tmp_path_factory.mktemp("etc") / "secrets.toml"
        file.write_text("DUTY_BOT = 4711")
        (problem,) = changed(folder, self.BOT, ('language = "en"', f'secrets_file = "{file}"'))

        assert "must be a text" in problem or "DUTY_BOT" in problem
        assert "4711" not in problem

    def test_a_url_that_apprise_does_not_know_is_a_mute_channel(self, folder, monkeypatch):
        monkeypatch.setenv("COLDPORT_NOTIFY_MAIL", "nosuch://x")
        changed(folder, (self.BOT[0], '{ kind = "apprise", id = "call", secret = "MAIL" }'))
        settings = load_notify(folder, load_site(folder))
        assert isinstance(open_channels(settings, None)["call"], MuteChannel)
        monkeypatch.setenv("COLDPORT_NOTIFY_MAIL", "mailto://127.0.0.1:2525?to={address}&from=a@example.org")

        assert isinstance(open_channels(settings, None)["call"], AppriseChannel)


def test_a_file_with_a_problem_stops_the_start(folder):
    (folder / "notify.toml").write_text((folder / "notify.toml").read_text().replace('"chat" }, {', '"call" }, {'))

    with pytest.raises(SiteFileError, match="named twice"):
        load_notify(folder, load_site(folder))
