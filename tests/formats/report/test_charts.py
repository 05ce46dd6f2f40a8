"""Histograms count everybody, and draw what they count."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.formats.report.charts import Axis, Mark, histogram, stacked_bar
from tests.formats.unhurried import UNHURRIED

AXIS = Axis(title="walk, m", step=100.0, most=800.0)


def counts(chart: str) -> list[int]:
    return [int(n.replace(",", "")) for n in re.findall(r": ([\d,]+) riders<", chart)]


@UNHURRIED
@given(values=st.lists(st.tuples(st.floats(0, 5_000), st.integers(1, 60)), max_size=80))
def test_everybody_is_in_one_bar(values: list[tuple[float, int]]) -> None:
    """Whoever lies beyond the axis is counted into its last bar."""
    people = [n for _, n in values]
    chart = histogram([v for v, _ in values], people, AXIS, count="riders")
    assert sum(counts(chart)) == sum(people)


def test_a_value_on_an_edge_belongs_to_the_bar_on_its_right() -> None:
    chart = histogram([0.0, 100.0, 199.9, 800.0, 900.0], [1] * 5, AXIS, count="riders")
    found = dict(re.findall(r"<title>([\d.]+ to [\d.]+): (\d+) riders", chart))
    assert found == {"0 to 100": "1", "100 to 200": "2", "700 to 800": "2"}


def test_bars_are_as_tall_as_their_count() -> None:
    chart = ET.fromstring(histogram([50.0, 150.0, 150.0], [1, 1, 1], AXIS, count="riders"))  # noqa: S314 - our own
    heights = [float(bar.attrib["height"]) for bar in chart.iter("rect")]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.2)


def test_numbers_on_the_axis_are_scaled() -> None:
    chart = histogram([0.5], [1], Axis(title="%", step=0.1, most=1.0, scale=100.0), count="trips")
    assert ">100</text>" in chart
    assert "50 to 60: 1 trips" in chart


def test_marks_are_drawn_inside_the_plot() -> None:
    marks = [Mark(value=284.0, text="mean"), Mark(value=9_999.0, text="<promise>", promise=True)]
    chart = histogram([284.0], [3], AXIS, marks, count="riders")
    root = ET.fromstring(chart)  # noqa: S314 - our own
    xs = [float(line.attrib["x1"]) for line in root.iter("line") if line.attrib["class"] in {"mark", "promise"}]
    assert len(xs) == 2
    assert all(0 < x <= 420 for x in xs)
    assert "&lt;promise&gt;" in chart


def test_no_values_make_an_empty_plot() -> None:
    assert counts(histogram([], [], AXIS, count="riders")) == []


def test_parts_of_a_bar_fill_it() -> None:
    bar = stacked_bar([("a", 1.0, "x"), ("b & c", 3.0, "y"), ("none", 0.0, "z")])
    widths = [float(width) for width in re.findall(r"width:([\d.]+)%", bar)]
    assert widths == [25.0, 75.0]
    assert "b &amp; c" in bar
    assert stacked_bar([]) == '<div class="stack"></div>'
