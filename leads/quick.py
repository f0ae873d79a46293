"""The attempts that can be logged in two taps: for each channel the outcomes that it most often has."""

from __future__ import annotations

from dataclasses import dataclass

from leads.models import FollowUpAttempt

Channel, Outcome = FollowUpAttempt.Channel, FollowUpAttempt.Outcome

QUICK = {
    Channel.CALL: (
        Outcome.NO_ANSWER,
        Outcome.CONNECTED,
        Outcome.VOICEMAIL,
        Outcome.CALLBACK_REQUESTED,
        Outcome.MEETING_BOOKED,
        Outcome.NOT_INTERESTED,
        Outcome.WRONG_CONTACT,
    ),
    Channel.EMAIL: (Outcome.SENT, Outcome.CONNECTED, Outcome.BOUNCED),
    Channel.MESSAGE: (Outcome.SENT, Outcome.CONNECTED),
    Channel.MEETING: (Outcome.CONNECTED, Outcome.NO_ANSWER),
}


@dataclass(frozen=True, slots=True)
class Tap:
    """The first tap, and what can follow it."""

    channel: FollowUpAttempt.Channel
    outcomes: tuple[FollowUpAttempt.Outcome, ...]


TAPS = tuple(Tap(channel, outcomes) for channel, outcomes in QUICK.items())
