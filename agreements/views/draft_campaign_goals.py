"""What a draft promises of campaigns and sources: listed, added, changed, taken out."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.forms.campaign_goals import CampaignGoalForm
from agreements.models import CampaignGoal, Version
from agreements.readings.agreement_page import parties_of
from agreements.readings.campaign_goal_words import campaign_goal_sentence
from agreements.services.campaign_goals import (
    CampaignGoalChanged,
    remove_campaign_goal,
    write_campaign_goal,
)
from agreements.views.drafts import CONFLICT, draft_to_write

PAGES = {
    "list_page": "agreements:draft-campaign-goals",
    "new_page": "agreements:new-campaign-goal",
    "edit_page": "agreements:edit-campaign-goal",
    "remove_page": "agreements:remove-campaign-goal",
}


@page()
def draft_campaign_goals(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Of which campaigns and sources shall this version promise leads?"""
    version = draft_to_write(request, slug, number)
    context = PAGES | {
        "version": version,
        "agreement": version.agreement,
        "lines": [
            {"part": one, "sentence": campaign_goal_sentence(one)} for one in _goals(version).order_by("pk")
        ],
        "is_signed_by_one": version.signatures.exists(),
    }
    return render(request, "agreements/draft_campaign_goals.html", context)


@page("GET", "POST")
def new_campaign_goal(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Add one to the draft."""
    return _edit(request, draft_to_write(request, slug, number), None)


@page("GET", "POST")
def edit_campaign_goal(request: HttpRequest, slug: str, number: int, pk: int) -> HttpResponse:
    """Change one of the draft."""
    version = draft_to_write(request, slug, number)
    return _edit(request, version, get_object_or_404(_goals(version), pk=pk))


@page("POST")
def remove(request: HttpRequest, slug: str, number: int, pk: int) -> HttpResponse:
    """Take one out of the draft."""
    version = draft_to_write(request, slug, number)
    goal = get_object_or_404(_goals(version), pk=pk)
    try:
        remove_campaign_goal(version=version, goal=goal, now=timezone.now(), by=request.user)  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("“%(name)s” is out of the draft.") % {"name": goal.name})
    return redirect("agreements:draft-campaign-goals", slug, number)


def _edit(request: HttpRequest, version: Version, goal: CampaignGoal | None) -> HttpResponse:
    given = request.POST if request.method == "POST" else getattr(request, "kept", None)
    form = CampaignGoalForm(given, version=version, parties=parties_of(version.agreement), goal=goal)
    status, refusal, theirs = (422 if request.method == "POST" else None), "", ""
    if request.method == "POST" and form.is_valid():
        try:
            write_campaign_goal(
                version=version,
                goal=goal,
                now=timezone.now(),
                by=request.user,  # type: ignore[arg-type]
                **form.sentence(),
            )
        except CampaignGoalChanged as error:
            refusal, status = " ".join(error.messages), CONFLICT
            form, theirs = _with_theirs(form, version, goal)
        except ValidationError as error:
            form.add_error(None, error)
            status = CONFLICT
        else:
            messages.success(request, _("The draft is saved."))
            return redirect("agreements:draft-campaign-goals", version.agreement.slug, version.number)
    context = PAGES | {
        "form": form,
        "version": version,
        "agreement": version.agreement,
        "part": goal,
        "refusal": refusal,
        "theirs": theirs,
    }
    return render(request, "agreements/edit_campaign_goal.html", context, status=status)


def _with_theirs(
    form: CampaignGoalForm, version: Version, goal: CampaignGoal | None
) -> tuple[CampaignGoalForm, str]:
    """Return the form with the typed words as they are, ready to be saved again, and what it says by now."""
    found = _goals(version).filter(pk=goal.pk).first() if goal is not None else None
    if found is None:
        return form, ""
    data = {**form.data.dict(), "edits": str(found.edits)}  # type: ignore[attr-defined]
    typed = CampaignGoalForm(data, version=version, parties=form.parties.values(), goal=found)
    return typed, campaign_goal_sentence(found)


def _goals(version: Version):  # type: ignore[no-untyped-def]
    return version.campaign_goals.select_related("party__team")
