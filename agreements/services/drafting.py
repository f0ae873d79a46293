"""Writing a draft: its fields, goals from a plan, the next version as a copy, withdrawing it.

Whoever writes holds the lock of the version's row, so an edit and a signature wait for each other. An edit carries
the number of edits that its writer had seen: words that somebody else wrote meanwhile are never overwritten unseen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.exact import largest_remainder
from agreements.models import (
    Agreement,
    AgreementEvent,
    Commitment,
    EditedWords,
    MonthGoal,
    Plan,
    Segment,
    Version,
)
from agreements.services.campaign_goal_terms import copy_campaign_goals
from agreements.services.draft_values import (
    LADDER,
    Value,
    as_stored,
    changes_between,
    draft_values,
    goal_key,
    months_of_version,
    write_values,
)
from agreements.services.edited_words import changes_as_data
from agreements.services.faults import faults_of
from agreements.services.measure_terms import copy_measures
from agreements.services.obligation_terms import copy_obligations
from agreements.services.planning import leads_of_month

if TYPE_CHECKING:
    from slaproject.accounts.models import User


@transaction.atomic
def use_plan(
    *,
    version: Version,
    plan: Plan,
    months: Sequence[dt.date] | None = None,
    each_month: bool = False,
    now: dt.datetime,
    by: User,
) -> Version:
    """Make the plan's leads the goals of a draft, of all leads and, where the plan has segments, of each of them.

    `months` are first days of months that both plan and draft cover; without them, all such. With `each_month` the
    plan is that of one month's quota, and its leads are the goal of each month of the draft. Each goal then refers
    to the plan. Goals of other months stay. Raises ValidationError when the draft is open no more, a signature
    stands under it, the plan is in another currency, or no month fits.
    """
    version = open_draft(version)
    if plan.currency != version.agreement.currency:
        raise ValidationError(
            _("The plan is in %(plan)s, the agreement in %(agreement)s."),
            params={"plan": plan.currency, "agreement": version.agreement.currency},
        )
    goal = version.commitments.filter(kind=Commitment.Kind.MQL_GOAL, segment=None).first()
    if goal is not None and goal.measure == Commitment.Measure.VALUE:
        raise ValidationError(_("The goal of this draft is in money; a plan says how many leads."))
    if each_month:
        chosen = dict.fromkeys(_months_alike(version, plan), plan.leads)
    else:
        chosen = {month: leads_of_month(plan, month) or 0 for month in _months_of(version, plan, months)}
    values: dict[str, Value] = {}
    segments = _segments_of(plan)
    for month, leads in chosen.items():
        values[goal_key(None, month)] = leads
        if segments:
            parts = largest_remainder(leads, list(segments.values()))
            for segment, part in zip(segments, parts, strict=True):
                values[goal_key(segment.pk, month)] = part
    return _store(version, values, now, by, plan=plan)


class DraftChanged(ValidationError):
    """Somebody else saved the draft after the one who now saves had read it."""


@transaction.atomic
def edit_draft(
    *, version: Version, edits: int, values: Mapping[str, Value], now: dt.datetime, by: User
) -> Version:
    """Write these fields of a draft (keys as in `draft_values`); fields that are not named stay.

    `edits` is the number of edits that the writer had seen. Raises DraftChanged when the draft has more by now, and
    ValidationError, by field, for terms that cannot be, or when the draft is open no more.
    """
    version = open_draft(version)
    if version.edits != edits:
        raise DraftChanged(_("Somebody else changed this draft meanwhile. Nothing of yours was saved yet."))
    given = {key: as_stored(value) for key, value in values.items()}
    faults = faults_of({**draft_values(version), **given})
    if faults:
        raise ValidationError(faults)
    return _store(version, given, now, by)


@transaction.atomic
def withdraw_draft(*, version: Version, now: dt.datetime, by: User) -> Version:
    """Withdraw a draft, half signed or not: it stays to be read, and can be signed no more.

    Raises ValidationError when all parties have signed it, or it was withdrawn already.
    """
    version = Version.objects.select_for_update(of=("self",)).select_related("agreement").get(pk=version.pk)
    if version.is_signed:
        raise ValidationError(_("This version is signed by all parties: it can only be superseded."))
    if version.state == Version.State.WITHDRAWN:
        raise ValidationError(_("This draft was withdrawn already."))
    moved = {"from": str(version.state), "to": str(Version.State.WITHDRAWN)}
    version.state = Version.State.WITHDRAWN
    version.save(update_fields=["state"])
    note(version, AgreementEvent.Kind.WITHDRAWN, now, by, moved)
    return version


@transaction.atomic
def begin_amendment(*, agreement: Agreement, starts_on: dt.date, now: dt.datetime, by: User) -> Version:
    """Begin the next version as a copy of the one that governs `starts_on`, from that day on.

    Where none governs that day, the last one signed is copied, or else the last withdrawn. Goals of months before
    `starts_on` stay behind. An agreement has one open draft at a time: two would each be compared with the same
    version in force, and whichever is signed second would undo the first unseen. Raises ValidationError naming the
    open one, or a signed version that starts on that day or later.
    """
    lock_agreement(agreement.pk)
    _refuse_second_draft(agreement)
    signed = agreement.versions.signed().order_by("starts_on", "number")
    later = signed.filter(starts_on__gte=starts_on).exclude(in_force__isempty=True).last()
    if later is not None:
        raise ValidationError(
            _("Version %(number)s is signed from %(day)s on. Choose a later day."),
            params={"number": later.number, "day": later.starts_on.isoformat()},
        )
    source = signed.in_force_on(starts_on).first() or signed.last() or agreement.versions.last()
    return _copy(agreement, source, starts_on, now, by)


@transaction.atomic
def start_over(*, version: Version, now: dt.datetime, by: User) -> Version:
    """Withdraw a draft, with the signatures under it, and begin the next one with the same words."""
    lock_agreement(version.agreement_id)
    withdrawn = withdraw_draft(version=version, now=now, by=by)
    _refuse_second_draft(withdrawn.agreement)
    fresh = _copy(withdrawn.agreement, withdrawn, withdrawn.starts_on, now, by)
    fresh.reach = withdrawn.reach
    fresh.save(update_fields=["reach"])
    return fresh


def begin_version(
    agreement: Agreement,
    *,
    starts_on: dt.date,
    now: dt.datetime,
    by: User,
    data: dict[str, Any] | None = None,
) -> Version:
    """Begin an empty draft with the next number. The caller holds the lock of the agreement's row."""
    last = agreement.versions.order_by("-number").first()
    version = Version.objects.create(
        agreement=agreement,
        number=last.number + 1 if last else 1,
        starts_on=starts_on,
        created_at=now,
        created_by=by,
    )
    note(version, AgreementEvent.Kind.DRAFTED, now, by, data)
    return version


def open_draft(version: Version) -> Version:
    """Lock a draft and return it as it is now; ValidationError unless it may still be edited."""
    found = Version.objects.select_for_update(of=("self",)).select_related("agreement").get(pk=version.pk)
    if found.is_signed:
        raise ValidationError(_("This version is signed by all parties: write the next one."))
    if found.state == Version.State.WITHDRAWN:
        raise ValidationError(_("This draft was withdrawn. Begin a new one."))
    given = list(found.signatures.select_related("party__team"))
    if given:
        raise ValidationError(
            _(
                "%(team)s has signed this text. A signed text cannot be edited while a signature stands: "
                "start over as a new draft."
            ),
            params={"team": given[0].party.team.name},
        )
    return found


def covers_month(version: Version, month: dt.date) -> bool:
    """Whether some day of the month lies in the version's days."""
    return month >= version.starts_on.replace(day=1) and (version.ends_on is None or month < version.ends_on)


def lock_agreement(agreement_id: int) -> None:
    """Let who begins a version of this agreement wait for who began one before."""
    # Not against rows that refer to the agreement: a signature that holds a version's lock writes such.
    Agreement.objects.select_for_update(no_key=True).get(pk=agreement_id)


def _refuse_second_draft(agreement: Agreement) -> None:
    other = agreement.versions.open().order_by("number").last()
    if other is not None:
        raise ValidationError(
            _("Version %(number)s is a draft still. Sign, change or withdraw it first."),
            params={"number": other.number},
        )


def _copy(
    agreement: Agreement, source: Version | None, starts_on: dt.date, now: dt.datetime, by: User
) -> Version:
    version = begin_version(
        agreement,
        starts_on=starts_on,
        now=now,
        by=by,
        data={"copy_of": source.number} if source is not None else None,
    )
    if source is None:
        return version
    ends_on = source.ends_on if source.ends_on is not None and source.ends_on > starts_on else None
    version.summary, version.ends_on = source.summary, ends_on
    version.review_rhythm = source.review_rhythm
    version.review_after_misses = source.review_after_misses
    version.cancel_after_misses = source.cancel_after_misses
    for name in LADDER:
        setattr(version, name, getattr(source, name))
    version.rejection_reasons = source.rejection_reasons
    copied = ["summary", "ends_on", "review_rhythm", "review_after_misses", "cancel_after_misses", *LADDER]
    version.save(update_fields=[*copied, "rejection_reasons"])
    copy_obligations(source, version)
    copy_measures(source, version)
    copy_campaign_goals(source, version)
    for clause in source.clauses.all():
        clause.pk, clause._state.adding, clause.version = None, True, version
        clause.save()
    for promise in source.commitments.prefetch_related("month_goals"):
        goals = [goal for goal in promise.month_goals.all() if covers_month(version, goal.month_on)]
        promise.pk, promise._state.adding, promise.version = None, True, version
        promise.save()
        MonthGoal.objects.bulk_create(
            MonthGoal(commitment=promise, month_on=goal.month_on, goal=goal.goal, plan_id=goal.plan_id)
            for goal in goals
        )
    return version


def _months_of(version: Version, plan: Plan, months: Sequence[dt.date] | None) -> list[dt.date]:
    planned = sorted(map(dt.date.fromisoformat, plan.derivation["months"]))
    if months is None:
        chosen = [month for month in planned if covers_month(version, month)]
        if not chosen:
            raise ValidationError(_("The plan says nothing about any month of this draft."))
        return chosen
    for month in months:
        if month not in planned:
            raise ValidationError(
                _("The plan says nothing about %(month)s."), params={"month": month.strftime("%Y-%m")}
            )
        if not covers_month(version, month):
            raise ValidationError(
                _("The draft does not cover %(month)s."), params={"month": month.strftime("%Y-%m")}
            )
    if not months:
        raise ValidationError(_("No month was chosen."))
    return list(months)


def _months_alike(version: Version, plan: Plan) -> list[dt.date]:
    """Return all months of the draft, for a plan whose quota is that of one month."""
    if len(plan.derivation["quotas"]) != 1:
        raise ValidationError(_("Only the quota of one month can be repeated for each month of the draft."))
    return months_of_version(version.starts_on, version.ends_on)


def _segments_of(plan: Plan) -> dict[Segment, Fraction]:
    """Return the plan's segments with the exact leads of each, up to a common factor."""
    known = {segment.slug: segment for segment in Segment.objects.all()}
    weights: dict[Segment, Fraction] = {}
    for given in plan.segments:
        if given["segment"] not in known:
            raise ValidationError(
                _("The plan's segment “%(segment)s” is not there any more."),
                params={"segment": given["segment"]},
            )
        weights[known[given["segment"]]] = Fraction(given["share"]) / (
            Fraction(given["average_deal"]) * Fraction(given["close_rate"])
        )
    return weights


def _store(
    version: Version, values: Mapping[str, Value], now: dt.datetime, by: User, *, plan: Plan | None = None
) -> Version:
    """Write the values, count the edit and note what changed: nothing of either where nothing did."""
    before = draft_values(version)
    write_values(version, values, plan=plan)
    changed = changes_between(before, draft_values(version))
    if not changed and plan is None:
        return version
    version.edits += 1
    version.save(update_fields=["edits"])
    changes, words = changes_as_data(changed)
    data: dict[str, Any] = {"edits": version.edits, "changes": changes}
    if plan is not None:
        data["plan"] = plan.pk
    if version.state != Version.State.DRAFT:
        data["state"] = version.state
    event = note(version, AgreementEvent.Kind.EDITED, now, by, data)
    for apart in words:
        apart.event = event
    EditedWords.objects.bulk_create(words)
    return version


def note(
    version: Version,
    kind: AgreementEvent.Kind,
    now: dt.datetime,
    by: User,
    data: dict[str, Any] | None = None,
) -> AgreementEvent:
    """Write down what happened to a version."""
    return AgreementEvent.objects.create(
        agreement_id=version.agreement_id,
        version=version,
        kind=kind,
        happened_at=now,
        actor=by,
        data=data or {},
    )
