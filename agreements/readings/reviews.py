"""Reviews of an agreement, what was decided in them, and when it ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements import words
from agreements.models import Agreement, Cancellation, Decision, Party, Review, Strike, Version
from agreements.readings.standing import may_write, today_of
from agreements.rights import Rights
from agreements.words import whole_day

HELD_A_PAGE = 12
MOST_CARRIED, LONGEST_CARRIED = 20, 200
ANNOUNCED = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ReviewsPage:
    """Everything that the page of reviews and the end shows."""

    headline: str
    planned: list[Review]
    to_hold: frozenset[int]
    held: Page[Review]
    decisions: list[Decision]
    today: dt.date
    rhythm: str
    end: str
    cancellations: list[Cancellation]
    may_write: bool
    may_cancel: bool
    may_renew: bool


@dataclass(frozen=True, slots=True)
class Agenda:
    """What is to be talked about: the month of the figures, open strikes, decisions that are not done."""

    month: str
    month_value: str
    strikes: list[str]
    carried: list[Decision]


def reviews_page(
    agreement: Agreement,
    parties: tuple[Party, ...],
    *,
    user: Any,
    rights: Rights,
    now: dt.datetime,
    page: Any,
) -> ReviewsPage:
    """Read an agreement's reviews for this person."""
    today = today_of(agreement, now)
    reviews = Review.objects.visible_to(user).filter(agreement=agreement)
    counted = reviews.annotate(
        decided=Count("decisions"), undone=Count("decisions", Q(decisions__done_on=None))
    )
    planned = list(counted.planned().order_by("planned_on"))
    to_hold = frozenset(reviews.to_hold().values_list("pk", flat=True))
    signed = list(agreement.versions.signed().exclude(in_force__isempty=True).order_by("starts_on"))
    ahead = [one for one in signed if one.governs_until is None or one.governs_until > today]
    current = ahead[0] if ahead else None
    cancellations = list(
        Cancellation.objects.filter(version__agreement=agreement)
        .select_related("cancelled_by", "version")
        .order_by("-pk")
    )
    end = ahead[-1].governs_until if ahead else None
    open_draft = agreement.versions.open().exists()
    writes = may_write(parties, rights)
    is_cancelled = any(one.ends_on == end for one in cancellations)
    return ReviewsPage(
        headline=_headline([one for one in planned if one.pk in to_hold], today),
        planned=planned,
        to_hold=to_hold,
        held=Paginator(counted.held().order_by("-planned_on"), HELD_A_PAGE).get_page(page),
        decisions=list(
            Decision.objects.visible_to(user)
            .open()
            .filter(review__agreement=agreement)
            .select_related("owner", "review")
        ),
        today=today,
        rhythm=str(current.get_review_rhythm_display()) if current else "",
        end=_end(signed, end, is_cancelled=is_cancelled, is_over=not ahead),
        cancellations=cancellations,
        may_write=writes,
        may_cancel=bool(ahead) and may_cancel(parties, rights),
        may_renew=writes and bool(signed) and (end is not None or not ahead) and not open_draft,
    )


def may_cancel(parties: tuple[Party, ...], rights: Rights) -> bool:
    """Whether this person may end the agreement: a director of a party's team, and nobody else."""
    return any(party.team_id in rights.directed for party in parties)


def agenda_of(review: Review, *, user: Any) -> Agenda:
    """Read what is to be talked about: the figures are those of the month before the review."""
    month = (review.planned_on.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    strikes = (
        Strike.objects.visible_to(user)
        .standing()
        .filter(evaluation__month__agreement=review.agreement, evaluation__month__month_on__lte=month)
        .select_related("evaluation__month", "evaluation__segment", "evaluation__party__team")
        .order_by("-evaluation__month__month_on", "pk")[:20]
    )
    carried = (
        Decision.objects.visible_to(user)
        .filter(review__agreement=review.agreement, review__planned_on__lt=review.planned_on)
        .open()
        .select_related("owner", "review")
    )
    said = [
        _("%(month)s: %(promise)s, missed by %(team)s")
        % {
            "month": words.month(one.evaluation.month.month_on),
            "promise": one.evaluation.title,
            "team": one.evaluation.party.team.name,
        }
        for one in strikes
    ]
    return Agenda(words.month(month), f"{month:%Y-%m}", said, list(carried))


def agenda_text(agenda: Agenda) -> str:
    """Write the standing agenda down, as it is kept of a review that was held."""
    points = [
        (_("The figures of %(month)s") % {"month": agenda.month}, []),
        (_("Missed promises that stand"), agenda.strikes),
        (_("What was owed regularly, and delivered"), []),
        (_("Decided before, and not done yet"), [_carried(one) for one in agenda.carried[:MOST_CARRIED]]),
    ]
    shown = [(title, lines) for place, (title, lines) in enumerate(points) if lines or place in (0, 2)]
    return numbered(shown)


def _carried(decision: Decision) -> str:
    return f"{Truncator(' '.join(decision.text.split())).chars(LONGEST_CARRIED)} · {decision.owner}"


def numbered(points: Iterable[tuple[str, Iterable[str]]]) -> str:
    """Write points down as people do: each with its number, what belongs to it in lines below."""
    lines = []
    for number, (title, below) in enumerate(points, start=1):
        lines += [f"{number}. {title}", *(f"   - {line}" for line in below)]
    return "\n".join(lines)


def _headline(planned: list[Review], today: dt.date) -> str:
    late = [one for one in planned if one.planned_on < today]
    if late:
        said = {"n": words.amount(len(late)), "day": whole_day(late[0].planned_on)}
        text = ngettext(
            "The review of %(day)s is not held yet.",
            "%(n)s reviews are not held yet, the first since %(day)s.",
            len(late),
        )
        return text % said
    if planned:
        days = (planned[0].planned_on - today).days
        if not days:
            return _("The review is today.")
        text = ngettext(
            "The next review is tomorrow, %(day)s.", "The next review is in %(n)s days, on %(day)s.", days
        )
        return text % {"n": words.amount(days), "day": whole_day(planned[0].planned_on)}
    return _("No review is planned.")


def _end(signed: list[Version], end: dt.date | None, *, is_cancelled: bool, is_over: bool) -> str:
    if not signed:
        return _("Nothing is signed yet.")
    if is_over:
        last = signed[-1].governs_until
        return _(
            "It ended: nothing is in force since %(day)s. What was agreed and what came of it stays here."
        ) % {"day": whole_day(last) if last else words.NONE}
    if end is None:
        return _("It has no end: it is in force until it is replaced or cancelled.")
    if is_cancelled:
        return _("It was cancelled, and ends: from %(day)s on nothing is in force.") % {"day": whole_day(end)}
    return _("It ends by itself: from %(day)s on nothing is in force.") % {"day": whole_day(end)}
