"""Says in a line why an alarm occurred or returned."""

from control.alarms.definition import Definition, Kind

_BEYOND = {Kind.HI: "above", Kind.HIHI: "above", Kind.LO: "below", Kind.LOLO: "below"}


def reason(definition: Definition, *, occurs: bool, value: float | None) -> str:
    """Return the limit and the delay that decided, in the definition's unit and in seconds of known time.

    `value` is what was known when it occurred.
    """
    kind, unit = definition.kind, definition.unit
    delay_s = definition.on_delay_s if occurs else definition.off_delay_s
    if kind is Kind.STALE:
        return f"no usable value for {definition.limit:g} s" if occurs else "a usable value came"
    if kind is Kind.OPEN:
        return f"{'open' if occurs else 'closed'} for {delay_s:g} s"
    if kind not in _BEYOND or definition.limit is None:
        return f"{kind} {'true' if occurs else 'no longer true'} for {delay_s:g} s"
    if occurs:
        read = "" if value is None else f", last {value:g} {unit}"
        return f"{_BEYOND[kind]} {definition.limit:g} {unit} for {delay_s:g} s{read}"
    clear = definition.limit + (-definition.deadband if _BEYOND[kind] == "above" else definition.deadband)
    back = "at or below" if _BEYOND[kind] == "above" else "at or above"
    return f"{back} {clear:g} {unit} for {delay_s:g} s"
