"""Signing in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView

from slaproject.accounts.forms import SignInForm
from slaproject.embedded.sample_accounts import SAMPLE_PASSWORD, sample_accounts


class SignInView(LoginView):
    """The sign-in page; in the demo it says who can sign in."""

    template_name = "accounts/sign-in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True
    http_method_names = ["get", "head", "post"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if settings.DEMO:
            context |= {"sample_accounts": sample_accounts(), "sample_password": SAMPLE_PASSWORD}
        return context
