"""The reasons for which a lead may be given back: the usual ones to tick, and a text with the parties' own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.rejection_reasons import UsualReason, read_own, read_reasons, reasons_text


class ReasonsWidget(forms.MultiWidget):
    """Ticks above a text."""

    template_name = "agreements/_reasons.html"

    def __init__(self) -> None:
        ticks = forms.CheckboxSelectMultiple(choices=UsualReason.choices)
        text = forms.Textarea(attrs={"rows": 3, "aria-label": _("reasons of your own")})
        super().__init__([ticks, text])

    def decompress(self, value: str | None) -> list[Any]:
        reasons = read_reasons(value) if value else ()
        own = [f"{one.word}: {one.label}" for one in reasons if one.is_own]
        return [[one.word for one in reasons if not one.is_own], "\n".join(own)]


class ReasonsField(forms.MultiValueField):
    """Gives the text that a version keeps; nothing ticked or written: nothing."""

    widget = ReasonsWidget

    def __init__(self, **more: Any) -> None:
        usual = forms.MultipleChoiceField(choices=UsualReason.choices, required=False)
        own = forms.CharField(required=False, max_length=5_000)
        super().__init__((usual, own), require_all_fields=False, required=False, **more)

    def compress(self, parts: list[Any]) -> str:
        usual, own = [*parts, None, None][:2]
        return reasons_text(usual or (), read_own(own or ""))
