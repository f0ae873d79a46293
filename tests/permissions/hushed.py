"""A second agreement, which nobody has signed yet, with one object of each kind that hangs on an agreement."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from agreements.models import (
    Agreement,
    Comment,
    Contact,
    CorrectiveAction,
    Decision,
    Excuse,
    HoursConsent,
    HoursProposal,
    MeasureValue,
    Occurrence,
    Review,
    Strike,
    Support,
    Version,
)
from agreements.services.results import Finding, write_results
from tests import factories


@dataclass
class Hushed:
    """`insider` writes for a party of it. `own` are its objects by the names of `Scene.own`.

    It inherits from the agreement `above`, and the agreement `resting` rests on it; neither has anybody of its parties.
    """

    agreement: Agreement
    above: Agreement
    resting: Agreement
    next_review: Review
    draft: Version
    insider: Any
    own: dict[str, Any]


def make_hushed() -> Hushed:
    """Make the agreement; nobody of the scene has a part in it."""
    above, resting = factories.agreement("above"), factories.agreement("resting")
    agreement = factories.agreement("hushed", level=Agreement.Level.TEAM, parent=above)
    Support.objects.create(agreement=resting, supporter=agreement, named_at=factories.NOON)
    sales, marketing = (factories.party(agreement, function) for function in ("sales", "marketing"))
    insider = sales.signatory
    assert insider is not None
    draft = factories.draft(agreement)
    owed, measure = factories.obligation(draft), factories.measure(draft)
    campaign_goal = factories.campaign_goal(draft)
    friday, february = dt.date(2026, 3, 6), dt.date(2026, 2, 1)
    due = Occurrence.objects.create(
        obligation=owed, due_on=friday, nominal_on=friday, due_at=factories.NOON + dt.timedelta(days=2)
    )
    value = MeasureValue.objects.create(
        agreement=agreement,
        party=sales,
        name=measure.name,
        period_on=february,
        value=Decimal("4.6"),
        entered_at=factories.NOON,
        entered_by=insider,
    )
    missed = Finding("depth", sales, "missed", Fraction(5), Fraction(1), Fraction(6))
    write_results(version=draft, month_on=february, findings=[missed], is_decided=True, now=factories.NOON)
    strike = Strike.objects.get(evaluation__month__agreement=agreement)
    action = CorrectiveAction.objects.create(
        strike=strike,
        action="Try once more",
        owner=insider,
        due_on=dt.date(2026, 4, 1),
        created_at=factories.NOON,
    )
    excuse = Excuse.objects.create(
        agreement=agreement,
        party=sales,
        month_on=february,
        days=[february],
        reason=Excuse.Reason.OUTAGE,
        proposed_at=factories.NOON,
        proposed_by=insider,
    )
    review = Review.objects.create(agreement=agreement, planned_on=dt.date(2026, 4, 6))
    next_review = Review.objects.create(agreement=agreement, planned_on=dt.date(2026, 5, 6))
    decision = Decision.objects.create(
        review=review,
        text="Call more",
        owner=insider,
        due_on=dt.date(2026, 4, 20),
        made_at=factories.NOON,
    )
    proposal = HoursProposal.objects.create(
        revision=factories.calendar("Hushed hours").latest_revision(), proposed_at=factories.NOON
    )
    for party in (marketing, sales):
        HoursConsent.objects.create(proposal=proposal, party=party, version=draft)
    support = Support.objects.create(agreement=agreement, name="Dialler contract", named_at=factories.NOON)
    comment = Comment.objects.create(
        version=draft,
        party=sales,
        author=insider,
        text="Is this enough?",
        written_at=factories.NOON,
        token=uuid.UUID(int=2),
    )
    contact = Contact.objects.create(party=sales, responsibility="Escalation", person=insider)
    own = {
        "agreement": agreement.slug,
        "draft": draft.number,
        "signed": draft.number,
        "obligation": owed.pk,
        "draft_obligation": owed.pk,
        "draft_measure": measure.pk,
        "draft_campaign_goal": campaign_goal.pk,
        "measure_value": value.pk,
        "occurrence": due.pk,
        "hours_proposal": proposal.pk,
        "comment": comment.pk,
        "campaign": factories.campaign(agreement).pk,
        "contact": contact.pk,
        "support": support.pk,
        "review": review.pk,
        "decision": decision.pk,
        "strike": strike.pk,
        "action": action.pk,
        "excuse": excuse.pk,
        "edition": factories.edition(agreement).pk,
    }
    return Hushed(agreement, above, resting, next_review, draft, insider, own)
