"""A custom measure of a draft: what is measured, by whom promised, at least or at most how much."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import TypedNumberField, dress
from agreements.models import CustomMeasure, Party
from agreements.services.measure_terms import TERMS
from agreements.visible_names import validate_visible


class MeasureForm(forms.Form):
    """One measure of a draft. `edits` says which state of it the writer had before their eyes."""

    edits = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1, initial=0)
    name = forms.CharField(
        label=_("What is measured"),
        max_length=100,
        validators=[ProhibitNullCharactersValidator(), validate_visible],
        help_text=_("As in: Satisfaction of customers; hours until a complaint is answered."),
    )
    party = forms.TypedChoiceField(label=_("Promised by"), coerce=int)
    direction = forms.ChoiceField(label=_("At least or at most"), choices=CustomMeasure.Direction.choices)
    target = TypedNumberField(label=_("Target"), max_digits=14, decimal_places=4)
    unit = forms.CharField(
        label=_("Unit"),
        max_length=30,
        required=False,
        validators=[ProhibitNullCharactersValidator()],
        help_text=_("As in: points, h, %."),
    )
    period = forms.ChoiceField(
        label=_("Measured"),
        choices=CustomMeasure.Period.choices,
        help_text=_(
            "A value is entered within a month after the month or quarter; without one the promise is missed."
        ),
    )

    def __init__(
        self, data: Any = None, *, parties: Iterable[Party], measure: CustomMeasure | None = None
    ) -> None:
        self.parties = {party.pk: party for party in parties}
        super().__init__(data, initial=_initial(measure, list(self.parties)))
        field = self.fields["party"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(pk, party.team.name) for pk, party in self.parties.items()]
        dress(self)

    def sentence(self) -> dict[str, Any]:
        """Return what `write_measure` takes."""
        given = self.cleaned_data
        return {
            "terms": {name: given[name] for name in TERMS},
            "edits": given["edits"],
            "party": self.parties[given["party"]],
        }

    def as_typed(self) -> CustomMeasure | None:
        """Return the measure that the form says; None while it says too little. Not saved."""
        given = self.cleaned_data if self.is_bound and hasattr(self, "cleaned_data") else {}
        if not given.get("name") or given.get("target") is None or not given.get("direction"):
            return None
        return CustomMeasure(**{name: given.get(name, "") for name in TERMS})

    def lines(self) -> list[list[forms.BoundField]]:
        """The fields in the order in which they are read, those of one question beside each other."""
        rows = (("name", "party"), ("direction", "target", "unit", "period"))
        return [[self[name] for name in names] for names in rows]


def _initial(measure: CustomMeasure | None, parties: list[int]) -> dict[str, Any]:
    if measure is None:
        return {"party": parties[-1] if parties else None}
    found = {name: getattr(measure, name) for name in (*TERMS, "edits")} | {"party": measure.party_id}
    target = measure.target.normalize()
    return found | {"target": target if target.as_tuple().exponent < 0 else Decimal(int(target))}  # type: ignore[operator]
