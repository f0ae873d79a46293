"""What an edition freezes of a month: what was judged, drawn, measured, agreed, meant, missed and said; an agenda.

Everything is read as of one instant, from the hand-offs themselves, in the language of the company. Words that people
wrote, and their names, are put into a list of their own: the snapshot holds their places in it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from agreements.measured_periods import later
from agreements.models import (
    Agreement,
    Commitment,
    CorrectiveAction,
    Decision,
    Evaluation,
    Excuse,
    MonthResult,
    Strike,
    Version,
)
from agreements.readings.pulse import NO_ANSWERS, party_pulses
from agreements.readings.signed_document import promises_in_words
from agreements.services.results import Finding
from agreements.services.signed_text import with_terms
from reports.charts import words
from reports.charts.feedback import pulse_text, ratings_chart
from reports.charts.kept_figures import figure_text
from reports.charts.stored import chart_as_json, table_as_json
from reports.pages.contents import where_the_gap_comes_from
from reports.pages.edition_agenda import agenda_points
from reports.pages.edition_definitions import definitions_table
from reports.pages.frame import ReportPage, page_of_agreement
from reports.pages.kept import strikes_of, watermelons_of
from reports.pages.kept_words import MARKS, days_text, month_sentence
from reports.pages.promise_order import place_of_promise, place_of_team
from reports.pages.review import review_contents
from reports.periods import month_of
from reports.readings.kept import month_found
from reports.readings.ratings import ratings_report
from reports.readings.scope import build_scope

FORM = 2
"""The form of snapshots made now. Each that was made can still be read: the first has no definitions and no agenda."""
GOALS = (Evaluation.Promise.MQL_GOAL, Evaluation.Promise.CAMPAIGN_GOAL)
Judged = dict[str, list[str]]


class Words:
    """The words of people, each kept once, named by its place."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def place(self, text: object) -> int | None:
        """Return the place of a text; None for nothing."""
        said = str(text or "")
        if not said:
            return None
        if said not in self.texts:
            self.texts.append(said)
        return self.texts.index(said)


def snapshot(*, result: MonthResult, at: dt.datetime, now: dt.datetime) -> tuple[dict[str, Any], list[str]]:
    """Return the month as of `at`, as known now, and the words of people that it names by their places."""
    with translation.override(settings.LANGUAGE_CODE):
        found, texts = _snapshot(result, at, now)
    return json.loads(json.dumps(found)), texts  # as it will be read: lists, and nothing but JSON


def judged_now(result: MonthResult) -> Judged:
    """Return what is written down of each promise of the month."""
    return {one.key: _exact(one) for one in result.evaluations.order_by("pk")}


def found_at(result: MonthResult, at: dt.datetime) -> Judged:
    """Return what is found of each promise as of an instant, as known now."""
    found = month_found(agreement=result.agreement, month_on=result.month_on, at=at, is_past=True)
    return {one.key: _exact(one) for one in sorted(found.findings, key=lambda one: one.key)}


def _exact(one: Evaluation | Finding) -> list[str]:
    return [str(one.outcome), str(one.numerator), str(one.denominator), str(one.threshold)]


def _snapshot(result: MonthResult, at: dt.datetime, now: dt.datetime) -> tuple[dict[str, Any], list[str]]:
    agreement, month_on, people = result.agreement, result.month_on, Words()
    page = _page(agreement, month_on, at, now)
    contents = review_contents(page)
    version = with_terms(Version.objects.filter(pk=result.version_id)).get()
    evaluations = list(
        result.evaluations.select_related("month", "party__team", "segment", "commitment", "version")
        .prefetch_related("version__measures")
        .order_by("pk")
    )
    parties = list(agreement.parties.select_related("team").order_by("pk"))
    consequences = {side.party: side.consequence for side in contents.sides}
    pulses = party_pulses(agreement, [month_on])
    ratings = _ratings(page)
    month = words.month(month_on)
    watermelons = list(watermelons_of(agreement, [result]))
    found: dict[str, Any] = {
        "language": settings.LANGUAGE_CODE,
        "agreement": agreement.name,
        "month": month,
        "version": version.number,
        "text_sha256": version.text_sha256,
        "finding": month_sentence(month, evaluations, False, agreement.currency),
        "further": [*watermelons, *contents.further],
        "watermelons": watermelons,
        "sides": _sides(evaluations, agreement.currency, consequences),
        "charts": [chart_as_json(chart) for chart in contents.charts if not chart.is_empty],
        "rates_finding": contents.rates_finding,
        "rates": table_as_json(contents.rates),
        "returned_finding": contents.returned_finding,
        "returned": table_as_json(contents.returned),
        "terms": promises_in_words(version, parties),
        "definitions": table_as_json(definitions_table(page, version)),
        "pulses": [
            {"team": party.team.name, "text": pulse_text(pulses.get((month_on, party.pk), NO_ANSWERS))}
            for party in parties
        ],
        "ratings": ratings,
        "strikes": [_strike(one, agreement, people) for one in _strikes(result)],
        "carried": [_action(one, people) for one in _carried(agreement, month_on)],
        "excuses": [_excuse(one, people) for one in _accepted(agreement, month_on)],
        "next": _next_goal(agreement, later(month_on, 1)),
        "judged": judged_now(result),
        "found": found_at(result, at),
    }
    is_short = any(one.promise in GOALS and one.outcome == Evaluation.Outcome.MISSED for one in evaluations)
    decisions = Decision.objects.open().filter(
        review__agreement=agreement, review__planned_on__lt=later(month_on, 1), made_at__lte=at
    )
    found["agenda"] = agenda_points(
        found,
        gap=where_the_gap_comes_from(page) if is_short else (),
        open_decisions=decisions.count(),
    )
    return found, people.texts


def _page(agreement: Agreement, month_on: dt.date, at: dt.datetime, now: dt.datetime) -> ReportPage:
    scope = build_scope(period=month_of(month_on), now=now, agreement=agreement, as_of=at)
    page = page_of_agreement(agreement, month=month_on, now=at)
    return replace(page, scope=scope, complete_at=at)


def _sides(
    evaluations: Iterable[Evaluation], currency: str, consequences: dict[str, str]
) -> list[dict[str, Any]]:
    by_team: dict[tuple[int, str], list[Evaluation]] = {}
    for one in sorted(evaluations, key=lambda one: (place_of_promise(one), one.pk)):
        by_team.setdefault(place_of_team(one.party.team), []).append(one)
    return [
        {
            "team": name,
            "promises": [
                {
                    "key": one.key,
                    "title": one.title,
                    "outcome": str(one.outcome),
                    "mark": MARKS[Evaluation.Outcome(one.outcome)],
                    "word": str(one.get_outcome_display()),
                    "figure": figure_text(one, currency),
                }
                for one in promises
            ],
            "consequence": consequences.get(name, ""),
            "has_missed": any(one.outcome == Evaluation.Outcome.MISSED for one in promises),
        }
        for (_function, name), promises in sorted(by_team.items())
    ]


def _ratings(page: ReportPage) -> list[str]:
    """Say how good sales found the leads of the month; nothing where none was rated."""
    agreement, month = page.agreement, month_of(page.month)
    assert agreement is not None
    report = ratings_report(agreement, month.start, month.end)
    if not report.total.n:
        return []
    chart = ratings_chart(report, [month.start], subtitle="", as_of=page.as_of)
    return [chart.title, chart.summary]


def _strikes(result: MonthResult) -> Iterable[Strike]:
    found: Iterable[Strike] = strikes_of(result.agreement).filter(evaluation__month=result)
    return found


def _strike(strike: Strike, agreement: Agreement, people: Words) -> dict[str, Any]:
    evaluation = strike.evaluation
    risk = strike.revenue_at_risk
    return {
        "title": evaluation.title,
        "team": evaluation.party.team.name,
        "figure": figure_text(evaluation, agreement.currency),
        "state": str(strike.get_state_display()),
        "revenue": "" if risk is None else words.money(risk, agreement.currency, 2),
        "who": people.place(strike.responsible),
        "diagnosis": people.place(strike.diagnosis),
        "make_up_plan": people.place(strike.make_up_plan),
        "actions": [_action(one, people) for one in strike.actions.all()],
    }


def _carried(agreement: Agreement, month_on: dt.date) -> Iterable[CorrectiveAction]:
    """Actions of the months before that are still to be done."""
    return (
        CorrectiveAction.objects.to_do()
        .filter(
            strike__evaluation__month__agreement=agreement, strike__evaluation__month__month_on__lt=month_on
        )
        .select_related("owner")
        .order_by("due_on", "pk")
    )


def _action(action: CorrectiveAction, people: Words) -> dict[str, Any]:
    return {
        "action": people.place(action.action),
        "owner": people.place(action.owner),
        "until": words.day(action.due_on),
        "state": str(action.get_state_display()),
        "result": people.place(action.result),
    }


def _accepted(agreement: Agreement, month_on: dt.date) -> Iterable[Excuse]:
    found = Excuse.objects.accepted().filter(agreement=agreement, month_on=month_on)
    return found.select_related("party__team").order_by("pk")


def _excuse(excuse: Excuse, people: Words) -> dict[str, Any]:
    return {
        "team": excuse.party.team.name,
        "reason": str(excuse.get_reason_display()),
        "days": days_text(excuse),
        "hand_offs": len(excuse.hand_offs),
        "note": people.place(excuse.note),
    }


def _next_goal(agreement: Agreement, month_on: dt.date) -> str:
    """Say what is signed for the month after."""
    said = {"month": words.month(month_on)}
    period = month_of(month_on)
    version = (
        Version.objects.signed()
        .filter(agreement=agreement, in_force__overlap=(period.start, period.end))
        .order_by("starts_on")
        .last()
    )
    promise = version and version.commitments.filter(kind=Commitment.Kind.MQL_GOAL, segment=None).first()
    goal = promise and promise.month_goals.filter(month_on=month_on).first()
    if not (version and promise and goal):
        return _("For %(month)s no goal is signed yet.") % said
    is_value = promise.measure == Commitment.Measure.VALUE
    said["goal"] = words.money(goal.goal, agreement.currency) if is_value else words.leads(int(goal.goal))
    said["number"] = str(version.number)
    return _("For %(month)s the goal is %(goal)s, as signed in version %(number)s.") % said
