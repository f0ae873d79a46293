"""Lines of a few weeks: a gap stays a gap, nothing leaves the picture, and the words say every value."""

import re

from hypothesis import given
from hypothesis import strategies as st

from reports.charts.sparklines import HEIGHT, WIDTH, sparkline

VALUES = st.lists(st.none() | st.floats(0, 1e9), min_size=1, max_size=12)


def points(path):
    return [(float(x), float(y)) for _letter, x, y in re.findall(r"([ML])([\d.]+) ([\d.]+)", path)]


@given(VALUES, st.floats(0, 1e9))
def test_every_value_is_a_point_inside_the_picture(values, top):
    line = sparkline(values, top=top, text="said")
    found = points(line.path)
    assert len(found) == sum(value is not None for value in values)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in found)
    assert [x for x, _ in found] == sorted(x for x, _ in found)


def test_a_missing_week_breaks_the_line_and_lone_values_are_dots():
    line = sparkline([1, 2, None, 3, None, 2, 1], top=3, text="said")
    assert re.sub(r"[\d. ]", "", line.path) == "MLMML"
    assert len(line.dots) == 2, "the lone one, and the last"
    assert line.dots[0][1] == "3.0", "the highest stands at the top"


def test_no_value_draws_nothing():
    assert sparkline([None, None], top=0, text="said").path == ""
