"""Kept or missed: what became of each promise of an agreement, month by month, and what is done about it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import (
    Agreement,
    Consequence,
    CorrectiveAction,
    Evaluation,
    Excuse,
    MonthResult,
    Party,
    Strike,
)
from agreements.readings.pulse import party_pulses
from agreements.rights import Rights, rights_of
from agreements.runs import current_run
from reports.charts import words
from reports.charts.kept_figures import figure_text
from reports.closing import months_before
from reports.pages.kept_words import (
    MARKS,
    days_text,
    excuse_text,
    month_sentence,
    run_text,
    watermelon_text,
)
from reports.pages.promise_order import place_of_promise, place_of_team
from reports.readings.promise_months import CHARTED, anchor_of

MONTHS = 12
LATELY = 3  # so many months a consequence stands at the top
STRIKES_A_PAGE, MOST_EXCUSES = 15, 40
REPORTS = {
    Evaluation.Promise.MQL_GOAL: "waterfall",
    Evaluation.Promise.CAMPAIGN_GOAL: "waterfall",
    Evaluation.Promise.AVERAGE_SPEED: "speed",
    Evaluation.Promise.SHARE_IN_TIME: "speed",
    Evaluation.Promise.DEPTH: "depth",
    Evaluation.Promise.SHARE_WORKED: "depth",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What became of a promise in a month. `outcome` is "open" while it cannot be judged, "" where there is none."""

    month: str
    outcome: str
    mark: str
    word: str
    figure: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class PromiseLine:
    """One promise with its last months."""

    title: str
    party: str
    cells: tuple[Cell, ...]
    run: str = ""
    is_kept_run: bool = False


@dataclass(frozen=True, slots=True)
class StrikeLine:
    """A strike as the page shows it."""

    strike: Strike
    title: str
    month: str
    figure: str
    revenue: str
    is_mine: bool
    actions: tuple[CorrectiveAction, ...]


@dataclass(frozen=True, slots=True)
class ExcuseLine:
    """An excuse as the page shows it."""

    excuse: Excuse
    month: str
    sentence: str
    days: str
    is_to_answer: bool


@dataclass(frozen=True, slots=True)
class ConsequenceLine:
    """What follows from misses in a row."""

    consequence: Consequence
    sentence: str


@dataclass(frozen=True, slots=True)
class KeptPage:
    """Everything that the page shows."""

    agreement: Agreement
    finding: str
    further: tuple[str, ...]
    sides: tuple[tuple[str, tuple[PromiseLine, ...]], ...]
    strikes: Page[Strike] | None
    strike_lines: tuple[StrikeLine, ...]
    excuses: tuple[ExcuseLine, ...]
    consequences: tuple[ConsequenceLine, ...]
    earlier: tuple[ConsequenceLine, ...]
    may_propose: bool
    is_empty: bool
    watermelons: tuple[str, ...] = ()


@dataclass(slots=True)
class _Results:
    """The results of an agreement: evaluations by promise and month, in the order of the months."""

    months: list[MonthResult]
    by_key: dict[str, dict[dt.date, Evaluation]] = field(default_factory=lambda: defaultdict(dict))
    by_month: dict[dt.date, list[Evaluation]] = field(default_factory=lambda: defaultdict(list))


def kept_page(*, agreement: Agreement, user: Any, now: dt.datetime, page: str | None = None) -> KeptPage:
    """Read the last twelve months that are over, the strikes with their actions, excuses and consequences."""
    rights = rights_of(user)
    this_month = now.astimezone(agreement.zone).date().replace(day=1)
    months = [months_before(this_month, n) for n in range(MONTHS, 0, -1)]
    results = _results(agreement)
    strikes = strikes_of(agreement)
    shown = Paginator(strikes, STRIKES_A_PAGE).get_page(page)
    finding, further = _finding(agreement, results)
    raised, lately = _consequences(agreement), months_before(this_month, LATELY)
    return KeptPage(
        agreement=agreement,
        finding=finding,
        further=further,
        sides=_sides(agreement, results, months),
        strikes=shown,
        strike_lines=tuple(strike_line(one, rights) for one in shown),
        excuses=_excuses(agreement, user),
        consequences=tuple(one for one in raised if one.consequence.month_on >= lately),
        earlier=tuple(one for one in raised if one.consequence.month_on < lately),
        may_propose=Party.objects.filter(agreement=agreement).writable_by(user).exists(),
        is_empty=not results.months,
        watermelons=watermelons_of(agreement, [one for one in results.months if one.month_on >= months[0]]),
    )


def watermelons_of(agreement: Agreement, results: Iterable[MonthResult]) -> tuple[str, ...]:
    """Say of each of these months that is green outside alone what it is inside, the latest first."""
    flagged = sorted((one for one in results if one.watermelon), key=lambda one: one.month_on, reverse=True)
    if not flagged:
        return ()
    names = dict(agreement.parties.values_list("pk", "team__name"))
    pulses = party_pulses(agreement, [one.month_on for one in flagged])
    sentences = []
    for result in flagged:
        result.agreement = agreement
        low = {names[pk]: one for (on, pk), one in pulses.items() if on == result.month_on and one.is_low}
        sentences.append(watermelon_text(result, low))
    return tuple(sentences)


def strikes_of(agreement: Agreement) -> Any:
    """Return the strikes of an agreement, those still to be diagnosed first, then the latest."""
    found = Strike.objects.filter(evaluation__month__agreement=agreement).select_related(
        "responsible",
        "evaluation__month__agreement",
        "evaluation__party__team",
        "evaluation__segment",
        "evaluation__commitment",
        "evaluation__version",
    )
    actions = Prefetch("actions", CorrectiveAction.objects.select_related("owner"))
    return found.prefetch_related(actions, "evaluation__version__measures").order_by(
        "-evaluation__month__month_on", "pk"
    )


def strike_line(
    strike: Strike, rights: Rights, actions: Iterable[CorrectiveAction] | None = None
) -> StrikeLine:
    """Say what was missed, when and by how much, and what it puts at risk; `actions` if they were read already."""
    evaluation = strike.evaluation
    currency = evaluation.month.agreement.currency
    revenue = ""
    if strike.revenue_at_risk is not None:
        revenue = words.money(strike.revenue_at_risk, currency, 2)
    return StrikeLine(
        strike=strike,
        title=evaluation.title,
        month=words.month(evaluation.month.month_on),
        figure=figure_text(evaluation, currency),
        revenue=revenue,
        is_mine=may_diagnose(strike, rights),
        actions=tuple(strike.actions.all() if actions is None else actions),
    )


def may_diagnose(strike: Strike, rights: Rights) -> bool:
    """Whether this person diagnoses the strike and agrees on actions: who is named, and who manages the team."""
    if rights.user_id is None:
        return False
    manages = strike.evaluation.party.team_id in rights.managed
    return manages or rights.is_administrator or strike.responsible_id == rights.user_id


def may_end(action: CorrectiveAction, rights: Rights) -> bool:
    """Whether this person ends the action: its owner, and who manages the team."""
    if rights.user_id is None:
        return False
    manages = action.strike.evaluation.party.team_id in rights.managed
    return manages or rights.is_administrator or action.owner_id == rights.user_id


def _results(agreement: Agreement) -> _Results:
    found = _Results(list(MonthResult.objects.filter(agreement=agreement).order_by("month_on")))
    evaluations = Evaluation.objects.filter(month__agreement=agreement).select_related(
        "month", "party__team", "segment", "commitment", "version"
    )
    evaluations = evaluations.prefetch_related("version__measures")
    for one in evaluations.order_by("month__month_on", "pk"):
        found.by_key[one.key][one.month.month_on] = one
        found.by_month[one.month.month_on].append(one)
    return found


def _finding(agreement: Agreement, results: _Results) -> tuple[str, tuple[str, ...]]:
    if not results.months:
        return _("No month has been closed yet under this agreement."), ()
    last = results.months[-1]
    evaluations, waiting = results.by_month[last.month_on], last.closed_at is None
    said = month_sentence(words.month(last.month_on), evaluations, waiting, agreement.currency)
    further = []
    outcomes = {one.outcome for one in evaluations}
    if outcomes and outcomes <= {Evaluation.Outcome.MET}:
        teams = sorted({one.party.team.name for one in evaluations})
        further.append(
            _("A month as agreed: thank you, %(teams)s.") % {"teams": _(" and ").join(teams)}
            if len(teams) > 1
            else _("A month as agreed: thank you, %(teams)s.") % {"teams": teams[0]}
        )
    best = max(
        ((_run(months, Evaluation.Outcome.MET), key) for key, months in results.by_key.items()),
        default=(0, ""),
    )
    if best[0] > 2:
        one = next(reversed(results.by_key[best[1]].values()))
        further.append(
            _("%(title)s was kept for %(n)s months in a row: well done, %(team)s.")
            % {"title": one.title, "n": words.amount(best[0]), "team": one.party.team.name}
        )
    if waiting:
        further.append(_("Some promises of that month cannot be judged yet; the others stand."))
    return said, tuple(further)


def _run(months: dict[dt.date, Evaluation], outcome: str) -> int:
    return current_run(outcome, {on: one.outcome for on, one in months.items()})


def _sides(
    agreement: Agreement, results: _Results, months: list[dt.date]
) -> tuple[tuple[str, tuple[PromiseLine, ...]], ...]:
    known = {month.month_on: month for month in results.months}
    by_party: dict[tuple[int, str], list[tuple[tuple[int, int], PromiseLine]]] = defaultdict(list)
    for found in results.by_key.values():
        if not any(month in found for month in months):
            continue
        last = next(reversed(found.values()))
        kept, missed = _run(found, Evaluation.Outcome.MET), _run(found, Evaluation.Outcome.MISSED)
        line = PromiseLine(
            title=last.title,
            party=last.party.team.name,
            cells=tuple(_cell(agreement, month, found.get(month), known.get(month)) for month in months),
            run=run_text(kept, missed),
            is_kept_run=kept > 1,
        )
        by_party[place_of_team(last.party.team)].append((place_of_promise(last), line))
    return tuple(
        (name, tuple(line for _place, line in sorted(lines, key=lambda item: item[0])))
        for (_function, name), lines in sorted(by_party.items())
    )


def _cell(agreement: Agreement, month: dt.date, one: Evaluation | None, result: MonthResult | None) -> Cell:
    name = words.short_month(month)
    if one is None:
        if result is not None and result.closed_at is None:
            return Cell(name, "open", "◌", _("open"), _("cannot be judged yet"))
        return Cell(name, "", "", "")
    words_of = {"met": _("kept"), "missed": _("missed"), "excused": _("excused"), "nothing": _("none")}
    return Cell(
        month=name,
        outcome=one.outcome,
        mark=MARKS[Evaluation.Outcome(one.outcome)],
        word=words_of[one.outcome],
        figure=figure_text(one, agreement.currency),
        address=report_of(agreement, one, month),
    )


def report_of(agreement: Agreement, one: Evaluation, month: dt.date) -> str:
    """Return the report page that shows the same hand-offs, or the promise over the months."""
    if one.promise in CHARTED:
        return f"{reverse('reports:measures', args=[agreement.slug])}#{anchor_of(one)}"
    name = REPORTS.get(Evaluation.Promise(one.promise))
    if name is None:
        return ""
    parts = {"month": f"{month:%Y-%m}", "agreement": agreement.slug}
    if one.segment is not None:
        parts["segment"] = one.segment.slug
    if one.promise == Evaluation.Promise.CAMPAIGN_GOAL:
        of, _colon, whose = one.subject.partition(":")
        parts[of] = whose
    return f"{reverse(f'reports:{name}')}?{urlencode(parts)}"


def _excuses(agreement: Agreement, user: Any) -> tuple[ExcuseLine, ...]:
    found = Excuse.objects.filter(agreement=agreement).select_related(
        "party__team", "proposed_by", "answered_by", "answered_for__team"
    )
    mine = set(Excuse.objects.filter(agreement=agreement).awaiting(user).values_list("pk", flat=True))
    return tuple(excuse_line(one, is_to_answer=one.pk in mine) for one in found[:MOST_EXCUSES])


def excuse_line(excuse: Excuse, *, is_to_answer: bool = False) -> ExcuseLine:
    """Say an excuse."""
    return ExcuseLine(
        excuse, words.month(excuse.month_on), excuse_text(excuse), days_text(excuse), is_to_answer
    )


def _consequences(agreement: Agreement) -> tuple[ConsequenceLine, ...]:
    found = Consequence.objects.filter(agreement=agreement, withdrawn_at=None).select_related(
        "party__team", "segment", "version"
    )
    return tuple(ConsequenceLine(one, consequence_text(one)) for one in found)


def consequence_text(one: Consequence) -> str:
    """Say what follows, from what, and where it is agreed."""
    said = {
        "title": one.title,
        "team": one.party.team.name,
        "n": words.amount(one.misses),
        "month": words.month(one.month_on),
        "number": one.version.number,
    }
    if one.kind == Consequence.Kind.REVIEW:
        return (
            ngettext(
                "%(title)s of %(team)s was missed %(n)s month in a row, up to %(month)s: version %(number)s calls for "
                "a review.",
                "%(title)s of %(team)s was missed %(n)s months in a row, up to %(month)s: version %(number)s calls for "
                "a review.",
                one.misses,
            )
            % said
        )
    return (
        ngettext(
            "%(title)s of %(team)s was missed %(n)s month in a row, up to %(month)s: by version %(number)s the other "
            "side may cancel.",
            "%(title)s of %(team)s was missed %(n)s months in a row, up to %(month)s: by version %(number)s the other "
            "side may cancel.",
            one.misses,
        )
        % said
    )
