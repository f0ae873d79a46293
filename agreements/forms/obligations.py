"""What is owed regularly: its terms in a draft, a delivery, and who answers for it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import DaysField, dress
from agreements.models import DeliveredContent, Membership, Obligation, Party
from agreements.services.deliveries import Content, safe_name
from agreements.services.obligation_terms import TERMS
from agreements.visible_names import validate_visible

NOBODY = ("", _("Nobody yet"))
LONGEST_REMINDER = 30


def people_of(parties: Iterable[Party]) -> list[tuple[str, Any]]:
    """Return those who may answer for something, by team, as the choices of a field."""
    teams: dict[str, list[tuple[str, str]]] = {}
    places = Membership.objects.taking_part().filter(team__in=[one.team_id for one in parties])
    for place in places.select_related("user", "team").order_by("team__name", "user__name", "pk"):
        teams.setdefault(place.team.name, []).append((str(place.user_id), str(place.user)))
    return [NOBODY, *teams.items()]


class ObligationForm(forms.Form):
    """One obligation of a draft. `edits` says which state of it the writer had before their eyes."""

    edits = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1, initial=0)
    name = forms.CharField(
        label=_("What is owed"),
        max_length=100,
        help_text=_("As in: Weekly status of the pipeline."),
        validators=[validate_visible],
    )
    from_party = forms.TypedChoiceField(label=_("Owed by"), coerce=int)
    to_party = forms.TypedChoiceField(label=_("Owed to"), coerce=int)
    cadence = forms.ChoiceField(label=_("How often"), choices=Obligation.Cadence.choices)
    weekday = forms.TypedChoiceField(
        label=_("Weekday"),
        choices=[("", "–"), *WEEKDAYS.items()],
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("For every week, and for some weeks of a month."),
    )
    times = forms.IntegerField(
        label=_("Weeks of a month"),
        min_value=1,
        max_value=4,
        required=False,
        help_text=_("For some weeks of a month: 4 means the first four such weekdays."),
    )
    day_of_month = forms.IntegerField(
        label=_("Day of the month"),
        min_value=1,
        max_value=31,
        required=False,
        help_text=_(
            "For months and quarters. In a shorter month its last day. Empty: the last business day."
        ),
    )
    month_of_quarter = forms.IntegerField(
        label=_("Month of the quarter"),
        min_value=1,
        max_value=3,
        required=False,
        help_text=_("For quarters: 1 is their first month."),
    )
    due_time = forms.TimeField(
        label=_("By when"),
        input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    day_off = forms.ChoiceField(
        label=_("When that is a day off"),
        choices=Obligation.DayOff.choices,
        help_text=_("By the agreement's business hours."),
    )
    report = forms.ChoiceField(
        label=_("A report attached by itself"), choices=Obligation.Report.choices, required=False
    )
    person = forms.TypedChoiceField(
        label=_("Who answers for it"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("No part of what is signed: it can be handed on at any time."),
    )
    remind_before = DaysField(
        label=_("Reminded so many days before"),
        help_text=_("Half a day is 0.5. Also no part of what is signed."),
    )

    def __init__(
        self, data: Any = None, *, parties: Iterable[Party], obligation: Obligation | None = None
    ) -> None:
        self.parties = {party.pk: party for party in parties}
        super().__init__(data, initial=_initial(obligation, list(self.parties)))
        choices = [(pk, party.team.name) for pk, party in self.parties.items()]
        for name in ("from_party", "to_party"):
            self._field(name).choices = choices
        self._field("person").choices = people_of(self.parties.values())
        dress(self)

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def clean_remind_before(self) -> dt.timedelta:
        """Nothing typed is a day."""
        given: dt.timedelta | None = self.cleaned_data["remind_before"]
        if given is not None and given > dt.timedelta(days=LONGEST_REMINDER):
            raise ValidationError(_("30 days are the most."))
        return dt.timedelta(days=1) if given is None else given

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        needed: dict[str, dict[str, Any]] = {
            Obligation.Cadence.WEEKLY: {"weekday": _("On which weekday?")},
            Obligation.Cadence.TIMES_A_MONTH: {
                "weekday": _("On which weekday?"),
                "times": _("In how many weeks of a month? From 1 to 4."),
            },
            Obligation.Cadence.QUARTERLY: {
                "month_of_quarter": _("In which month of the quarter? 1, 2 or 3.")
            },
        }
        for name, question in needed.get(given.get("cadence", ""), {}).items():
            if given.get(name) is None and name not in self.errors:
                self.add_error(name, question)
        if given.get("from_party") and given.get("from_party") == given.get("to_party"):
            self.add_error("to_party", _("A party owes nothing to itself."))
        person, owing = given.get("person"), self.parties.get(given.get("from_party") or 0)
        places = Membership.objects.taking_part().filter(user=person)
        if person and owing and not places.filter(team=owing.team_id).exists():
            self.add_error("person", _("Choose somebody of the team that owes it."))
        return given

    def sentence(self) -> dict[str, Any]:
        """Return what `write_obligation` takes."""
        given = self.cleaned_data
        return {
            "terms": {name: given[name] for name in TERMS},
            "edits": given["edits"],
            "from_party": self.parties[given["from_party"]],
            "to_party": self.parties[given["to_party"]],
            "person_id": given["person"],
            "remind_before": given["remind_before"],
        }

    def lines(self) -> list[list[forms.BoundField]]:
        """The fields in the order in which they are read, those of one question beside each other."""
        return [
            [self[name] for name in names]
            for names in (
                ("name",),
                ("from_party", "to_party"),
                ("cadence", "weekday", "times", "day_of_month", "month_of_quarter"),
                ("due_time", "day_off"),
                ("report",),
                ("person", "remind_before"),
            )
        ]


def _initial(obligation: Obligation | None, parties: list[int]) -> dict[str, Any]:
    if obligation is None:
        return {
            "from_party": parties[-1] if parties else None,
            "to_party": parties[0] if parties else None,
            "weekday": 4,
            "times": 4,
            "month_of_quarter": 1,
            "due_time": dt.time(16),
            "remind_before": Decimal(1),
        }
    duty = getattr(obligation, "duty", None)
    return {name: getattr(obligation, name) for name in (*TERMS, "edits")} | {
        "from_party": obligation.from_party_id,
        "to_party": obligation.to_party_id,
        "person": duty.person_id if duty is not None else None,
        "remind_before": duty.remind_before if duty is not None else Decimal(1),
    }


class DeliverForm(forms.Form):
    """What is delivered: words, a file, or both. `key` says which form it is, so that it counts once."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("What you deliver, in words"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Read by the teams of this agreement. Leave out the names of leads."),
    )
    file = forms.FileField(
        label=_("File"),
        required=False,
        max_length=400,
        help_text=_("At most 10 MB. It is kept as it is, and offered for downloading only."),
    )

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, initial={"key": uuid.uuid4()})
        dress(self)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file is not None and file.size > DeliveredContent.MOST_BYTES:
            raise ValidationError(_("The file is larger than 10 MB."))
        return file

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors and not given.get("text") and not given.get("file"):
            self.add_error("text", _("Write something, or choose a file."))
        return given

    def content(self) -> Content:
        """Return what was typed and chosen."""
        file = self.cleaned_data["file"]
        if file is None:
            return Content(text=self.cleaned_data["text"])
        return Content(text=self.cleaned_data["text"], file_name=safe_name(file.name), file=file.read())


class HandOnForm(forms.Form):
    """Who answers for an obligation from now on."""

    person = forms.TypedChoiceField(
        label=_("Who answers for it"), coerce=int, empty_value=None, required=False
    )

    def __init__(self, data: Any = None, *, obligation: Obligation) -> None:
        duty = getattr(obligation, "duty", None)
        super().__init__(data, initial={"person": duty.person_id if duty is not None else None})
        self.fields["person"].choices = people_of([obligation.from_party])  # type: ignore[attr-defined]
        dress(self)
