"""Kept or missed, strikes with their actions, excuses: read by everybody, written by the parties."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.models import Agreement, CorrectiveAction, Excuse, Party, Strike
from agreements.rights import rights_of
from agreements.services.keeping import (
    agree_action,
    diagnose_strike,
    end_action,
    parties_that_answer,
    propose_excuse,
)
from reports.closing import answer_and_close
from reports.forms.keeping import ActionForm, AnswerForm, DiagnosisForm, EndActionForm, ExcuseForm
from reports.pages.kept import excuse_line, kept_page, may_diagnose, may_end, strike_line, strikes_of

REFUSED = 422


@page()
def kept(request: HttpRequest, slug: str) -> HttpResponse:
    """Which promises were kept, month by month, and what is done about the others?"""
    agreement = get_object_or_404(Agreement.objects.visible_to(request.user), slug=slug)
    read = kept_page(agreement=agreement, user=request.user, now=timezone.now(), page=request.GET.get("page"))
    return render(request, "reports/kept.html", {"page": read, "agreement": agreement})


@page("GET", "POST")
def strike(request: HttpRequest, pk: int) -> HttpResponse:
    """Why was a promise missed, and what is done about it?"""
    found = _strike(request, pk)
    may = may_diagnose(found, rights_of(request.user))
    form = DiagnosisForm(_given(request), strike=found)
    if request.method == "POST":
        _refuse_unless(may, _("Who is named, and the managers of the team that missed, diagnose a strike."))
        if _is_done(
            form,
            lambda: diagnose_strike(**form.cleaned_data, strike=found, now=timezone.now(), by=request.user),  # type: ignore[arg-type]
        ):
            messages.success(request, _("The diagnosis is saved."))
            return redirect("reports:strike", pk)
    return _strike_page(request, found, form, ActionForm(strike=found))


@page("POST")
def add_action(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree on a corrective action."""
    found = _strike(request, pk)
    may = may_diagnose(found, rights_of(request.user))
    _refuse_unless(may, _("Who is named, and the managers of the team that missed, agree on actions."))
    form = ActionForm(request.POST, strike=found)
    if _is_done(
        form,
        lambda: agree_action(**form.cleaned_data, strike=found, now=timezone.now(), by=request.user),  # type: ignore[arg-type]
    ):
        messages.success(request, _("The action is agreed."))
        return redirect("reports:strike", pk)
    return _strike_page(request, found, DiagnosisForm(strike=found), form)


@page("GET", "POST")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a corrective action with its result."""
    actions = CorrectiveAction.objects.visible_to(request.user).select_related(
        "owner", "strike__evaluation__month__agreement", "strike__evaluation__party__team"
    )
    found = get_object_or_404(actions, pk=pk)
    may = may_end(found, rights_of(request.user))
    _refuse_unless(may, _("Its owner and the managers of the team that missed end an action."))
    form = EndActionForm(_given(request))
    if request.method == "POST" and _is_done(
        form,
        lambda: end_action(
            action=found,
            is_done=form.cleaned_data["ended_as"] == "done",
            result=form.cleaned_data["result"],
            now=timezone.now(),
            by=request.user,  # type: ignore[arg-type]
        ),
    ):
        messages.success(request, _("The action is ended."))
        return redirect("reports:strike", found.strike_id)
    return render(request, "reports/action_end.html", {"action": found, "form": form}, status=_status(form))


@page("GET", "POST")
def propose(request: HttpRequest, slug: str) -> HttpResponse:
    """Propose that days or leads of a month shall not count."""
    agreement = get_object_or_404(Agreement.objects.visible_to(request.user), slug=slug)
    speaks = Party.objects.filter(agreement=agreement).writable_by(request.user).exists()
    _refuse_unless(
        speaks, _("An excuse is a party’s word: its managers, directors and signatory propose one.")
    )
    now = timezone.now()
    form = ExcuseForm(
        _given(request),
        agreement=agreement,
        user=request.user,
        today=now.astimezone(agreement.zone).date(),
        month=request.GET.get("month", ""),
    )
    if request.method == "POST" and _is_done(
        form,
        lambda: propose_excuse(**form.sentence(), now=now, by=request.user),  # type: ignore[arg-type]
    ):
        messages.success(request, _("The excuse is proposed. The other side’s director answers it."))
        return redirect("reports:kept", slug)
    context = {"agreement": agreement, "form": form}
    return render(request, "reports/excuse_propose.html", context, status=_status(form))


@page("GET", "POST")
def excuse(request: HttpRequest, pk: int) -> HttpResponse:
    """What shall not count, and does the other side agree?"""
    excuses = Excuse.objects.visible_to(request.user).select_related(
        "agreement", "party__team", "proposed_by", "answered_by", "answered_for__team"
    )
    found = get_object_or_404(excuses, pk=pk)
    may = found.state == Excuse.State.PROPOSED and bool(parties_that_answer(found, request.user))
    form = AnswerForm(_given(request))
    if request.method == "POST":
        _refuse_unless(
            bool(parties_that_answer(found, request.user)),
            _("A director of the other side answers an excuse, and not who proposed it."),
        )
        if _is_done(
            form,
            lambda: answer_and_close(
                excuse=found,
                is_accepted=form.cleaned_data["answer_is"] == "accept",
                answer=form.cleaned_data["answer"],
                now=timezone.now(),
                by=request.user,  # type: ignore[arg-type]
            ),
        ):
            messages.success(request, _("The answer is given; the month is judged by it."))
            return redirect("reports:kept", found.agreement.slug)
    context = {"line": excuse_line(found), "excuse": found, "form": form, "may_answer": may}
    return render(request, "reports/excuse.html", context, status=_status(form))


def _strike(request: HttpRequest, pk: int) -> Strike:
    seen = Strike.objects.visible_to(request.user).values_list("evaluation__month__agreement")
    agreement = get_object_or_404(Agreement, pk__in=seen.filter(pk=pk))
    found: Strike = get_object_or_404(strikes_of(agreement), pk=pk)
    return found


def _strike_page(
    request: HttpRequest, found: Strike, form: DiagnosisForm, action_form: ActionForm
) -> HttpResponse:
    rights = rights_of(request.user)
    context: dict[str, Any] = {
        "strike": found,
        "line": strike_line(found, rights),
        "agreement": found.evaluation.month.agreement,
        "form": form,
        "action_form": action_form,
        "actions": [(one, one.ended_at is None and may_end(one, rights)) for one in found.actions.all()],
        "may_diagnose": may_diagnose(found, rights) and found.is_standing,
    }
    return render(request, "reports/strike.html", context, status=_status(form, action_form))


def _given(request: HttpRequest) -> Any:
    """Return what was typed: now, or before a session ended."""
    return request.POST if request.method == "POST" else getattr(request, "kept", None)


def _is_done(form: forms.Form, act: Callable[[], object]) -> bool:
    """Act where the form is in order; what the service refuses is said in the form."""
    if not form.is_valid():
        return False
    try:
        act()
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


def _status(*shown: forms.Form) -> int:
    return REFUSED if any(form.is_bound and form.errors for form in shown) else 200


def _refuse_unless(may: bool, sentence: str) -> None:
    if not may:
        raise PermissionDenied(sentence)
