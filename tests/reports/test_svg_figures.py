"""Drawings: what stands at the ends of lines can be read, wherever these end."""

from __future__ import annotations

import dataclasses
import datetime as dt
from itertools import pairwise
from xml.etree.ElementTree import fromstring

import pytest

from reports.charts.description import Chart, Mark, Panel, Series, Table, Tick, Tone
from reports.png_figures import png
from reports.svg_figures import SIZE, svg

DAYS = 31
EMPTY = Table("", (), ())


def chart(actual: float, projected: float, goal: float = 100, seen: int = 17) -> Chart:
    ahead = (None,) * (seen - 1) + tuple(
        actual + (projected - actual) * step / (DAYS - seen) for step in range(DAYS - seen + 1)
    )
    rising = tuple(actual * (day + 1) / seen for day in range(seen))
    return Chart(
        key="waterfall",
        title="Title",
        subtitle="",
        labels=tuple(str(day + 1) for day in range(DAYS)),
        spoken=(),
        panels=(Panel("", tuple(Tick(n, str(n)) for n in (0, 50, 100, 150))),),
        series=(
            Series(
                "Goal",
                Mark.DASHED,
                Tone.GOAL,
                tuple(goal * (day + 1) / DAYS for day in range(DAYS)),
                end_label=f"Goal {goal:g}",
            ),
            Series(
                "Actual", Mark.STEP, Tone.ACTUAL, (*rising, *((None,) * (DAYS - seen))), end_label="40 (−15)"
            ),
            Series("Projection", Mark.DOTTED, Tone.ACTUAL, ahead, end_label="Projected 92–120"),
        ),
        summary="",
        table=EMPTY,
        as_of=dt.datetime(2026, 3, 17, tzinfo=dt.UTC),
    )


@pytest.mark.parametrize(
    ("actual", "projected", "seen"),
    [
        (40, 99, 17),
        (40, 100, 17),
        (40, 101, 17),
        (40, 54, 17),
        (95, 100, 29),
        (99, 101, 30),
        (60, 140, 17),
        (80, 100, 26),
    ],
)
def test_labels_at_the_ends_of_lines_do_not_lie_on_each_other(actual, projected, seen):
    root = fromstring(svg(chart(actual, projected, seen=seen), width=500))
    labels = [one for one in root.iter() if one.get("paint-order") == "stroke"]
    assert len(labels) == 3
    spans = []
    for one in labels:
        x, length = float(one.get("x") or 0), len(one.text or "") * 0.56 * SIZE
        start = x - length if one.get("text-anchor") == "end" else x
        spans.append((start, start + length, float(one.get("y") or 0)))
    for number, (start, end, y) in enumerate(spans):
        for other_start, other_end, other in spans[number + 1 :]:
            assert end <= other_start or other_end <= start or abs(y - other) >= SIZE
    start, end, y = next(span for span, one in zip(spans, labels, strict=True) if one.text == "40 (−15)")
    (steps,) = [one.get("points") or "" for one in root.iter() if one.get("stroke-width") == "3"]
    drawn = [tuple(map(float, point.split(","))) for point in steps.split()]
    assert not [at for x, at in drawn if start < x < end and y - 0.6 * SIZE < at < y], "clear of its own line"


def test_labels_of_korean_letters_have_room_for_these():
    months = tuple(f"{month}월 하루" for month in range(1, 32))
    root = fromstring(svg(dataclasses.replace(chart(40, 99), labels=months)))
    places = [float(one.get("x") or 0) for one in root.iter() if one.text in months]
    assert len(places) > 5
    assert min(right - left for left, right in pairwise(places)) > 3.5 * SIZE


def test_a_picture_is_drawn_once_for_all_who_get_it_and_finer_if_asked():
    plain, fine = png(chart(40, 99)), png(chart(40, 99), fineness=1.5)
    assert [int.from_bytes(one[16:20], "big") for one in (plain, fine)] == [600, 900]
    assert png(chart(40, 99)) is plain
    assert len(plain) < len(fine) < 50_000
