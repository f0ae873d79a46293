"""What people type about agreements, turned into what the services take."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agreements.models import BusinessCalendar, CalendarRevision, Plan
from agreements.opening_hours import check_calendar


class CalendarRevisionForm(forms.ModelForm):
    """The hours of a calendar from now on; faults are named before anything is saved."""

    class Meta:
        model = CalendarRevision
        fields = ["calendar", "definition", "note"]

    def clean_definition(self) -> dict[str, Any]:
        """Return the definition; ValidationError naming every fault of it."""
        definition = self.cleaned_data["definition"]
        if not isinstance(definition, dict):
            raise ValidationError(_("The hours are an object with tz and weekly."))
        faults = check_calendar(definition)
        if faults:
            raise ValidationError(faults)
        return definition


class BusinessCalendarForm(forms.ModelForm):
    """A calendar's name and whose public holidays it keeps."""

    class Meta:
        model = BusinessCalendar
        fields = ["name", "slug", "country", "subdivision", "is_default"]

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).upper()


class PlanForm(forms.ModelForm):
    """The inputs of a plan; its leads and derivation follow from them."""

    class Meta:
        model = Plan
        fields = [
            "agreement",
            "starts_on",
            "ends_on",
            "quota",
            "currency",
            "marketing_share",
            "average_deal",
            "close_rate",
            "split",
            "cycle_days",
        ]

    def clean_split(self) -> str:
        """Return the split; those that need a number per month have no form yet."""
        split = str(self.cleaned_data["split"])
        if split not in (Plan.Split.EQUAL, Plan.Split.CALENDAR_DAYS):
            raise ValidationError(_("Here a quota is split equally or by calendar days."))
        return split

    def inputs(self) -> dict[str, Any]:
        """Return what `store_plan` takes."""
        inputs: dict[str, Any] = {name: self.cleaned_data[name] for name in self.Meta.fields}
        assert isinstance(inputs["quota"], Decimal) and isinstance(inputs["starts_on"], dt.date)
        return inputs
