"""A number as a calculation takes it: typed, slid or stepped, with the unit and what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.translation import gettext as _

from agreements.typed_numbers import neutral, read_number, shown, typed
from reports.charts import words
from reports.charts.known_numbers import Known


class NumberField(forms.Field):
    """A number that is typed, slid or stepped. Gives a Decimal; of per cent the share."""

    def __init__(
        self,
        *,
        label: Any,
        unit: Any = "",
        known: Callable[[], Known],
        low: int = 0,
        is_above: bool = False,
        high: int = 10**12,
        places: int = 2,
        step: Decimal | None = None,
        is_percent: bool = False,
    ) -> None:
        super().__init__(label=label, required=False, widget=forms.TextInput)
        self.unit = unit
        self._known = known
        self.low, self.is_above, self.high, self.places = Decimal(low), is_above, Decimal(high), places
        self.is_percent = is_percent
        self._step = step

    @cached_property
    def known(self) -> Known:
        """What is known of the number, read only when it is asked for."""
        return self._known()

    @property
    def step(self) -> Decimal:
        return self._step or _handy_step(self.known.value)

    def clean(self, value: Any) -> Decimal:
        number = read_number(str(value or ""))
        if number < self.low or (self.is_above and number == self.low):
            said = {"low": self._said(self.low)}
            raise ValidationError(
                _("It must be above %(low)s.") % said
                if self.is_above
                else _("It must not be below %(low)s.") % said
            )
        if number > self.high:
            raise ValidationError(_("It must not be above %(high)s.") % {"high": self._said(self.high)})
        if number != round(number, self.places):
            raise ValidationError(
                _("At most %(n)s decimal places.") % {"n": self.places}
                if self.places
                else _("A whole number is needed.")
            )
        return number / 100 if self.is_percent else number

    def _said(self, value: Decimal) -> str:
        return words.percent(Fraction(value) / 100) if self.is_percent else words.amount(value)

    def slider(self, text: str) -> dict[str, str]:
        """Return the ends, the step and the place of the slider for what is typed now."""
        try:
            value = read_number(text)
        except ValidationError:
            value = self.known.value
        top = (
            self.high
            if self.is_percent
            else min(self.high, _round_up(2 * max(value, self.known.value, self.step * 10)))
        )
        low = self.step if self.is_above else self.low
        return {
            "min": f"{low:f}",
            "max": f"{top:f}",
            "step": f"{self.step:f}",
            "value": f"{min(max(value, low), top):f}",
        }


@dataclass(frozen=True, slots=True)
class NumberInput:
    """A number as the page shows it: what was typed, what is wrong with it, and what it can be set to.

    `measured_text` is the measured value as the field takes it, "" where it can be no input; `measured_address` leads
    to the same calculation with it.
    """

    bound: BoundField
    field: NumberField
    text: str
    slider: dict[str, str]
    measured_text: str
    measured_address: str

    @property
    def error(self) -> str:
        return str(self.bound.errors[0]) if self.bound.errors else ""


def number_input(form: forms.Form, name: str, typed_inputs: Mapping[str, str]) -> NumberInput:
    """Return a number of a form as the page shows it."""
    field = form.fields[name]
    assert isinstance(field, NumberField)
    text = str(form.data.get(name, ""))
    reference = field.known.measured
    measured = "" if reference is None or reference.value is None else typed(reference.value)
    address = QueryDict(mutable=True)
    address.update({**typed_inputs, name: neutral(measured)})
    return NumberInput(
        bound=form[name],
        field=field,
        text=shown(text),
        slider=field.slider(text),
        measured_text=measured,
        measured_address=f"?{address.urlencode()}" if measured else "",
    )


def percent_field(
    label: str, known: Callable[[], Known], *, step: str, places: int = 2, is_above: bool = True
) -> NumberField:
    return NumberField(
        label=label,
        unit="%",
        known=known,
        is_above=is_above,
        high=100,
        places=places,
        step=Decimal(step),
        is_percent=True,
    )


def _handy_step(value: Decimal) -> Decimal:
    """Return 1, 10, 100 … (or 0.1, 0.01): between a hundredth and a tenth of the value."""
    if value <= 0:
        return Decimal(1)
    return max(Decimal("0.01"), Decimal(1).scaleb(value.adjusted() - 1))


def _round_up(value: Decimal) -> Decimal:
    """Return the next number of one digit and zeros."""
    unit = Decimal(1).scaleb(value.adjusted())
    return -(-value // unit) * unit
