"""What somebody says of the days, times, amounts and words of a file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from agreements.models import Agreement
from agreements.time_zones import validate_time_zone
from leads.intake.asked import usual_currency
from leads.intake.context import Clock
from leads.intake.faults import Rejected
from leads.intake.said import Said
from leads.intake.values import CURRENCIES, currency, shortened
from leads.intake.words import FoundWord, UnknownWords, Words, read_as
from slaproject.setting_up.forms import DressedForm
from slaproject.setting_up.offered_field import Offered, OfferedField
from slaproject.setting_up.upload_forms import FIELD_WORDS

NOT_SAID = "-"
REJECTED = (NOT_SAID, _("does not say: reject these rows")), ("", _("nothing: as if the cell were empty"))
# What becomes of a name of which nothing is said, and what it means to say that it means nothing.
STAY: dict[str, tuple[Any, Any]] = {
    "owner": (_("keep the name: no account here"), _("nobody: no owner")),
    "by": (_("keep the name: no account here"), _("nobody in particular")),
    "source": (_("keep it: a source of its own"), _("nothing: as if the cell were empty")),
}
NOTHING = "-nothing"
"""Ends the name of the field that says that a word means nothing."""


class ValuesForm(DressedForm):
    """What the days, times, amounts and words of a file mean, and which of its hand-offs get a clock."""

    time_zone = forms.CharField(
        label=_("Time zone of its times"),
        max_length=64,
        required=False,
        validators=[validate_time_zone],
        widget=forms.TextInput(attrs={"list": "zones", "placeholder": "Europe/Warsaw"}),
        help_text=_("Empty: the agreement's, or else the company's."),
    )
    order = forms.ChoiceField(label=_("Order of day and month"), required=False)
    decimal = forms.ChoiceField(
        label=_("Amounts"), required=False, choices=[("", "1,234.56"), (",", "1 234,56 · 1.234,56")]
    )
    currency = forms.CharField(
        label=_("Currency of amounts that name none"),
        max_length=3,
        required=False,
        widget=forms.TextInput(attrs={"list": "currencies", "placeholder": "EUR", "autocomplete": "off"}),
    )
    agreement = forms.ModelChoiceField(
        label=_("Agreement"),
        queryset=Agreement.objects.all(),
        to_field_name="slug",
        required=False,
        empty_label=_("the one in force that day"),
    )
    clock = forms.ChoiceField(
        label=_("Which hand-offs get a running clock"),
        choices=[
            (Clock.RECENT, _("Those younger than one business day: older ones are history")),
            (Clock.NONE, _("None: all of it is history")),
            (Clock.HANDED_OFF, _("All, from their hand-off: what waits too long is overdue at once")),
            (Clock.NOW, _("All, from now on")),
        ],
        widget=forms.RadioSelect,
        help_text=_(
            "History has no due time and is judged by nobody; its speed and depth are counted all the same."
        ),
    )

    def __init__(self, *args: Any, kind: str, said: Said, words: Words, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._said, self._words = said, words
        for name in ("time_zone", "decimal", "agreement", "clock"):
            self.fields[name].initial = getattr(said, name)
        if kind != "deals":
            del self.fields["decimal"]
        if kind != "leads":
            del self.fields["clock"]
        self._ask_for_the_currency()
        self._offer_orders()
        self._found: list[tuple[str, UnknownWords, FoundWord]] = []
        self._offered: dict[str, Offered] = {}
        for unknown in words.unknown:
            self._offered[unknown.name] = Offered(unknown.choices if unknown.keeps else ())
            for word in unknown.words:
                key = f"{unknown.name}-{word.key}"
                if unknown.keeps:
                    self._ask_who_it_is(key, unknown, word)
                else:
                    self.fields[key] = forms.ChoiceField(
                        label=shortened(word.text),
                        required=False,
                        choices=[*REJECTED, *unknown.choices],
                        initial=word.guess or NOT_SAID if word.answer is None else word.answer,
                        widget=forms.Select(attrs={"class": "form-select"}),
                    )
                self._found.append((key, unknown, word))

    def _ask_who_it_is(self, key: str, unknown: UnknownWords, word: FoundWord) -> None:
        """Ask about a word that stays as it is where nothing is typed, and that can be said to mean nothing."""
        stays, nothing = STAY[unknown.name]
        self.fields[key] = OfferedField(
            self._offered[unknown.name],
            list_id=f"offered-{unknown.name}",
            placeholder=stays,
            label=shortened(word.text),
            initial=word.guess if word.answer is None else word.answer,
        )
        self.fields[key + NOTHING] = forms.BooleanField(
            label=nothing,
            required=False,
            initial=word.answer == "",
            widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
        )

    def _ask_for_the_currency(self) -> None:
        count, field = self._words.without_currency, self.fields["currency"]
        if not count:
            del self.fields["currency"]
            return
        said = self._said.currency
        field.initial = usual_currency() if said is None else said
        field.help_text = ngettext(
            "%(n)s amount names no currency. Empty: that of the agreement chosen here, if one is.",
            "%(n)s amounts name no currency. Empty: that of the agreement chosen here, if one is.",
            count,
        ) % {"n": number_format(count)}

    def clean_currency(self) -> str:
        """Return its three letters, or nothing; ValidationError for what is no currency."""
        code: str = self.cleaned_data["currency"]
        try:
            return currency(code, "currency") if code else ""
        except Rejected:
            raise ValidationError(_("A currency has three letters, as in EUR.")) from None

    def _offer_orders(self) -> None:
        words, field = self._words, self.fields["order"]
        assert isinstance(field, forms.ChoiceField)
        field.initial = self._said.order
        readings = {order: read_as(words.example, order) for order in ("dmy", "mdy", "ymd")}
        texts = {"dmy": _("day first"), "mdy": _("month first"), "ymd": _("year first")}
        field.choices = [
            ("", _("please choose") if words.is_order_open else _("as the file itself shows")),
            *(
                (order, f"{text}: {date_format(day, 'j F Y')}" if (day := readings[order]) else text)
                for order, text in texts.items()
            ),
        ]
        if words.example:
            field.label = _("What is “%(example)s”?") % {"example": words.example}
        field.required = words.is_order_open
        field.error_messages["required"] = _("The file does not show which number is the day: choose.")

    @property
    def currencies(self) -> list[str]:
        """The currencies that are offered while one types."""
        return sorted(CURRENCIES)

    def words(self) -> list[dict[str, Any]]:
        """The words to be told the meaning of, field by field: those still open, and those told before."""
        return [
            {
                "name": unknown.name,
                "label": FIELD_WORDS[unknown.name],
                "keeps": unknown.keeps,
                "offered": self._offered[unknown.name].texts,
                "more": unknown.more,
                "open": self._lines(unknown, is_open=True),
                "answered": self._lines(unknown, is_open=False),
            }
            for unknown in self._words.unknown
        ]

    def _lines(self, of: UnknownWords, *, is_open: bool) -> list[dict[str, Any]]:
        return [
            {
                "field": self[key],
                "nothing": self[key + NOTHING] if unknown.keeps else None,
                "count": word.count,
                "is_guessed": bool(word.guess),
            }
            for key, unknown, word in self._found
            if unknown is of and word.is_open == is_open
        ]

    @property
    def asks(self) -> str:
        """What the words still need: their "meaning", or rows are rejected, or only whose "names" they are.

        Else "before" where all of it was said before, or nothing.
        """
        still = [unknown for _key, unknown, word in self._found if word.is_open]
        if not still:
            return "before" if self._found else ""
        return "names" if all(unknown.keeps for unknown in still) else "meaning"

    def clean(self) -> dict[str, Any]:
        """Of a word that is said to mean nothing nobody is named."""
        for key, unknown, _word in self._found:
            given = self.cleaned_data
            if unknown.keeps and given.get(key) and given.get(key + NOTHING):
                self.add_error(key, _("It cannot be both: take the name out, or the tick."))
        return self.cleaned_data

    def chosen(self) -> Said:
        """What was said, with what was chosen here. Of a word that was not on the page when it was sent nothing is."""
        given = self.cleaned_data
        values = {name: dict(words) for name, words in self._said.values.items()}
        kept = {name: set(words) for name, words in self._said.kept.items()}
        for key, unknown, word in self._found:
            if self.add_prefix(key) not in self.data:
                continue
            folded = word.text.casefold()
            meant, stays = values.setdefault(unknown.name, {}), kept.setdefault(unknown.name, set())
            meant.pop(folded, None)
            stays.discard(folded)
            if not unknown.keeps:
                if given[key] != NOT_SAID:
                    meant[folded] = given[key]
            elif given[key] or given[key + NOTHING]:
                meant[folded] = given[key]
            else:
                stays.add(folded)
        agreement = given["agreement"]
        return replace(
            self._said,
            values=values,
            kept={name: sorted(words) for name, words in kept.items() if words},
            order=given["order"],
            decimal=given.get("decimal", ""),
            currency=given.get("currency", self._said.currency),
            time_zone=given["time_zone"],
            agreement=agreement.slug if agreement else "",
            clock=given.get("clock", self._said.clock),
        )
