"""What an administrator types about teams and segments."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import TypedNumberField
from agreements.models import BusinessCalendar, Segment, Team
from agreements.visible_names import validate_visible

CONTROLS = {"select": "form-select", "radio": "form-check-input", "checkbox": "form-check-input"}


class DressedForm(forms.Form):
    """A form whose fields look as everywhere on the site."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            kind = getattr(field.widget, "input_type", "")
            if kind != "hidden":
                field.widget.attrs.setdefault("class", CONTROLS.get(kind, "form-control"))

    def said(self) -> dict[str, Any]:
        """Return what a form without faults says, by the names that its service has for it."""
        return self.cleaned_data


class TeamForm(DressedForm):
    """A team: what it is called, what it does, whose hours it keeps."""

    name = forms.CharField(label=_("Name"), max_length=100, validators=[validate_visible])
    function = forms.ChoiceField(label=_("What it does"), choices=Team.Function.choices)
    calendar = forms.ModelChoiceField(
        label=_("Business hours"),
        queryset=BusinessCalendar.objects.filter(revisions__isnull=False).distinct(),
        required=False,
        empty_label=_("as agreed, or the company's"),
        help_text=_("For new hand-offs; running clocks keep theirs."),
    )
    is_external = forms.BooleanField(
        label=_("Outside the company"),
        required=False,
        help_text=_("A customer's or supplier's: nobody of it has an account here, and it signs on paper."),
    )


class SegmentForm(DressedForm):
    """A class of leads: what it is called, how soon it is worked, what one of its leads is worth."""

    name = forms.CharField(label=_("Name"), max_length=100, validators=[validate_visible])
    priority = forms.IntegerField(
        label=_("Priority"),
        min_value=0,
        max_value=32_767,
        initial=100,
        help_text=_("Lower numbers are worked first."),
    )
    lead_value = TypedNumberField(
        label=Segment._meta.get_field("lead_value").verbose_name.capitalize(),
        min_value=0,
        max_digits=14,
        decimal_places=2,
        required=False,
        help_text=_("Expected revenue of one lead: average deal × close rate, or set by hand."),
    )
