"""What is owed regularly: the list, a delivery, its file, and handing a duty on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.forms.obligations import DeliverForm, HandOnForm
from agreements.models import Agreement, Delivery, Obligation, Occurrence
from agreements.models.obligations import DeliveryQuerySet
from agreements.readings.agreement_page import parties_of
from agreements.readings.obligation_words import whole_sentence
from agreements.readings.obligations import (
    line_of,
    may_deliver,
    may_read_contents,
    obligations_page,
    speaks_for,
)
from agreements.rights import rights_of
from agreements.services.deliveries import deliver, hand_on_duty

CONFLICT = 409


@page()
def obligations(request: HttpRequest, slug: str) -> HttpResponse:
    """What is owed next, what is overdue, and what was delivered?"""
    agreement = get_object_or_404(Agreement.objects.visible_to(request.user), slug=slug)
    opened = obligations_page(
        agreement,
        user=request.user,
        rights=rights_of(request.user),
        now=timezone.now(),
        page=request.GET.get("page"),
    )
    return render(request, "agreements/obligations.html", {"page": opened, "agreement": agreement})


@page("GET", "POST")
def occurrence(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What was delivered for this date? Those who owe it deliver it here."""
    found, now, refusal = _occurrence(request, slug, pk), timezone.now(), ""
    rights = rights_of(request.user)
    given = request.POST if request.method == "POST" else getattr(request, "kept", None)
    if request.method == "POST":
        _refuse_others(found, rights)
    form = DeliverForm(given, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            _delivery, is_new = deliver(
                occurrence=found,
                content=form.content(),
                key=str(form.cleaned_data["key"]),
                now=now,
                by=request.user,  # type: ignore[arg-type]
            )
        except ValidationError as error:
            refusal = " ".join(error.messages)
        else:
            messages.success(
                request, _("Delivered.") if is_new else _("This was delivered already. It counts once.")
            )
            return redirect("agreements:obligations", slug)
    parties = parties_of(found.obligation.version.agreement)
    may_read = may_read_contents(parties, rights)
    # The words and the file's name alone: the file itself is read when somebody asks for it.
    deliveries = found.deliveries.select_related("delivered_by", "content").defer("content__file")
    context = {
        "line": line_of(found, rights, now),
        "obligation": found.obligation,
        "agreement": found.obligation.version.agreement,
        "sentence": whole_sentence(found.obligation),
        "deliveries": deliveries,
        "may_read": may_read,
        "form": form if may_deliver(found.obligation, rights) else None,
        "refusal": refusal,
    }
    status = CONFLICT if refusal else 422 if request.method == "POST" else None
    return render(request, "agreements/occurrence.html", context, status=status)


@page()
def delivered_file(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The file of a delivery, as it was given, for downloading: no browser shows or runs it."""
    seen = DeliveryQuerySet(Delivery).visible_to(request.user)
    with_file = seen.exclude(content__file=None).select_related("content")
    content = get_object_or_404(
        with_file, pk=pk, occurrence__obligation__version__agreement__slug=slug
    ).content
    assert content.file is not None
    response = HttpResponse(bytes(content.file), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = str(content_disposition_header(True, content.file_name))
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@page("GET", "POST")
def hand_on(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Who shall answer for this obligation from now on?"""
    seen = Obligation.objects.visible_to(request.user).select_related(
        "version__agreement", "from_party__team", "to_party__team", "duty__person"
    )
    obligation = get_object_or_404(seen, pk=pk, version__agreement__slug=slug)
    if not speaks_for(obligation.from_party, rights_of(request.user)):
        raise PermissionDenied(
            _("Managers and directors of %(team)s say who answers for this.")
            % {"team": obligation.from_party.team.name}
        )
    given = request.POST if request.method == "POST" else getattr(request, "kept", None)
    form = HandOnForm(given, obligation=obligation)
    if request.method == "POST" and form.is_valid():
        person = get_user_model().objects.filter(pk=form.cleaned_data["person"]).first()
        try:
            hand_on_duty(
                obligation=obligation,
                person=person,
                now=timezone.now(),
                by=request.user,  # type: ignore[arg-type]
            )
        except ValidationError as error:
            form.add_error("person", error)
        else:
            said = {"name": obligation.name, "person": str(person or _("Nobody"))}
            messages.success(request, _("%(person)s answers for “%(name)s” now.") % said)
            return redirect("agreements:obligations", slug)
    context = {"form": form, "obligation": obligation, "agreement": obligation.version.agreement}
    status = 422 if request.method == "POST" else None
    return render(request, "agreements/hand_on.html", context, status=status)


def _occurrence(request: HttpRequest, slug: str, pk: int) -> Any:
    seen = Occurrence.objects.visible_to(request.user).with_outcome()
    return get_object_or_404(
        seen.select_related(
            "obligation__version__agreement",
            "obligation__from_party__team",
            "obligation__to_party__team",
            "obligation__duty__person",
        ),
        pk=pk,
        obligation__version__agreement__slug=slug,
    )


def _refuse_others(found: Occurrence, rights: Any) -> None:
    if not may_deliver(found.obligation, rights):
        raise PermissionDenied(
            _("Who answers for this, and managers and directors of %(team)s, deliver it.")
            % {"team": found.obligation.from_party.team.name}
        )
