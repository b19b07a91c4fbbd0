"""`notify.toml`: channels, recipients, roles with their rota, and the policies that join them to alarms.

A site without the file tells nobody. Secrets are never in it: a channel names one, and it comes from the environment
(`COLDPORT_NOTIFY_<NAME>`) or from a file of the machine that `secrets_file` names.
"""

from datetime import date, time
from typing import Annotated, Literal

from msgspec import Meta, Struct

from coldport.ids import Id
from coldport.messages.alarm import Priority
from coldport.site import ZoneClass

NOTIFY_FILE = "notify.toml"

CHANNEL_LIMIT = 20
"""Ways out of one site; each has a loop of its own."""
RECIPIENT_LIMIT = 500
STEP_LIMIT = 10
"""Steps of one policy. Whom nine steps did not wake, a tenth will not."""

SecretName = Annotated[str, Meta(pattern="^[A-Z][A-Z0-9_]{0,40}$", description="the rest of COLDPORT_NOTIFY_...")]
Url = Annotated[str, Meta(pattern="^https?://[^\\s]+$", max_length=500)]
Seconds = Annotated[float, Meta(ge=0, le=604_800)]
Pause = Annotated[float, Meta(ge=60, le=604_800)]


class Channel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What every channel has: at most `per_minute` notices in any 60 s, `reserve` of them kept for critical alarms.

    When it is throttled by its service, or fails three times, what waits goes to `fallback` for recipients who have an
    address there.
    """

    id: Id
    per_minute: Annotated[int, Meta(ge=1, le=600)] = 15
    reserve: Annotated[int, Meta(ge=0, le=600)] = 5
    fallback: Id | None = None


class LogChannel(Channel, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="log"):
    """Writes each notice into control's log: for trying a policy out."""


class WebhookChannel(Channel, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="webhook"):
    """Posts each notice as JSON. `secret` is sent as a bearer token."""

    url: Url
    secret: SecretName | None = None


class BotChannel(Channel, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="bot"):
    """The robot of a chat group. `secret` is its key (DingTalk: access token, Feishu: last part of the hook).

    `sign_secret` is what it signs with, where the robot was set up so. `url` is the service's own unless given.
    """

    service: Literal["wecom", "dingtalk", "feishu"]
    secret: SecretName
    sign_secret: SecretName | None = None
    url: Url | None = None


class AppriseChannel(Channel, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="apprise"):
    """Whatever apprise can reach. `secret` is an apprise URL; `{address}` in it becomes the recipient's address."""

    secret: SecretName


AnyChannel = LogChannel | WebhookChannel | BotChannel | AppriseChannel


class Quiet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hours in which only critical alarms are told; `start` is included, `end` is not, and may lie on the next day."""

    start: time
    end: time


class Recipient(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person, or a chat group. `addresses` says by which channels, and where there; a robot needs no address: "".

    `level` is the lowest priority worth telling. Groups do not count where a policy asks for a number of people.
    """

    id: Id
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    group: bool = False
    addresses: Annotated[dict[Id, Annotated[str, Meta(max_length=200)]], Meta(min_length=1)]
    level: Priority = Priority.LOW
    quiet: Quiet | None = None


class Rota(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Groups that take turns. At each of `hand_overs`, in local time, a shift begins.

    The first group has the shift that begins at the first hand-over of the day `since`; each group keeps
    `shifts_each` shifts in a row.
    """

    since: date
    hand_overs: Annotated[tuple[time, ...], Meta(min_length=1, max_length=6)]
    order: Annotated[tuple[Annotated[tuple[Id, ...], Meta(min_length=1)], ...], Meta(min_length=1, max_length=100)]
    shifts_each: Annotated[int, Meta(ge=1, le=366)] = 1


class Holiday(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who has all shifts that begin on the day `on`, in place of the rota."""

    on: date
    recipients: Annotated[tuple[Id, ...], Meta(min_length=1)]


class Role(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who answers for something: always the same `recipients`, or whose turn it is by `rota`."""

    id: Id
    recipients: tuple[Id, ...] = ()
    rota: Rota | None = None
    holidays: tuple[Holiday, ...] = ()


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tell `roles` once an alarm has been unanswered for `after_s`, and every `repeat_s` from then on.

    `channels` picks among the addresses of each recipient; none named: all of them.
    """

    after_s: Seconds = 0.0
    roles: Annotated[tuple[Id, ...], Meta(min_length=1)]
    channels: tuple[Id, ...] = ()
    repeat_s: Pause | None = None


class Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to tell of alarms of these priorities in these zone classes; none named: all. The first that fits counts.

    An alarm that was acknowledged and is still true after `unfixed_after_s` goes through the steps again, and again
    after the same time. `min_people` is how many different persons the steps must reach at any time.
    """

    id: Id
    priorities: tuple[Priority, ...] = ()
    zone_classes: tuple[ZoneClass, ...] = ()
    steps: Annotated[tuple[Step, ...], Meta(min_length=1, max_length=STEP_LIMIT)]
    unfixed_after_s: Pause | None = None
    min_people: Annotated[int, Meta(ge=1, le=50)] = 1


class Signal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An output (lamp, siren) that is on for alarms of these priorities: while they are true, or true and unanswered.

    `gateway` is the one that moves the output. A siren is muted `mute_after_s` after an alarm occurred, and heard again
    each `again_after_s`.
    """

    point: Id
    gateway: Id
    priorities: Annotated[tuple[Priority, ...], Meta(min_length=1)] = (Priority.CRITICAL,)
    when: Literal["unanswered", "active"] = "unanswered"
    mute_after_s: Pause | None = None
    again_after_s: Pause | None = None


class NotifyFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of `notify.toml`.

    About one point a recipient is told once in `window_s` (0: whenever it moves), unless it gets worse. `link` is where
    the page is reached.
    """

    language: Literal["zh", "en"] = "zh"
    link: Url | None = None
    window_s: Seconds = 600.0
    secrets_file: Annotated[str, Meta(pattern="^/")] | None = None
    channels: Annotated[tuple[AnyChannel, ...], Meta(min_length=1, max_length=CHANNEL_LIMIT)]
    recipients: Annotated[tuple[Recipient, ...], Meta(min_length=1, max_length=RECIPIENT_LIMIT)]
    roles: Annotated[tuple[Role, ...], Meta(min_length=1)]
    policies: Annotated[tuple[Policy, ...], Meta(min_length=1)]
    signals: Annotated[tuple[Signal, ...], Meta(max_length=100)] = ()
