"""Business hours as an administrator types them, turned into what a calendar says."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS as WEEKDAY_NAMES
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agreements.models import CalendarRevision
from agreements.opening_hours import WEEKDAYS, check_calendar
from agreements.services.calendars import STANDARD_WEEK, WrittenOut, written_out
from agreements.time_zones import validate_time_zone
from agreements.visible_names import validate_visible
from slaproject.setting_up.forms import DressedForm
from slaproject.setting_up.hours_text import NotUnderstood, days_text, hours_text, read_days, read_hours
from slaproject.setting_up.places import countries, subdivisions

MOST_DAYS = 20_000
HOURS_EXAMPLE = "09:00-17:00"


class HoursForm(DressedForm):
    """A calendar: its name, zone, place, week and own days off. `definition` and `names` are what services take."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("As in Office Warsaw."), validators=[validate_visible]
    )
    time_zone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        validators=[validate_time_zone],
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
        help_text=_("By whose clocks the hours are meant, as in Europe/Warsaw."),
    )
    country = forms.ChoiceField(
        label=_("Public holidays of"),
        required=False,
        help_text=_("They are days off, written out for years ahead."),
    )
    subdivision = forms.CharField(
        label=_("State or region"),
        max_length=8,
        required=False,
        widget=forms.TextInput(attrs={"list": "parts", "autocomplete": "off"}),
        help_text=_("Where it has holidays of its own, as in BY for Bavaria."),
    )
    days_off = forms.CharField(
        label=_("Own days off"),
        max_length=MOST_DAYS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "One a line: 2026-12-24 Christmas Eve; or 12-24 for every year; or with the hours you are open that day: "
            "2026-12-31 09:00-13:00."
        ),
    )
    seen = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, kept: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        """`kept` is the definition so far: what this form has no place for stays as it is."""
        self._breaks = dict((kept or {}).get("breaks", {}))
        super().__init__(*args, **kwargs)
        country = self.fields["country"]
        assert isinstance(country, forms.ChoiceField)
        country.choices = [("", _("no country: none")), *countries()]
        for place, day in enumerate(WEEKDAYS):
            self.fields[day] = forms.CharField(
                label=WEEKDAY_NAMES[place],
                max_length=200,
                required=False,
                widget=forms.TextInput(
                    attrs={
                        "class": "form-control",
                        "placeholder": pgettext_lazy("a day", "closed"),
                        "autocomplete": "off",
                    }
                ),
            )
        self.definition: dict[str, Any] = {}
        self.names: dict[str, str] = {}

    @property
    def weekdays(self) -> list[forms.BoundField]:
        """The fields of the week, Monday first."""
        return [self[day] for day in WEEKDAYS]

    def clean(self) -> dict[str, Any]:
        """Read hours and days into `definition` and `names`; faults stand beside the field that has them."""
        given = super().clean() or self.cleaned_data
        self._check_place(given)
        weekly = {day: hours for day in WEEKDAYS if (hours := self._hours(day, given))}
        try:
            days = read_days(given.get("days_off", ""))
        except NotUnderstood as error:
            self.add_error("days_off", _not_a_day(error.part))
            return given
        self.names = days.names
        self.definition = {"tz": given.get("time_zone", ""), "weekly": weekly}
        parts = {"overrides": days.overrides, "holidays_every_year": days.yearly, "breaks": self._breaks}
        self.definition |= {key: part for key, part in parts.items() if part}
        if not self.errors:
            self._check_week()
        return given

    def said(self) -> dict[str, Any]:
        given = {key: self.cleaned_data[key] for key in ("name", "country", "subdivision", "seen")}
        return {**given, "definition": self.definition, "names": self.names}

    def written_out(self, now: dt.datetime) -> WrittenOut:
        """Return the hours as they would be kept, public holidays and all names included."""
        given = self.cleaned_data
        return written_out(
            self.definition, country=given["country"], subdivision=given["subdivision"], now=now
        )

    def copy_monday(self) -> None:
        """Write Monday's hours into the other days from Tuesday to Friday, as the form is shown next."""
        monday = self.data.get("mon", "")
        self.data = {
            **{key: self.data.get(key, "") for key in self.data},
            **dict.fromkeys(WEEKDAYS[1:5], monday),
        }

    def _hours(self, day: str, given: Mapping[str, Any]) -> list[list[str]]:
        try:
            return read_hours(given.get(day, ""))
        except NotUnderstood as error:
            self.add_error(
                day,
                ValidationError(
                    _("“%(part)s” is no opening time. Write it like %(example)s, or nothing for closed."),
                    params={"part": error.part, "example": HOURS_EXAMPLE},
                ),
            )
            return []

    def _check_place(self, given: Mapping[str, Any]) -> None:
        country, part = given.get("country", ""), given.get("subdivision", "")
        known = subdivisions(country)
        if part and not country:
            self.add_error("subdivision", _("Choose the country that it is a part of."))
        elif part and part not in known:
            self.add_error(
                "subdivision",
                ValidationError(
                    _("No part of this country is called “%(part)s”. Known are: %(known)s."),
                    params={"part": part, "known": ", ".join(known) or _("none")},
                ),
            )

    def _check_week(self) -> None:
        if not self.definition["weekly"]:
            self.add_error(
                None, _("No day has opening times, so no lead would ever be due. Enter at least one.")
            )
            return
        for fault in check_calendar(self.definition):
            day, _colon, _rest = fault.partition(": ")
            if day in WEEKDAYS:
                text = _("Two of these times overlap. Hours that run past midnight go on into the day after.")
                if not self.has_error(day):
                    self.add_error(day, text)
            else:
                self.add_error("days_off", _("These days and hours cannot be: %s") % fault)


def initial_hours(revision: CalendarRevision | None) -> dict[str, Any]:
    """Return what the form shows of these hours; of none, an ordinary week."""
    definition: dict[str, Any] = revision.definition if revision else {"tz": "UTC", "weekly": STANDARD_WEEK}
    weekly = {day: hours_text(hours) for day, hours in definition.get("weekly", {}).items()}
    return {
        "time_zone": definition["tz"],
        "days_off": days_text(definition, revision.holiday_names if revision else {}),
        **({"seen": revision.number} if revision else {}),
        **weekly,
    }


def time_zones() -> list[str]:
    """Return the names of the zones that people may mean, in order."""
    return sorted(
        name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/")
    )


def _not_a_day(part: str) -> ValidationError:
    return ValidationError(
        _("“%(part)s” is no day off. Write it like 2026-12-24 Christmas Eve, or 12-24 for every year."),
        params={"part": part if len(part) <= 60 else f"{part[:60]}…"},
    )
