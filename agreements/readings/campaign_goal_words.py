"""The goal of a campaign or source in words: how many leads a month, of what, in which months."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements import words
from agreements.models import Campaign, CampaignGoal, Version
from agreements.services.campaign_goal_terms import read_campaign_goals


def campaign_goal_sentence(goal: CampaignGoal) -> str:
    """Say what is promised of a campaign or source."""
    said = {"n": words.amount(goal.goal), "name": goal.name, "when": months_text(goal)}
    if goal.of == Campaign.Of.SOURCE:
        sentence = ngettext(
            "%(n)s lead a month of the source “%(name)s”, %(when)s.",
            "%(n)s leads a month of the source “%(name)s”, %(when)s.",
            goal.goal,
        )
    else:
        sentence = ngettext(
            "%(n)s lead a month of the campaign “%(name)s”, %(when)s.",
            "%(n)s leads a month of the campaign “%(name)s”, %(when)s.",
            goal.goal,
        )
    return sentence % said


def months_text(goal: CampaignGoal) -> str:
    """Say in which months it is promised."""
    first, last = goal.first_on, goal.last_on
    said = {"first": words.month(first) if first else "", "last": words.month(last) if last else ""}
    if first is None and last is None:
        return _("every month")
    if first == last:
        return _("in %(first)s") % said
    if last is None:
        return _("from %(first)s on") % said
    if first is None:
        return _("until %(last)s") % said
    return _("from %(first)s to %(last)s") % said


def campaign_goals_said(version: Version) -> dict[str, str]:
    """Return what a version promises of each campaign and source, by a key that is the same in its next version."""
    read_campaign_goals(version)
    said: dict[str, list[str]] = {}
    for one in version.campaign_goals.all():
        said.setdefault(f"campaign_goal-{one.party_id}-{one.subject}", []).append(campaign_goal_sentence(one))
    return {key: " ".join(sentences) for key, sentences in said.items()}
