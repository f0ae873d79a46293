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
from agreements.models import AgreementEvent, Commitment, Plan, Segment, Version
from agreements.services.draft_values import (
    Value,
    as_json,
    changes_between,
    draft_values,
    goal_key,
    is_personal,
    write_values,
)
from agreements.services.planning import leads_of_month

if TYPE_CHECKING:
    from slaproject.accounts.models import User


@transaction.atomic
def use_plan(
    *,
    version: Version,
    plan: Plan,
    months: Sequence[dt.date] | None = None,
    now: dt.datetime,
    by: User,
) -> Version:
    """Make the plan's leads the goals of a draft, of all leads and, where the plan has segments, of each of them.

    `months` are first days of months that both plan and draft cover; without them, all such. Each goal then refers
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
    chosen = _months_of(version, plan, months)
    values: dict[str, Value] = {}
    segments = _segments_of(plan)
    for month in chosen:
        leads = leads_of_month(plan, month)
        assert leads is not None
        values[goal_key(None, month)] = leads
        if segments:
            parts = largest_remainder(leads, list(segments.values()))
            for segment, part in zip(segments, parts, strict=True):
                values[goal_key(segment.pk, month)] = part
    return _store(version, values, now, by, plan=plan)


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
    data: dict[str, Any] = {
        "edits": version.edits,
        "changes": {
            key: None if is_personal(key) else [as_json(old), as_json(new)]
            for key, (old, new) in changed.items()
        },
    }
    if plan is not None:
        data["plan"] = plan.pk
    note(version, AgreementEvent.Kind.EDITED, now, by, data)
    return version


def note(
    version: Version,
    kind: AgreementEvent.Kind,
    now: dt.datetime,
    by: User,
    data: dict[str, Any] | None = None,
) -> None:
    """Write down what happened to a version."""
    AgreementEvent.objects.create(
        agreement_id=version.agreement_id,
        version=version,
        kind=kind,
        happened_at=now,
        actor=by,
        data=data or {},
    )
