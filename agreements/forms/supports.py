"""What an agreement rests on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import day_field, dress
from agreements.models import Agreement
from agreements.visible_names import validate_visible


class SupportForm(forms.Form):
    """An agreement of the product that this person may read, or a document outside in words."""

    supporter = forms.ModelChoiceField(
        Agreement.objects.none(),
        label=_("An agreement of this product"),
        required=False,
        empty_label=_("none of these"),
    )
    name = forms.CharField(
        label=_("Or a document outside it"),
        max_length=150,
        required=False,
        help_text=_("As in: contract with the telephone company."),
        validators=[validate_visible],
    )
    reference = forms.CharField(
        label=_("Where it is"),
        max_length=200,
        required=False,
        help_text=_("A number, a place, an address."),
    )
    ends_on = day_field(
        _("Ends before"), required=False, help_text=_("First day no longer covered. Empty: open-ended.")
    )
    is_signed = forms.BooleanField(label=_("The document is signed"), required=False, initial=True)

    def __init__(self, data: Any = None, *, others: QuerySet[Agreement]) -> None:
        super().__init__(data)
        self.fields["supporter"].queryset = others  # type: ignore[attr-defined]
        dress(self)
