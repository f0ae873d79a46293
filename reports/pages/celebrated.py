"""What is celebrated of a closed month where both sides see it: on the first pages and on the review."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from agreements.models import Agreement, Evaluation, MonthResult
from reports.charts import words
from reports.charts.celebrated import kept_sentence
from reports.pages.promise_order import place_of_promise, place_of_team


@dataclass(frozen=True, slots=True)
class Celebrated:
    """The promises kept in a closed month, in a sentence, and where every month of them stands."""

    month: str
    sentence: str
    address: str


def celebrated_of(
    agreement: Agreement | None, month_on: dt.date, *, or_before: bool = False
) -> Celebrated | None:
    """Return what was kept in the month, or in the last closed one up to it; None where nothing was, or is closed."""
    if agreement is None:
        return None
    closed = MonthResult.objects.filter(agreement=OuterRef("month__agreement"), closed_at__isnull=False)
    closed = closed.filter(month_on__lte=month_on) if or_before else closed.filter(month_on=month_on)
    evaluations = Evaluation.objects.filter(
        month__agreement=agreement, month=Subquery(closed.order_by("-month_on").values("pk")[:1])
    ).select_related("month", "party__team", "segment")
    found = sorted(
        evaluations, key=lambda one: (place_of_team(one.party.team), place_of_promise(one), one.pk)
    )
    sentence = kept_sentence([(one.outcome, one.title, one.party.team.name) for one in found])
    if not sentence:
        return None
    return Celebrated(
        month=words.month(found[0].month.month_on),
        sentence=sentence,
        address=reverse("reports:kept", args=[agreement.slug]),
    )
