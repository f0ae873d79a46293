"""What people type about accounts: to sign in, about themselves, and as an administrator about others."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.forms import (
    AdminUserCreationForm,
    AuthenticationForm,
    PasswordChangeForm,
    SetPasswordForm,
    UserChangeForm,
)
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import dress
from agreements.models import Membership, Team
from agreements.time_zones import validate_time_zone
from agreements.visible_names import validate_visible
from slaproject.accounts.answering import Answer
from slaproject.accounts.models import User
from slaproject.accounts.roles import Kind, kind_of
from slaproject.accounts.services import keep_an_administrator, refuse_orphans


def styled(form: forms.BaseForm) -> None:
    """Give the fields the site's look; what is wrong with a field Django says of it by itself."""
    for field in form.fields.values():
        is_select = isinstance(field.widget, forms.Select)
        field.widget.attrs["class"] = "form-select" if is_select else "form-control"


@cache
def zone_names() -> tuple[str, ...]:
    """Return the time zones that people choose from, sorted."""
    names = zoneinfo.available_timezones()
    return (*sorted(name for name in names if "/" in name and not name.startswith("Etc/")), "UTC")


@cache
def _by_lower_name() -> dict[str, str]:
    return {name.lower(): name for name in zoneinfo.available_timezones()}


class TimeZoneField(forms.CharField):
    """A time zone, typed with suggestions; case and spaces do not matter."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Time zone"),
            max_length=64,
            validators=[validate_time_zone],
            help_text=_("Begin to type a city, like Warsaw. Times are shown in this zone."),
        )
        self.widget.attrs |= {"list": "time-zones", "autocomplete": "off", "spellcheck": "false"}

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value) or ""
        return _by_lower_name().get(typed.lower().replace(" ", "_"), typed)


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
        styled(self)

    def confirm_login_allowed(self, user: User) -> None:
        """Refuse closed accounts, and those of programs."""
        super().confirm_login_allowed(user)
        if user.role == User.Role.INTEGRATION:
            raise forms.ValidationError(self.error_messages["integration"], code="integration")


class ForgottenForm(forms.Form):
    """Whose password is forgotten."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        styled(self)


class ChoosePasswordForm(SetPasswordForm):
    """A first or a new password, typed twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        styled(self)


class ChangePasswordForm(PasswordChangeForm):
    """The password that is known, and a new one typed twice. Wrong ones are counted as at the door."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        styled(self)

    def clean_old_password(self) -> str:
        """Return the password that is known; ValidationError for a wrong one, and while one has to wait."""
        typed: str = self.cleaned_data["old_password"]
        found = authenticate(self.request, username=self.user.email, password=typed)
        if found is None or found.pk != self.user.pk:
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return typed


class AboutPersonForm(forms.Form):
    """What everybody may change of themselves."""

    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        help_text=_("As colleagues know you."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        validators=[validate_visible],
    )
    time_zone = TimeZoneField()
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        styled(self)


class OwnAccountForm(AboutPersonForm):
    """What one sets for oneself, besides: how the pages are worked."""

    uses_shortcuts = forms.BooleanField(
        label=_("Keyboard shortcuts"),
        required=False,
        help_text=_(
            "Keys of one letter, like j for the next lead; they do nothing while you type. The key ? shows them all."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["uses_shortcuts"].widget.attrs["class"] = "form-check-input d-block"


class PersonForm(AboutPersonForm):
    """What an administrator changes of a person."""

    email = forms.EmailField(
        label=_("E-mail"), max_length=254, help_text=_("The person signs in with it, and links go there.")
    )
    kind = forms.ChoiceField(
        label=_("Role"),
        required=False,
        help_text=_(
            "Viewers read figures and signed agreements; auditors also their history, and no personal data. "
            "Administrators look after people and settings, and sign nothing by that."
        ),
    )
    field_order = ["name", "email", "kind"]

    def __init__(self, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        self.person = person
        if person is not None:
            kwargs["initial"] = {
                "name": person.name,
                "email": person.email,
                "kind": kind_of(person).value,
                "time_zone": person.time_zone,
                "language": person.language,
            }
        super().__init__(*args, **kwargs)
        # A program is no person who could be invited or made one; the one that is one may stay it.
        is_program = person is not None and person.role == User.Role.INTEGRATION
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            choice for choice in Kind.choices if is_program or choice[0] != Kind.INTEGRATION.value
        ]
        self.fields["name"].help_text = _("As colleagues know them.")
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        self.fields["email"].widget.attrs["autocomplete"] = "off"

    def clean_email(self) -> str:
        """Return the address; ValidationError when it is somebody else's."""
        email: str = self.cleaned_data["email"]
        others = User.objects.filter(email__iexact=email)
        if self.person is not None:
            others = others.exclude(pk=self.person.pk)
        if others.exists():
            raise ValidationError(_("Somebody else has this e-mail address."))
        return email

    def clean_kind(self) -> Kind:
        """Return the kind as such."""
        return Kind(self.cleaned_data["kind"])


class InviteForm(PersonForm):
    """A new person, with their first place in a team if they work in one."""

    team = forms.ModelChoiceField(
        label=_("Team"),
        queryset=Team.objects.filter(is_external=False),
        required=False,
        empty_label=_("none"),
    )
    team_role = forms.ChoiceField(
        label=_("Role in the team"),
        choices=Membership.Role.choices,
        required=False,
        initial=Membership.Role.MEMBER,
    )
    field_order = ["name", "email", "kind", "team", "team_role"]

    def clean_team_role(self) -> str:
        """Return the role in the team; that of a member unless told."""
        return self.cleaned_data["team_role"] or Membership.Role.MEMBER

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        kind = given.get("kind")
        if kind == Kind.IN_TEAMS and given.get("team") is None and "team" not in self.errors:
            self.add_error(
                "team", _("Choose the team, or another role: without both there is nothing to see.")
            )
        if kind in (Kind.VIEWER, Kind.AUDITOR) and given.get("team") is not None:
            self.add_error("team", _("Viewers and auditors belong to no team."))
        return given


class PlaceForm(forms.Form):
    """A team, and the role in it."""

    team = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.filter(is_external=False), empty_label=_("choose")
    )
    role = forms.ChoiceField(
        label=_("Role in the team"), choices=Membership.Role.choices, initial=Membership.Role.MEMBER
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        styled(self)


class LeavingForm(forms.Form):
    """To whom each thing goes that a leaver answers for; `everything` is for what has no choice of its own."""

    def __init__(self, data: Any = None, *, answers: Sequence[Answer]) -> None:
        super().__init__(data)
        self.answers = answers
        everybody = {pk: name for answer in answers for pk, name in answer.colleagues}
        if len(answers) > 1 and everybody:
            self.fields["everything"] = self._choice(_("Everything to"), everybody.items(), _("choose below"))
            self.fields["everything"].help_text = _(
                "Where this colleague is of the same team, and nobody else is chosen."
            )
        for answer in answers:
            empty = _("others, by the routing rules") if answer.is_optional else _("choose")
            self.fields[answer.key] = self._choice(capfirst(answer.sentence), answer.colleagues, empty)
            if not answer.colleagues and not answer.is_optional:
                self.fields[answer.key].help_text = _(
                    "Nobody else is in this team: put somebody into it first."
                )
        dress(self)

    def _choice(self, label: Any, people: Iterable[tuple[int, str]], empty: Any) -> forms.TypedChoiceField:
        choices = [("", empty), *people]
        return forms.TypedChoiceField(
            label=label, choices=choices, coerce=int, empty_value=None, required=False
        )

    def heirs(self) -> dict[str, int]:
        """Return who was chosen for each thing."""
        everything = self.cleaned_data.get("everything")
        chosen = {}
        for answer in self.answers:
            heir = self.cleaned_data.get(answer.key)
            if heir is None and everything in {pk for pk, _name in answer.colleagues}:
                heir = everything
            if heir is not None:
                chosen[answer.key] = heir
        return chosen

    def refuse(self, error: ValidationError) -> None:
        """Say at each thing what is wrong with it; of things that came meanwhile, above all."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for key, faults in error.message_dict.items():
            known = key in self.fields
            text = faults[0] if known else _("Something came to this person meanwhile. Open the page again.")
            self.add_error(key if known else None, ValidationError(text))
        dress(self)


class TeamForm(forms.Form):
    """One of the teams."""

    team = forms.ModelChoiceField(queryset=Team.objects.all())


class PeopleQuery(forms.Form):
    """What the list of people is asked for, by its address."""

    STATES = [
        ("", _("open accounts")),
        ("invited", _("invited, not here yet")),
        ("closed", _("closed accounts")),
        ("all", _("all")),
    ]
    ROLES = [
        ("", _("all")),
        *Membership.Role.choices,
        ("viewer", _("Viewer")),
        ("auditor", _("Auditor")),
        ("administrator", _("Administrator")),
        ("integration", _("Integration")),
    ]

    q = forms.CharField(label=_("Name or e-mail"), max_length=200, required=False)
    team = forms.ModelChoiceField(
        label=_("Team"),
        queryset=Team.objects.all(),
        required=False,
        empty_label=_("all"),
        to_field_name="slug",
    )
    role = forms.ChoiceField(label=_("Role"), choices=ROLES, required=False)
    state = forms.ChoiceField(label=_("Account"), choices=STATES, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].widget = forms.TextInput(attrs={"type": "search", "autocomplete": "off"})
        styled(self)


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

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        stays = given.get("is_superuser") and given.get("is_active") and given.get("role") != "integration"
        if self.instance.pk and not stays:
            keep_an_administrator(without=self.instance)
        if self.instance.pk and "is_active" in self.changed_data and not given.get("is_active"):
            refuse_orphans(self.instance)
        return given
