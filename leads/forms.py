"""What people type about leads and their follow-up, turned into what the services take."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agreements.models import Membership, Segment, Team
from agreements.rejection_reasons import Reason
from agreements.visible_names import validate_visible
from leads.models import Deal, FollowUpAttempt, HandOff, Lead
from leads.services.attempts import refuse_impossible

# As for a file that is imported: beyond these years an instant is a slip of the hand.
FIRST_YEAR, LAST_YEAR = 1971, 2100
FARTHEST_RETURN = dt.timedelta(days=731)


def check_year(instant: dt.datetime) -> None:
    """Raise ValidationError for an instant outside the years that anybody means."""
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise ValidationError(
            _("The year is not between %(first)d and %(last)d."),
            params={"first": FIRST_YEAR, "last": LAST_YEAR},
        )


class LeadForm(forms.ModelForm):
    """A lead entered by hand: `qualified_at` is an instant in the zone of the person who types it."""

    class Meta:
        model = Lead
        fields = [
            "external_id",
            "origin",
            "source",
            "campaign",
            "segment",
            "qualified_at",
            "name",
            "company",
            "job_title",
            "email",
            "phone",
            "country",
        ]

    def clean_qualified_at(self) -> object:
        """Return the instant; ValidationError for the future."""
        qualified_at: dt.datetime = self.cleaned_data["qualified_at"]
        check_year(qualified_at)
        if qualified_at > timezone.now():
            raise ValidationError(_("A lead cannot be qualified in the future."))
        return qualified_at.replace(microsecond=0)


class HandOverForm(forms.ModelForm):
    """Give a lead to sales; an empty instant means now."""

    handed_off_at = forms.SplitDateTimeField(
        label=_("handed off at"),
        required=False,
        widget=forms.SplitDateTimeWidget(),
        validators=[check_year],
        help_text=_("Empty: now."),
    )

    class Meta:
        model = HandOff
        fields = ["lead", "team", "owner", "agreement", "handed_off_at"]


class AttemptForm(forms.ModelForm):
    """One attempt on a hand-off, with what the person wants to remember of it."""

    note_text = forms.CharField(label=_("note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    class Meta:
        model = FollowUpAttempt
        fields = ["hand_off", "attempted_at", "channel", "outcome"]


class DealForm(forms.ModelForm):
    """A deal entered by hand."""

    class Meta:
        model = Deal
        fields = [
            "system",
            "external_id",
            "lead",
            "lead_external_id",
            "closed_at",
            "closed_on",
            "is_date_only",
            "amount",
            "currency",
            "is_won",
            "origin",
            "recorded_by",
        ]

    def clean_closed_at(self) -> dt.datetime | None:
        """Return the instant, if it closed; ValidationError for a year that nobody means."""
        closed_at: dt.datetime | None = self.cleaned_data["closed_at"]
        if closed_at is not None:
            check_year(closed_at)
        return closed_at


class PageForm(forms.Form):
    """A form of our own pages: its fields wear the classes of the style sheet, and errors stand beside them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            is_select = isinstance(field.widget, forms.Select)
            field.widget.attrs["class"] = "form-select" if is_select else "form-control"


class LocalInstantField(forms.DateTimeField):
    """A wall time in the reader's zone, to the minute; gives an aware instant."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            **kwargs,
        )

    def to_python(self, value: Any) -> dt.datetime | None:
        try:
            instant = super().to_python(value)
        except OverflowError as error:
            raise ValidationError(_("This is no date and time that anybody means.")) from error
        if instant is not None:
            check_year(instant)
        return instant


class NewLeadForm(PageForm):
    """A lead typed by a person. `key` makes the same form sent twice one lead."""

    name = forms.CharField(label=_("Name"), required=False, max_length=200, validators=[validate_visible])
    company = forms.CharField(label=_("Company"), required=False, max_length=200)
    email = forms.EmailField(label=_("E-mail"), required=False, max_length=320)
    phone = forms.CharField(label=_("Phone"), required=False, max_length=64)
    job_title = forms.CharField(label=_("Job title"), required=False, max_length=200)
    country = forms.CharField(label=_("Country"), required=False, max_length=64)
    segment = forms.ModelChoiceField(
        label=_("Segment"), queryset=Segment.objects.all(), required=False, empty_label=_("none")
    )
    source = forms.CharField(label=_("Source"), required=False, max_length=100)
    campaign = forms.CharField(label=_("Campaign"), required=False, max_length=150)
    origin = forms.ChoiceField(label=_("Origin"), choices=Lead.Origin.choices)
    qualified_at = LocalInstantField(
        label=_("Qualified at"), required=False, help_text=_("In your time zone. Empty: now.")
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class GiveForm(PageForm):
    """To which team a lead goes, and to whom there, if to anybody yet."""

    team = forms.ModelChoiceField(
        label=_("Receiving team"),
        empty_label=None,
        widget=forms.RadioSelect,
        queryset=Team.objects.none(),
        error_messages={"required": _("Choose the team that receives the lead.")},
    )
    owner = forms.TypedChoiceField(
        label=_("Owner"),
        required=False,
        empty_value=None,
        help_text=_(
            "Empty: the routing rules say who gets it; where none does, the first of the team to accept it."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = Team.objects.filter(function=Team.Function.SALES)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]
        self.places = list(_places(teams.values_list("pk", flat=True)))
        self.fields["owner"].choices = [("", _("nobody in particular")), *_by_team(self.places)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        team, owner = given.get("team"), given.get("owner")
        if team is not None and owner:
            place = next(
                (one for one in self.places if one.team_id == team.pk and str(one.user_id) == owner), None
            )
            if place is None:
                self.add_error("owner", _("This person is not in the team that you chose."))
            else:
                given["owner"] = place.user
        return given


class AssignForm(PageForm):
    """Who works a hand-off from now on."""

    owner = forms.ModelChoiceField(
        label=_("New owner"),
        queryset=get_user_model().objects.none(),
        empty_label=_("choose a person"),
        error_messages={"required": _("Choose who gets the lead.")},
    )

    def __init__(self, *args: Any, teams: Iterable[int] | None, **kwargs: Any) -> None:
        """Offer the people of these teams; None: of all of sales."""
        super().__init__(*args, **kwargs)
        places = Membership.objects.taking_part().filter(team__function=Team.Function.SALES)
        if teams is not None:
            places = places.filter(team__in=teams)
        people = get_user_model().objects.filter(pk__in=places.values("user"))
        self.fields["owner"].queryset = people.order_by("name", "pk")  # type: ignore[attr-defined]


class RejectForm(PageForm):
    """Why a lead goes back to marketing."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[],
        error_messages={"required": _("Marketing learns from the reason: choose one.")},
    )
    text = forms.CharField(
        label=_("In your own words"),
        required=False,
        max_length=80,
        help_text=_("Needed where it is another reason."),
    )

    def __init__(self, *args: Any, reasons: Iterable[Reason], **kwargs: Any) -> None:
        """Offer the reasons that are agreed for this lead."""
        super().__init__(*args, **kwargs)
        agreed = [(one.word, one.label) for one in reasons]
        self.fields["reason"].choices = [("", _("choose a reason")), *agreed]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("reason") == HandOff.RejectionReason.OTHER and not given.get("text"):
            self.add_error("text", _("Say which other reason it is."))
        return given


class LogForm(PageForm):
    """One attempt. `key` makes the same form sent twice one attempt."""

    channel = forms.ChoiceField(label=_("Channel"), choices=FollowUpAttempt.Channel.choices)
    outcome = forms.ChoiceField(label=_("Outcome"), choices=FollowUpAttempt.Outcome.choices)
    attempted_at = LocalInstantField(
        label=_("When"), required=False, help_text=_("In your time zone. Empty: now.")
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if "channel" in given and "outcome" in given:
            try:
                refuse_impossible(given["channel"], given["outcome"])
            except ValidationError as error:
                self.add_error("outcome", error)
        return given


class CloseForm(PageForm):
    """How a hand-off ended. Rejecting asks for a reason and excusing for the other party: they have their own pages."""

    closed_as = forms.ChoiceField(
        label=_("Closed as"),
        choices=[
            ("", _("choose how it ended")),
            *(
                choice
                for choice in HandOff.ClosedAs.choices
                if choice[0] not in (HandOff.ClosedAs.REJECTED, HandOff.ClosedAs.EXCUSED)
            ),
        ],
        error_messages={"required": _("Choose how it ended.")},
    )
    returns_on = forms.DateField(
        label=_("Recycled: to be handed over again on"),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Marketing finds it in its list from that day on. Empty: when marketing sees fit."),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        returns_on, today = given.get("returns_on"), timezone.localdate()
        if returns_on is not None and given.get("closed_as") != HandOff.ClosedAs.RECYCLED:
            self.add_error("returns_on", _("Only a recycled lead is handed over again."))
        elif returns_on is not None and not today <= returns_on <= today + FARTHEST_RETURN:
            self.add_error("returns_on", _("Choose a day from today on, within two years."))
        return given


class MergeForm(PageForm):
    """Why two leads are one."""

    reason = forms.CharField(
        label=_("Why are they the same?"),
        max_length=200,
        required=False,
        help_text=_("Not needed. It stays with the lead’s history."),
    )


class UndoForm(PageForm):
    """Why somebody else's attempt, or an older one, is undone."""

    reason = forms.CharField(
        label=_("Why is it undone?"),
        max_length=200,
        error_messages={
            "required": _("Say why: the attempt stays in sight, struck through, with the reason.")
        },
    )


def _places(teams: Iterable[int]) -> Iterable[Membership]:
    places = Membership.objects.taking_part().filter(team__in=teams)
    return places.select_related("user", "team").order_by("team__name", "user__name", "pk")


def _by_team(places: Iterable[Membership]) -> list[tuple[str, list[tuple[str, str]]]]:
    by_team: dict[str, list[tuple[str, str]]] = {}
    for place in places:
        by_team.setdefault(place.team.name, []).append((str(place.user_id), str(place.user)))
    return list(by_team.items())
