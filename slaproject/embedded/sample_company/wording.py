"""What stands beside the numbers in the sample company's agreement: its written parts."""

from __future__ import annotations

from collections.abc import Mapping

from agreements.models import Clause, Party, Version
from slaproject.embedded.sample_company.people import MARKETING, SALES

Topic = Clause.Topic

SHARED = {
    Topic.SCOPE: "Leads from Europe and North America that marketing found. Partner leads and renewals are excluded: "
    "sales looks after these by itself.",
    Topic.QUALIFICATION: "A lead is qualified when it fits a segment, has given a company e-mail address, and asked "
    "for a demo, came to a webinar or downloaded the buyer's guide within the last 30 days.",
    Topic.GOALS: "Revenue from marketing's leads: both directors are judged by it, beside their own promises.",
    Topic.CANCELLATION: "Either director may cancel to the end of a quarter, with a month's notice. Leads handed over "
    "by then are worked as agreed.",
    Topic.CONTINGENCY: "Whoever learns of an outage or of a budget that is gone tells the other director the same day; "
    "what is excused is agreed within two business days.",
    Topic.REVIEW: "Both directors review the month on its successor's third business day. Rates are recalibrated then.",
}
BY_PARTY = {
    MARKETING: {
        Topic.GOALS: "Hand over the leads that the quota needs, spread over the month, with the reason why each is "
        "qualified.",
        Topic.NEEDS: "A reason for every lead that comes back, so that the next one is better.",
        Topic.INITIATIVES: "Two webinars a month; a new buyer's guide for small businesses; the autumn trade show.",
        Topic.CONSEQUENCE: "show by the tenth of the next month which sources fell short, and move at least a tenth of "
        "the budget to those that did not.",
    },
    SALES: {
        Topic.GOALS: "Try every lead in time and often enough, and say what became of it.",
        Topic.NEEDS: "Leads on every business day rather than all on the last one; the campaign each came from.",
        Topic.INITIATIVES: "A calling hour each morning in both offices; a script for people who asked for a demo.",
        Topic.CONSEQUENCE: "have a manager call the leads that waited, within two business days, and name a stand-in "
        "for everyone on leave.",
    },
}
# Of which team, for what, who: a person of the company by e-mail, or somebody outside in words.
CONTACTS = (
    (MARKETING, "Day to day", "marketer@acme.example", ""),
    (MARKETING, "Data", "", "CRM desk of the agency, crm@agency.example"),
    (SALES, "Day to day", "manager.warsaw@acme.example", ""),
    (SALES, "Escalation", "sales.director@acme.example", ""),
)


def write_clauses(version: Version, parties: Mapping[str, Party]) -> None:
    """Write the shared parts and those of each side into a version that is not signed yet."""
    texts = [(None, SHARED), *((parties[slug], texts) for slug, texts in BY_PARTY.items())]
    Clause.objects.bulk_create(
        Clause(version=version, party=party, topic=topic, text=text)
        for party, by_topic in texts
        for topic, text in by_topic.items()
    )
