"""Fields for lengths and shares, and how every field of a page looks and is described."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from agreements.services.faults import YEARS
from agreements.typed_numbers import read_number, typed


class HoursAndMinutes(forms.MultiWidget):
    """Two numbers beside each other, each with a name of its own for who hears the page."""

    template_name = "agreements/_hours_and_minutes.html"

    def __init__(self) -> None:
        super().__init__(
            [
                forms.NumberInput(
                    attrs={"min": 0, "max": 8784, "class": "form-control", "aria-label": _("hours")}
                ),
                forms.NumberInput(
                    attrs={"min": 0, "max": 59, "class": "form-control", "aria-label": _("minutes")}
                ),
            ]
        )

    def decompress(self, value: dt.timedelta | None) -> list[int | None]:
        if value is None:
            return [None, None]
        minutes = value // dt.timedelta(minutes=1)
        return [minutes // 60, minutes % 60]


class LengthField(forms.MultiValueField):
    """Business time in hours and minutes. Both empty: none."""

    widget = HoursAndMinutes

    def __init__(self, **more: Any) -> None:
        hours = forms.IntegerField(min_value=0, max_value=8784, required=False)
        minutes = forms.IntegerField(min_value=0, max_value=59, required=False)
        super().__init__((hours, minutes), require_all_fields=False, required=False, **more)

    def compress(self, parts: list[int | None]) -> dt.timedelta | None:
        hours, minutes = [*parts, None, None][:2]
        if hours is None and minutes is None:
            return None
        return dt.timedelta(hours=hours or 0, minutes=minutes or 0)


class TypedNumberField(forms.DecimalField):
    """A number, typed as pages print it: 60,000 or 1,234.50 in English, 60 000 or 1 234,50 in Polish."""

    widget = forms.TextInput

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.widget.attrs.setdefault("inputmode", "decimal")
        self.widget.attrs.setdefault("autocomplete", "off")

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values or not str(value).strip():
            return None
        return value if isinstance(value, Decimal) else read_number(str(value))

    def prepare_value(self, value: Any) -> Any:
        return typed(value) if isinstance(value, Decimal) else value


class WholeNumberField(TypedNumberField):
    """A number without a part."""

    def clean(self, value: Any) -> Any:
        number = super().clean(value)
        if number is None:
            return None
        if number != int(number):
            raise ValidationError(_("A whole number is needed."))
        return int(number)


class PercentField(TypedNumberField):
    """A share, typed as per cent with at most two decimals."""

    def __init__(self, **more: Any) -> None:
        super().__init__(min_value=0, max_value=100, max_digits=5, decimal_places=2, required=False, **more)

    def clean(self, value: Any) -> Any:
        percent = super().clean(value)
        return None if percent is None else percent / 100

    def prepare_value(self, value: Any) -> Any:
        return typed(value * 100) if isinstance(value, Decimal) else value


class DaysField(TypedNumberField):
    """A window in days of 24 hours."""

    def __init__(self, **more: Any) -> None:
        super().__init__(min_value=0, max_value=366, max_digits=5, decimal_places=2, required=False, **more)

    def clean(self, value: Any) -> Any:
        days = super().clean(value)
        return None if days is None else dt.timedelta(seconds=int(days * 86400))

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, dt.timedelta):
            return typed(round(Decimal(value // dt.timedelta(seconds=1)) / 86400, 2))
        return value


def day_field(label: Any, **more: Any) -> forms.DateField:
    """A day, as the browser's own field for days takes it."""
    return forms.DateField(
        label=label,
        input_formats=["%Y-%m-%d"],
        validators=[
            MinValueValidator(dt.date(YEARS[0], 1, 1), _("The year is from 2000 to 2100.")),
            MaxValueValidator(dt.date(YEARS[-1], 12, 31), _("The year is from 2000 to 2100.")),
        ],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        **more,
    )


def dress(form: forms.BaseForm) -> None:
    """Give each field its looks and, where it was refused, what ties it to the sentence that says why."""
    for name, field in form.fields.items():
        widget = field.widget
        widgets = widget.widgets if isinstance(widget, forms.MultiWidget) else [widget]
        for one in widgets:
            one.attrs["class"] = _css(one)
            described = [one.attrs["aria-describedby"]] if "aria-describedby" in one.attrs else []
            if field.help_text or one.attrs.get("data-says"):
                described.append(f"id_{name}_says")
            if form.is_bound and name in form.errors:
                one.attrs["aria-invalid"] = "true"
                described.insert(0, f"id_{name}_error")
            if described:
                one.attrs["aria-describedby"] = " ".join(described)


def _css(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "ticks"
    if isinstance(widget, (forms.CheckboxInput, forms.RadioSelect)):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"
