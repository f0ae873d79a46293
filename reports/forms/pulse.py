"""What somebody says of a month."""

from __future__ import annotations

from typing import Any

from django import forms

from agreements.models import PulseAnswer
from agreements.readings.pulse import PulseAsked
from reports.charts.feedback import question_labels


class PulseForm(forms.Form):
    """Three answers from 1 to 5, about the month that was asked about when the form was opened."""

    month_on = forms.DateField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, asked: PulseAsked | None) -> None:
        answer = asked.answer if asked else None
        initial = {name: getattr(answer, name) for name in PulseAnswer.QUESTIONS} if answer else {}
        super().__init__(data, initial=initial | ({"month_on": asked.month_on.isoformat()} if asked else {}))
        for name, label in question_labels():
            self.fields[name] = forms.TypedChoiceField(
                label=label,
                coerce=int,
                choices=[(one.value, f"{one.value} – {one.label}") for one in PulseAnswer.Degree],
                widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
            )
