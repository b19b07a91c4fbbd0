"""Samples as line protocol, and the names that questions must use to find them again. Pure.

    reading,point=c1-1-temperature,site=xiangtan-1 value=3.25,quality=0i 1764000000000

A bad sample has no `value`. `quality` says which it is, because a later line at the same moment adds its fields to
those that are there.

Source: InfluxDB line protocol reference, "Elements of line protocol" and "Special characters".
"""

from urllib.parse import quote

from coldport.ids import SiteId
from coldport.messages.observation import Quality
from control.historian.buckets import milliseconds
from control.ports import Sample

MEASUREMENT = "reading"
QUALITY = {Quality.GOOD: 0, Quality.UNCERTAIN: 1, Quality.BAD: 2}
_STANDS_FOR: dict[float | None, Quality] = {number: quality for quality, number in QUALITY.items()}


def tag_value(text: str) -> str:
    r"""Return `text` so that nothing in it can end a tag, a line or a quoted string; an id stays as it is.

    Line protocol cannot say a newline or a closing backslash in a tag, so what is not plain is percent-encoded.

    >>> tag_value("c1-door"), tag_value("a b,c='d'\n\\")
    ('c1-door', 'a%20b%2Cc%3D%27d%27%0A%5C')
    """
    return quote(text, safe="")


def line(site: SiteId, sample: Sample) -> str:
    """Return one sample as one line, without a line end, its time in milliseconds."""
    value = "" if sample.value is None else f"value={sample.value!r},"
    return (
        f"{MEASUREMENT},point={tag_value(sample.point)},site={tag_value(site)} "
        f"{value}quality={QUALITY[sample.quality]}i {milliseconds(sample.observed_at)}"
    )


def quality_of(quality: float | None) -> Quality:
    """Return the quality that a stored number stands for; a line without one is another program's, and good."""
    return _STANDS_FOR.get(quality, Quality.GOOD)


def value_of(value: float | None, quality: float | None) -> float | None:
    """Return what a stored pair of fields says: the value, or None for a bad sample."""
    return None if quality == QUALITY[Quality.BAD] else value
