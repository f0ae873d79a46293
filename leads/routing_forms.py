"""What is typed about routing: rules, weights and caps, who is away, and a lead to try the rules on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agreements.models import Membership, Segment, Team
from agreements.rights import Rights
from agreements.visible_names import validate_visible
from leads.forms import FIRST_YEAR, LAST_YEAR, PageForm
from leads.models import RoutingRule
from leads.models.boards import MOST_ATTEMPTS, MOST_DAYS, MOST_HOURS
from leads.models.routing import MOST_OPEN, MOST_WEIGHT

WhenNobody = RoutingRule.WhenNobody
SALES = Team.Function.SALES


def teams_of(rights: Rights) -> Any:
    """Return the sales teams whose routing this person decides."""
    teams = Team.objects.filter(function=SALES)
    return teams if rights.is_administrator else teams.filter(pk__in=rights.managed)


def people_of(teams: Collection[int]) -> list[Membership]:
    """Return the places of active people in these teams, those who take part by themselves first."""
    places = Membership.objects.taking_part().filter(team__in=teams).select_related("user")
    return sorted(
        places.order_by("user__name", "user_id"), key=lambda place: place.role != Membership.Role.MEMBER
    )


class CheckedForm(PageForm):
    """A page's form whose boxes are ticked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, forms.CheckboxInput):
                field.widget.attrs["class"] = "form-check-input"


class NewRuleForm(CheckedForm):
    """The beginning of a rule: whose it is, and what it is called."""

    team = forms.ModelChoiceField(
        label=_("Which team gets the leads?"), queryset=Team.objects.none(), empty_label=None
    )
    name = forms.CharField(
        label=_("Name of the rule"),
        max_length=100,
        help_text=_("As in “Enterprise, Poland”."),
        validators=[validate_visible],
    )

    def __init__(self, *args: Any, rights: Rights, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = teams_of(rights)  # type: ignore[attr-defined]


class RuleForm(CheckedForm):
    """All of a rule. `weights` are the fields of its team's people, empty where they have what others have."""

    name = forms.CharField(label=_("Name of the rule"), max_length=100, validators=[validate_visible])
    is_on = forms.BooleanField(label=_("In use"), required=False)
    segment = forms.ModelChoiceField(
        label=_("Segment"), queryset=Segment.objects.all(), required=False, empty_label=_("every segment")
    )
    source = forms.CharField(
        label=_("Source"), required=False, max_length=100, help_text=_("Empty: every source.")
    )
    country = forms.CharField(
        label=_("Country"),
        required=False,
        max_length=64,
        help_text=_("As it stands in the leads. Empty: every country."),
    )
    in_hours_only = forms.BooleanField(
        label=_("Only while the team works"),
        required=False,
        help_text=_("Outside its business hours the next rule is asked."),
    )
    keeps_owner = forms.BooleanField(
        label=_("A known lead or company stays with whom it knows"),
        required=False,
        help_text=_("If that person is there and below the cap. Such a lead does not count as a turn."),
    )
    weight_of_others = forms.IntegerField(
        label=_("Weight of members for whom nothing is typed"),
        min_value=0,
        max_value=MOST_WEIGHT,
        help_text=_("Also of those who join the team later. 0: only who is given a weight takes part."),
    )
    when_nobody = forms.ChoiceField(
        label=_("When everyone is away or full"), choices=WhenNobody.choices, widget=forms.RadioSelect
    )
    stand_in = forms.ModelChoiceField(
        label=_("The one person"),
        queryset=get_user_model().objects.none(),
        required=False,
        empty_label=_("choose a person"),
    )
    other_team = forms.ModelChoiceField(
        label=_("The other team"),
        queryset=Team.objects.none(),
        required=False,
        empty_label=_("choose a team"),
    )

    def __init__(
        self, *args: Any, rule: RoutingRule, places: Sequence[Membership], rights: Rights, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["when_nobody"].widget.attrs["class"] = "form-check-input"
        in_sales = Membership.objects.taking_part().filter(team__function=SALES)
        if not rights.is_administrator:
            in_sales = in_sales.filter(team__in=rights.managed | rights.teams)
        people = get_user_model().objects.filter(pk__in=in_sales.values("user"))
        self.fields["stand_in"].queryset = people.order_by("name", "pk")  # type: ignore[attr-defined]
        others = Team.objects.filter(function=SALES).exclude(pk=rule.team_id)
        self.fields["other_team"].queryset = others  # type: ignore[attr-defined]
        own = dict(rule.shares.values_list("person", "weight"))
        self.places = list(places)
        for place in self.places:
            field = forms.IntegerField(
                label=str(place.user), required=False, min_value=0, max_value=MOST_WEIGHT
            )
            field.initial = own.get(place.user_id)
            takes_part = place.role == Membership.Role.MEMBER
            field.widget.attrs |= {
                "class": "form-control",
                "placeholder": rule.weight_of_others if takes_part else 0,
            }
            self.fields[f"weight_{place.user_id}"] = field

    @property
    def weights(self) -> list[tuple[Membership, Any]]:
        """Each person's place with its field."""
        return [(place, self[f"weight_{place.user_id}"]) for place in self.places]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        chosen = given.get("when_nobody")
        if chosen != WhenNobody.PERSON:
            given["stand_in"] = None
        elif not given.get("stand_in") and "stand_in" not in self.errors:
            self.add_error("stand_in", _("Choose who gets the leads then."))
        if chosen != WhenNobody.TEAM:
            given["other_team"] = None
        elif not given.get("other_team") and "other_team" not in self.errors:
            self.add_error("other_team", _("Choose the team that gets the leads then."))
        return given

    def said(self) -> dict[str, Any]:
        """Return what the service takes."""
        given = dict(self.cleaned_data)
        weights = {place.user_id: given.pop(f"weight_{place.user_id}") for place in self.places}
        return {**given, "weights": weights}


class CapsForm(CheckedForm):
    """How many open hand-offs each of these people has at most."""

    def __init__(self, *args: Any, people: Sequence[Any], caps: dict[int, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        for person in people:
            field = forms.IntegerField(label=str(person), required=False, min_value=0, max_value=MOST_OPEN)
            field.initial = caps.get(person.pk)
            field.widget.attrs |= {"class": "form-control", "placeholder": _("no limit")}
            self.fields[f"cap_{person.pk}"] = field

    def said(self) -> dict[int, int | None]:
        """Return each person's cap; None for no limit."""
        return {person.pk: self.cleaned_data[f"cap_{person.pk}"] for person in self.people}


class TrialForm(CheckedForm):
    """A lead that is not there: who would get it now?"""

    team = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.none(), required=False, empty_label=_("none named")
    )
    segment = forms.ModelChoiceField(
        label=_("Segment"), queryset=Segment.objects.all(), required=False, empty_label=_("none")
    )
    source = forms.CharField(label=_("Source"), required=False, max_length=100)
    country = forms.CharField(label=_("Country"), required=False, max_length=64)

    def __init__(self, *args: Any, rights: Rights, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = teams_of(rights)  # type: ignore[attr-defined]


class DayField(forms.DateField):
    """A day as the browser's own picker gives it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            input_formats=["%Y-%m-%d"],
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            **kwargs,
        )

    def clean(self, value: Any) -> dt.date | None:
        day: dt.date | None = super().clean(value)
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError(_("This is no day that anybody means."))
        return day


class AbsenceForm(CheckedForm):
    """Days on which somebody is out of office."""

    person = forms.ModelChoiceField(
        label=_("Who is away?"), queryset=get_user_model().objects.none(), empty_label=None
    )
    first_on = DayField(label=_("First day"))
    last_on = DayField(label=_("Last day"), help_text=_("The last day away, included."))
    moves_work = forms.BooleanField(
        label=_("On the first day, open leads go to others"),
        required=False,
        help_text=_("By the routing rules. Their clocks run on."),
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


class BoardRuleForm(CheckedForm):
    """What puts leads of a team on its board."""

    untried_hours = forms.IntegerField(
        label=_("Not tried within hours"),
        min_value=1,
        max_value=MOST_HOURS,
        help_text=_("Days off not counted."),
    )
    attempts = forms.IntegerField(label=_("Fewer attempts than"), min_value=1, max_value=MOST_ATTEMPTS)
    within_days = forms.IntegerField(label=_("after days"), min_value=1, max_value=MOST_DAYS)
