"""Signing in and out, one's own account and passwords."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from agreements.access import page
from slaproject.accounts import services
from slaproject.accounts.forms import (
    ChangePasswordForm,
    ChoosePasswordForm,
    ForgottenForm,
    OwnAccountForm,
    SignInForm,
    zone_names,
)
from slaproject.accounts.links import invitation_tokens, person_of_uid, reset_tokens
from slaproject.accounts.models import User
from slaproject.accounts.roles import places_of
from slaproject.accounts.tasks import queue_link
from slaproject.embedded.sample_accounts import SAMPLE_PASSWORD, sample_accounts

WITH_PASSWORD = "django.contrib.auth.backends.ModelBackend"
open_page = require_http_methods(["GET", "HEAD", "POST"])


class SignInView(LoginView):
    """The sign-in page; in the demo it says who can sign in."""

    template_name = "accounts/sign-in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True
    http_method_names = ["get", "head", "post"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if settings.DEMO:
            context |= {"sample_accounts": _one_of_each_place(), "sample_password": SAMPLE_PASSWORD}
        return context


def _one_of_each_place() -> list[dict[str, Any]]:
    """Return the sample people with what they are; of those who are the same, the first."""
    shown: dict[str, dict[str, Any]] = {}
    for person in sample_accounts():
        places = places_of(person)
        shown.setdefault(" · ".join(places), {"person": person, "places": places})
    return list(shown.values())


class SignOutView(LogoutView):
    """Signing out, after which the browser keeps nothing of the site either."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().dispatch(request, *args, **kwargs)
        if request.method == "POST":
            response.headers["Clear-Site-Data"] = '"cookies", "storage"'
        return response


@page("GET", "POST")
def account(request: HttpRequest) -> HttpResponse:
    """What does the product know of me, and how do I see it?"""
    person = User.objects.prefetch_related("memberships__team").get(pk=_own(request).pk)
    known = {
        "name": person.name,
        "time_zone": person.time_zone,
        "language": person.language,
        "uses_shortcuts": person.uses_shortcuts,
    }
    form = OwnAccountForm(request.POST or getattr(request, "kept", None), initial=known)
    if request.method == "POST" and form.is_valid():
        services.change_own_account(person=person, **form.cleaned_data)
        messages.success(request, _("Saved."))
        response = redirect("account")
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)  # it would come before the language chosen here
        return response
    context = {"form": form, "person": person, "places": places_of(person), "zones": zone_names()}
    return render(request, "accounts/account.html", context)


@sensitive_post_parameters()
@page("GET", "POST")
def change_password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; every other session of this person ends, this one stays."""
    form = ChangePasswordForm(_own(request), request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        form.save()
        update_session_auth_hash(request, form.user)
        messages.success(request, _("The new password holds. Elsewhere you are signed out."))
        return redirect("account")
    return render(request, "accounts/change-password.html", {"form": form})


@never_cache
@open_page
def forgotten_password(request: HttpRequest) -> HttpResponse:
    """Mail a link for a new password; the answer is the same whether there is such an account or not."""
    form = ForgottenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person_id = services.person_to_mail(form.cleaned_data["email"])
        queue_link(person_id, request.build_absolute_uri("/"))
        return redirect("reset-password-sent")
    return render(request, "accounts/forgotten-password.html", {"form": form})


@never_cache
@require_http_methods(["GET", "HEAD"])
def link_is_sent(request: HttpRequest) -> HttpResponse:
    """Say what happens next, whoever asked."""
    return render(request, "accounts/link-is-sent.html", {"hours": settings.PASSWORD_RESET_TIMEOUT // 3600})


@sensitive_post_parameters()
@never_cache
@open_page
def invitation(request: HttpRequest, uidb64: str, token: str) -> HttpResponse:
    """Choose a first password, and come in."""
    return _by_link(request, uidb64, token, tokens=invitation_tokens, is_new=True)


@sensitive_post_parameters()
@never_cache
@open_page
def choose_password(request: HttpRequest, uidb64: str, token: str) -> HttpResponse:
    """Choose a new password instead of a forgotten one, and come in."""
    return _by_link(request, uidb64, token, tokens=reset_tokens, is_new=False)


def _own(request: HttpRequest) -> User:
    """Return who asks, on a page for persons who are signed in."""
    assert isinstance(request.user, User)
    return request.user


def _by_link(request: HttpRequest, uidb64: str, token: str, *, tokens: Any, is_new: bool) -> HttpResponse:
    person = person_of_uid(uidb64)
    if person is None or not tokens.check_token(person, token):
        return render(request, "accounts/dead-link.html", status=404)
    form = ChoosePasswordForm(person, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = services.choose_password(
                uidb64=uidb64, token=token, tokens=tokens, password=form.cleaned_data["new_password1"]
            )
        except ValidationError:
            return render(request, "accounts/dead-link.html", status=404)
        login(request, person, backend=WITH_PASSWORD)
        messages.success(request, _("Your password holds, and you are signed in."))
        return redirect(settings.LOGIN_REDIRECT_URL)
    context = {"form": form, "person": person, "is_new": is_new}
    return render(request, "accounts/choose-password.html", context)
