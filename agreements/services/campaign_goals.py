"""Goals of campaigns and sources of a draft: written, changed, taken out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agreements.models import CampaignGoal, Party, Version
from agreements.services.campaign_goal_terms import TERMS, campaign_goal_terms
from agreements.services.draft_parts import note_terms, open_locked

if TYPE_CHECKING:
    from slaproject.accounts.models import User

MOST_GOALS = 60


class CampaignGoalChanged(ValidationError):
    """Somebody else changed the goal after the one who now saves had read it."""


@transaction.atomic
def write_campaign_goal(
    *,
    version: Version,
    goal: CampaignGoal | None,
    edits: int,
    terms: Mapping[str, Any],
    party: Party,
    now: dt.datetime,
    by: User,
) -> CampaignGoal:
    """Add a goal to a draft (None), or change one of it.

    `edits` is the number of edits of the goal that its writer had seen. Raises CampaignGoalChanged when it has more by
    now, and ValidationError when the draft is open no more or full, covers none of the goal's months, or has a goal of
    the same in some of them.
    """
    version = open_locked(version)
    before: dict[str, Any] = {}
    if goal is None:
        if version.campaign_goals.count() >= MOST_GOALS:
            raise ValidationError(
                _("A version holds %(n)s goals of campaigns and sources at most."), params={"n": MOST_GOALS}
            )
        goal = CampaignGoal(version=version)
    else:
        goal = _found(version, goal)
        if goal.edits != edits:
            raise CampaignGoalChanged(
                _("Somebody else changed this goal meanwhile. Nothing of yours was saved yet.")
            )
        before = campaign_goal_terms(goal)
        goal.edits += 1
    for name in TERMS:
        setattr(goal, name, terms[name])
    goal.party = party
    if faults := uncovered(version, goal):
        raise ValidationError(faults)
    try:
        with transaction.atomic():
            goal.save()
    except IntegrityError as error:
        if "campaign_goal_once_a_month" not in str(error):
            raise
        raise ValidationError(
            {"name": _("“%(name)s” has a goal in some of these months already.") % {"name": goal.name}}
        ) from error
    _note(version, goal.pk, before, campaign_goal_terms(goal), now, by)
    return goal


@transaction.atomic
def remove_campaign_goal(*, version: Version, goal: CampaignGoal, now: dt.datetime, by: User) -> None:
    """Take a goal out of a draft; nothing happens when somebody else was quicker."""
    version = open_locked(version)
    found = version.campaign_goals.select_related("party__team").filter(pk=goal.pk).first()
    if found is not None:
        before, was = campaign_goal_terms(found), found.pk
        found.delete()
        _note(version, was, before, {}, now, by)


def uncovered(version: Version, goal: CampaignGoal) -> dict[str, str]:
    """Return by its field what is wrong with a goal of whose months the version covers none; empty where it does."""
    starts_on, ends_on = version.starts_on.replace(day=1), version.ends_on
    if goal.last_on is not None and goal.last_on < starts_on:
        return {"last_on": _("The version begins after this month.")}
    if goal.first_on is not None and ends_on is not None and goal.first_on >= ends_on:
        return {"first_on": _("The version ends before this month.")}
    return {}


def _found(version: Version, goal: CampaignGoal) -> CampaignGoal:
    found = version.campaign_goals.select_related("party__team").filter(pk=goal.pk).first()
    if found is None:
        raise CampaignGoalChanged(_("Somebody else took this goal out of the draft meanwhile."))
    return found


def _note(
    version: Version, pk: int, before: Mapping[str, Any], after: Mapping[str, Any], now: dt.datetime, by: User
) -> None:
    note_terms(
        version, part={"campaign_goal": pk}, before=before, after=after, texts=("name",), now=now, by=by
    )
