"""What became of the obligations of a month: all of each delivered in time, or not."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction

from agreements.models import Agreement, Evaluation, Party
from agreements.readings.obligations import ObligationResult, obligation_results
from agreements.services.results import Finding
from reports.keeping import Outcome, excused

Days = Mapping[int, tuple[dt.date, ...]]


def obligation_findings(
    *, agreement: Agreement, month_on: dt.date, at: dt.datetime, excused_days: Days
) -> Iterator[Finding]:
    """Yield what became of each obligation that fell due in a month that is over; one due never in it yields nothing.

    By its name it is one promise, also where a new version took over half-way. `excused_days` are the days that an
    accepted excuse takes out, by party.
    """
    plain = _by_name(obligation_results(agreement, month_on, now=at))
    less: dict[int, Mapping[str, list[ObligationResult]]] = {
        party: _by_name(obligation_results(agreement, month_on, now=at, without_days=days))
        for party, days in excused_days.items()
        if days
    }
    for name, results in plain.items():
        party = results[-1].obligation.from_party
        yield _finding(name, party, results, less.get(party.pk, {}).get(name, []), party.pk in less)


def _finding(
    name: str, party: Party, plain: list[ObligationResult], less: list[ObligationResult], has_excuse: bool
) -> Finding:
    outcome, counted = _outcome(plain), plain
    if has_excuse:
        outcome = excused(outcome, _outcome(less))
        counted = plain if outcome is Outcome.MET else less
    return Finding(
        promise=Evaluation.Promise.OBLIGATION,
        party=party,
        outcome=Evaluation.Outcome(outcome.value).value,
        numerator=Fraction(sum(one.in_time for one in counted)),
        denominator=Fraction(sum(one.due for one in counted)),
        threshold=Fraction(1),
        subject=name,
    )


def _outcome(results: list[ObligationResult]) -> Outcome:
    if not results:
        return Outcome.NOTHING
    return Outcome.MET if all(one.in_time == one.due for one in results) else Outcome.MISSED


def _by_name(results: list[ObligationResult]) -> Mapping[str, list[ObligationResult]]:
    found: dict[str, list[ObligationResult]] = defaultdict(list)
    for one in results:
        found[one.obligation.name].append(one)
    return found
