"""Rows of agreements as the admin edits them: what a service or a clock cannot take is refused here."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agreements.exact import FunnelError, exact
from agreements.models import BusinessCalendar, CalendarRevision, Commitment, Plan
from agreements.opening_hours import WEEKDAYS, check_calendar

# Beyond it a due time leaves the years that a calendar is laid out for.
LONGEST = dt.timedelta(days=366)


class JSONText(forms.JSONField):
    """JSON that can be shown again even where its escapes are halves of characters."""

    def prepare_value(self, value: Any) -> Any:
        text = super().prepare_value(value)
        return text.encode(errors="replace").decode() if isinstance(text, str) else text


class CalendarRevisionForm(forms.ModelForm):  # type: ignore[type-arg]
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


class BusinessCalendarForm(forms.ModelForm):  # type: ignore[type-arg]
    """A calendar's name and whose public holidays it keeps."""

    class Meta:
        model = BusinessCalendar
        fields = ["name", "slug", "country", "subdivision", "is_default"]

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).upper()

    def clean_is_default(self) -> bool:
        """Return whether it is the company's calendar: one always is, and it has hours."""
        is_default = bool(self.cleaned_data["is_default"])
        if self.initial.get("is_default") and not is_default:
            raise ValidationError(_("Make another calendar the company's; this one then ceases to be."))
        if is_default and not (self.instance.pk and self.instance.revisions.exists()):
            raise ValidationError(_("Give this calendar its hours first: add a revision."))
        return is_default

    def _get_validation_exclusions(self) -> set[str]:
        # The calendar that was the company's so far ceases to be when this one is saved.
        return {*super()._get_validation_exclusions(), "is_default"}  # type: ignore[misc]


class CommitmentForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a party promises: lengths that a clock can count, weights that a goal line can be drawn by."""

    class Meta:
        model = Commitment
        fields = [
            "version",
            "party",
            "kind",
            "segment",
            "profile",
            "weekday_weights",
            "measure",
            "tolerance",
            "counts_recycled",
            "counts_sales_origin",
            "allowance",
            "average_goal",
            "in_time_share",
            "at_risk_share",
            "pause_limit",
            "attempts",
            "window",
            "counts_automated",
            "share",
        ]

    def clean_weekday_weights(self) -> dict[str, Any]:
        """Return the weights; ValidationError unless they are numbers not below zero by weekday."""
        weights = self.cleaned_data["weekday_weights"] or {}
        if not isinstance(weights, dict) or not weights.keys() <= set(WEEKDAYS):
            raise ValidationError(_("The weights are an object with a number for mon to sun."))
        for weight in weights.values():
            try:
                is_weight = not isinstance(weight, bool) and exact(str(weight), "weights") >= 0
            except FunnelError:
                is_weight = False
            if not is_weight:
                raise ValidationError(_("A weight is a number not below zero."))
        return weights

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for name in ("allowance", "average_goal", "pause_limit", "window"):
            if (length := given.get(name)) is not None and length > LONGEST:
                self.add_error(name, _("A year is the most."))
        is_by_weekday = given.get("profile") == Commitment.Profile.WEIGHTS
        weights = given.get("weekday_weights")
        if (
            is_by_weekday
            and weights is not None
            and not any(exact(str(weight), "weights") for weight in weights.values())
        ):
            self.add_error("weekday_weights", _("A goal line by weekday needs a weight above zero."))
        return given


class PlanForm(forms.ModelForm):  # type: ignore[type-arg]
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
