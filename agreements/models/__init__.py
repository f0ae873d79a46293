"""What was promised, between whom, and by which clock."""

from agreements.models.agreements import Agreement, AgreementEvent, Party, Signature, Version
from agreements.models.calendars import BusinessCalendar, CalendarRevision
from agreements.models.commitments import Commitment, MonthGoal, Plan
from agreements.models.teams import Membership, Segment, Team

__all__ = [
    "Agreement",
    "AgreementEvent",
    "BusinessCalendar",
    "CalendarRevision",
    "Commitment",
    "Membership",
    "MonthGoal",
    "Party",
    "Plan",
    "Segment",
    "Signature",
    "Team",
    "Version",
]
