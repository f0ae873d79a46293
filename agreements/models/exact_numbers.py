"""A column of exact numbers: a goal that was amended in the middle of a month is no decimal number."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    Text = models.CharField[Any, Any]
else:
    Text = models.CharField


class ExactField(Text):
    """A `Fraction`, kept in lowest terms as text: 412 or 1234/7. Equal numbers are equal texts."""

    if TYPE_CHECKING:
        _pyi_private_set_type: Any
        _pyi_private_get_type: Any

    description = _("exact number")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 100)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Fraction | None:
        return None if value is None else Fraction(value)

    def to_python(self, value: Any) -> Any:
        if value is None or isinstance(value, Fraction):
            return value
        if isinstance(value, (int, Decimal, str)) and not isinstance(value, bool):
            try:
                return Fraction(value)
            except (ValueError, OverflowError, ZeroDivisionError) as error:
                raise ValidationError(_("This is no exact number.")) from error
        raise ValidationError(_("This is no exact number."))

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else str(self.to_python(value))

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""
