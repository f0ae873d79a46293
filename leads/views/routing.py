"""The pages of the routing rules, for who manages the team: the rules, one rule, caps, and a lead to try them on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.models import Membership
from agreements.rights import Rights, rights_of
from leads.models import RoutingRule
from leads.readings.listing import sources_seen_by
from leads.readings.routing_page import caps_of, person_rows, rule_rows, sentence_of, try_rules
from leads.routing import Asked
from leads.routing_forms import CapsForm, NewRuleForm, RuleForm, TrialForm, people_of, teams_of
from leads.services.routing_rules import begin_rule, change_rule, delete_rule, move_rule, set_caps
from leads.views.answers import typed

MOST_PEOPLE = 200


def decides(rights: Rights) -> bool:
    """Whether this person decides how some team's leads are routed."""
    return rights.is_administrator or rights.manages_sales


@page("GET", allow=decides)
def routing(request: HttpRequest) -> HttpResponse:
    """Who gets which lead, and who would get one now?"""
    return _shown(request)


@page("POST", allow=decides)
def caps(request: HttpRequest) -> HttpResponse:
    """Say how many open leads each person has at most."""
    people = _people(rights_of(request.user))
    form = CapsForm(request.POST, people=people, caps={})
    if not form.is_valid():
        return _shown(request, form, status=422)
    set_caps(caps=form.said())
    messages.success(request, _("The caps are saved."))
    return redirect("leads:routing")


@page("GET", "POST", allow=decides)
def new_rule(request: HttpRequest) -> HttpResponse:
    """Begin a rule; what it is for and with which weights is said on its own page."""
    form = NewRuleForm(typed(request), rights=rights_of(request.user))
    if request.method == "POST" and form.is_valid():
        rule, is_new = begin_rule(**form.cleaned_data)
        if is_new:
            messages.success(request, _("The rule is there and in use: say here which leads it is for."))
        else:
            messages.info(request, _("A rule of this name is there already: this one."))
        return redirect("leads:routing-rule", rule.pk)
    return render(request, "leads/new_routing_rule.html", {"form": form})


@page("GET", "POST", allow=decides)
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Which leads is this rule for, and who takes part?"""
    found = _find(request, pk)
    fields = (
        *("name", "is_on", "segment", "source", "country", "in_hours_only"),
        *("keeps_owner", "weight_of_others", "when_nobody", "stand_in", "other_team"),
    )
    form = RuleForm(
        typed(request),
        rule=found,
        places=people_of([found.team_id])[:MOST_PEOPLE],
        rights=rights_of(request.user),
        initial={name: getattr(found, name) for name in fields},
    )
    if request.method == "POST" and form.is_valid():
        change_rule(rule=found, **form.said())
        messages.success(request, _("The rule “%(name)s” is saved.") % {"name": found.name})
        return redirect("leads:routing")
    context = {"form": form, "rule": found, "sources": sources_seen_by(request.user)}
    return render(request, "leads/routing_rule.html", context)


@page("POST", allow=decides)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a rule earlier or later."""
    seen = RoutingRule.objects.visible_to(request.user)
    moved = move_rule(rule=_find(request, pk), among=seen, up=request.POST.get("to") != "later")
    if not moved:
        messages.info(request, _("It stands at the end already."))
    return redirect("leads:routing")


@page("POST", allow=decides)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a rule away."""
    found = _find(request, pk)
    name = found.name
    delete_rule(rule=found)
    messages.success(request, _("The rule “%(name)s” is gone.") % {"name": name})
    return redirect("leads:routing")


def _find(request: HttpRequest, pk: int) -> RoutingRule:
    seen = RoutingRule.objects.visible_to(request.user).select_related("team")
    return get_object_or_404(seen, pk=pk)


def _people(rights: Rights) -> list[Any]:
    """Return the people of the teams whose routing this person decides."""
    places = Membership.objects.taking_part().filter(team__in=teams_of(rights))
    users = get_user_model().objects.filter(pk__in=places.values("user"))
    return list(users.order_by("name", "pk")[:MOST_PEOPLE])


def _shown(request: HttpRequest, caps_form: CapsForm | None = None, *, status: int = 200) -> HttpResponse:
    now, rights = timezone.now(), rights_of(request.user)
    people = _people(rights)
    rules = rule_rows(RoutingRule.objects.visible_to(request.user))
    form = caps_form or CapsForm(people=people, caps=caps_of(people))
    trial_form = TrialForm(request.GET if "try" in request.GET else None, rights=rights)
    trial = None
    if trial_form.is_bound and trial_form.is_valid():
        given = trial_form.cleaned_data
        team, segment = given["team"], given["segment"]
        asked = Asked(
            team.pk if team else None, segment.pk if segment else None, given["source"], given["country"]
        )
        trial = try_rules(asked, now=now, team=team)
    context = {
        "sentence": sentence_of(sum(row.rule.is_on for row in rules), len(people)),
        "rules": rules,
        "people": [(row, form[f"cap_{row.person.pk}"]) for row in person_rows(people, now=now)],
        "caps_form": form,
        "trial_form": trial_form,
        "trial": trial,
        "sources": sources_seen_by(request.user),
    }
    return render(request, "leads/routing.html", context, status=status)
