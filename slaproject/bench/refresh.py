"""The time until figures know of a hundred new attempts, beside counting every day anew.

The data is made in a database of its own, which is dropped afterwards: two years of hand-offs with about four attempts
each, and once more a tenth of it, to see whether the time grows with the company.

A hundred attempts on open hand-offs come at once. In the transaction that takes them the facts of their hand-offs are
worked out and the days noted; that is what somebody waits for. The stored figures follow apart, as the worker has it
every few seconds: the days, weeks and months they touch are counted anew. Afterwards everything is counted anew once,
and each figure must be the one that was there.
"""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

from django.db import transaction

from leads.models import FollowUpAttempt, HandOff
from leads.services.facts import refresh_facts
from reports import rollups
from reports.checking import differing_figures, keep_figures
from slaproject.bench.databases import own_database
from slaproject.bench.history import make_reported_history
from slaproject.bench.rows import Disagreement, Row, compared, seconds

LEADS, RUNS, ATTEMPTS = 1_000_000, 5, 100
SMALLER: int | None = 10
FACTS_WITHIN, FIGURES_WITHIN = 0.025, 60.0
AS_QUICK_AS_SMALL, BESIDE_ALL = round(1 / 1.5, 2), 50.0


def run(leads: int | None = None) -> list[Row]:
    """Rows of facts and of figures; Disagreement where what was brought up to date is not what counting anew gives."""
    size = leads or LEADS
    small: list[float] = []
    if SMALLER:
        with own_database():
            now = make_reported_history(leads=max(size // SMALLER, 1)).now
            small = [_take_attempts(now, turn)[0] for turn in range(RUNS + 1)][1:]
    with own_database():
        now = make_reported_history(leads=size).now
        taken = [_take_attempts(now, turn) for turn in range(RUNS + 1)][1:]
        facts, figures = ([1 / one[place] for one in taken] for place in (0, 1))
        anew = 1 / _count_anew()
    both: dict[str, Any] = {"leads": size, "unit": "times/s"}
    rows = [
        compared(
            f"facts of {ATTEMPTS} attempts, in 25 ms",
            product=facts,
            yardstick=[1 / FACTS_WITHIN] * RUNS,
            goal=1,
            **both,
        ),
        compared(
            "figures after them, in 60 s", product=figures, yardstick=[1 / FIGURES_WITHIN], goal=1, **both
        ),
        compared(
            "figures after them, beside every day", product=figures, yardstick=[anew], goal=BESIDE_ALL, **both
        ),
    ]
    if small:
        of_a_tenth = [1 / one for one in small]
        rows.append(
            compared(
                "facts, beside those of a tenth",
                product=facts,
                yardstick=of_a_tenth,
                goal=AS_QUICK_AS_SMALL,
                **both,
            )
        )
    return rows


def _take_attempts(now: dt.datetime, turn: int) -> tuple[float, float]:
    """Let attempts on open hand-offs come; return the seconds that their facts and then the figures took."""
    is_open = HandOff.objects.filter(closed_at=None, handed_off_at__lt=now)
    found = list(is_open.order_by("pk").values_list("pk", flat=True))
    chosen = Random(turn).sample(found, min(ATTEMPTS, len(found)))
    at = now + dt.timedelta(seconds=turn)

    def take() -> None:
        with transaction.atomic():
            refresh_facts(chosen, now=at)

    made = [
        FollowUpAttempt(
            hand_off_id=pk,
            system="bench",
            external_id=f"refresh-{turn}-{pk}",
            attempted_at=at,
            attempted_on=at.date(),
            channel=FollowUpAttempt.Channel.CALL,
            outcome=FollowUpAttempt.Outcome.NO_ANSWER,
            logged_at=at,
        )
        for pk in chosen
    ]
    FollowUpAttempt.objects.bulk_create(made)
    facts = seconds(take)
    return facts, seconds(lambda: rollups.refresh(now=at, wait=True))


def _count_anew() -> float:
    """Count every day anew and compare; return the seconds that the counting took."""
    with transaction.atomic():
        kept = keep_figures()
        spent = seconds(rollups.rebuild)
        different = len(differing_figures(kept, even_waiting=True))
    if different:
        raise Disagreement(f"{different} figures are not what counting every day anew gives")
    return spent
