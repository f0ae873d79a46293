"""What an administrator types about teams and segments, and says about a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import TypedNumberField
from agreements.models import Agreement, BusinessCalendar, Segment, Team
from agreements.time_zones import validate_time_zone
from leads.intake.context import Clock
from leads.intake.mapping import presets
from leads.models import Import

# Read while somebody waits; a larger file is for the command.
LARGEST_FILE = 20 * 1024 * 1024
OWN_HEADINGS = ("", _("this product: the headings below"))
CONTROLS = {"select": "form-select", "radio": "form-check-input", "checkbox": "form-check-input"}


class DressedForm(forms.Form):
    """A form whose fields look as everywhere on the site."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            kind = getattr(field.widget, "input_type", "")
            if kind != "hidden":
                field.widget.attrs.setdefault("class", CONTROLS.get(kind, "form-control"))

    def said(self) -> dict[str, Any]:
        """Return what a form without faults says, by the names that its service has for it."""
        return self.cleaned_data


class TeamForm(DressedForm):
    """A team: what it is called, what it does, whose hours it keeps."""

    name = forms.CharField(label=_("Name"), max_length=100)
    function = forms.ChoiceField(label=_("What it does"), choices=Team.Function.choices)
    calendar = forms.ModelChoiceField(
        label=_("Business hours"),
        queryset=BusinessCalendar.objects.filter(revisions__isnull=False).distinct(),
        required=False,
        empty_label=_("as agreed, or the company's"),
        help_text=_("For new hand-offs; running clocks keep theirs."),
    )
    is_external = forms.BooleanField(
        label=_("Outside the company"),
        required=False,
        help_text=_("A customer's or supplier's: nobody of it has an account here, and it signs on paper."),
    )


class SegmentForm(DressedForm):
    """A class of leads: what it is called, how soon it is worked, what one of its leads is worth."""

    name = forms.CharField(label=_("Name"), max_length=100)
    priority = forms.IntegerField(
        label=_("Priority"),
        min_value=0,
        max_value=32_767,
        initial=100,
        help_text=_("Lower numbers are worked first."),
    )
    lead_value = TypedNumberField(
        label=Segment._meta.get_field("lead_value").verbose_name.capitalize(),
        min_value=0,
        max_digits=14,
        decimal_places=2,
        required=False,
        help_text=_("Expected revenue of one lead: average deal × close rate, or set by hand."),
    )


class ImportForm(DressedForm):
    """A file of leads, attempts or deals, and what has to be said about it."""

    kind = forms.ChoiceField(
        label=_("What the file holds"), choices=Import.Kind.choices, widget=forms.RadioSelect, initial="leads"
    )
    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,  # the import says it better
        max_length=255,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
        help_text=_(
            "CSV with a row of headings, up to 20 MB. Comma, semicolon, tab or bar; UTF-8 or UTF-16."
        ),
    )
    source = forms.CharField(
        label=_("Where it comes from"),
        max_length=64,
        initial="import",
        help_text=_(
            "The system that the ids belong to, as in crm. The same id from the same system is the same lead."
        ),
    )
    agreement = forms.ModelChoiceField(
        label=_("Agreement"),
        queryset=Agreement.objects.all(),
        required=False,
        empty_label=_("the one in force that day"),
    )
    time_zone = forms.CharField(
        label=_("Time zone of its times"),
        max_length=64,
        required=False,
        validators=[validate_time_zone],
        widget=forms.TextInput(attrs={"list": "zones", "placeholder": "Europe/Warsaw"}),
        help_text=_("Empty: the agreement's, or else the company's."),
    )
    clock = forms.ChoiceField(
        label=_("Which hand-offs get a running clock"),
        choices=[
            (Clock.RECENT, _("Those younger than one business day: older ones are history")),
            (Clock.NONE, _("None: all of it is history")),
            (Clock.HANDED_OFF, _("All, from their hand-off: what waits too long is overdue at once")),
            (Clock.NOW, _("All, from now on")),
        ],
        initial=Clock.RECENT,
        widget=forms.RadioSelect,
        help_text=_(
            "History has no due time and is judged by nobody; its speed and depth are counted all the same."
        ),
    )
    preset = forms.ChoiceField(
        label=_("Headings as exported by"),
        required=False,
        choices=[OWN_HEADINGS],
    )
    order = forms.ChoiceField(
        label=_("Dates like 03/04/2026"),
        required=False,
        choices=[
            ("", _("as the file itself shows")),
            ("dmy", _("day first: 3 April")),
            ("mdy", _("month first: 4 March")),
            ("ymd", _("year first")),
        ],
    )
    decimal = forms.ChoiceField(
        label=_("Amounts"), required=False, choices=[("", "1,234.56"), (",", "1 234,56 · 1.234,56")]
    )
    encoding = forms.ChoiceField(
        label=_("Letters"),
        required=False,
        choices=[
            ("", _("UTF-8, or UTF-16 with its mark")),
            ("cp1252", _("Western Europe (Windows-1252)")),
            ("cp1250", _("Central Europe (Windows-1250)")),
            ("cp949", _("Korean (CP949, EUC-KR)")),
            ("cp932", _("Japanese (Shift-JIS)")),
        ],
    )
    dry_run = forms.BooleanField(
        label=_("Only try: count what would happen, and write nothing"),
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = sorted({name for kind in Import.Kind.values for name in presets(kind)})
        of_preset = self.fields["preset"]
        assert isinstance(of_preset, forms.ChoiceField)
        of_preset.choices = [OWN_HEADINGS, *((name, name.capitalize()) for name in known)]

    def clean_file(self) -> UploadedFile:
        """Return the file; ValidationError for one that is too large to be read while somebody waits."""
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise ValidationError(
                _("This file has %(size)s; here %(limit)s are the most. Larger ones go by manage.py import."),
                params={"size": filesizeformat(file.size or 0), "limit": filesizeformat(LARGEST_FILE)},
            )
        return file

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("preset") and given.get("kind") and given["preset"] not in presets(given["kind"]):
            self.add_error("preset", _("There are such headings for leads only."))
        return given
