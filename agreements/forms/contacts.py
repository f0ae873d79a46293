"""Who answers for what on one side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import dress
from agreements.forms.obligations import people_of
from agreements.models import Contact, Party


class ContactForm(forms.Form):
    """A responsibility in free words, and a person of the party's team or somebody outside.

    `parties` are those whose contacts this person may name; a contact that is there stays with its own.
    """

    party = forms.TypedChoiceField(label=_("Side"), coerce=int)
    responsibility = forms.CharField(
        label=_("What for"), max_length=100, help_text=_("As in: day to day, data, escalation.")
    )
    person = forms.TypedChoiceField(
        label=_("Who answers for it"), coerce=int, empty_value=None, required=False
    )
    outside = forms.CharField(
        label=_("Or somebody who does not sign in here"),
        max_length=200,
        required=False,
        help_text=_("A name, a number, an e-mail address."),
    )

    def __init__(self, data: Any = None, *, parties: Sequence[Party], contact: Contact | None = None) -> None:
        super().__init__(data, initial=_said(contact) if contact is not None else {})
        self.parties = {party.pk: party for party in parties}
        people = people_of(parties)
        if contact is not None:
            del self.fields["party"]
            known = {pk for _team, group in people[1:] for pk, _name in group}
            if contact.person is not None and str(contact.person_id) not in known:
                people.append(
                    (str(contact.person_id), str(contact.person))
                )  # who left stands there until changed
        else:
            choices = [(str(party.pk), party.team.name) for party in parties]
            self.fields["party"].choices = choices  # type: ignore[attr-defined]
        self.fields["person"].choices = people  # type: ignore[attr-defined]
        dress(self)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors and (given["person"] is None) == (not given["outside"]):
            self.add_error(
                "person", ValidationError(_("Choose a person, or write who it is: one of the two."))
            )
        return given


def _said(contact: Contact) -> dict[str, Any]:
    return {
        "responsibility": contact.responsibility,
        "person": contact.person_id,
        "outside": contact.outside,
    }
