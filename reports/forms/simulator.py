"""What the simulator is asked: drafted terms, of which leads, over which period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.forms.fields import DaysField, LengthField, PercentField, dress
from agreements.models import Segment
from reports.charts.simulation import Span


class SimulatorForm(forms.Form):
    """The question as a form of a GET page: what is not asked in the address is taken from the terms given."""

    allowance = LengthField(label=gettext_lazy("Time to the first attempt, in business hours and minutes"))
    average_goal = LengthField(label=gettext_lazy("Agreed average, in business hours and minutes"))
    in_time_share = PercentField(label=gettext_lazy("Agreed share in time, in %"))
    attempts = forms.IntegerField(
        label=gettext_lazy("Attempts on leads that have not connected"),
        required=False,
        min_value=1,
        max_value=100,
    )
    window = DaysField(label=gettext_lazy("Follow-up window, in days"))
    share = PercentField(label=gettext_lazy("Share of leads worked, in %"))
    segment = forms.ChoiceField(label=gettext_lazy("Leads"), required=False)
    period = forms.ChoiceField(label=gettext_lazy("Handed off in"), required=False)

    def __init__(
        self, query: QueryDict, *, spans: Sequence[Span], segments: Sequence[Segment], terms: dict[str, Any]
    ) -> None:
        self.spans = {span.value: span for span in spans}
        self.segments = {segment.slug: segment for segment in segments}
        self.given = terms | {name: query[name] for name in ("segment", "period") if name in query}
        is_asked = "allowance_0" in query or "allowance_1" in query
        super().__init__(query if is_asked else None, initial=self.given)
        choices = {
            "segment": [("", _("all")), *((segment.slug, segment.name) for segment in segments)],
            "period": [(span.value, span.name) for span in spans],
        }
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = offered
        dress(self)

    def clean_allowance(self) -> Any:
        allowance = self.cleaned_data["allowance"]
        if allowance is None:
            raise forms.ValidationError(_("Say a time, so that it can be tried."))
        return allowance

    def asked(self) -> dict[str, Any]:
        """Return the question as far as it was understood; the period is the newest unless another was asked for."""
        self.is_valid()
        given = dict(self.cleaned_data) if self.is_bound else dict(self.given)
        given["span"] = self.spans.get(given.get("period") or "", next(iter(self.spans.values())))
        given["segment"] = self.segments.get(given.get("segment") or "")
        return given
