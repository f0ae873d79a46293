"""What a report is asked for, in people's words, turned into what the figures are selected by."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from agreements.models import Agreement, Campaign, CampaignGoal, Segment, Team
from agreements.terms import company_zone
from leads.models import FollowUpAttempt, HandOff, Lead
from reports.models import PeriodFigure
from reports.periods import Grain, Period
from reports.readings.figures import Moment, Row, figures, figures_by
from reports.readings.selection import Selection

CHANNELS = {"none": "", **{one: one for one in FollowUpAttempt.Channel.values}}
HOURS = {"unknown": "", **{one: one for one in (f"{hour:02}" for hour in range(24))}}
OUTCOMES = {"open": "", **{one: one for one in HandOff.ClosedAs.values}}
"""Channels of the first attempt, hours of arrival and outcomes by the words that ask for them, with their keys."""
COUNTED = ("counted", "counted_accepted", "counted_rejected", "counted_value")


@dataclass(frozen=True, slots=True)
class Scope:
    """A period, which hand-offs, and the instant the report speaks of, in the zone of its days.

    `read` keeps what was read for this scope, so that a report asks the database for the same terms only once.
    """

    period: Period
    selection: Selection
    moment: Moment
    zone: zoneinfo.ZoneInfo
    read: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def as_of_day(self) -> dt.date:
        """The local day of the instant."""
        return self.moment.at.astimezone(self.zone).date()


def figures_of(scope: Scope, periods: Sequence[Period]) -> list[Row]:
    """Return the figures of each period for the scope's hand-offs; those read once for a scope are not read again."""
    known: dict[Period, Row] = scope.read.setdefault("figures", {})
    missing = [period for period in dict.fromkeys(periods) if period not in known]
    if missing:
        read_figures(scope, missing)
    return [known[period] for period in periods]


def steady_figures_of(scope: Scope, periods: Sequence[Period]) -> list[Row]:
    """The same, where nobody asks for what passes with time: the rows may lack it."""
    known: dict[Period, Row] = scope.read.get("figures", {}) | scope.read.get("steady_figures", {})
    missing = [period for period in periods if period not in known]
    if missing:
        read_figures(scope, steady=missing)
        known |= scope.read["steady_figures"]
    return [known[period] for period in periods]


def read_figures(scope: Scope, periods: Sequence[Period] = (), *, steady: Sequence[Period] = ()) -> None:
    """Read what `figures_of` will be asked for, and `steady_figures_of` for the steady ones, at once."""
    asked = [*periods, *steady]
    rows = figures(asked, scope.selection, scope.moment, without_passing=set(steady) - set(periods))
    by_period = dict(zip(asked, rows, strict=True))
    scope.read.setdefault("figures", {}).update({period: by_period[period] for period in periods})
    scope.read.setdefault("steady_figures", {}).update({period: by_period[period] for period in steady})


def segments_of(scope: Scope) -> dict[str, Segment]:
    """Return all segments by key; read once for a scope."""
    if "segments" not in scope.read:
        scope.read["segments"] = segments_by_key()
    segments: dict[str, Segment] = scope.read["segments"]
    return segments


def segments_by_key() -> dict[str, Segment]:
    """Return all segments by the key that figures have of them."""
    return {str(one.pk): one for one in Segment.objects.all()}


def counted_by(scope: Scope, dimension: str) -> Mapping[str, Row]:
    """Return what counts towards the goal of a whole month, by segment, source or campaign; read once for a scope.

    Rows have at least COUNTED. As stored, or as it was then where the scope speaks of the past; no filter narrows it.
    """
    known: dict[str, Mapping[str, Row]] = scope.read.setdefault("counted_by", {})
    if dimension not in known:
        if scope.moment.is_past:  # stored figures know only how things are now
            known[dimension] = figures_by(dimension, scope.period, scope.selection, scope.moment)
        else:  # with what the goals of campaigns and sources will ask for
            promised = {goal.of for goals in scope.read.get("of_campaigns", {}).values() for goal in goals}
            known |= _stored_counts(scope, {dimension, *(promised - known.keys())})
    return known[dimension]


def _stored_counts(scope: Scope, dimensions: Collection[str]) -> dict[str, Mapping[str, Row]]:
    rows = PeriodFigure.objects.filter(
        agreement=scope.selection.agreement,
        dimension__in=dimensions,
        grain=Grain.MONTH.value,
        starts_on__gte=scope.period.start,
        starts_on__lt=scope.period.end,
    )
    found: dict[str, dict[str, Any]] = {dimension: {} for dimension in dimensions}
    for row in rows.values("dimension", "key", *COUNTED):
        found[row["dimension"]][row["key"]] = row
    return dict(found)


def find_agreement(slug: str) -> Agreement:
    """Return the agreement; ValidationError naming those there are."""
    agreement = Agreement.objects.filter(slug=slug).first()
    if agreement is None:
        known = ", ".join(Agreement.objects.order_by("slug").values_list("slug", flat=True)) or _("none")
        raise ValidationError(
            _("There is no agreement “%(slug)s”. Known: %(known)s."), params={"slug": slug, "known": known}
        )
    return agreement


def segment_key(text: str) -> str:
    """Return the key of a segment named by slug or name; "" asks for leads without one."""
    if not text:
        return ""
    segment = Segment.objects.filter(Q(slug=text) | Q(name__iexact=text)).first()
    if segment is None:
        known = ", ".join(Segment.objects.values_list("slug", flat=True)) or _("none")
        raise ValidationError(
            _("There is no segment “%(text)s”. Known: %(known)s."), params={"text": text, "known": known}
        )
    return str(segment.pk)


def source_key(text: str) -> str:
    """Return the source as leads have it, or a goal of one; "" asks for leads without one."""
    if text and not _is_known(Campaign.Of.SOURCE, text):
        raise ValidationError(_("No lead has the source “%(text)s”."), params={"text": text})
    return text


def campaign_key(text: str) -> str:
    """Return the campaign as leads have it, or a goal of one; "" asks for leads of none."""
    if text and not _is_known(Campaign.Of.CAMPAIGN, text):
        raise ValidationError(_("No lead has the campaign “%(text)s”."), params={"text": text})
    return text


def team_key(slug: str) -> str:
    """Return the key of a team named by its slug."""
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        raise ValidationError(_("There is no such team."))
    return str(team.pk)


def country_key(text: str) -> str:
    """Return the country as leads have it, in small letters or large; "" asks for leads without one."""
    named = Lead.objects.order_by().values_list("country", flat=True)
    if not text or named.filter(country=text).exists():
        return text
    found = named.filter(country__iexact=text).first()
    if found is None:
        raise ValidationError(_("No lead has the country “%(text)s”."), params={"text": text})
    return str(found)


def key_among(known: Mapping[str, str], text: str) -> str:
    """Return the key that one of the known words asks for: CHANNELS, HOURS or OUTCOMES."""
    if text not in known:
        raise ValidationError(
            _("“%(text)s” is none of these: %(known)s."), params={"text": text, "known": ", ".join(known)}
        )
    return known[text]


def _is_known(of: Campaign.Of, name: str) -> bool:
    """Whether a lead names it, or leads of it are promised."""
    named, promised = Lead.objects.filter(**{of.value: name}), CampaignGoal.objects.filter(of=of, name=name)
    return named.exists() or promised.exists()


def owner_key(text: str) -> str:
    """Return the key of an owner named by e-mail or name, or as an import named them; "" for the unassigned."""
    if not text:
        return "name:"
    users = get_user_model().objects.filter(Q(email__iexact=text) | Q(name__iexact=text))
    owners = list(users.values_list("pk", flat=True)[:2])
    if len(owners) > 1:
        raise ValidationError(
            _("Several people are called “%(text)s”: give the e-mail address."), params={"text": text}
        )
    if owners:
        return str(owners[0])
    if HandOff.objects.filter(owner_name=text).exists():
        return f"name:{text}"
    raise ValidationError(_("Nobody called “%(text)s” owns a hand-off."), params={"text": text})


def build_scope(
    *,
    period: Period,
    now: dt.datetime,
    agreement: Agreement | None = None,
    segment: str | None = None,
    source: str | None = None,
    owner: str | None = None,
    campaign: str | None = None,
    team: str | None = None,
    country: str | None = None,
    channel: str | None = None,
    hour: str | None = None,
    outcome: str | None = None,
    as_of: dt.datetime | None = None,
) -> Scope:
    """Return the scope; ValidationError for a filter that names nothing, or an instant in the future."""
    if as_of is not None and as_of > now:
        raise ValidationError(_("A report cannot speak of the future."))
    if not len(period):
        raise ValidationError(_("The period has no day: --to is the first day after it."))
    zone = agreement.zone if agreement else company_zone()
    return Scope(
        period=period,
        selection=Selection(
            agreement=agreement,
            segment=None if segment is None else segment_key(segment),
            source=None if source is None else source_key(source),
            owner=None if owner is None else owner_key(owner),
            campaign=None if campaign is None else campaign_key(campaign),
            team=None if team is None else team_key(team),
            country=None if country is None else country_key(country),
            channel=None if channel is None else key_among(CHANNELS, channel),
            hour=None if hour is None else key_among(HOURS, hour),
            outcome=None if outcome is None else key_among(OUTCOMES, outcome),
            zone=zone.key,
        ),
        moment=Moment(as_of or now, is_past=as_of is not None),
        zone=zone,
    )
