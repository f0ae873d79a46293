"""What stands around the charts of every report page: which month and hand-offs, as of when, and what to choose."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import OuterRef
from django.utils.translation import gettext as _

from agreements.models import Agreement, CampaignGoal, Commitment, Segment, Team, Version
from agreements.rights import people_seen_by
from agreements.services.calendars import company_hours
from leads.models import HandOff, Lead
from reports.charts import words
from reports.charts.explored_words import WITHOUT
from reports.charts.gap import source_name
from reports.forms.filters import Asked, shortened
from reports.forms.span import FIRST_YEAR, LAST_YEAR
from reports.models import FigureState, PeriodFigure
from reports.pages.free_filters import FREE_READERS, Option, free_names
from reports.pages.freshness import Freshness, read_freshness
from reports.periods import Period, Span, month_of, span_of
from reports.readings.breakdown import keys_by_dimension
from reports.readings.explored import By
from reports.readings.goals import COMPANY_HOURS
from reports.readings.scope import (
    Scope,
    build_scope,
    campaign_key,
    segment_key,
    segments_by_key,
    segments_of,
    source_key,
)

Dimension = PeriodFigure.Dimension
SPANS = ArraySubquery(Version.objects.signed().filter(agreement=OuterRef("pk")).values("in_force"))
"""When the versions of an agreement were in force."""


class NoSuchAgreement(LookupError):
    """The address names an agreement that is not there."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set: the part of the address to leave out to take it away, and what stands there."""

    parameter: str
    name: str
    value: str
    asked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage(Freshness):
    """The frame of one report page."""

    scope: Scope
    month: dt.date
    has_hand_offs: bool
    complaints: tuple[str, ...]
    agreements: tuple[Agreement, ...]
    chips: tuple[Chip, ...]
    segments: tuple[Option, ...]
    sources: tuple[Option, ...]
    owners: tuple[Option, ...]
    teams: tuple[Option, ...] = ()
    campaigns: tuple[Option, ...] = ()
    span: Span = Span.MONTH

    @property
    def agreement(self) -> Agreement | None:
        return self.scope.selection.agreement

    @property
    def month_name(self) -> str:
        return words.month(self.month)

    @property
    def month_value(self) -> str:
        return month_value(self.month)

    @property
    def previous(self) -> str:
        """The month before, or one of the quarter or year before, as the address has it; empty at the edge."""
        before = (span_of(self.month, self.span).start - dt.timedelta(days=1)).replace(day=1)
        return month_value(before) if before.year >= FIRST_YEAR else ""

    @property
    def following(self) -> str:
        after = span_of(self.month, self.span).end
        return month_value(after) if after.year <= LAST_YEAR else ""

    @property
    def selected(self) -> str:
        """Name the agreement, the filters and the zone of the days, for subtitles."""
        parts = [self.agreement.name if self.agreement else _("all hand-offs")]
        parts += [f"{chip.name}: {chip.value}" for chip in self.chips]
        parts.append(_("days in %(zone)s") % {"zone": self.scope.zone.key})
        return " · ".join(parts)


def month_value(month: dt.date) -> str:
    """Write a month as addresses and month fields have it."""
    return f"{month:%Y-%m}"


def open_page(
    asked: Asked,
    *,
    now: dt.datetime,
    user: Any,
    months: int = 1,
    span: Span = Span.MONTH,
    filters: Collection[str] = ("segment", "source", "owner", "campaign"),
    days_of: Callable[[dt.date], Period] | None = None,
) -> ReportPage:
    """Return the frame for what was asked by this user; filters that name nothing are dropped, with a complaint.

    The period ends with the month asked for, today's by default, and covers so many months; or it is the quarter or
    the year (`span`) that holds the month. Without a word on the
    agreement it is the first one in force in the period, or all hand-offs where none is. `filters` are those that the
    page takes; others are not looked at. `days_of` gives another period than months, by today's day. Raises
    NoSuchAgreement, for one that the user may not read too.
    """
    readable = Agreement.objects.visible_to(user).select_related("calendar")
    if asked.agreement is None:
        readable = readable.annotate(spans=SPANS)
    agreements = tuple(readable)
    named = _named_agreement(asked, agreements)
    people = people_seen_by(user) if "owner" in filters else set()
    known: dict[str, Any] = {}
    if named is not None:
        zone = named.zone
    else:
        known[COMPANY_HOURS] = hours = company_hours()
        zone = zoneinfo.ZoneInfo(hours.time_zone)
    today = now.astimezone(zone).date()
    month = asked.month or today.replace(day=1)
    period = span_of(month, span)
    period = Period(_months_before(period.start, months - 1), period.end)
    if days_of is not None:
        period = days_of(today)
        month = period.start.replace(day=1)
    agreement = named if asked.agreement is not None else _in_force(agreements, period)
    scope = build_scope(period=period, now=now, agreement=agreement)
    complaints, chips = list(asked.complaints), list[Chip]()
    readers: Mapping[str, Callable[[str], tuple[str, str]]] = {
        "segment": _read_segment,
        "source": lambda text: (source_key(text), source_name(text)),
        "owner": lambda key: _read_owner(key, people),
        "team": _read_team,
        "campaign": lambda text: (campaign_key(text), text),
        **FREE_READERS,
    }
    names = {
        "segment": _("Segment"),
        "source": _("Source"),
        "owner": _("Owner"),
        "team": _("Team"),
        "campaign": _("Campaign"),
        **free_names(),
    }
    selection = scope.selection
    for parameter, read in readers.items():
        text = getattr(asked, parameter)
        if text is None or parameter not in filters:
            continue
        try:
            key, name = read(text)
        except ValidationError as error:
            complaints += [shortened_message(message) for message in error.messages]
            continue
        selection = selection.narrowed(parameter, key)
        chips.append(Chip(parameter, names[parameter], name, text))
    if asked.without is not None and any(chip.parameter == asked.without for chip in chips):
        said = _("“%(filter)s” is chosen already: what is without it is left aside.")
        complaints.append(said % {"filter": names[asked.without]})
    elif asked.without is not None and "without" in filters:
        selection = selection.narrowed(asked.without, "")
        chips.append(Chip("without", names[asked.without], str(WITHOUT[By(asked.without)]), asked.without))
    if asked.only_counted and "counted" in filters:
        selection = replace(selection, only_counted=True)
        chips.append(Chip("counted", _("Leads"), _("only those that count towards the goal"), "yes"))
    if filters:
        known["segments"] = segments_by_key()
    scope = replace(scope, selection=selection, read=known)
    keys: Mapping[str, list[str]] = (
        keys_by_dimension(scope, *_offered(filters)) if filters else defaultdict(list)
    )
    fresh, has_hand_offs = read_freshness(now)
    return ReportPage(
        scope=scope,
        month=month,
        now=now,
        complete_at=fresh.complete_at,
        began_at=fresh.began_at,
        put_right=fresh.put_right,
        has_hand_offs=has_hand_offs or Lead.objects.exists(),
        complaints=tuple(complaints),
        agreements=agreements,
        chips=tuple(chips),
        segments=tuple(Option(one.slug, one.name) for one in segments_of(scope).values()) if filters else (),
        sources=tuple(Option(key, key) for key in keys[Dimension.SOURCE] if key),
        owners=_owners([key for key in keys[Dimension.OWNER] if may_see(key, people)]),
        teams=tuple(Option(str(one.pk), one.name) for one in Team.objects.all()) if "team" in filters else (),
        campaigns=tuple(Option(key, key) for key in keys.get(Dimension.CAMPAIGN, ()) if key),
        span=span,
    )


def page_of_agreement(agreement: Agreement, *, month: dt.date, now: dt.datetime) -> ReportPage:
    """Return the frame of an agreement's month that nobody asked for: with no filter, and nothing to choose."""
    return ReportPage(
        scope=build_scope(period=month_of(month), now=now, agreement=agreement),
        month=month,
        now=now,
        complete_at=FigureState.objects.values_list("complete_at", flat=True).first(),
        has_hand_offs=HandOff.objects.exists(),
        complaints=(),
        agreements=(agreement,),
        chips=(),
        segments=(),
        sources=(),
        owners=(),
    )


def shortened_message(message: str) -> str:
    """Return a complaint of bearable length."""
    return shortened(message) if len(message) > 300 else message


def party_name(promise: Commitment | CampaignGoal | None, otherwise: str) -> str:
    """Return the team that made the promise, or another word where nothing was promised."""
    return promise.party.team.name if promise else otherwise


def _offered(filters: Collection[str]) -> tuple[Dimension, ...]:
    """Return by what keys can be chosen: campaigns, of which there may be many, where other free filters are."""
    usual = (Dimension.SOURCE, Dimension.OWNER)
    return (*usual, Dimension.CAMPAIGN) if FREE_READERS.keys() & set(filters) else usual


def _named_agreement(asked: Asked, agreements: tuple[Agreement, ...]) -> Agreement | None:
    if not asked.agreement:
        return None
    found = next((one for one in agreements if one.slug == asked.agreement), None)
    if found is None:
        raise NoSuchAgreement
    return found


def _in_force(agreements: tuple[Agreement, ...], period: Period) -> Agreement | None:
    shown = sorted(agreements, key=lambda one: one.level)  # the company's figures hold those of all below
    spans = {one.pk: getattr(one, "spans") for one in shown}  # noqa: B009
    return next((one for one in shown if any(_overlaps(span, period) for span in spans[one.pk])), None)


def _overlaps(span: DateRange, period: Period) -> bool:
    begins_before = span.lower is None or span.lower < period.end
    return not span.isempty and begins_before and (span.upper is None or span.upper > period.start)


def _months_before(month: dt.date, count: int) -> dt.date:
    index = month.year * 12 + month.month - 1 - count
    return dt.date(index // 12, index % 12 + 1, 1)


def _read_segment(text: str) -> tuple[str, str]:
    key = segment_key(text)
    return key, str(Segment.objects.get(pk=int(key)))


def _read_team(text: str) -> tuple[str, str]:
    team = Team.objects.filter(pk=int(text)).first() if text.isascii() and text.isdecimal() else None
    if team is None:
        raise ValidationError(_("There is no such team."))
    return str(team.pk), team.name


def may_see(key: str, people: Collection[int] | None) -> bool:
    """Whether an owner's figures may be shown: people outside have no manager here, so only to who sees all."""
    return people is None or (key.isdecimal() and int(key) in people)


def _read_owner(key: str, people: Collection[int] | None) -> tuple[str, str]:
    """Read an owner's key: a user's id, or `name:` and the name of a person outside."""
    if not may_see(key, people):
        raise ValidationError(
            _("Figures of one person are shown to them and to those who manage them; these are everybody's.")
        )
    if not PeriodFigure.objects.filter(dimension=Dimension.OWNER, key=key).exists():
        raise ValidationError(_("Nobody of that name owns a hand-off."))
    return key, owner_names([key])[key]


def _owners(keys: list[str]) -> tuple[Option, ...]:
    names = owner_names(keys)
    return tuple(
        Option(key, name) for key, name in sorted(names.items(), key=lambda item: item[1].casefold())
    )


def owner_names(keys: Collection[str]) -> dict[str, str]:
    """Return what the owners of these keys are called."""
    ids = [int(key) for key in keys if key.isdecimal()]
    people = get_user_model().objects.names(ids) if ids else {}
    return {
        key: (people.get(int(key)) if key.isdecimal() else None)
        or key.removeprefix("name:")
        or _("nobody yet")
        for key in keys
    }
