"""What shared links are called: what they show, of which agreement, of when and under which filters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements.models import Agreement, Campaign, Evaluation, Segment, Team
from reports.charts import words
from reports.charts.explored_words import BY_NAMES, MEASURE_WORDS
from reports.forms.filters import read_query
from reports.models import ShareLink
from reports.pages.free_filters import FREE_READERS
from reports.periods import ONE_DAY, span_of
from reports.readings.campaigns import days_of
from reports.readings.explored import By
from reports.readings.promise_months import CHARTED, anchor_of

Subject = ShareLink.Subject
CHART_NAMES: dict[str, str | Promise] = {
    "sources": _("by source"),
    "segments": _("by segment"),
    "in-time": _("share in time"),
    "waits": _("how long they waited"),
    "at-least": _("at least so many attempts"),
    "heat": _("attempts by business day"),
}
"""Charts that are not the first of their page."""
FREE = ("channel", "hour", "outcome")
ONLY_COUNTED = _("only those that count towards the goal")
MOST_DIGITS = 18


def campaign_id(query: QueryDict) -> int:
    """Return which campaign an address names; 0, which none has, where it names none."""
    return _number(query.get("campaign", ""))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else 0


@dataclass(frozen=True, slots=True)
class _Known:
    """Names that the reader may read: promises by agreement and chart, the others by number or slug."""

    agreements: dict[str, str]
    segments: dict[str, str]
    campaigns: dict[int, Campaign]
    promises: dict[tuple[str, str], str]
    teams: dict[int, str]


def names_of_links(links: Sequence[ShareLink], user: Any) -> list[str]:
    """Return what each link is called, with nothing in it that this person may not read; the queries do not grow."""
    queries = [QueryDict(link.query) for link in links]
    known = _known(links, queries, user)
    return [
        " · ".join(part for part in _parts(link, query, known) if part)
        for link, query in zip(links, queries, strict=True)
    ]


def _known(links: Sequence[ShareLink], queries: Sequence[QueryDict], user: Any) -> _Known:
    of_subject = list(zip(links, queries, strict=True))
    seen = Agreement.objects.visible_to(user).filter(slug__in={one.get("agreement", "") for one in queries})
    agreements = dict(seen.values_list("slug", "name"))
    ids = {campaign_id(query) for link, query in of_subject if link.subject == Subject.CAMPAIGN}
    promised = {query.get("agreement", "") for link, query in of_subject if link.subject == Subject.MEASURES}
    segments = Segment.objects.filter(slug__in={one.get("segment", "") for one in queries})
    teams = {_number(one.get("team", "")) for one in queries} - {0}
    return _Known(
        agreements=agreements,
        segments=dict(segments.values_list("slug", "name")),
        campaigns=Campaign.objects.visible_to(user).in_bulk(ids) if ids else {},
        promises=_promises(promised & agreements.keys()) if promised else {},
        teams=dict(Team.objects.filter(pk__in=teams).values_list("pk", "name")) if teams else {},
    )


def _parts(link: ShareLink, query: QueryDict, known: _Known) -> list[str]:
    subject, slug = str(Subject(link.subject).label), query.get("agreement", "")
    agreement = known.agreements.get(slug, "")
    match link.subject:
        case Subject.EDITION:
            assert link.edition is not None
            return [subject, link.edition.agreement.name, words.month(link.edition.month_on)]
        case Subject.CAMPAIGN:
            found = known.campaigns.get(campaign_id(query))
            if found is None:
                return [subject]
            days = days_of(found)
            return [f"{subject}: {found.name}", words.whole_days(days.start, days.end)]
        case Subject.MEASURES:
            return [known.promises.get((slug, link.chart)) or subject, agreement]
        case Subject.EXPLORE:
            first = _explored(query)
        case _:
            chart = CHART_NAMES.get(link.chart)
            first = [f"{subject}: {chart}" if chart else subject, _when(query)]
    segment = query.get("segment", "")
    filters = [known.segments.get(segment, segment)]
    filters += [query.get(name, "") for name in ("source", "campaign", "country")]
    filters += [known.teams.get(_number(query.get("team", "")), ""), *(_free(query, name) for name in FREE)]
    filters += [str(ONLY_COUNTED)] if query.get("counted") else []
    return [*first, agreement, *filters]


def _free(query: QueryDict, name: str) -> str:
    """Return what the value of such a filter is called; "" where it has none that is known."""
    text = query.get(name, "")
    try:
        return FREE_READERS[name](text)[1] if text else ""
    except ValidationError:
        return ""


def _promises(slugs: Collection[str]) -> dict[tuple[str, str], str]:
    """Return the titles of the promises that are charted over the months, by agreement and chart."""
    found = Evaluation.objects.filter(month__agreement__slug__in=slugs, promise__in=CHARTED)
    found = found.select_related("month__agreement", "party__team", "segment", "commitment", "version")
    return {
        (one.month.agreement.slug, anchor_of(one)): one.title for one in found.order_by("month__month_on")
    }


def _when(query: QueryDict) -> str:
    asked = read_query(query)
    return words.span_name(span_of(asked.month, asked.span)) if asked.month else ""


def _explored(query: QueryDict) -> list[str]:
    """Name measure, dimensions and days."""
    measure = MEASURE_WORDS.get(query.get("measure", ""))
    cuts = [query.get(name, "") for name in ("by", "split")]
    names = [str(BY_NAMES[By(cut)]) for cut in cuts if cut in set(By)]
    try:
        first, last = (dt.date.fromisoformat(query.get(name, "")) for name in ("first", "last"))
        days = words.whole_days(first, last + ONE_DAY)
    except (ValueError, OverflowError):
        days = ""
    return [str(measure.name) if measure else str(Subject.EXPLORE.label), " × ".join(names), days]
