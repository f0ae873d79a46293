"""What an administrator says of a new inlet, or of a new outlet."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.visible_names import validate_visible
from leads.intake.values import SYSTEM_LIMIT
from slaproject.accounts.forms import styled
from slaproject.accounts.models import User
from slaproject.outbox.forms import check_address
from slaproject.webhooks.adapters import STAGES
from slaproject.webhooks.models import Inlet, Outlet
from slaproject.webhooks.signing import LONGEST_GIVEN


class GivenSecretForm(forms.Form):
    """A secret that a program was given elsewhere, by which it signs."""

    secret = forms.CharField(
        label=_("Client secret"),
        max_length=LONGEST_GIVEN,
        min_length=16,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("HubSpot shows it with your app, under Auth."),
    )

    def clean_secret(self) -> str:
        """Refuse what nobody signs by."""
        secret: str = self.cleaned_data["secret"]
        if secret and not (secret.isascii() and secret.isprintable()):
            raise forms.ValidationError(_("A client secret is of letters, digits and hyphens."))
        return secret


class InletForm(GivenSecretForm):
    """A name, whose ids come in and how it is worded; `key` tells the same form sent twice."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("What sends, as in: HubSpot."),
        validators=[validate_visible],
    )
    integration = forms.ModelChoiceField(
        label=_("Integration"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("a new one, of this name"),
        help_text=_("The program’s account, in whose name leads and deals are written."),
    )
    system = forms.CharField(
        label=_("System"),
        max_length=SYSTEM_LIMIT,
        help_text=_("Whose ids its leads have: the same word as in imports and by the API, as in: crm."),
    )
    form = forms.ChoiceField(label=_("It sends"), choices=Inlet.Form.choices)
    stage = forms.CharField(
        label=_("Called qualified"),
        max_length=100,
        required=False,
        help_text=_(
            "HubSpot and Salesforce: the stage or status from which on a contact is a lead here. Left empty: %s."
        )
        % ", ".join(STAGES.values()),
    )
    signature = forms.ChoiceField(
        label=_("It signs as"), choices=Inlet.Signature.choices, initial=Inlet.Signature.STANDARD
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"key": uuid.uuid4()})
        self.fields["secret"].required = False
        self.fields["secret"].help_text = _(
            "For HubSpot’s own signature alone: it is shown with your app, under Auth."
        )
        programs = User.objects.filter(role=User.Role.INTEGRATION, is_active=True, is_superuser=False)
        self.fields["integration"].queryset = programs.order_by("name", "pk")  # type: ignore[attr-defined]
        styled(self)

    def clean_system(self) -> str:
        """Refuse what imports would refuse each time."""
        system: str = self.cleaned_data["system"]
        if not system.isprintable():
            raise forms.ValidationError(_("Only letters, digits and signs that can be seen."))
        return system

    def clean(self) -> dict[str, Any]:
        """Take the usual word for qualified where none was given."""
        given: dict[str, Any] = super().clean() or {}
        given["stage"] = given.get("stage") or STAGES.get(given.get("form", ""), "")
        if given.get("signature") == Inlet.Signature.HUBSPOT:
            if given.get("form") != Inlet.Form.HUBSPOT:
                self.add_error("signature", _("Only what HubSpot sends is signed so."))
            if not given.get("secret") and "secret" not in self.errors:
                self.add_error("secret", _("It is needed: HubSpot signs by it."))
        elif given.get("secret"):
            self.add_error("secret", _("Leave this empty: by Standard Webhooks a secret is made here."))
        return given


class OutletForm(forms.Form):
    """A name, an address and what is told there; `key` tells the same form sent twice."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("Who is told, as in: data warehouse."),
        validators=[validate_visible],
    )
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("It takes JSON by POST, and begins with https://. It has to be in the public internet."),
    )
    subjects = forms.MultipleChoiceField(
        label=_("It is told of"), choices=Outlet.Subject.choices, widget=forms.CheckboxSelectMultiple
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"key": uuid.uuid4()})
        styled(self)
        self.fields["subjects"].widget.attrs["class"] = "form-check-input"

    def clean_url(self) -> str:
        """Refuse where nothing would be sent; it is looked at again each time that something is."""
        url = str(self.cleaned_data["url"]).strip()
        check_address(url)
        return url
