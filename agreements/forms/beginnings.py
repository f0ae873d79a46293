"""Beginning an agreement or its next version, and signing one."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.contrib.auth import authenticate, get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import day_field, dress
from agreements.models import Agreement, Membership, Segment, Team
from agreements.rights import Rights
from agreements.services.founding import Standing
from agreements.visible_names import validate_visible

SIDES = ("marketing", "sales")
ALL_SIDES = (*SIDES, "third")
TEMPLATE_SAYS = {
    Agreement.Template.SHORT: _(
        "Two columns with words to change: goals, needs and initiatives of each side, and what follows a missed goal."
    ),
    Agreement.Template.STEPS: _(
        "Empty parts one after the other, each with a question to answer and an example: for a first agreement."
    ),
    Agreement.Template.STAGES: _(
        "Goals, qualification, hand-off, leads that are not ready yet: for each stage both sides and what they share."
    ),
}


class NewAgreementForm(forms.Form):
    """Between which teams, who signs, below which agreement, in which zone and currency, from which day."""

    name = forms.CharField(label=_("Name of the agreement"), max_length=150, validators=[validate_visible])
    marketing = forms.ModelChoiceField(Team.objects.filter(function="marketing"), label=_("Marketing team"))
    marketing_signatory = forms.ChoiceField(label=_("Signs for marketing"), required=False)
    marketing_contact = forms.CharField(
        label=_("Contact in marketing"),
        max_length=200,
        required=False,
        help_text=_("Who answers day by day: a name, a number."),
    )
    sales = forms.ModelChoiceField(Team.objects.filter(function="sales"), label=_("Sales team"))
    sales_signatory = forms.ChoiceField(label=_("Signs for sales"), required=False)
    sales_contact = forms.CharField(label=_("Contact in sales"), max_length=200, required=False)
    kind = forms.ChoiceField(
        label=_("Kind of agreement"),
        choices=Agreement.Kind.choices,
        required=False,
        help_text=_("With a customer: one of the two teams is outside the company, and signs on paper."),
    )
    third = forms.ModelChoiceField(
        Team.objects.all(),
        label=_("Third party"),
        required=False,
        empty_label=_("none"),
        help_text=_("Such as customer service, with promises of its own."),
    )
    third_signatory = forms.ChoiceField(label=_("Signs for the third party"), required=False)
    third_contact = forms.CharField(label=_("Contact in the third party"), max_length=200, required=False)
    level = forms.TypedChoiceField(
        label=_("Level"), choices=Agreement.Level.choices, coerce=int, required=False, empty_value=None
    )
    parent = forms.ModelChoiceField(
        Agreement.objects.none(),
        label=_("Inherits from"),
        required=False,
        empty_label=_("no other agreement"),
        help_text=_("What it does not promise itself is as promised there."),
    )
    segment = forms.ModelChoiceField(
        Segment.objects.all(),
        label=_("For the segment"),
        required=False,
        empty_label=_("all leads"),
        help_text=_("A service agreement is for one segment."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("Days, weeks and months of its reports are read in this zone.")
    )
    currency = forms.CharField(
        label=_("Currency"),
        max_length=3,
        validators=[RegexValidator(r"^[A-Z]{3}\Z", _("Three capital letters, as in EUR."))],
    )
    starts_on = day_field(_("First day"))
    template = forms.ChoiceField(
        label=_("Begin with"),
        choices=Agreement.Template.choices,
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, rights: Rights, above: QuerySet[Agreement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rights = rights
        self._field("parent").queryset = above.exclude(level=Agreement.Level.SERVICE)
        places = Membership.objects.taking_part()
        self.places = list(places.select_related("user", "team").order_by("team__name", "user__name", "pk"))
        for side in SIDES:
            self._offer_team(side)
            self._field(f"{side}_signatory").choices = self._people(side)
        self._field("third_signatory").choices = self._people("")
        zones = sorted(name for name in zoneinfo.available_timezones() if "/" in name and name[:3] != "Etc")
        self._field("time_zone").choices = [(name, name.replace("_", " ")) for name in ("UTC", *zones)]
        self.initial.setdefault("template", Agreement.Template.SHORT)
        dress(self)

    def templates(self) -> list[tuple[Any, str]]:
        """Each template as it is chosen, and what it begins with."""
        return [(choice, str(TEMPLATE_SAYS[choice.data["value"]])) for choice in self["template"]]

    def clean_template(self) -> str:
        return str(self.cleaned_data["template"] or Agreement.Template.SHORT)

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def _offer_team(self, side: str) -> None:
        """Choose what there is no choice about: the one team of this side, or the one that this person directs."""
        field = self._field(side)
        field.empty_label = _("Choose a team")
        teams = list(field.queryset)
        directed = [team for team in teams if team.pk in self.rights.directed]
        for found in (directed, teams):
            if len(found) == 1:
                self.initial.setdefault(side, found[0].pk)

    def _people(self, side: str) -> list[tuple[str, Any]]:
        teams: dict[str, list[tuple[str, str]]] = {}
        for place in self.places:
            if side in ("", place.team.function):
                teams.setdefault(place.team.name, []).append((str(place.user_id), str(place.user)))
        return [("", str(_("The team's director"))), *teams.items()]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        chosen = [given[side] for side in SIDES if given.get(side)]
        directs_one = self.rights.is_administrator or any(team.pk in self.rights.directed for team in chosen)
        if len(chosen) == 2 and not directs_one:
            self.add_error("marketing", _("You direct neither of the two teams: choose one that you direct."))
        for side in ALL_SIDES:
            if given.get(side) and f"{side}_signatory" in given:
                self._find_signatory(side, given)
        return given

    @property
    def is_placed(self) -> bool:
        """Whether something was chosen, or refused, of what most agreements leave as it is."""
        names = ("kind", "third", "level", "parent", "segment")
        chosen = {"kind": Agreement.Kind.INTERNAL.value, "level": str(Agreement.Level.CORPORATE.value)}
        return any(
            self.errors.get(name) or str(self[name].value() or chosen.get(name, "")) != chosen.get(name, "")
            for name in names
            if self.is_bound
        )

    def _find_signatory(self, side: str, given: dict[str, Any]) -> None:
        team, wanted = given[side], given[f"{side}_signatory"]
        if team.is_external:
            if wanted:
                self.add_error(f"{side}_signatory", _("Nobody signs here for a team outside the company."))
            given[f"{side}_signatory"] = None
            return
        members = [place for place in self.places if place.team_id == team.pk]
        if wanted:
            found = [place.user for place in members if str(place.user_id) == wanted]
            if not found:
                self.add_error(f"{side}_signatory", _("Choose somebody of this team."))
        else:
            found = [place.user for place in members if place.role == Membership.Role.DIRECTOR]
            if not found:
                self.add_error(f"{side}_signatory", _("This team has no director: choose who signs for it."))
        given[f"{side}_signatory"] = found[0] if found else None

    def sentence(self) -> dict[str, Any]:
        """Return what `start_agreement` takes."""
        given = self.cleaned_data
        return {
            **{
                name: given[name]
                for name in ("name", *SIDES, "time_zone", "currency", "starts_on", "template")
            },
            "signatories": {
                given[side].pk: given[f"{side}_signatory"]
                for side in ALL_SIDES
                if given[side] and given[f"{side}_signatory"]
            },
            "contacts": {given[side].pk: given[f"{side}_contact"] for side in ALL_SIDES if given[side]},
            "standing": Standing(
                level=given["level"] or Agreement.Level.CORPORATE,
                parent=given["parent"],
                segment=given["segment"],
                kind=given["kind"] or Agreement.Kind.INTERNAL,
                third=given["third"],
            ),
        }


class AmendForm(forms.Form):
    """From which day the next version is to govern."""

    starts_on = day_field(_("First day of the new version"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)


class SignForm(forms.Form):
    """A signature: that the text was read, which text, and by whom. The password is asked for again."""

    text_sha256 = forms.RegexField(r"^[0-9a-f]{64}\Z", widget=forms.HiddenInput)
    has_read = forms.BooleanField(
        label=_("I have read it."), error_messages={"required": _("Tick that you have read it.")}
    )
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_("Asked for again, so that nobody signs at a screen that you left."),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        dress(self)

    def clean_password(self) -> str:
        """Return nothing: the password is checked here and goes no further."""
        user = self.request.user
        assert user.is_authenticated
        name = getattr(user, get_user_model().USERNAME_FIELD)
        found = authenticate(self.request, username=name, password=self.cleaned_data["password"])
        if found is None or found.pk != user.pk:
            raise ValidationError(_("That is not your password. Nothing was signed."))
        return ""
