"""What became of a promise month by month, as it was written down: for promises that have no report of their own."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256

from agreements.models import Agreement, Commitment, Evaluation

Promise, Outcome = Evaluation.Promise, Evaluation.Outcome
CHARTED: tuple[str, ...] = (Promise.ACCEPTANCE, Promise.OUTCOME, Promise.CUSTOM)
MOST_MONTHS = 24


@dataclass(frozen=True, slots=True)
class PromiseMonths:
    """One promise with its evaluations in order; those of a custom measure by quarters lie three months apart."""

    key: str
    evaluations: tuple[Evaluation, ...]

    @property
    def last(self) -> Evaluation:
        return self.evaluations[-1]

    @property
    def is_share(self) -> bool:
        return self.last.promise != Promise.CUSTOM

    def value(self, one: Evaluation) -> Fraction | None:
        value: Fraction | None = one.numerator / one.denominator if one.denominator else None
        return value


def anchor(key: str) -> str:
    """Return where a promise stands on the page of promises over the months: names hold any characters."""
    return f"promise-{sha256(key.encode()).hexdigest()[:12]}"


def anchor_of(one: Evaluation) -> str:
    return anchor(one.subject if one.promise == Promise.CUSTOM else one.key)


def anchor_of_promise(promise: Commitment) -> str:
    """Return the anchor of a promise by a deadline: its kind is the word of its evaluation."""
    return anchor(f"{promise.kind}/{promise.segment_id or ''}")


def promises_over_months(agreement: Agreement, today: dt.date) -> list[PromiseMonths]:
    """Return the promises by a deadline and the custom measures that were judged lately, in order of reading."""
    since = today.replace(day=1, year=today.year - MOST_MONTHS // 12)
    found = Evaluation.objects.filter(
        month__agreement=agreement, promise__in=CHARTED, month__month_on__gte=since
    )
    found = found.select_related("month", "party__team", "segment", "commitment", "version")
    by_key: dict[str, list[Evaluation]] = defaultdict(list)
    for one in found.prefetch_related("version__measures").order_by("month__month_on", "pk"):
        by_key[one.key].append(one)
    order = {promise: place for place, promise in enumerate(Promise.values)}
    ordered = sorted(by_key.items(), key=lambda item: (order[item[1][-1].promise], item[0]))
    return [PromiseMonths(key, tuple(evaluations)) for key, evaluations in ordered]
