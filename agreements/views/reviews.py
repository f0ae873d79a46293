"""Looking at the agreement together: reviews planned and held, minutes, decisions; its end and what follows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.forms.reviews import CancelForm, DecisionForm, MinutesForm, PlanReviewForm, conditions_of
from agreements.models import Agreement, Decision, Review
from agreements.readings.agreement_page import parties_of
from agreements.readings.reviews import Agenda, agenda_of, agenda_text, may_cancel, reviews_page
from agreements.readings.standing import may_write, name_list, today_of
from agreements.rights import rights_of
from agreements.services.ending import begin_renewal, cancel_agreement, version_to_end
from agreements.services.reviewing import (
    MinutesChanged,
    as_kept,
    decide,
    plan_review,
    settle_decision,
    write_minutes,
)
from agreements.site_addresses import next_address
from agreements.views.drafts import refuse_readers

CONFLICT = 409
TEXTS = ("agenda", "minutes")


@page("GET", "POST")
def reviews(request: HttpRequest, slug: str) -> HttpResponse:
    """When do the parties look at their figures together, and when does the agreement end?"""
    agreement, now = _agreement(request, slug), timezone.now()
    if request.method == "POST":
        refuse_readers(request, agreement)
    form = PlanReviewForm(_given(request))
    if request.method == "POST" and form.is_valid():
        try:
            day = form.cleaned_data["planned_on"]
            plan_review(agreement=agreement, planned_on=day, now=now, by=request.user)  # type: ignore[arg-type]
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The review is planned."))
            return redirect("agreements:reviews", slug)
    opened = reviews_page(
        agreement,
        parties_of(agreement),
        user=request.user,
        rights=rights_of(request.user),
        now=now,
        page=request.GET.get("page"),
    )
    context = {"page": opened, "agreement": agreement, "form": form}
    return render(request, "agreements/reviews.html", context, status=_refused(request))


@page("GET", "POST")
def review(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What is to be talked about, what was said, and what was decided?"""
    found, refusal, status = _review(request, slug, pk), "", _refused(request)
    theirs: dict[str, str] = {}
    if request.method == "POST":
        refuse_readers(request, found.agreement)
    agenda_now = agenda_of(found, user=request.user)
    standing = agenda_text(agenda_now)
    form = MinutesForm(_given(request), review=found, standing=standing)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        is_held = "hold" in request.POST
        try:
            write_minutes(
                review=found,
                agenda=given["agenda"],
                begun=given["begun"],
                standing=standing,
                minutes=given["minutes"],
                edits=given["edits"],
                is_held=is_held,
                now=timezone.now(),
                by=request.user,  # type: ignore[arg-type]
            )
        except MinutesChanged as error:
            found.refresh_from_db()
            refusal, status = " ".join(error.messages), CONFLICT
            theirs, form = _put_together(form, found, standing)
        except ValidationError as error:
            refusal, status = " ".join(error.messages), CONFLICT
        else:
            messages.success(
                request, _("The review is held.") if is_held else _("Agenda and minutes are saved.")
            )
            return redirect("agreements:review", slug, pk)
    return _review_page(
        request, found, form, agenda=agenda_now, refusal=refusal, theirs=theirs, status=status
    )


@page("POST")
def add_decision(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Write a decision of a review down."""
    found = _review(request, slug, pk)
    refuse_readers(request, found.agreement)
    form = _decision_form(found, request.POST)
    if not form.is_valid():
        return _review_page(request, found, decision=form, status=422)
    given = form.cleaned_data
    owner = get_object_or_404(get_user_model(), pk=given["owner"])
    decide(
        review=found,
        text=given["text"],
        owner=owner,
        due_on=given["due_on"],
        now=timezone.now(),
        by=request.user,  # type: ignore[arg-type]
    )
    messages.success(request, _("The decision is written down."))
    return redirect("agreements:review", slug, pk)


@page("POST")
def decision_done(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say that what was decided is done: whoever owns it, or writes for a party."""
    seen = Decision.objects.visible_to(request.user).select_related("review__agreement")
    decision = get_object_or_404(seen, pk=pk, review__agreement__slug=slug)
    if decision.owner_id != request.user.pk:
        refuse_readers(request, decision.review.agreement)
    by: Any = request.user
    if settle_decision(decision=decision, now=timezone.now(), by=by):
        messages.success(request, _("Done: %(text)s") % {"text": decision.text})
    return redirect(next_address(request) or reverse("agreements:reviews", args=[slug]))


@page("GET", "POST")
def cancel(request: HttpRequest, slug: str) -> HttpResponse:
    """From when, and by which agreed condition, shall the agreement end?"""
    agreement, now = _agreement(request, slug), timezone.now()
    parties = parties_of(agreement)
    if not may_cancel(parties, rights_of(request.user)):
        teams = name_list([party.team.name for party in parties])
        raise PermissionDenied(_("Directors of %(teams)s cancel this agreement.") % {"teams": teams})
    today = today_of(agreement, now)
    version = version_to_end(agreement, today)
    form = CancelForm(
        _given(request), request=request, conditions=conditions_of(agreement, version), today=today
    )
    if request.method == "POST" and form.is_valid():
        try:
            cancel_agreement(agreement=agreement, now=now, by=request.user, **form.sentence())  # type: ignore[arg-type]
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The agreement is cancelled. Its history stays to be read."))
            return redirect("agreements:reviews", slug)
    context = {"form": form, "agreement": agreement, "version": version}
    return render(request, "agreements/cancel.html", context, status=_refused(request))


@page("GET", "POST")
def renew(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin the draft that goes on where the agreement ends."""
    agreement, refusal = _agreement(request, slug), ""
    refuse_readers(request, agreement)
    if request.method == "POST":
        try:
            version = begin_renewal(agreement=agreement, now=timezone.now(), by=request.user)  # type: ignore[arg-type]
        except ValidationError as error:
            refusal = " ".join(error.messages)
        else:
            messages.success(request, _("The draft goes on where the agreement ends. Set its goals anew."))
            return redirect("agreements:version", slug, version.number)
    context = {"agreement": agreement, "refusal": refusal}
    return render(request, "agreements/renew.html", context, status=CONFLICT if refusal else None)


def _agreement(request: HttpRequest, slug: str) -> Agreement:
    return get_object_or_404(Agreement.objects.visible_to(request.user), slug=slug)


def _review(request: HttpRequest, slug: str, pk: int) -> Review:
    seen = Review.objects.visible_to(request.user).select_related("agreement", "held_by")
    return get_object_or_404(seen, pk=pk, agreement__slug=slug)


def _given(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else getattr(request, "kept", None)


def _refused(request: HttpRequest) -> int | None:
    """The status of a page whose form was sent, and is shown again."""
    return 422 if request.method == "POST" else None


def _decision_form(review: Review, data: Any = None) -> DecisionForm:
    agreement = review.agreement
    return DecisionForm(data, parties=parties_of(agreement), today=today_of(agreement, timezone.now()))


def _put_together(sent: MinutesForm, found: Review, standing: str) -> tuple[dict[str, str], MinutesForm]:
    """Return what others wrote meanwhile, and a form with what was sent in it that has seen that.

    Where no agenda was given, it begins anew with the one that stands by now.
    """
    texts = {name: as_kept(sent[name].value() or "") for name in TEXTS}
    theirs = {name: text for name in TEXTS if (text := getattr(found, name)) not in ("", texts[name])}
    anew = MinutesForm(review=found, standing=standing).initial
    given = {name: text for name in TEXTS if (text := sent.cleaned_data[name]) is not None}
    return theirs, MinutesForm({**anew, **given}, review=found, standing=standing)


def _review_page(
    request: HttpRequest,
    review: Review,
    form: MinutesForm | None = None,
    *,
    agenda: Agenda | None = None,
    decision: DecisionForm | None = None,
    refusal: str = "",
    theirs: Mapping[str, str] | None = None,
    status: int | None = None,
) -> HttpResponse:
    agenda = agenda or agenda_of(review, user=request.user)
    context = {
        "review": review,
        "agreement": review.agreement,
        "agenda": agenda,
        "decisions": review.decisions.select_related("owner"),
        "form": form or MinutesForm(review=review, standing=agenda_text(agenda)),
        "decision_form": decision or _decision_form(review),
        "refusal": refusal,
        "theirs": theirs,
        "may_write": may_write(parties_of(review.agreement), rights_of(request.user)),
    }
    return render(request, "agreements/review.html", context, status=status)
