"""What somebody says about a file step by step: which it is, how it is read, what its columns and words mean."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import IO, Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from leads.intake.asked import SAID_OF_ALL, asked_of
from leads.intake.guessing import ENCODINGS, SURE_WORDS, HowSure, unique_headings
from leads.intake.identity import told_apart
from leads.intake.mapping import FIELDS, Column, presets, same
from leads.intake.needed import REQUIRED, in_words, unmet
from leads.intake.reading import DELIMITERS
from leads.intake.said import Said
from leads.intake.uploads import LARGEST_FILE
from leads.intake.values import shortened
from leads.models import Import
from slaproject.setting_up.forms import DressedForm

FIELD_WORDS = {
    "external_id": _("Id of the row in its system"),
    "lead_external_id": _("Id of its lead"),
    "lead_email": _("E-mail of its lead, if it has no id"),
    "lead_phone": _("Phone of its lead, if it has no id"),
    "qualified_at": _("Qualified at"),
    "handed_off_at": _("Handed off at"),
    "name": _("Name"),
    "company": _("Company"),
    "job_title": _("Job title"),
    "email": _("E-mail"),
    "phone": _("Phone"),
    "country": _("Country"),
    "source": _("Source"),
    "campaign": _("Campaign"),
    "segment": _("Segment"),
    "origin": _("Origin: marketing or sales"),
    "owner": _("Owner"),
    "team": _("Team"),
    "attempted_at": _("Attempted at"),
    "channel": _("Channel"),
    "outcome": _("Outcome"),
    "by": _("By whom"),
    "automated": _("Automated"),
    "note": _("Note"),
    "system": _("System of its id"),
    "lead_system": _("System of its lead’s id"),
    "closed_at": _("Closed at"),
    "amount": _("Amount"),
    "currency": _("Currency"),
    "won": _("Won"),
}
DELIMITER_WORDS = {",": _("comma ,"), ";": _("semicolon ;"), "\t": _("tab"), "|": _("bar |")}
NAMED = {"hubspot": "HubSpot"}
IN_EVERY_ROW = "="
"""What a choice begins with that is a word for every row, and no column."""


class BeginForm(DressedForm):
    """Which file it is, and of which system."""

    kind = forms.ChoiceField(
        label=_("What the file holds"), choices=Import.Kind.choices, widget=forms.RadioSelect, initial="leads"
    )
    source = forms.CharField(
        label=_("Where it comes from"),
        max_length=64,
        initial="import",
        help_text=_(
            "The system that the ids belong to, as in crm. The same id from the same system is the same lead; what "
            "you choose for it is remembered."
        ),
    )
    file = forms.FileField(
        label=_("File"),
        required=False,
        allow_empty_file=True,  # the import says it better
        max_length=255,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,text/csv,text/plain"}),
        help_text=_(
            "Choose it, or drop it here: CSV, TSV or Excel (xlsx) with a row of headings, up to 50 MB."
        ),
    )
    pasted = forms.CharField(
        label=_("Or paste its rows, with the headings"),
        required=False,
        strip=False,
        max_length=1_000_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
    )

    def clean_source(self) -> str:
        source: str = self.cleaned_data["source"]
        if not source.isprintable():
            raise ValidationError(_("Letters that cannot be seen do not belong into a name."))
        return source

    def clean_file(self) -> Any:
        """Return the file; ValidationError for one that is too large for the pages."""
        file = self.cleaned_data["file"]
        if file is not None and (file.size or 0) > LARGEST_FILE:
            raise ValidationError(
                _("This file has %(size)s; here %(limit)s are the most. Larger ones go by manage.py import."),
                params={"size": filesizeformat(file.size), "limit": filesizeformat(LARGEST_FILE)},
            )
        return file

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors and (given.get("file") is None) == (not given.get("pasted")):
            self.add_error(
                "file",
                _("Choose a file, or paste its rows.")
                if given.get("file") is None
                else _("There is a file and there are pasted rows: take one of them away."),
            )
        return given

    def stream(self) -> tuple[IO[Any], str]:
        """The bytes that were sent, and what they are called."""
        file = self.cleaned_data["file"]
        if file is not None:
            return file, file.name or ""
        return io.BytesIO(self.cleaned_data["pasted"].encode()), str(_("pasted rows"))


class FileForm(DressedForm):
    """How the bytes of a file are read: letters and separator, or of a workbook the sheet."""

    encoding = forms.ChoiceField(label=_("Letters"), choices=ENCODINGS)
    delimiter = forms.ChoiceField(
        label=_("Cells are separated by"), choices=[(mark, DELIMITER_WORDS[mark]) for mark in DELIMITERS]
    )
    sheet = forms.ChoiceField(label=_("Sheet"))

    def __init__(self, *args: Any, sheets: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if sheets:
            del self.fields["encoding"], self.fields["delimiter"]
            of_sheet = self.fields["sheet"]
            assert isinstance(of_sheet, forms.ChoiceField)
            of_sheet.choices = [(name, shortened(name)) for name in sheets]
        else:
            del self.fields["sheet"]


class ColumnsForm(DressedForm):
    """In which column each field stands."""

    preset = forms.ChoiceField(label=_("Headings as exported by"), required=False)

    def __init__(
        self,
        *args: Any,
        kind: str,
        said: Said,
        heading: Sequence[str],
        rows: Sequence[Sequence[str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._kind, self._said = kind, said
        texts = unique_headings(heading)
        places = {same(text): place for place, text in enumerate(heading)}
        of_preset = self.fields["preset"]
        assert isinstance(of_preset, forms.ChoiceField)
        of_preset.choices = [
            ("", _("nobody in particular")),
            *((name, NAMED.get(name, name.capitalize())) for name in presets(kind)),
        ]
        of_preset.initial = said.preset
        self._of_all = said.defaults_with_preset(kind)
        in_every_row = {one.name: one.choices for one in asked_of(kind, SAID_OF_ALL[kind])}
        needed = {name for group in REQUIRED[kind] if len(group) == 1 for name in group[0]}
        singles = [(_written(Column((text,))), text) for text in texts.values()]
        for name in FIELDS[kind]:
            column = said.columns.get(name, Column(()))
            choices = [("", _("not in this file")), *singles]
            if len(column.headings) > 1:
                choices.append((_written(column), " + ".join(column.headings)))
            for value, label in in_every_row.get(name, ()):
                choices.append((IN_EVERY_ROW + value, _("in every row: %(word)s") % {"word": label}))
            field = forms.ChoiceField(
                label=FIELD_WORDS[name],
                choices=choices,
                required=name in needed,
                initial=self._initial(name),
                error_messages={"required": _("Without this column no row can be used.")},
                widget=forms.Select(attrs={"class": "form-select"}),
            )
            self.fields[name] = field
        self._samples = {
            key: next((row[place] for row in rows if place < len(row) and row[place].strip()), "")
            for key, place in places.items()
        }

    def _initial(self, name: str) -> str:
        column = self._said.columns.get(name, Column(()))
        of_all = self._of_all.get(name, "")
        return IN_EVERY_ROW + of_all if of_all and not column.headings else _written(column)

    def lines(self) -> list[dict[str, Any]]:
        """Every field with how its column was found and what stands in it."""
        lines = []
        for name in FIELDS[self._kind]:
            column = self._said.columns.get(name, Column(()))
            bound: BoundField = self[name]
            samples = [self._samples.get(same(text), "") for text in column.headings]
            lines.append(
                {
                    "field": bound,
                    "sure": SURE_WORDS[self._how_sure(name)],
                    "is_found": bool(self._initial(name)),
                    "sample": " ".join(sample.strip() for sample in samples if sample.strip())[:80],
                    "is_needed": bound.field.required,
                }
            )
        return lines

    def _how_sure(self, name: str) -> str:
        if self._initial(name).startswith(IN_EVERY_ROW):
            return HowSure.CHOSEN if self._said.defaults.get(name) else HowSure.PRESET
        return self._said.sure.get(name, HowSure.NONE)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for group in unmet(self._kind, given.get):
            if len(group) > 1:
                self.add_error(
                    group[0][0],
                    _("One of these is needed: %(names)s.") % {"names": in_words(group, FIELD_WORDS)},
                )
        return given

    def missing(self) -> list[str]:
        """What is needed and was not found, in words."""
        found = {name for name in FIELDS[self._kind] if self._initial(name)}
        return [in_words(group, FIELD_WORDS) for group in unmet(self._kind, found.__contains__)]

    def told_apart(self) -> str:
        """How the rows are told apart by the columns that were found; nothing where no lead is read."""
        found = {name for name, column in self._said.columns.items() if column.headings}
        return told_apart(found) if self._kind == "leads" else ""

    def chosen(self) -> Said:
        """What was said, with the columns that were chosen."""
        columns, sure, defaults = {}, {}, {}
        for name in FIELDS[self._kind]:
            given: str = self.cleaned_data[name]
            columns[name] = _read(given)
            if given.startswith(IN_EVERY_ROW) or (not given and name in SAID_OF_ALL[self._kind]):
                defaults[name] = given.removeprefix(IN_EVERY_ROW)
            is_as_before = columns[name] == self._said.columns.get(name, Column(()))
            sure[name] = self._said.sure.get(name, "none") if is_as_before else HowSure.CHOSEN.value
        return replace(
            self._said, columns=columns, sure=sure, defaults=defaults, preset=self.cleaned_data["preset"]
        )


def _written(column: Column) -> str:
    if not column.headings:
        return ""
    return json.dumps({"headings": column.headings, "is_choice": column.is_choice}, ensure_ascii=False)


def _read(text: str) -> Column:
    if not text or text.startswith(IN_EVERY_ROW):
        return Column(())
    content = json.loads(text)
    return Column(tuple(content["headings"]), content["is_choice"])
