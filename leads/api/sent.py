"""What programs send about hand-offs and attempts."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as Refusal
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from agreements.api.calendars import within_reach
from agreements.api.fields import Person, Sent
from agreements.api.paging import LARGEST_ID
from agreements.models import Team
from leads.forms import FARTHEST_RETURN
from leads.models import Dispute, FollowUpAttempt, HandOff, Pause, Rating
from leads.services.attempts import refuse_impossible

FOR_WHOM = "The person for whom this is done, by their e-mail address: what they may not do is refused."
CLOSED_AS = [
    choice
    for choice in HandOff.ClosedAs.choices
    if choice[0] not in (HandOff.ClosedAs.REJECTED, HandOff.ClosedAs.EXCUSED)
]


class ForSomebody(Sent):
    """Done by the program itself, or for a person that it names."""

    by = Person(required=False, help_text=f"{FOR_WHOM} Without it, the program does it itself.")


class BySomebody(Sent):
    """Done for a person: nothing that a program could do by itself."""

    by = Person(help_text=FOR_WHOM)


class Given(ForSomebody):
    """A lead for a sales team."""

    team = serializers.SlugRelatedField(
        slug_field="slug",
        queryset=Team.objects.filter(function=Team.Function.SALES),
        help_text="The sales team that receives the lead.",
    )
    owner = Person(
        required=False,
        help_text="Somebody of the team. Without one the routing rules say who gets it, or the first to accept it.",
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        owner, team = given.get("owner"), given["team"]
        if owner is not None and not team.memberships.taking_part().filter(user=owner).exists():
            raise ValidationError({"owner": _("This person is not in the team that you chose.")})
        return given


class Merged(ForSomebody):
    """The lead that is taken into the one of the address."""

    absorbed = serializers.IntegerField(
        min_value=1, max_value=LARGEST_ID, help_text="The id here of the lead that is taken into this one."
    )
    reason = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class Assigned(ForSomebody):
    """Who works it from now on."""

    owner = Person(help_text="Somebody of sales.")


class Rejected(ForSomebody):
    """Why it goes back to marketing."""

    reason = serializers.CharField(
        max_length=40, help_text="One of the reasons that the hand-off's version agreed to."
    )
    text = serializers.CharField(
        max_length=80, required=False, default="", help_text="In one's own words; needed for `other`."
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["reason"] == HandOff.RejectionReason.OTHER and not given["text"]:
            raise ValidationError({"text": _("Say which other reason it is.")})
        return given


class Logged(ForSomebody):
    """One try to reach the lead. `by` made it."""

    channel = serializers.ChoiceField(choices=FollowUpAttempt.Channel.choices)
    outcome = serializers.ChoiceField(
        choices=FollowUpAttempt.Outcome.choices,
        help_text="No call, meeting or visit is `sent` or `bounced`, no e-mail, meeting or visit `voicemail`.",
    )
    attempted_at = serializers.DateTimeField(
        required=False, validators=[within_reach], help_text="Without it, now."
    )
    is_automated = serializers.BooleanField(
        default=False, help_text="Sent by a machine: it counts only if agreed, and never stops the clock."
    )
    note = serializers.CharField(max_length=10_000, required=False, default="", allow_blank=True)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        try:
            refuse_impossible(given["channel"], given["outcome"])
        except Refusal as error:
            raise ValidationError({"outcome": error.messages}) from error
        return given


class Undone(ForSomebody):
    """Why an attempt is undone."""

    reason = serializers.CharField(
        max_length=200,
        required=False,
        default="",
        help_text="Needed but for one's own attempt of the last quarter of an hour.",
    )


class Paused(ForSomebody):
    """Until when, and why."""

    until = serializers.DateTimeField(validators=[within_reach])
    reason = serializers.ChoiceField(choices=Pause.Reason.choices)


class Planned(ForSomebody):
    """When it is tried next."""

    at = serializers.DateTimeField(
        allow_null=True, validators=[within_reach], help_text="Null: no touch is planned."
    )


class Closed(ForSomebody):
    """How it ended."""

    closed_as = serializers.ChoiceField(choices=CLOSED_AS)
    returns_on = serializers.DateField(
        required=False, help_text="Of a recycled lead: when marketing may hand it over again."
    )

    def validate_returns_on(self, day: Any) -> Any:
        today = timezone.localdate()
        if not today <= day <= today + FARTHEST_RETURN:
            raise ValidationError(_("Choose a day from today on, within two years."))
        return day

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("returns_on") and given["closed_as"] != HandOff.ClosedAs.RECYCLED:
            raise ValidationError({"returns_on": _("Only a recycled lead is handed over again.")})
        return given


class Disputed(BySomebody):
    """Why marketing disputes a rejection."""

    words = serializers.CharField(max_length=1000)


class Decided(BySomebody):
    """What becomes of a disputed rejection."""

    outcome = serializers.ChoiceField(choices=Dispute.Outcome.choices)
    answer = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)


class Rated(BySomebody):
    """How good the lead was."""

    grade = serializers.ChoiceField(choices=Rating.Grade.choices)
    reason = serializers.ChoiceField(
        choices=Rating.Reason.choices,
        required=False,
        default=None,
        help_text="One that goes with the grade. Without it the one that stands stays while the grade does.",
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["reason"] and given["reason"] not in Rating.REASONS[Rating.Grade(given["grade"])]:
            raise ValidationError({"reason": _("This reason does not go with the grade.")})
        return given
