"""The attempts that can be logged in two taps or two keys: for each way to try, the outcomes that it most often has.

The first key chooses the way (`c e v m t`), the second the outcome, numbered from 1 in the order shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from leads.models import FollowUpAttempt

Channel, Outcome = FollowUpAttempt.Channel, FollowUpAttempt.Outcome


@dataclass(frozen=True, slots=True)
class Tap:
    """The first tap, and what can follow it."""

    key: str
    label: str | Promise
    channel: FollowUpAttempt.Channel
    outcomes: tuple[FollowUpAttempt.Outcome, ...]


TAPS = (
    Tap(
        "c",
        _("Call"),
        Channel.CALL,
        (
            Outcome.CONNECTED,
            Outcome.NO_ANSWER,
            Outcome.WRONG_CONTACT,
            Outcome.NOT_INTERESTED,
            Outcome.MEETING_BOOKED,
            Outcome.CALLBACK_REQUESTED,
        ),
    ),
    Tap("e", _("E-mail"), Channel.EMAIL, (Outcome.SENT, Outcome.CONNECTED, Outcome.BOUNCED)),
    Tap("v", _("Voicemail"), Channel.CALL, (Outcome.VOICEMAIL, Outcome.LEFT_MESSAGE)),
    Tap("m", _("Meeting"), Channel.MEETING, (Outcome.CONNECTED, Outcome.NO_ANSWER, Outcome.MEETING_BOOKED)),
    Tap("t", _("Text message"), Channel.MESSAGE, (Outcome.SENT, Outcome.CONNECTED)),
)


def spread_tap(posted: QueryDict | None) -> QueryDict | None:
    """Return what was sent with the tap `call:no_answer`, which one button can send, as channel and outcome."""
    if posted is None or "tap" not in posted:
        return posted
    spread = posted.copy()
    spread["channel"], _colon, spread["outcome"] = str(posted["tap"]).partition(":")
    return spread
