"""What was promised, between whom, and by which clock."""

from agreements.models.agreements import Agreement, Party
from agreements.models.calendars import BusinessCalendar, CalendarRevision
from agreements.models.campaign_goals import CampaignGoal
from agreements.models.campaigns import Campaign
from agreements.models.clauses import Clause
from agreements.models.commitments import Commitment, MonthGoal, Plan
from agreements.models.contacts import Contact
from agreements.models.events import AgreementEvent
from agreements.models.keeping import (
    Consequence,
    CorrectiveAction,
    Evaluation,
    Excuse,
    MonthResult,
    Strike,
)
from agreements.models.measures import CustomMeasure, MeasureValue
from agreements.models.negotiation import Answer, Comment
from agreements.models.new_hours import HoursConsent, HoursProposal
from agreements.models.notices import Notice
from agreements.models.obligations import DeliveredContent, Delivery, Duty, Obligation, Occurrence
from agreements.models.pulse import PulseAnswer
from agreements.models.records import (
    ChainHead,
    DocumentMail,
    EditedWords,
    SignedDocument,
    Verification,
)
from agreements.models.reviews import CalendarFeed, Cancellation, Decision, Review
from agreements.models.scenarios import Scenario
from agreements.models.supports import Support
from agreements.models.teams import Membership, Segment, Team
from agreements.models.versions import Signature, Version

__all__ = [
    "Agreement",
    "AgreementEvent",
    "Answer",
    "BusinessCalendar",
    "CalendarFeed",
    "CalendarRevision",
    "Campaign",
    "CampaignGoal",
    "Cancellation",
    "ChainHead",
    "Clause",
    "Comment",
    "Commitment",
    "Consequence",
    "Contact",
    "CorrectiveAction",
    "CustomMeasure",
    "Decision",
    "DeliveredContent",
    "Delivery",
    "DocumentMail",
    "Duty",
    "EditedWords",
    "Evaluation",
    "Excuse",
    "HoursConsent",
    "HoursProposal",
    "MeasureValue",
    "Membership",
    "MonthGoal",
    "MonthResult",
    "Notice",
    "Obligation",
    "Occurrence",
    "Party",
    "Plan",
    "PulseAnswer",
    "Review",
    "Scenario",
    "Segment",
    "Signature",
    "SignedDocument",
    "Strike",
    "Support",
    "Team",
    "Verification",
    "Version",
]
