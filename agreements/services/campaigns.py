"""What marketing plans of a campaign or a source: planned, changed, taken away. Events have numbers and days alone."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Agreement, AgreementEvent, Campaign

if TYPE_CHECKING:
    from slaproject.accounts.models import User

MOST_CAMPAIGNS = 500
"""So many an agreement holds: a page of a month lists all of its own."""
NOTED = ("starts_on", "last_on", "goal", "budget")


@transaction.atomic
def plan_campaign(
    *,
    agreement: Agreement,
    of: str,
    name: str,
    starts_on: dt.date,
    last_on: dt.date,
    goal: int,
    budget: Decimal | None,
    now: dt.datetime,
    by: User | None,
) -> Campaign:
    """Plan so many leads of a campaign, or of a source, over some days.

    Raises ValidationError when the same is planned on some of these days already, for a number or a span that cannot
    be, and when the agreement holds MOST_CAMPAIGNS.
    """
    _lock(agreement)
    if agreement.campaigns.count() >= MOST_CAMPAIGNS:
        raise ValidationError(_("An agreement holds %(n)s campaigns at most."), params={"n": MOST_CAMPAIGNS})
    campaign = Campaign(agreement=agreement, of=of, name=name)
    _set(campaign, starts_on, last_on, goal, budget)
    _note(campaign, {}, _noted(campaign), False, now, by)
    return campaign


@transaction.atomic
def change_campaign(
    *,
    campaign: Campaign,
    name: str,
    starts_on: dt.date,
    last_on: dt.date,
    goal: int,
    budget: Decimal | None,
    now: dt.datetime,
    by: User | None,
) -> Campaign:
    """Change what is planned; ValidationError as in `plan_campaign`, and when it is gone."""
    _lock(campaign.agreement)
    found = Campaign.objects.select_related("agreement").filter(pk=campaign.pk).first()
    if found is None:
        raise ValidationError(_("Somebody took this campaign away meanwhile."))
    before, old_name = _noted(found), found.name
    found.name = name
    _set(found, starts_on, last_on, goal, budget)
    if _noted(found) != before or name != old_name:
        _note(found, before, _noted(found), name != old_name, now, by)
    return found


@transaction.atomic
def drop_campaign(*, campaign: Campaign, now: dt.datetime, by: User | None) -> None:
    """Take a plan away; its leads stay, unplanned. Nothing happens when somebody else was quicker."""
    _lock(campaign.agreement)
    found = Campaign.objects.filter(pk=campaign.pk).first()
    if found is not None:
        _note(found, _noted(found), {}, False, now, by)
        found.delete()


def _lock(agreement: Agreement) -> None:
    Agreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)


def _set(campaign: Campaign, starts_on: dt.date, last_on: dt.date, goal: int, budget: Decimal | None) -> None:
    campaign.starts_on, campaign.last_on, campaign.goal, campaign.budget = starts_on, last_on, goal, budget
    # Of days the wrong way round no range can be made, so that the other constraints cannot be asked.
    if last_on < starts_on:
        raise ValidationError(_("The last day is not before the first, and less than a year later."))
    campaign.full_clean()
    campaign.save()


def _noted(campaign: Campaign) -> dict[str, str | int | None]:
    return {
        "starts_on": campaign.starts_on.isoformat(),
        "last_on": campaign.last_on.isoformat(),
        "goal": campaign.goal,
        "budget": None if campaign.budget is None else f"{campaign.budget:.2f}",
    }


def _note(
    campaign: Campaign,
    before: dict[str, str | int | None],
    after: dict[str, str | int | None],
    is_renamed: bool,
    now: dt.datetime,
    by: User | None,
) -> None:
    """Note which numbers and days changed, from what to what; of a name only that it did: it is free words."""
    data: dict[str, Any] = {
        "campaign": campaign.pk,
        "of": str(campaign.of),
        "plan": {
            name: [before.get(name), after.get(name)] for name in NOTED if before.get(name) != after.get(name)
        },
    }
    if is_renamed:
        data["words"] = True
    AgreementEvent.objects.create(
        agreement_id=campaign.agreement_id,
        kind=AgreementEvent.Kind.CAMPAIGN_CHANGED,
        happened_at=now,
        actor=by,
        data=data,
    )
