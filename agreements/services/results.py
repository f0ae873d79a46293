"""Writing down what came of a month: evaluations, the strikes they open, and what follows from misses in a row.

Rows are written once and corrected where a later look finds something else; every writing leaves an event that says
from what to what. Writing the same again changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db import transaction

from agreements.models import (
    Agreement,
    AgreementEvent,
    Commitment,
    Consequence,
    Evaluation,
    Membership,
    MonthResult,
    Party,
    Segment,
    Strike,
    Version,
)
from agreements.runs import reached, runs_of

Kind, Outcome = AgreementEvent.Kind, Evaluation.Outcome


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one promise of a month, as found; the words are those of `Evaluation`."""

    promise: str
    party: Party
    outcome: str
    numerator: Fraction
    denominator: Fraction
    threshold: Fraction
    commitment: Commitment | None = None
    segment: Segment | None = None
    subject: str = ""
    revenue_at_risk: Fraction | None = None

    @property
    def key(self) -> str:
        return f"{self.promise}/{self.subject}"


@dataclass(frozen=True, slots=True)
class Written:
    """How many evaluations are new, and how many were corrected."""

    new: int = 0
    corrected: int = 0


@transaction.atomic
def write_results(
    *, version: Version, month_on: dt.date, findings: Sequence[Finding], is_decided: bool, now: dt.datetime
) -> Written:
    """Write what was found of a month under the version that applied; return what was new in it.

    `is_decided`: no promise of the month is still on the way. A promise that is not among the findings stays as it
    was. The first writing of a miss opens a strike; one that turns out otherwise closes it again.
    """
    agreement = Agreement.objects.select_for_update(no_key=True).get(pk=version.agreement_id)
    month, _created = MonthResult.objects.get_or_create(
        agreement=agreement, month_on=month_on, defaults={"version": version}
    )
    known = {one.key: one for one in month.evaluations.select_related("strike")}
    new: dict[str, str] = {}
    corrected: dict[str, Any] = {}
    opened: list[Evaluation] = []
    for finding in findings:
        evaluation = known.get(finding.key)
        if evaluation is None:
            evaluation = _write(month, version, finding, now)
            new[finding.key] = finding.outcome
        elif change := _correct(evaluation, version, finding, now):
            corrected[finding.key] = change
        if _strike(evaluation, finding, now, corrected):
            opened.append(evaluation)
    is_now_closed = is_decided and month.closed_at is None
    if is_now_closed:
        month.closed_at = now
    if is_now_closed or month.version_id != version.pk:
        month.version = version
        month.save(update_fields=["closed_at", "version"])
    if new or corrected or is_now_closed:
        data: dict[str, Any] = {"month": f"{month_on:%Y-%m}", "results": new, "corrected": corrected}
        data["closed"] = is_now_closed
        _note(version, Kind.MONTH_CLOSED, now, {key: value for key, value in data.items() if value})
    for one in opened:
        _note(version, Kind.STRIKE_OPENED, now, event_data(one))
    if new or corrected:
        _raise_consequences(agreement, now)
    return Written(len(new), len(corrected))


def event_data(evaluation: Evaluation) -> dict[str, Any]:
    """Name a promise of a month for an event: no words of persons, no numbers of rows."""
    month_on = evaluation.month.month_on
    return {"month": f"{month_on:%Y-%m}", "promise": evaluation.promise, "subject": evaluation.subject}


def _write(month: MonthResult, version: Version, finding: Finding, now: dt.datetime) -> Evaluation:
    return Evaluation.objects.create(
        month=month,
        promise=finding.promise,
        subject=finding.subject,
        party=finding.party,
        version=version,
        commitment=finding.commitment,
        segment=finding.segment,
        outcome=finding.outcome,
        numerator=finding.numerator,
        denominator=finding.denominator,
        threshold=finding.threshold,
        closed_at=now,
    )


def _correct(
    evaluation: Evaluation, version: Version, finding: Finding, now: dt.datetime
) -> dict[str, Any] | None:
    """Bring an evaluation to what is found now; return from what to what, None where it is the same."""
    before, after = _figures(evaluation), _figures(finding)
    commitment_id = finding.commitment.pk if finding.commitment else None
    if before == after and (evaluation.version_id, evaluation.commitment_id) == (version.pk, commitment_id):
        return None
    evaluation.outcome, evaluation.threshold = finding.outcome, finding.threshold
    evaluation.numerator, evaluation.denominator = finding.numerator, finding.denominator
    evaluation.version, evaluation.commitment, evaluation.party = version, finding.commitment, finding.party
    evaluation.corrected_at = now
    evaluation.save()
    return {"from": before, "to": after}


def _figures(one: Evaluation | Finding) -> list[str]:
    return [str(one.outcome), str(one.numerator), str(one.denominator), str(one.threshold)]


def _strike(evaluation: Evaluation, finding: Finding, now: dt.datetime, corrected: dict[str, Any]) -> bool:
    """Bring the strike of an evaluation to its outcome; return whether one was opened."""
    strike: Strike | None = getattr(evaluation, "strike", None)
    if strike is None:
        if finding.outcome != Outcome.MISSED:
            return False
        Strike.objects.create(
            evaluation=evaluation,
            responsible_id=_who_diagnoses(finding.party),
            revenue_at_risk=finding.revenue_at_risk,
            opened_at=now,
        )
        return True
    state = strike.state
    if finding.outcome == Outcome.EXCUSED:
        state = Strike.State.EXCUSED
    elif finding.outcome != Outcome.MISSED:
        state = Strike.State.CORRECTED
    elif not strike.is_standing:
        state = Strike.State.DIAGNOSED if strike.diagnosed_at else Strike.State.OPEN
    if (state, finding.revenue_at_risk) == (strike.state, strike.revenue_at_risk):
        return False
    if state != strike.state:
        corrected.setdefault(finding.key, {})["strike"] = [str(strike.state), str(state)]
    strike.state, strike.revenue_at_risk = state, finding.revenue_at_risk
    strike.save(update_fields=["state", "revenue_at_risk"])
    return False


def _who_diagnoses(party: Party) -> int | None:
    """Return the signatory while in the team, else its director of the longest standing, else nobody."""
    places = Membership.objects.taking_part().filter(team=party.team_id).order_by("pk")
    members = list(places.values_list("user_id", "role"))
    if party.signatory_id in {user for user, _role in members}:
        return party.signatory_id
    return next((user for user, role in members if role == Membership.Role.DIRECTOR), None)


def _raise_consequences(agreement: Agreement, now: dt.datetime) -> None:
    """Bring the consequences to the runs of misses as they are now."""
    by_promise: dict[str, dict[dt.date, Evaluation]] = defaultdict(dict)
    found = Evaluation.objects.filter(month__agreement=agreement)
    for one in found.select_related("month", "version"):
        by_promise[one.key][one.month.month_on] = one
    due: dict[tuple[str, str, dt.date], tuple[Evaluation, int]] = {}
    for key, months in by_promise.items():
        for run in runs_of(Outcome.MISSED, {on: one.outcome for on, one in months.items()}):
            for kind, term in (
                (Consequence.Kind.REVIEW, "review_after_misses"),
                (Consequence.Kind.CANCELLATION, "cancel_after_misses"),
            ):
                hit = reached((on, getattr(months[on].version, term)) for on in run)
                if hit is not None:
                    due[kind, key, run[0]] = (months[hit[0]], hit[1])
    standing = {
        (one.kind, f"{one.promise}/{one.subject}", one.since_on): one
        for one in Consequence.objects.filter(agreement=agreement)
    }
    for name in sorted({*due, *standing}):
        _settle(agreement, name, due.get(name), standing.get(name), now)


def _settle(
    agreement: Agreement,
    name: tuple[str, str, dt.date],
    due: tuple[Evaluation, int] | None,
    row: Consequence | None,
    now: dt.datetime,
) -> None:
    kind, _key, since_on = name
    if due is None:
        if row is not None and row.withdrawn_at is None:
            row.withdrawn_at = now
            row.save(update_fields=["withdrawn_at"])
            _note(row.version, Kind.CONSEQUENCE_RAISED, now, _consequence_data(row) | {"withdrawn": True})
        return
    evaluation, misses = due
    month_on = evaluation.month.month_on
    if row is None:
        row = Consequence(
            agreement=agreement,
            kind=kind,
            promise=evaluation.promise,
            subject=evaluation.subject,
            party_id=evaluation.party_id,
            segment_id=evaluation.segment_id,
            since_on=since_on,
            raised_at=now,
        )
    elif row.withdrawn_at is None and (row.month_on, row.misses) == (month_on, misses):
        return
    row.version, row.month_on, row.misses, row.withdrawn_at = evaluation.version, month_on, misses, None
    row.save()
    _note(row.version, Kind.CONSEQUENCE_RAISED, now, _consequence_data(row))


def _consequence_data(row: Consequence) -> dict[str, Any]:
    return {
        "kind": str(row.kind),
        "promise": row.promise,
        "subject": row.subject,
        "since": f"{row.since_on:%Y-%m}",
        "month": f"{row.month_on:%Y-%m}",
        "misses": row.misses,
    }


def _note(version: Version, kind: AgreementEvent.Kind, now: dt.datetime, data: dict[str, Any]) -> None:
    AgreementEvent.objects.create(
        agreement_id=version.agreement_id, version=version, kind=kind, happened_at=now, actor=None, data=data
    )
