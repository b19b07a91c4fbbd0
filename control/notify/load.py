"""Reads `notify.toml`, and holds its parts against each other and the site."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from coldport.ids import PointId
from coldport.messages.alarm import Priority
from coldport.settings import Problem, SiteFile, SiteFileError, read, secret
from coldport.site import Quantity, Site, load_site
from control.notify.planner import policy_for
from control.notify.settings import NOTIFY_FILE, AppriseChannel, BotChannel, NotifyFile, Policy, Role, WebhookChannel

COMBINATIONS_LIMIT = 10_000
"""Combinations of shifts that are looked through for the one that reaches the fewest people."""


def load_notify(folder: Path, site: Site) -> NotifyFile | None:
    """Read `notify.toml`, or return None when the site has none and tells nobody.

    Raises:
        SiteFileError: The file cannot be read, or its parts do not fit together; every problem is named.
    """
    path = folder / NOTIFY_FILE
    if not path.exists():
        return None
    file = read(path)
    settings = file.convert(NotifyFile)
    problems = [problem for problem in _problems(file, settings, site, folder) if not problem.warning]
    if problems:
        raise SiteFileError(*problems)
    return settings


def check(folder: Path) -> list[Problem]:
    """Return what is wrong with `notify.toml`; registered under `coldport.checks`."""
    try:
        site = load_site(folder)
    except SiteFileError:
        return []  # said by the site's own check
    if not (folder / NOTIFY_FILE).exists():
        return []
    try:
        file = read(folder / NOTIFY_FILE)
        settings = file.convert(NotifyFile)
    except SiteFileError as error:
        return list(error.problems)
    return [*_problems(file, settings, site, folder), *_lacking(file, settings)]


def secret_names(settings: NotifyFile) -> dict[str, list[str]]:
    """Return the names of the secrets that each channel needs."""
    needed: dict[str, list[str]] = {}
    for channel in settings.channels:
        names = [channel.secret] if isinstance(channel, BotChannel | AppriseChannel | WebhookChannel) else []
        if isinstance(channel, BotChannel):
            names.append(channel.sign_secret)
        needed[channel.id] = [name for name in names if name]
    return needed


def find_secrets(settings: NotifyFile) -> dict[str, str]:
    """Return the secrets that are there: those of the environment, else those of the secrets file.

    Raises:
        SiteFileError: The secrets file cannot be read or is not names and texts.
    """
    kept = load_secrets(Path(settings.secrets_file)) if settings.secrets_file else {}
    names = itertools.chain.from_iterable(secret_names(settings).values())
    found = {name: secret(f"NOTIFY_{name}") or kept.get(name) for name in names}
    return {name: value for name, value in found.items() if value}


def load_secrets(path: Path) -> dict[str, str]:
    """Read a file of secrets: TOML, `NAME = "..."`. Its text is in no message."""
    tree = read(path).tree
    wrong = [name for name, value in tree.items() if not isinstance(value, str)]
    if wrong:
        raise SiteFileError(Problem(str(path), 0, wrong[0], "must be a text"))
    return tree


def _lacking(file: SiteFile, settings: NotifyFile) -> Iterator[Problem]:
    try:
        found = find_secrets(settings)
    except SiteFileError as error:
        yield from error.problems
        return
    for index, names in enumerate(secret_names(settings).values()):
        for name in names:
            if name not in found:
                said = f"COLDPORT_NOTIFY_{name} is not set here; without it this channel tells nobody"
                yield file.problem(f"$.channels[{index}].secret", said, warning=True)


def _problems(file: SiteFile, settings: NotifyFile, site: Site, folder: Path) -> Iterator[Problem]:
    for key in ("channels", "recipients", "roles", "policies"):
        yield from _repeats(file, key, [one.id for one in getattr(settings, key)])
    if settings.secrets_file and folder.resolve() in Path(settings.secrets_file).resolve().parents:
        yield file.problem("$.secrets_file", "lies in the site folder, which is copied and shown; keep it elsewhere")
    yield from _channel_problems(file, settings)
    yield from _recipient_problems(file, settings)
    yield from _signal_problems(file, settings, site)
    for index, role in enumerate(settings.roles):
        for key, message in role_faults(role, {recipient.id for recipient in settings.recipients}):
            yield file.problem(f"$.roles[{index}].{key}", message)
    faulty = False
    for index, policy in enumerate(settings.policies):
        for key, message in policy_faults(policy, settings):
            faulty = True
            yield file.problem(f"$.policies[{index}].{key}", message)
    if not faulty:
        for zone_class in dict.fromkeys(zone.zone_class for zone in site.zones if zone.points):
            if policy_for(settings.policies, Priority.CRITICAL, zone_class) is None:
                said = f"no policy tells anybody of critical alarms in zones of class {zone_class}"
                yield file.problem("$.policies", said, warning=True)


def _channel_problems(file: SiteFile, settings: NotifyFile) -> Iterator[Problem]:
    names = {channel.id for channel in settings.channels}
    for index, channel in enumerate(settings.channels):
        if channel.fallback is not None and (channel.fallback not in names or channel.fallback == channel.id):
            yield file.problem(f"$.channels[{index}].fallback", f"no other channel {channel.fallback!r}")
        if channel.reserve >= channel.per_minute:
            yield file.problem(f"$.channels[{index}].reserve", "leaves nothing for alarms that are not critical")


def _recipient_problems(file: SiteFile, settings: NotifyFile) -> Iterator[Problem]:
    names = {channel.id for channel in settings.channels}
    for index, recipient in enumerate(settings.recipients):
        for name in recipient.addresses.keys() - names:
            yield file.problem(f"$.recipients[{index}].addresses", f"no channel {name!r}")


def _signal_problems(file: SiteFile, settings: NotifyFile, site: Site) -> Iterator[Problem]:
    points = site.points()
    yield from _repeats(file, "signals", [signal.point for signal in settings.signals], "point")
    for index, signal in enumerate(settings.signals):
        point = points.get(PointId(signal.point))
        if point is None:
            yield file.problem(f"$.signals[{index}].point", f"no point {signal.point!r} in site.toml")
        elif point.quantity not in (Quantity.LAMP, Quantity.SIREN):
            said = f"{signal.point!r} is a {point.quantity}, and neither lamp nor siren"
            yield file.problem(f"$.signals[{index}].point", said)
        if signal.again_after_s is not None and signal.again_after_s <= (signal.mute_after_s or signal.again_after_s):
            yield file.problem(f"$.signals[{index}].again_after_s", "must be longer than mute_after_s")


def role_faults(role: Role, recipients: set[str]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a role, as (key, message)."""
    if bool(role.recipients) == (role.rota is not None):
        yield "id", "give exactly one of recipients and rota"
    for name in sorted({name for group in groups_of(role) for name in group} - recipients):
        yield "rota" if role.rota else "recipients", f"no recipient {name!r}"
    if role.rota and list(role.rota.hand_overs) != sorted(set(role.rota.hand_overs)):
        yield "rota", "hand_overs must rise"
    if role.holidays and role.rota is None:
        yield "holidays", "mean nothing without a rota"
    days = [holiday.on for holiday in role.holidays]
    if len(days) != len(set(days)):
        yield "holidays", "a day is named twice"


def groups_of(role: Role) -> list[tuple[str, ...]]:
    """Return every group of recipients that a role can be."""
    if role.rota is None:
        return [role.recipients]
    return [*role.rota.order, *(holiday.recipients for holiday in role.holidays)]


def policy_faults(policy: Policy, settings: NotifyFile) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a policy, as (key, message)."""
    roles = {role.id: groups_of(role) for role in settings.roles}
    channels = {channel.id for channel in settings.channels}
    known = True
    for index, step in enumerate(policy.steps):
        for name in step.roles:
            if name not in roles:
                known = False
                yield f"steps[{index}].roles", f"no role {name!r}"
        for name in step.channels:
            if name not in channels:
                yield f"steps[{index}].channels", f"no channel {name!r}"
    if any(later.after_s < step.after_s for step, later in itertools.pairwise(policy.steps)):
        yield "steps", "after_s must not fall from step to step"
    if known:
        people, silent = _fewest(policy, settings, roles)
        if silent:
            yield "steps", f"step {silent} reaches nobody at some time: no address by its channels"
        if people < policy.min_people:
            yield "min_people", f"at some time the steps reach {people} persons, not {policy.min_people}"


def _fewest(policy: Policy, settings: NotifyFile, roles: dict[str, list[tuple[str, ...]]]) -> tuple[int, int]:
    """Return how few persons the steps may reach, and the number of a step that may reach nobody (0: none)."""
    recipients = {recipient.id: recipient for recipient in settings.recipients}
    names = sorted({name for step in policy.steps for name in step.roles})
    fewest, silent = len(recipients), 0
    for groups in itertools.islice(itertools.product(*(roles[name] for name in names)), COMBINATIONS_LIMIT):
        duty = dict(zip(names, groups, strict=True))
        reached: set[str] = set()
        for index, step in enumerate(policy.steps, start=1):
            some = [n for role in step.roles for n in duty[role] if n in recipients]
            heard = {n for n in some if not step.channels or recipients[n].addresses.keys() & set(step.channels)}
            silent = silent or (0 if heard else index)
            reached |= heard
        fewest = min(fewest, sum(not recipients[name].group for name in reached))
    return fewest, silent


def _repeats(file: SiteFile, key: str, names: Sequence[str], name: str = "id") -> Iterable[Problem]:
    return [
        file.problem(f"$.{key}[{index}].{name}", f"{one!r} is named twice")
        for index, one in enumerate(names)
        if one in names[:index]
    ]
