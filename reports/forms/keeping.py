"""What is typed about a promise that was not kept: a diagnosis, an action, its end, an excuse and its answer."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import day_field, dress
from agreements.models import Agreement, Excuse, Membership, Party, Strike
from agreements.runs import next_month
from leads.models import HandOff
from reports.charts import words
from reports.closing import months_before

MOST_LEADS = 200
MONTHS_BACK = 12
User = get_user_model()


def text_field(label: Any, *, rows: int = 4, most: int = 5_000, **more: Any) -> forms.CharField:
    """Words in several lines."""
    return forms.CharField(
        label=label,
        max_length=most,
        widget=forms.Textarea(attrs={"rows": rows}),
        validators=[ProhibitNullCharactersValidator()],
        **more,
    )


class PartyField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A party, named by its team."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.team.name)


def people_of(agreement: Agreement, also: int | None = None) -> Any:
    """Return the active people of the parties' teams, and who is named already."""
    places = Membership.objects.taking_part().filter(team__parties__agreement=agreement)
    found = User.objects.filter(pk__in=places.values("user"))
    if also is not None:
        found |= User.objects.filter(pk=also)
    return found.distinct().order_by("name", "pk")


class DiagnosisForm(forms.Form):
    """Who answers for a strike, and why the promise was missed."""

    responsible = forms.ModelChoiceField(User.objects.none(), label=_("Who diagnoses it"))
    diagnosis = text_field(_("Why was the promise not kept?"), required=False, most=10_000)
    make_up_plan = text_field(_("How will the missing leads be made up?"), required=False, most=10_000)

    def __init__(self, data: Any = None, *, strike: Strike) -> None:
        first = {
            "responsible": strike.responsible_id,
            "diagnosis": strike.diagnosis,
            "make_up_plan": strike.make_up_plan,
        }
        super().__init__(data, initial=first)
        agreement = strike.evaluation.month.agreement
        field = self.fields["responsible"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = people_of(agreement, strike.responsible_id)
        if strike.evaluation.promise != "mql_goal":
            del self.fields["make_up_plan"]
        dress(self)


class ActionForm(forms.Form):
    """What is done, by whom, until when."""

    action = text_field(_("What will be done?"), rows=2, most=2_000)
    owner = forms.ModelChoiceField(User.objects.none(), label=_("Who does it"))
    due_on = day_field(_("Until"))

    def __init__(self, data: Any = None, *, strike: Strike) -> None:
        super().__init__(data, initial={"owner": strike.responsible_id})
        field = self.fields["owner"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = people_of(strike.evaluation.month.agreement)
        dress(self)


class EndActionForm(forms.Form):
    """How an action ended, and what came of it."""

    ended_as = forms.ChoiceField(
        label=_("How did it end?"),
        choices=[("done", _("done")), ("dropped", _("dropped"))],
        widget=forms.RadioSelect,
    )
    result = text_field(_("What came of it?"), rows=3, most=2_000)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        dress(self)


class ExcuseForm(forms.Form):
    """Days or leads of a month that shall not count in one's own side's promises."""

    party = PartyField(Party.objects.none(), label=_("Whose promises"))
    month_on = forms.ChoiceField(label=_("Month"))
    first_day = day_field(_("First day that shall not count"), required=False)
    last_day = day_field(_("Last day"), required=False, help_text=_("Empty: that one day."))
    leads = forms.CharField(
        label=_("Or single leads, by number"),
        required=False,
        max_length=2_000,
        help_text=_("The numbers in the addresses of their pages: 1201, 1202. Of the month chosen above."),
    )
    reason = forms.ChoiceField(label=_("Reason"), choices=Excuse.Reason.choices)
    note = text_field(_("What happened?"), rows=3)

    def __init__(
        self, data: Any = None, *, agreement: Agreement, user: Any, today: dt.date, month: str = ""
    ) -> None:
        self.agreement, self.user = agreement, user
        parties = Party.objects.filter(agreement=agreement).writable_by(user).select_related("team")
        super().__init__(data, initial={"party": parties.first(), "month_on": month})
        field = self.fields["party"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = parties
        field.empty_label = None
        months = [months_before(today.replace(day=1), n) for n in range(MONTHS_BACK + 1)]
        choice = self.fields["month_on"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(f"{one:%Y-%m}", words.month(one)) for one in months]
        dress(self)

    def clean_month_on(self) -> dt.date:
        year, month = self.cleaned_data["month_on"].split("-")
        return dt.date(int(year), int(month), 1)

    def clean_leads(self) -> list[int]:
        parts = [part for part in re.split(r"[\s,;]+", self.cleaned_data["leads"]) if part]
        if not all(part.isascii() and part.isdecimal() and len(part) < 10 for part in parts):
            raise ValidationError(_("Write numbers, with commas between them."))
        if len(parts) > MOST_LEADS:
            raise ValidationError(_("200 leads at once are the most. For more, name the days."))
        return sorted({int(part) for part in parts})

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        first, last, month = given.get("first_day"), given.get("last_day"), given.get("month_on")
        if last is not None and first is None and "first_day" not in self.errors:
            self.add_error("first_day", _("Name the first day as well."))
        if first is not None and last is not None and last < first:
            self.add_error("last_day", _("The last day lies before the first."))
        if month is not None:
            for name, day in (("first_day", first), ("last_day", last)):
                if day is not None and not month <= day < next_month(month) and name not in self.errors:
                    self.add_error(name, _("This day lies outside the month chosen above."))
            self._find_hand_offs(month)
        if not self.errors and first is None and not given.get("leads"):
            self.add_error("first_day", _("Name days, or leads below."))
        return given

    def _find_hand_offs(self, month: dt.date) -> None:
        """Turn leads into their hand-offs of the month; one that this person may not know is not found."""
        leads = self.cleaned_data.get("leads") or []
        found = HandOff.objects.visible_to(self.user).filter(
            agreement=self.agreement,
            lead__in=leads,
            handed_off_on__gte=month,
            handed_off_on__lt=next_month(month),
        )
        by_lead = list(found.values_list("lead_id", "pk")) if leads else []
        missing = sorted(set(leads) - {lead for lead, _pk in by_lead})
        if missing:
            sentence = _("You know no lead %(lead)s that was handed over in this month under this agreement.")
            self.add_error("leads", ValidationError(sentence, params={"lead": missing[0]}))
        self.cleaned_data["hand_offs"] = sorted(pk for _lead, pk in by_lead)

    def sentence(self) -> dict[str, Any]:
        """Return what is proposed, as the service takes it."""
        given = self.cleaned_data
        first = given["first_day"]
        days = []
        if first is not None:
            last = given["last_day"] or first
            days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
        return {
            "party": given["party"],
            "month_on": given["month_on"],
            "days": days,
            "hand_offs": given["hand_offs"],
            "reason": given["reason"],
            "note": given["note"],
        }


class AnswerForm(forms.Form):
    """Whether the other side agrees to an excuse."""

    answer_is = forms.ChoiceField(
        label=_("Your side’s answer"),
        choices=[("accept", _("Agree: it shall not count")), ("refuse", _("Refuse: it counts"))],
        widget=forms.RadioSelect,
    )
    answer = text_field(_("Why"), rows=2, required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        dress(self)
