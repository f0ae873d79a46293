"""What is typed about a file that comes by itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from agreements.table_files import Format
from agreements.visible_names import validate_visible
from leads.forms import PageForm
from leads.models import ExportSchedule

GoesTo = ExportSchedule.GoesTo


class ScheduleForm(PageForm):
    """When it comes, as what, and where to. Without the right to the folder only the mail is offered."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("By which you know it in your list."),
        validators=[validate_visible],
    )
    form = forms.TypedChoiceField(
        label=_("Kind of file"), choices=[(one.value, one.value.upper()) for one in Format], coerce=Format
    )
    every = forms.ChoiceField(label=_("How often"), choices=ExportSchedule.Every.choices)
    weekday = forms.TypedChoiceField(
        label=_("Day of the week"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        help_text=_("Where it comes every week."),
    )
    day = forms.IntegerField(
        label=_("Day of the month"),
        min_value=1,
        max_value=31,
        help_text=_("Where it comes every month; of a shorter month the last day."),
    )
    at = forms.TimeField(
        label=_("At"),
        input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    goes_to = forms.ChoiceField(label=_("Goes to"), choices=GoesTo.choices)

    def __init__(self, *args: Any, may_use_folder: bool, **kwargs: Any) -> None:
        start = {
            "form": Format.CSV,
            "weekday": 0,
            "day": 1,
            "at": "07:00",
            "every": "week",
            "goes_to": "mail",
        }
        super().__init__(*args, initial=start | kwargs.pop("initial", {}), **kwargs)
        if not may_use_folder:
            self.fields["goes_to"].choices = [(GoesTo.MAIL.value, GoesTo.MAIL.label)]  # type: ignore[attr-defined]
