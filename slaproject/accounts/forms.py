"""The form by which a person signs in, and those by which an administrator adds and changes one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AdminUserCreationForm, AuthenticationForm, UserChangeForm
from django.utils.translation import gettext_lazy as _

from slaproject.accounts.models import User


class SignInForm(AuthenticationForm):
    """Sign in by e-mail, whatever its case, and password."""

    username = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"})
    )
    error_messages = {
        "invalid_login": _(
            "This e-mail and password do not belong together. Capital letters count in the password only."
        ),
        "inactive": _("This account has been closed."),
        "integration": _("This account is a program's: it has no pages."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "form-control"
            if self.is_bound and name in self.errors:
                field.widget.attrs |= {"aria-invalid": "true", "aria-describedby": f"id_{name}_error"}

    def confirm_login_allowed(self, user: User) -> None:
        """Refuse closed accounts, and those of programs."""
        super().confirm_login_allowed(user)
        if user.role == User.Role.INTEGRATION:
            raise forms.ValidationError(self.error_messages["integration"], code="integration")


class AddUserForm(AdminUserCreationForm):
    """A new person, as an administrator enters one."""

    class Meta:
        model = User
        fields = ("email", "name", "time_zone", "language")


class ChangeUserForm(UserChangeForm):
    """A person, as an administrator changes one."""

    class Meta:
        model = User
        fields = "__all__"
