"""The board of exceptions: one's own, and of those whom one manages; with the rules of each team."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.rights import rights_of
from leads.acting import Acting
from leads.exports.lists import Kind
from leads.models import BoardRule
from leads.readings.board import read_board
from leads.routing_forms import BoardRuleForm, teams_of
from leads.views.away import is_of_sales
from leads.views.files import asked_file


@page("GET", allow=is_of_sales)
def board(request: HttpRequest) -> HttpResponse:
    """Who is on the board, and why?"""
    if file := asked_file(request, Kind.BOARD):
        return file
    return _shown(request)


@page("POST", allow=is_of_sales)
def board_rule(request: HttpRequest, slug: str) -> HttpResponse:
    """Say what puts leads of a team on the board."""
    team = get_object_or_404(teams_of(rights_of(request.user)), slug=slug)
    form = BoardRuleForm(request.POST)
    if not form.is_valid():
        return _shown(request, complaint=_("Nothing was saved: give whole numbers, as the fields allow."))
    BoardRule.objects.update_or_create(team=team, defaults=form.cleaned_data)
    messages.success(request, _("The rules of the board of %(team)s are saved.") % {"team": team})
    return redirect("leads:board")


def _shown(request: HttpRequest, *, complaint: str = "") -> HttpResponse:
    now = timezone.now()
    read = read_board(Acting(request.user), now=now)
    forms = [
        (one, BoardRuleForm(initial=_said(one.rule), auto_id=f"id_{one.rule.team_id}_%s"))
        for one in read.rules
    ]
    context = {"board": read, "rules": forms, "complaint": complaint, "now": now}
    return render(request, "leads/board.html", context, status=422 if complaint else 200)


def _said(rule: BoardRule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in ("untried_hours", "attempts", "within_days")}
