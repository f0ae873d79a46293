"""A field for one of many that are offered: typed, or taken from a list that stands once on a page for all its fields.

One is named by its text or its value in full, or by the name before its value, as long as nobody else is called so:
case and blanks tell nothing apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from leads.intake.identity import folded
from leads.intake.values import shortened

BETWEEN = " · "


class Offered:
    """The values that can be chosen, each with the text that it is shown by, of which no two are the same."""

    def __init__(self, choices: Iterable[tuple[str, Any]]) -> None:
        self._texts = {value: str(label) for value, label in choices}
        self._values = {text: value for value, text in self._texts.items()}
        self._in_full: dict[str, set[str]] = defaultdict(set)
        self._by_name: dict[str, set[str]] = defaultdict(set)
        for value, text in self._texts.items():
            for whole in (value, text):
                self._in_full[folded(whole)].add(value)
            self._by_name[folded(text.removesuffix(f"{BETWEEN}{value}"))].add(value)

    @property
    def texts(self) -> list[str]:
        """What the list shows, in its order."""
        return list(self._texts.values())

    def text(self, value: str) -> str:
        """Return what a value is shown by; what is no value stays as it is."""
        return self._texts.get(value, value)

    def meant(self, text: str) -> str:
        """Return the one value that is meant; ValidationError where there is none, or could be several."""
        if text in self._values:
            return self._values[text]
        if text in self._texts:
            return text
        key = folded(text)
        found = self._in_full.get(key) or self._by_name.get(key) or set()
        if len(found) == 1:
            return next(iter(found))
        said = {"text": shortened(text)}
        if found:
            raise ValidationError(
                _("“%(text)s” could be several that are offered: choose one of the list.") % said
            )
        raise ValidationError(_("“%(text)s” is not offered here: choose one of the list.") % said)


class OfferedField(forms.CharField):
    """Cleaned to the value that is meant; "" where nothing is typed."""

    def __init__(self, offered: Offered, *, list_id: str, placeholder: Any, **kwargs: Any) -> None:
        attrs = {"list": list_id, "placeholder": placeholder, "autocomplete": "off", "class": "form-control"}
        super().__init__(required=False, widget=forms.TextInput(attrs=attrs), **kwargs)
        self._offered = offered

    def prepare_value(self, value: Any) -> Any:
        """Show a value by its text."""
        return self._offered.text(value) if isinstance(value, str) else value

    def clean(self, value: Any) -> str:
        """Return the value that is meant."""
        text: str = super().clean(value)
        return self._offered.meant(text) if text else ""
