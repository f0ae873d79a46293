"""Signing: the difference first, then the password; the last signature puts the version in force."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.forms.beginnings import SignForm
from agreements.models import AgreementEvent, Version
from agreements.readings.agreement_page import parties_of
from agreements.readings.sign_page import sign_page
from agreements.readings.standing import name_list
from agreements.services.signing import sign_version

CONFLICT = 409


@page("GET", "POST")
def sign(
    request: HttpRequest, slug: str, number: int, *, sign_by: Callable[..., object] = sign_version
) -> HttpResponse:
    """What do I sign? `sign_by` is the service that signs: an upper app's, where it has more to do with it."""
    version = get_object_or_404(
        Version.objects.visible_to(request.user).select_related("agreement"),
        agreement__slug=slug,
        number=number,
    )
    _refuse_others(request, version)
    refusal, status = "", None
    form = SignForm(request.POST if request.method == "POST" else None, request=request)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                sign_by(
                    version=version,
                    signer=request.user,
                    now=timezone.now(),
                    text_sha256=form.cleaned_data["text_sha256"],
                )
            except ValidationError as error:
                refusal, status = " ".join(error.messages), CONFLICT
            else:
                return _signed(request, version)
    opened = sign_page(version, user=request.user, now=timezone.now())
    if refusal:
        form = SignForm(request=request)
    context = {"page": opened, "version": version, "form": form, "refusal": refusal}
    return render(request, "agreements/sign.html", context, status=status)


def _signed(request: HttpRequest, version: Version) -> HttpResponse:
    """Say what follows from the signature: whose is missing still, or what is superseded from when."""
    version.refresh_from_db()
    if not version.is_signed:
        messages.success(request, _("You have signed. The version is in force once all parties have signed."))
        return redirect("agreements:version", version.agreement.slug, version.number)
    messages.success(request, _("All have signed version %(number)s.") % {"number": version.number})
    events = AgreementEvent.objects.filter(
        agreement_id=version.agreement_id,
        kind=AgreementEvent.Kind.SUPERSEDED,
        data__by_version=version.number,
    )
    for event in events.select_related("version"):
        if event.version is not None and event.version.ended_on is not None:
            messages.info(
                request,
                _("Version %(old)s is superseded from %(day)s on.")
                % {"old": event.version.number, "day": event.version.ended_on.isoformat()},
            )
    return redirect("agreements:version", version.agreement.slug, version.number)


def _refuse_others(request: HttpRequest, version: Version) -> None:
    signing = [party for party in parties_of(version.agreement) if party.signatory_id]
    if not any(party.signatory_id == request.user.pk for party in signing):
        names = name_list([f"{party.signatory} ({party.team.name})" for party in signing])
        raise PermissionDenied(_("Only the signatories sign this: %(names)s.") % {"names": names})
