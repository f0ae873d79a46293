"""The pages by which administrators have programs told of events."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import administrators, page
from slaproject.webhooks import dispatching, renewing
from slaproject.webhooks import outlets as telling
from slaproject.webhooks.forms import OutletForm
from slaproject.webhooks.models import Dispatch, Outlet
from slaproject.webhooks.told import words_of

A_PAGE = 50
State = Dispatch.State


@page(allow=administrators)
def outlets(request: HttpRequest) -> HttpResponse:
    """Which programs are told of what, and what became of each webhook?"""
    sent = Dispatch.objects.visible_to(request.user)
    state = request.GET.get("state", "")
    log = sent.filter(state=state) if state in State.values else sent
    shown = Paginator(log.select_related("outlet").order_by("-pk"), A_PAGE).get_page(request.GET.get("page"))
    words = dict(Outlet.Subject.choices)
    known = Outlet.objects.visible_to(request.user).select_related("made_by")
    rows = list(shown.object_list)
    kinds = words_of(rows)
    context = {
        "rows": [
            {"outlet": one, "subjects": [str(words[name]).partition(":")[0] for name in one.subjects]}
            for one in known
        ],
        "dispatches": [(one, kinds[one.pk]) for one in rows],
        "shown": shown,
        "state": state,
        "states": State.choices,
        "n_parked": sent.filter(state=State.PARKED, outlet__closed_at=None).count(),
        "n_waiting": sent.filter(state=State.WAITING).count(),
    }
    return render(request, "webhooks/outlets.html", context)


@page("GET", "POST", allow=administrators)
def new_outlet(request: HttpRequest) -> HttpResponse:
    """Have a program told, and show the secret that signs this once."""
    form = OutletForm(request.POST or getattr(request, "kept", None))
    if request.method == "POST" and form.is_valid():
        try:
            outlet, secret = telling.make_outlet(**form.cleaned_data, now=timezone.now(), by=request.user)
        except ValidationError as error:
            messages.error(request, error.messages[0])
            return redirect("webhooks:outlets")
        return _shown(request, outlet, secret)
    return render(request, "webhooks/new_outlet.html", {"form": form})


@page("POST", allow=administrators)
def test_outlet(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test there."""
    outlet = get_object_or_404(Outlet.objects.visible_to(request.user), pk=pk)
    try:
        telling.ask_for_test(outlet=outlet, now=timezone.now())
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(
            request, _("A test is on its way. The list below says within a minute whether it was taken.")
        )
    return redirect("webhooks:outlets")


@page("POST", allow=administrators)
def renew_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a new secret beside the present one, and show it this once."""
    outlet = get_object_or_404(Outlet.objects.visible_to(request.user), pk=pk)
    secret = renewing.renew_secret(of=outlet, number=request.POST.get("number", ""), by=request.user)
    if secret is None:
        messages.error(request, renewing.WAS_RENEWED)
        return redirect("webhooks:outlets")
    return _shown(request, outlet, secret)


@page("POST", allow=administrators)
def end_older_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign by the present secret alone."""
    outlet = get_object_or_404(Outlet.objects.visible_to(request.user), pk=pk)
    if renewing.end_older_secret(of=outlet, by=request.user):
        messages.success(request, renewing.OLDER_ENDED % {"name": outlet.name})
    return redirect("webhooks:outlets")


@page("POST", allow=administrators)
def close_outlet(request: HttpRequest, pk: int) -> HttpResponse:
    """Send nothing more there."""
    outlet = get_object_or_404(Outlet.objects.visible_to(request.user), pk=pk)
    if telling.close_outlet(outlet=outlet, now=timezone.now(), by=request.user):
        messages.success(request, _("%(name)s is told nothing from now on.") % {"name": outlet.name})
    return redirect("webhooks:outlets")


@page("POST", allow=administrators)
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a parked webhook again."""
    dispatch = get_object_or_404(Dispatch.objects.visible_to(request.user), pk=pk)
    if dispatching.send_again(dispatch=dispatch, now=timezone.now()):
        messages.success(request, _("It is sent again."))
    return redirect("webhooks:outlets")


def _shown(request: HttpRequest, outlet: Outlet, secret: str) -> HttpResponse:
    # Not led on to another address: the secret would have to be kept somewhere for it.
    context = {"name": outlet.name, "secret": secret, "address": outlet.url, "is_out": True}
    return render(request, "webhooks/secret.html", context)
