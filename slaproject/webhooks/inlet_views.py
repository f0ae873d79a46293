"""The pages by which administrators let programs' webhooks in."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import administrators, page
from slaproject.webhooks import inlets as letting_in
from slaproject.webhooks import renewing
from slaproject.webhooks.forms import GivenSecretForm, InletForm
from slaproject.webhooks.models import Incoming, Inlet
from slaproject.webhooks.receiving import public_address

A_PAGE = 25
State = Incoming.State


@page(allow=administrators)
def inlets(request: HttpRequest) -> HttpResponse:
    """Where do programs' webhooks come in, and which of them could not be taken?"""
    came = Incoming.objects.visible_to(request.user)
    failed = (
        came.filter(state=State.FAILED).select_related("inlet").prefetch_related("refused").order_by("-pk")
    )
    counted = came.values("inlet").annotate(
        n=Count("pk"),
        waiting=Count("pk", filter=Q(state=State.WAITING)),
        failed=Count("pk", filter=Q(state=State.FAILED)),
        last=Max("received_at"),
    )
    counts = {one["inlet"]: one for one in counted}
    known = Inlet.objects.visible_to(request.user).select_related("integration", "made_by")
    context = {
        "rows": [
            {
                "inlet": one,
                "address": _address(request, one),
                "counts": counts.get(one.pk),
                "takes_secret": one.signature == Inlet.Signature.HUBSPOT,
            }
            for one in known
        ],
        "shown": Paginator(failed, A_PAGE).get_page(request.GET.get("page")),
        "n_came": sum(one["n"] for one in counts.values()),
        "n_failed": sum(one["failed"] for one in counts.values()),
        "n_waiting": sum(one["waiting"] for one in counts.values()),
    }
    return render(request, "webhooks/inlets.html", context)


@page("GET", "POST", allow=administrators)
def new_inlet(request: HttpRequest) -> HttpResponse:
    """Make an address for webhooks, and show its secret this once."""
    form = InletForm(request.POST or getattr(request, "kept", None))
    if request.method == "POST" and form.is_valid():
        try:
            inlet, secret = letting_in.make_inlet(**form.cleaned_data, now=timezone.now(), by=request.user)
        except ValidationError as error:
            messages.error(request, error.messages[0])
            return redirect("webhooks:inlets")
        return _shown(request, inlet, secret)
    return render(request, "webhooks/new_inlet.html", {"form": form})


@page("POST", allow=administrators)
def renew_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a new secret beside the present one, and show it this once."""
    inlet = get_object_or_404(Inlet.objects.visible_to(request.user), pk=pk)
    if inlet.signature == Inlet.Signature.HUBSPOT:
        return _take_secret(request, inlet)
    secret = renewing.renew_secret(of=inlet, number=request.POST.get("number", ""), by=request.user)
    if secret is None:
        messages.error(request, renewing.WAS_RENEWED)
        return redirect("webhooks:inlets")
    return _shown(request, inlet, secret)


@page("POST", allow=administrators)
def end_older_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the secret before the present one serve no more."""
    inlet = get_object_or_404(Inlet.objects.visible_to(request.user), pk=pk)
    if renewing.end_older_secret(of=inlet, by=request.user):
        messages.success(request, renewing.OLDER_ENDED % {"name": inlet.name})
    return redirect("webhooks:inlets")


@page("POST", allow=administrators)
def close_inlet(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse from now on what comes in there."""
    inlet = get_object_or_404(Inlet.objects.visible_to(request.user), pk=pk)
    if letting_in.close_inlet(inlet=inlet, now=timezone.now(), by=request.user):
        messages.success(request, _("%(name)s is refused from now on.") % {"name": inlet.name})
    return redirect("webhooks:inlets")


@page("POST", allow=administrators)
def take_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a webhook that failed tried again."""
    incoming = get_object_or_404(Incoming.objects.visible_to(request.user), pk=pk)
    if letting_in.try_again(incoming=incoming, now=timezone.now()):
        messages.success(request, _("It is tried again within a minute."))
    return redirect("webhooks:inlets")


def _take_secret(request: HttpRequest, inlet: Inlet) -> HttpResponse:
    form = GivenSecretForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["secret"])))
    elif letting_in.take_secret(
        inlet=inlet,
        secret=form.cleaned_data["secret"],
        number=request.POST.get("number", ""),
        by=request.user,
    ):
        messages.success(request, _("%(name)s may sign by the new client secret now.") % {"name": inlet.name})
    else:
        messages.error(
            request, _("Another client secret was given meanwhile: look whether it is the right one.")
        )
    return redirect("webhooks:inlets")


def _shown(request: HttpRequest, inlet: Inlet, secret: str) -> HttpResponse:
    # Not led on to another address: the secret would have to be kept somewhere for it.
    context = {"name": inlet.name, "secret": secret, "address": _address(request, inlet)}
    return render(request, "webhooks/secret.html", context)


def _address(request: HttpRequest, inlet: Inlet) -> str:
    return public_address(request, reverse("api:webhook", args=[inlet.key]))
