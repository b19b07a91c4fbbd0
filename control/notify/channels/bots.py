"""Robots of chat groups: WeCom, DingTalk, Feishu. All answer 200 whatever happened; the body says what did.

Sources: the services' pages on group robots. Codes that mean "too many": DingTalk 130101; WeCom 45009; Feishu 9499 and
11232. Only the first was confirmed by a document; the others are as users report them, and any other code that is not 0
is a refusal.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import urlencode

import msgspec

from coldport.clock import Clock
from coldport.errors import UnavailableError
from control.notify.channels.http import HttpPoster
from control.notify.notice import Notice, Outcome, Refused, Sent, Throttled

TEXT_LIMIT = 2_000
"""Bytes of one text: WeCom takes 2,048, the others more."""

URLS = {
    "wecom": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={key}",
    "dingtalk": "https://oapi.dingtalk.com/robot/send?access_token={key}",
    "feishu": "https://open.feishu.cn/open-apis/bot/v2/hook/{key}",
}

THROTTLING = {45009, 130101, 9499, 11232}
"""Codes by which a service says that a robot sends too much."""

BUSY = {-1}
"""Codes by which a service says that it is busy itself: WeCom and DingTalk."""


class _Answer(msgspec.Struct):
    errcode: int | None = None
    errmsg: str = ""
    code: int | None = None
    msg: str = ""


class BotChannel:
    """A `Channel` to one chat group."""

    def __init__(
        self,
        service: Literal["wecom", "dingtalk", "feishu"],
        key: str,
        *,
        clock: Clock,
        sign_secret: str | None = None,
        url: str | None = None,
    ) -> None:
        """Speak to `service` as the robot with `key`; `url` is another place of it, `{key}` in it is replaced."""
        self._url = (url or URLS[service]).replace("{key}", key)
        self._body: Callable[[str, str], dict[str, Any]] = {"wecom": _wecom, "dingtalk": _dingtalk, "feishu": _feishu}[
            service
        ]
        self._service = service
        self._sign_secret = sign_secret
        self._clock = clock
        self._http = HttpPoster()

    async def send(self, notice: Notice) -> Outcome:
        """Send one notice as text; the recipient's address is the phone or user to be pointed at, "" for nobody."""
        body = self._body(cut(f"{notice.title}\n{notice.text}"), notice.address)
        url = self._url
        if self._sign_secret:
            now_s = self._clock.now().timestamp()
            if self._service == "dingtalk":
                url += "&" + urlencode(dingtalk_signature(round(now_s * 1_000), self._sign_secret))
            elif self._service == "feishu":
                body |= feishu_signature(round(now_s), self._sign_secret)
        status, answer = await self._http.post(url, body, {})
        return understand(status, answer)

    async def close(self) -> None:
        """Release connections."""
        await self._http.close()


def understand(status: int, answer: bytes) -> Outcome:
    """Return what an answer means; raises UnavailableError when the service is busy or what answers is not it."""
    if status == 429:
        return Throttled("HTTP 429")
    try:
        said = msgspec.json.decode(answer, type=_Answer)
    except msgspec.DecodeError:
        raise UnavailableError(f"HTTP {status}, and no answer of the service") from None
    code = said.errcode if said.errcode is not None else said.code
    reason = f"{code} {said.errmsg or said.msg}"[:200]
    if code is None or code in BUSY:
        raise UnavailableError(f"HTTP {status}, code {reason}")
    if code in THROTTLING:
        return Throttled(reason)
    return Sent() if code == 0 else Refused(reason)


def cut(text: str) -> str:
    """Return `text`, or as much of it as fits into a robot's message.

    >>> len(cut("测" * 1_000).encode())
    1998
    """
    encoded = text.encode()
    return text if len(encoded) <= TEXT_LIMIT else encoded[: TEXT_LIMIT - 3].decode(errors="ignore") + "…"


def dingtalk_signature(now_ms: int, secret: str) -> dict[str, str]:
    """Return the parameters that sign a call: HMAC-SHA256 over `now_ms` and the secret, keyed by the secret."""
    digest = hmac.digest(secret.encode(), f"{now_ms}\n{secret}".encode(), hashlib.sha256)
    return {"timestamp": str(now_ms), "sign": base64.b64encode(digest).decode()}


def feishu_signature(now_s: int, secret: str) -> dict[str, str]:
    """Return the keys that sign a body: HMAC-SHA256 over nothing, keyed by `now_s` and the secret."""
    digest = hmac.digest(f"{now_s}\n{secret}".encode(), b"", hashlib.sha256)
    return {"timestamp": str(now_s), "sign": base64.b64encode(digest).decode()}


def _wecom(text: str, whom: str) -> dict[str, Any]:
    mentioned = {"mentioned_mobile_list": [whom]} if whom else {}
    return {"msgtype": "text", "text": {"content": text, **mentioned}}


def _dingtalk(text: str, whom: str) -> dict[str, Any]:
    pointed = {"at": {"atMobiles": [whom], "isAtAll": False}} if whom else {}
    return {"msgtype": "text", "text": {"content": f"{text}\n@{whom}" if whom else text}, **pointed}


def _feishu(text: str, whom: str) -> dict[str, Any]:
    pointed = f'\n<at user_id="{whom}"></at>' if whom else ""
    return {"msg_type": "text", "content": {"text": text + pointed}}
