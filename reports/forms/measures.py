"""What is typed about a custom measure: its value for a period, and why one was wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agreements.forms.fields import TypedNumberField, dress
from agreements.models import CustomMeasure
from agreements.readings.measure_words import period_name


class ValueForm(forms.Form):
    """The value of one measure for one of the periods that have none yet."""

    measure = forms.CharField(widget=forms.HiddenInput, max_length=100)
    period_on = forms.ChoiceField(label=_("Period"))
    value = TypedNumberField(label=pgettext_lazy("of a measure", "Value"), max_digits=14, decimal_places=4)

    def __init__(
        self,
        data: Any = None,
        *,
        measure: CustomMeasure,
        open_periods: Sequence[dt.date],
        late: Collection[dt.date] = (),
    ) -> None:
        first = {"measure": measure.name, "period_on": open_periods[0].isoformat() if open_periods else ""}
        super().__init__(data, initial=first, auto_id=f"id_{measure.pk}_%s")
        period, value = self.fields["period_on"], self.fields["value"]
        assert isinstance(period, forms.ChoiceField)
        names = {one: period_name(one, measure.period) for one in open_periods}
        too_late = _("%(period)s (too late to be judged)")
        period.choices = [
            (one.isoformat(), too_late % {"period": name} if one in late else name)
            for one, name in names.items()
        ]
        if measure.unit:
            value.label = _("Value, in %(unit)s") % {"unit": measure.unit}
        dress(self)

    def clean_period_on(self) -> dt.date:
        return dt.date.fromisoformat(self.cleaned_data["period_on"])


class VoidForm(forms.Form):
    """Why a value was wrong."""

    reason = forms.CharField(
        label=_("Why it was wrong"), max_length=200, validators=[ProhibitNullCharactersValidator()]
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        dress(self)
