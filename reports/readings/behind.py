"""Exactly the hand-offs behind a figure of speed or depth, by the conditions that count them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection

from reports.hand_off_facts import AS_OF, CONNECTED, DEPTH, SETTLED, STORED, UNANSWERED, WAITING, YOUNG, words
from reports.readings.counted import (
    ROWS_A_PAGE,
    Counted,
    CountedRow,
    all_told,
    hand_off_rows,
    one_page,
)
from reports.readings.explored_measures import MOST_TRIED
from reports.readings.scope import Scope
from reports.readings.selection import where

_TRIED = "f.first_attempt_at IS NOT NULL"
_OVERDUE = (
    f"""({UNANSWERED} AND (({SETTLED}) AND f.due_at IS NOT NULL OR NOT ({SETTLED}) AND f.due_at < %(now)s))"""
)
_RELEASED_LATE = "(f.first_attempt_at IS NULL AND f.closed_as = ANY(%(released)s) AND f.closed_at > f.due_at)"
_DUE = f"({_TRIED} AND f.due_at < %(now)s OR {_OVERDUE} OR {_RELEASED_LATE})"
_IN_TIME = "(f.first_attempt_at <= f.due_at AND f.due_at < %(now)s)"
# Which hand-offs a figure is of, as `hand_off_facts` counts them and the pages of speed and depth put them together.
FIGURES: dict[str, str] = {
    "hand_offs": "true",
    "timed": "NOT f.is_date_only",
    "attempted": _TRIED,
    "open": f"({UNANSWERED})",
    "overdue": _OVERDUE,
    "due": _DUE,
    "in_time": _IN_TIME,
    "late": f"({_DUE} AND {_IN_TIME} IS NOT TRUE)",
    "not_yet_due": f"({_TRIED} AND f.due_at >= %(now)s OR {WAITING} AND f.due_at >= %(now)s)",
    "not_connected": f"({DEPTH})",
    "worked": f"({DEPTH} AND f.attempts > 0)",
    "unworked": f"({DEPTH} AND f.attempts = 0)",
    "fully_worked": f"({DEPTH} AND f.attempts >= f.agreed_attempts)",
    "stopped_early": f"({DEPTH} AND f.closed_as = 'unreachable' AND f.attempts < f.agreed_attempts)",
    "young": f"({YOUNG})",
    **{f"tried_{k}": f"(({DEPTH} OR {CONNECTED}) AND f.attempts >= {k})" for k in range(1, MOST_TRIED + 1)},
}
_TALLY = """
SELECT {counts} FROM ({relation}) f
WHERE f.handed_off_on >= %(start)s AND f.handed_off_on < %(end)s AND {condition}
"""


def behind(scope: Scope, figure: str, *, user: Any, number: int, most: int = ROWS_A_PAGE) -> Counted:
    """Return a page of the hand-offs behind a figure of the scope's period; a page that is not there is the first."""
    return one_page(
        lambda page: hand_off_rows(scope, FIGURES[figure], scope.period, page, most),
        user=user,
        number=number,
        most=most,
    )


def all_behind(scope: Scope, figure: str, *, user: Any) -> Iterator[CountedRow]:
    """Return all of them."""
    return all_told(hand_off_rows(scope, FIGURES[figure], scope.period, 1, None), user=user)


def tally(scope: Scope) -> dict[str, int]:
    """Return how many hand-offs are behind each figure, in one statement."""
    condition, parameters = where(scope.selection)
    counts = ", ".join(f"count(*) FILTER (WHERE {taken})" for taken in FIGURES.values())
    relation = AS_OF if scope.moment.is_past else STORED
    asked = {
        **words(),
        **parameters,
        "now": scope.moment.at,
        "start": scope.period.start,
        "end": scope.period.end,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TALLY.format(counts=counts, relation=relation, condition=condition), asked)
        return dict(zip(FIGURES, cursor.fetchone(), strict=True))
