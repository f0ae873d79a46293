"""The landing's interval holds four months in five, and its errors are smaller than a straight line's."""

from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import pytest

from reports.back_test import Scores, back_test
from slaproject.bench import forecast as bench
from slaproject.bench.lead_worlds import WORLDS

FIRST = date(2023, 1, 1)
COMPANIES = 6


def is_weekday(day):
    return day.weekday() < 5


@cache
def of_kind(kind):
    return bench.of_kind(kind, COMPANIES, seed=1)


def together(found):
    return sum(found[1:], found[0])


def test_a_back_test_needs_a_whole_month_after_its_history():
    counts = [is_weekday(FIRST + timedelta(days=n)) for n in range(130)]
    known = {"first_on": FIRST, "is_business_day": is_weekday, "history_days": 90}
    assert back_test(counts[:100], **known).landing == Scores()
    assert back_test([], **known).by_days_left == {}
    # From 2023-01-01 on, April is the first month after 90 days: 22 origins from day 8 to day 29.
    found = back_test(counts, **known)
    assert found.landing.n == found.straight_line.n == 22
    assert list(found.by_days_left) == list(range(1, 23))
    with pytest.raises(ValueError, match="nothing"):
        Scores().mean("held")


def test_scores_are_worked_out_by_hand():
    # 30 days of April at one a day, 60 days before it: nothing scatters, so only the rounding is left.
    found = back_test([1] * 120, first_on=FIRST, is_business_day=lambda day: True, history_days=90)
    line = found.straight_line
    assert (line.n, line.held, line.error, line.absolute_error) == (22, 22, 0, 0)
    # 1.28 √left to each side, rounded outward: with one day left from 28 or 29 to 32.
    assert found.by_days_left[1].n == 1
    assert line.width == line.interval_score


def test_landings_know_nothing_of_the_days_to_come():
    counts = WORLDS["bursty campaigns"](3, FIRST, 400)
    known = {"first_on": FIRST, "is_business_day": is_weekday, "history_days": 300}
    # What follows the last whole month changes nothing.
    whole = back_test(counts, **known)
    assert whole == back_test(counts[:396], **known)
    assert whole.landing.n > 60


@pytest.mark.parametrize("kind", WORLDS)
def test_each_kind_of_company_is_foretold_better_than_by_a_straight_line(kind):
    found = of_kind(kind)
    assert 0.70 <= found.landing.mean("held") <= 0.90
    for figure in ("absolute_error", "interval_score"):
        assert found.landing.mean(figure) < found.straight_line.mean(figure)


def test_the_interval_holds_four_in_five_and_narrows_as_months_end():
    found = together([of_kind(kind) for kind in WORLDS])
    assert 0.75 <= found.landing.mean("held") <= 0.85
    widths = [scores.mean("width") for scores in found.by_days_left.values()]
    assert all(fewer_left < more_left for fewer_left, more_left in pairwise(widths[:22]))


@pytest.mark.skipif(not bench.OLIST.is_file(), reason="../shared/data/olist is not here")
def test_olist_is_foretold_better_than_by_a_straight_line():
    found = bench.of_olist()
    # Eleven months from July 2017 on; in January 2018 the leads went to five times as many.
    assert found.landing.n == 247
    assert 0.75 <= found.landing.mean("held") <= 0.85
    for figure in ("absolute_error", "interval_score"):
        assert found.landing.mean(figure) < found.straight_line.mean(figure)
        assert found.landing.mean(figure) < found.business_line.mean(figure)


@pytest.mark.proof
def test_over_five_hundred_companies_the_interval_holds_four_in_five():
    rows = bench.run()
    print(f"\nforecast: {len(WORLDS) * bench.OF_A_KIND} companies, seeds from {bench.SEED}")
    for row in rows:
        print(f"{row['name']}: {row['product']:.3g} (yardstick {row['yardstick']:.3g})")
    assert len(WORLDS) * bench.OF_A_KIND >= 500
    assert all(row["met"] for row in rows)
