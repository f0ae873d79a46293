"""The pages by which administrators let programs in."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import administrators, page
from agreements.api.scopes import Scope
from slaproject.integrations.describing import operations
from slaproject.integrations.forms import TokenForm
from slaproject.integrations.models import Token
from slaproject.integrations.tokens import make_token, revoke_token

A_PAGE = 50


@page(allow=administrators)
def tokens(request: HttpRequest) -> HttpResponse:
    """Which programs may come in, for what, and when were they last here?"""
    now = timezone.now()
    known = Token.objects.visible_to(request.user)
    shown = Paginator(known.select_related("integration", "made_by"), A_PAGE).get_page(
        request.GET.get("page")
    )
    words = dict(Scope.choices)
    rows = [
        {
            "token": token,
            "scopes": [words.get(scope, scope) for scope in token.scopes],
            "is_expired": token.expires_at <= now,
            "serves": token.revoked_at is None and token.expires_at > now and token.integration.is_active,
        }
        for token in shown.object_list
    ]
    context = {"rows": rows, "shown": shown, "n_serving": known.serving(now).count()}
    return render(request, "integrations/tokens.html", context)


@page("GET", "POST", allow=administrators)
def new_token(request: HttpRequest) -> HttpResponse:
    """Make a token, and show it this once."""
    now = timezone.now()
    form = TokenForm(request.POST or getattr(request, "kept", None), now=now)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            token, secret = make_token(
                name=given["name"],
                integration=given["integration"],
                scopes=given["scopes"],
                key=given["key"],
                expires_at=form.expires_at(),
                now=now,
                by=request.user,
            )
        except ValidationError as error:
            messages.error(request, error.messages[0])
            return redirect("integrations:tokens")
        # Not led on to another address: the token would have to be kept somewhere for it.
        return render(request, "integrations/made.html", {"token": token, "secret": secret})
    return render(request, "integrations/new.html", {"form": form})


@page("POST", allow=administrators)
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a token at once."""
    token = get_object_or_404(Token.objects.visible_to(request.user), pk=pk)
    if revoke_token(token=token, now=timezone.now(), by=request.user):
        messages.success(request, _("%(name)s is refused from now on.") % {"name": token.name})
    return redirect("integrations:tokens")


@page()
def described(request: HttpRequest) -> HttpResponse:
    """What does the API offer, and how is it asked?"""
    return render(request, "integrations/described.html", {"operations": operations()})
