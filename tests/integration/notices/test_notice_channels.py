"""Each channel speaks to a real server, and knows from its answer what became of a notice."""

import email
import email.policy

import msgspec
import pytest
from aiosmtpd.controller import Controller

from coldport.clock import SystemClock
from coldport.errors import UnavailableError
from control.notify.channels.bots import BotChannel, dingtalk_signature, feishu_signature
from control.notify.channels.by_apprise import AppriseChannel
from control.notify.channels.webhook import WebhookChannel
from control.notify.notice import Refused, Sent, Throttled


class Mailbox:
    """Takes mail in; refuses recipients at `nowhere`."""

    def __init__(self) -> None:
        self.mails = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        if address.endswith("@nowhere.example"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.mails.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.default)))
        return "250 OK"


@pytest.fixture
def mail(free_port):
    controller = Controller(Mailbox(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller
    controller.stop()


class TestMail:
    async def test_a_notice_arrives_at_the_address_of_its_recipient(self, mail, notice):
        channel = AppriseChannel(f"mailto://127.0.0.1:{mail.port}?from=coldport@example.org&to={{address}}")

        assert await channel.send(msgspec.structs.replace(notice, address="wang@example.org")) == Sent()
        ((recipients, message),) = mail.handler.mails
        assert recipients == ["wang@example.org"]
        assert message["subject"] == notice.title
        text = message.get_body(("plain", "html")).get_content()
        assert "15.4°C" in text
        assert "移库" in text
        await channel.close()

    async def test_a_mailbox_that_is_refused_is_not_taken_as_sent(self, mail, notice):
        channel = AppriseChannel(f"mailto://127.0.0.1:{mail.port}?from=coldport@example.org&to={{address}}")

        with pytest.raises(UnavailableError):
            await channel.send(msgspec.structs.replace(notice, address="wang@nowhere.example"))

    async def test_a_server_that_is_away_is_no_loss(self, free_port, notice):
        channel = AppriseChannel(f"mailto://127.0.0.1:{free_port()}?from=coldport@example.org&to={{address}}")

        with pytest.raises(UnavailableError):
            await channel.send(msgspec.structs.replace(notice, address="wang@example.org"))


class TestWebhook:
    async def test_a_notice_is_posted_with_its_key_and_token(self, receiver, notice):
        channel = WebhookChannel(f"{receiver.url}/alarms", "s3cret")

        assert await channel.send(notice) == Sent()
        ((path, headers, body),) = receiver.taken
        assert path == "/alarms"
        assert headers["Idempotency-Key"] == notice.key
        assert headers["Authorization"] == "Bearer s3cret"
        assert (body["title"], body["alarms"], body["critical"]) == (notice.title, ["hihi.p.1"], True)
        await channel.close()

    @pytest.mark.parametrize(
        ("status", "outcome"), [(204, Sent()), (400, Refused("HTTP 400")), (429, Throttled("HTTP 429"))]
    )
    async def test_the_status_says_what_became_of_it(self, receiver, notice, status, outcome):
        receiver.status, receiver.answer = status, b""
        channel = WebhookChannel(receiver.url, None)

        assert await channel.send(notice) == outcome
        await channel.close()

    @pytest.mark.parametrize("status", [401, 404, 408, 500, 503])
    async def test_what_may_be_mended_is_tried_again(self, receiver, notice, status):
        receiver.status = status
        channel = WebhookChannel(receiver.url, None)

        with pytest.raises(UnavailableError, match=str(status)):
            await channel.send(notice)
        await channel.close()

    async def test_nobody_at_the_address_is_said_without_the_address(self, free_port, notice):
        channel = WebhookChannel(f"http://127.0.0.1:{free_port()}/s3cret", None)

        with pytest.raises(UnavailableError) as told:
            await channel.send(notice)
        assert "s3cret" not in str(told.value)
        await channel.close()


DINGTALK_SIGN = "ukR4+WoOOBTGaOauYqugxVrMSFyr92q4hPxJxuOkiio="
FEISHU_SIGN = "s3Va4ru9IQUY6HTJcYx7OEVyXl0V0S/y32v4ZbfOHCI="


def bot(service, receiver, **more):
    return BotChannel(service, "k3y", clock=SystemClock(), url=f"{receiver.url}/send?key={{key}}", **more)


class TestBots:
    async def test_wecom_gets_a_text_and_whom_to_point_at(self, receiver, notice):
        channel = bot("wecom", receiver)

        assert await channel.send(msgspec.structs.replace(notice, address="13800000000")) == Sent()
        ((path, _, body),) = receiver.taken
        assert path == "/send?key=k3y"
        assert body["msgtype"] == "text"
        assert body["text"]["content"].startswith(notice.title)
        assert body["text"]["mentioned_mobile_list"] == ["13800000000"]
        await channel.close()

    async def test_dingtalk_signs_its_calls_when_it_was_set_up_so(self, receiver, notice):
        channel = bot("dingtalk", receiver, sign_secret="SEC1")

        assert await channel.send(notice) == Sent()
        ((path, _, body),) = receiver.taken
        assert "&timestamp=" in path
        assert "&sign=" in path
        assert body["text"]["content"].startswith(notice.title)
        await channel.close()

    async def test_feishu_signs_its_bodies_when_it_was_set_up_so(self, receiver, notice):
        receiver.answer = {"code": 0, "msg": "success", "data": {}}
        channel = bot("feishu", receiver, sign_secret="SEC1")

        assert await channel.send(notice) == Sent()
        ((_, _, body),) = receiver.taken
        assert body["msg_type"] == "text"
        assert body["sign"] == feishu_signature(int(body["timestamp"]), "SEC1")["sign"]
        await channel.close()

    @pytest.mark.parametrize(
        ("service", "answer", "outcome"),
        [
            ("dingtalk", {"errcode": 130101, "errmsg": "send too fast"}, Throttled("130101 send too fast")),
            ("wecom", {"errcode": 45009, "errmsg": "freq out of limit"}, Throttled("45009 freq out of limit")),
            ("feishu", {"code": 11232, "msg": "frequency limited"}, Throttled("11232 frequency limited")),
            ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}, Refused("93000 invalid webhook url")),
            ("feishu", {"code": 19021, "msg": "sign match fail"}, Refused("19021 sign match fail")),
        ],
    )
    async def test_throttling_and_refusal_are_in_the_body_of_a_200(self, receiver, notice, service, answer, outcome):
        receiver.answer = answer
        channel = bot(service, receiver)

        assert await channel.send(notice) == outcome
        await channel.close()

    @pytest.mark.parametrize("answer", [b"<html>login</html>", {"hello": 1}, {"errcode": -1, "errmsg": "system busy"}])
    async def test_an_answer_that_is_not_the_services_or_busy_is_tried_again(self, receiver, notice, answer):
        receiver.answer = answer
        channel = bot("wecom", receiver)

        with pytest.raises(UnavailableError):
            await channel.send(notice)
        await channel.close()

    def test_signatures_are_those_the_services_compute(self):
        """Computed apart with openssl: HMAC-SHA256 as the services' pages describe it."""
        assert dingtalk_signature(1_700_000_000_000, "SEC1")["sign"] == DINGTALK_SIGN
        assert feishu_signature(1_700_000_000, "SEC1")["sign"] == FEISHU_SIGN
