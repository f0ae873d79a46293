"""The board of exceptions: one's own, and of those whom one manages; with the rules of each team."""

from __future__ import annotations

from collections.abc import Mapping
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
    form = BoardRuleForm(request.POST, auto_id=_ids(team.pk))
    if not form.is_valid():
        return _shown(request, refused={team.pk: form})
    BoardRule.objects.update_or_create(team=team, defaults=form.cleaned_data)
    messages.success(request, _("The rules of the board of %(team)s are saved.") % {"team": team})
    return redirect("leads:board")


def _shown(request: HttpRequest, *, refused: Mapping[int, BoardRuleForm] | None = None) -> HttpResponse:
    """The board; `refused` are forms of teams, as they were sent."""
    now, given = timezone.now(), refused or {}
    read = read_board(Acting(request.user), now=now)
    forms = [(one, given.get(one.rule.team_id) or _form_of(one.rule)) for one in read.rules]
    complaint = _("Nothing was saved: see what stands beside the fields.") if given else ""
    context = {"board": read, "rules": forms, "complaint": complaint, "now": now}
    return render(request, "leads/board.html", context, status=422 if given else 200)


def _form_of(rule: BoardRule) -> BoardRuleForm:
    return BoardRuleForm(initial=_said(rule), auto_id=_ids(rule.team_id))


def _ids(team: int) -> str:
    return f"id_{team}_%s"


def _said(rule: BoardRule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in ("untried_hours", "attempts", "within_days")}
