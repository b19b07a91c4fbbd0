import re
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from coldport.ids import PointId, SiteId
from coldport.messages.observation import Quality
from control.historian.lines import line, tag_value, value_of
from control.ports import Sample

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SITE = SiteId("xiangtan-1")


def test_a_good_sample_is_one_line_with_value_quality_and_milliseconds():
    sample = Sample(PointId("c1-1-temperature"), NOON, 3.25, Quality.GOOD)
    assert line(SITE, sample) == ("reading,point=c1-1-temperature,site=xiangtan-1 value=3.25,quality=0i 1772366400000")


def test_a_bad_sample_has_no_value():
    sample = Sample(PointId("c1-door"), NOON, None, Quality.BAD)
    assert line(SITE, sample) == "reading,point=c1-door,site=xiangtan-1 quality=2i 1772366400000"


def test_a_value_left_from_an_earlier_line_of_the_same_moment_is_not_believed():
    assert value_of(3.25, 2) is None
    assert value_of(3.25, 1) == 3.25


@settings(max_examples=200)
@given(st.text(), st.text(), st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(Quality))
def test_no_name_can_break_out_of_its_tag_or_its_line(point, site, value, quality):
    text = line(SiteId(site), Sample(PointId(point), NOON, value, quality))
    shape = r"reading,point=[\w.~%-]*,site=[\w.~%-]* value=-?[0-9.e+-]+,quality=[012]i 1772366400000"
    assert re.fullmatch(shape, text, re.ASCII)


@given(st.text())
def test_no_name_can_end_a_quoted_string_in_a_question(name):
    assert not set(tag_value(name)) & set("'\"\\\n\r ,=")


@given(st.from_regex(r"[a-z0-9][a-z0-9-]{0,47}", fullmatch=True))
def test_an_id_stands_as_it_is(name):
    assert tag_value(name) == name
