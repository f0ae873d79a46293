"""Agreeing on a draft by page: sent to review, commented, answered, settled, changes asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.forms.negotiation import AnswerForm, CommentForm
from agreements.models import Comment, Party, Version
from agreements.readings.negotiation_page import NegotiationPage, Remark, negotiation_page
from agreements.readings.remarks import first_anchor
from agreements.readings.standing import name_list
from agreements.services.negotiation import (
    answer_comment,
    ask_for_changes,
    send_to_review,
    settle_comment,
    write_comment,
)
from agreements.views.drafts import CONFLICT, draft_to_write

UNREADABLE = 422


@page("GET", "POST")
def negotiation(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What was said about this draft, and what is left to settle?"""
    version = draft_to_write(request, slug, number)
    if request.method != "POST":
        return _page(request, version, getattr(request, "kept", None))
    speakers = _speakers(request, version)
    comment = _comment_answered(request, version)
    opened = negotiation_page(version, speakers=speakers, now=timezone.now())
    form: Any = (
        AnswerForm(request.POST, speakers=speakers)
        if comment
        else CommentForm(request.POST, speakers=speakers, anchors=opened.anchors)
    )
    if not form.is_valid():
        return _page(request, version, request.POST, status=UNREADABLE)
    said = {
        "party": form.speaker(),
        "text": form.cleaned_data["text"],
        "token": form.cleaned_data["form_id"],
        "now": timezone.now(),
        "by": request.user,
    }
    return _act(
        request,
        version,
        lambda: (
            answer_comment(comment=comment, **said)
            if comment
            else write_comment(version=version, about=form.cleaned_data["about"], **said)
        ),
        _("Your answer is there.") if comment else _("Your comment is there."),
    )


@page("POST")
def send(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Send a draft to review. Whoever writes it may."""
    version = draft_to_write(request, slug, number)
    return _act(
        request,
        version,
        lambda: send_to_review(version=version, now=timezone.now(), by=request.user),  # type: ignore[arg-type]
        _("The draft is in review: all parties can comment and sign."),
    )


@page("POST")
def ask(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Ask that a draft in review be changed, as the comments of one's side say."""
    version = draft_to_write(request, slug, number)
    speakers = _speakers(request, version)
    mine = set(version.comments.unsettled().values_list("party_id", flat=True))
    party = next((one for one in speakers if one.pk in mine), speakers[0])
    return _act(
        request,
        version,
        lambda: ask_for_changes(version=version, party=party, now=timezone.now(), by=request.user),  # type: ignore[arg-type]
        _("Changes are asked for. Once they are made, the draft is sent to review again."),
    )


@page("POST")
def settle(request: HttpRequest, slug: str, number: int, pk: int) -> HttpResponse:
    """Settle a comment of one's own side."""
    version = draft_to_write(request, slug, number)
    comment = get_object_or_404(version.comments.select_related("party__team", "version"), pk=pk)
    if comment.party_id not in {party.pk for party in _speakers(request, version)}:
        raise PermissionDenied(
            _("Whoever asked settles it: managers and directors of %(team)s.")
            % {"team": comment.party.team.name}
        )
    return _act(
        request,
        version,
        lambda: settle_comment(comment=comment, now=timezone.now(), by=request.user),  # type: ignore[arg-type]
        _("The comment is settled."),
    )


def _act(request: HttpRequest, version: Version, act: Callable[[], Any], done: str) -> HttpResponse:
    """Do it and go back to the page; what the service refuses stands on the page, with what was typed."""
    try:
        act()
    except ValidationError as error:
        version.refresh_from_db()
        return _page(request, version, request.POST, refusal=" ".join(error.messages), status=CONFLICT)
    messages.success(request, done)
    return redirect("agreements:negotiation", version.agreement.slug, version.number)


def _speakers(request: HttpRequest, version: Version) -> list[Party]:
    """Return the parties for which this person speaks; 403 with who does where there is none."""
    speakers = _parties_spoken_for(request, version)
    if not speakers:
        teams = name_list([party.team.name for party in version.agreement.parties.select_related("team")])
        raise PermissionDenied(
            _("Managers and directors of %(teams)s speak for their teams here.") % {"teams": teams}
        )
    return speakers


def _parties_spoken_for(request: HttpRequest, version: Version) -> list[Party]:
    found = Party.objects.filter(agreement=version.agreement).writable_by(request.user)
    return list(found.select_related("team").order_by("pk"))


def _comment_answered(request: HttpRequest, version: Version) -> Comment | None:
    """Return the comment that is answered, None where a new one is written; 404 for one of another draft."""
    given = request.POST.get("answer_to", "")
    if not given:
        return None
    pk = int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else 0
    return get_object_or_404(version.comments, pk=pk)


def _page(
    request: HttpRequest, version: Version, data: Any, *, refusal: str = "", status: int | None = None
) -> HttpResponse:
    speakers = _parties_spoken_for(request, version)
    opened = negotiation_page(version, speakers=speakers, now=timezone.now())
    typed = data if data and "text" in data else None
    answered = typed.get("answer_to", "") if typed else ""
    context = {
        "page": opened,
        "version": version,
        "refusal": refusal,
        "form": _comment_form(request, opened, None if answered else typed),
        "remarks": [(one, _answer_form(one, opened, typed, answered)) for one in opened.unsettled],
    }
    return render(request, "agreements/negotiation.html", context, status=status)


def _comment_form(request: HttpRequest, opened: NegotiationPage, typed: Any) -> CommentForm | None:
    if not opened.speakers:
        return None
    about = first_anchor(request.GET.get("about", ""), opened.anchors)
    return CommentForm(typed, speakers=opened.speakers, anchors=opened.anchors, initial={"about": about})


def _answer_form(remark: Remark, opened: NegotiationPage, typed: Any, answered: str) -> AnswerForm | None:
    if not opened.may_speak:
        return None
    pk = str(remark.comment.pk)
    return AnswerForm(
        typed if answered == pk else None, speakers=opened.speakers, auto_id=f"id_answer_{pk}_%s"
    )
