"""What is signed of the goal of a campaign or source, and its copy in the next version."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from agreements.models import CampaignGoal, Version

# What is signed of a goal, beside the party that promises it.
TERMS = ("of", "name", "goal", "first_on", "last_on")


def campaign_goal_terms(goal: CampaignGoal) -> dict[str, Any]:
    """Return what is signed of a goal: no id, its months by their first days, an open end as null."""
    terms = {name: getattr(goal, name) for name in TERMS}
    months = {name: day.isoformat() if (day := terms[name]) else None for name in ("first_on", "last_on")}
    return terms | months | {"party": goal.party.team.slug}


def campaign_goals_read() -> Prefetch[Any]:
    """What to prefetch with versions, so that `campaign_goals.all()` has them with their parties."""
    return Prefetch("campaign_goals", CampaignGoal.objects.select_related("party__team").order_by("pk"))


def read_campaign_goals(*versions: Version) -> None:
    """Read the goals of these versions, with the parties, in one query; nothing where it was read already."""
    prefetch_related_objects(versions, campaign_goals_read())


def copy_campaign_goals(source: Version, target: Version) -> None:
    """Copy the goals of months that the next version covers. The caller holds the agreement's lock."""
    starts_on = target.starts_on.replace(day=1)
    CampaignGoal.objects.bulk_create(
        CampaignGoal(version=target, party_id=one.party_id, **{name: getattr(one, name) for name in TERMS})
        for one in source.campaign_goals.order_by("pk")
        if one.last_on is None or one.last_on >= starts_on
    )
