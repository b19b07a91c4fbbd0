"""The chart loses no peak, invents no value in a gap, and is whole whatever is drawn."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coldport.messages.observation import Quality
from coldport.site import Point, Quantity
from control.historian.buckets import milliseconds
from control.reports.chart import COLUMNS, Band, Column, Limit, Line, columns_of, draw
from control.reports.series import Series

START = datetime(2026, 7, 4, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def drawn(lines, limits=(), bands=(), *, length=timedelta(days=1)) -> ET.Element:
    return ET.fromstring(draw(lines, limits, bands, span=(START, START + length), unit="°C", zone=SHANGHAI))


def texts_of(chart) -> list[str]:
    return [element.text for element in chart.iter("{http://www.w3.org/2000/svg}text")]


def test_one_sample_among_many_is_in_its_column():
    series = Series(Point(id="p", quantity=Quantity.TEMPERATURE, every_s=1))
    start_ms = milliseconds(START)
    for second in range(7200):
        series.add(start_ms + second * 1000, 30.0 if second == 3000 else 5.0, Quality.GOOD, None)
    series.sort()

    columns = columns_of(series, start_ms, start_ms + 7_200_000)

    assert columns[300] == Column(5.0, 30.0)
    assert [index for index, column in enumerate(columns) if column.high == 30.0] == [300]


def test_a_column_of_which_nothing_is_known_is_empty_and_the_curve_is_cut_there():
    columns = [Column(5.0, 6.0)] * 100 + [Column(None, None)] * 50 + [Column(5.0, 5.0)] * (COLUMNS - 150)
    chart = drawn([Line("p", columns)])

    assert len(list(chart.iter("{http://www.w3.org/2000/svg}path"))) == 2
    assert "#d9d9d9" in ET.tostring(chart, encoding="unicode")


@pytest.mark.parametrize("length", [timedelta(minutes=3), timedelta(hours=5), timedelta(days=40), timedelta(days=400)])
def test_a_span_of_any_length_has_some_moments_on_its_axis_in_the_sites_time(length):
    chart = drawn([Line("p", [Column(1.0, 2.0)] * COLUMNS)], length=length)

    moments = [text for text in texts_of(chart) if ":" in text or (text[:1] in "01" and "-" in text)]
    assert 2 <= len(moments) <= 16


def test_limits_and_marks_are_drawn_and_names_are_escaped():
    bands = [Band("door", START, START + timedelta(hours=1)), Band("start", START, START), Band("novel", START, START)]
    chart = drawn([Line("a<b", [Column(1.0, 2.0)] * COLUMNS)], [Limit(8.0, "hi & dry")], bands)

    assert {"a<b", "hi & dry 8"} <= set(texts_of(chart))


def test_a_chart_of_nothing_can_be_drawn():
    assert texts_of(drawn([Line("p", [Column(None, None)] * COLUMNS)]))
