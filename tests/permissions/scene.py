"""One company with one object of each kind, and everybody who may or may not see it."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from agreements.api.scopes import Scope
from agreements.models import (
    Comment,
    Contact,
    CorrectiveAction,
    Decision,
    Excuse,
    HoursConsent,
    HoursProposal,
    MeasureValue,
    Membership,
    Occurrence,
    Review,
    Scenario,
    Strike,
    Support,
    Team,
)
from agreements.services.calendar_feeds import make_address
from agreements.services.deliveries import Content, deliver
from agreements.services.drafting import use_plan
from agreements.services.planning import store_plan
from agreements.services.results import Finding, write_results
from leads.exports.kept import mark_of_rights
from leads.intake.uploads import ask_to_try, keep_upload
from leads.models import (
    Absence,
    Deal,
    Export,
    ExportPiece,
    ExportSchedule,
    Import,
    ImportChange,
    ImportUndo,
    Merge,
    Move,
    MovedHandOff,
    RoutingRule,
    Upload,
)
from leads.services.attempts import log_attempt
from leads.services.hand_offs import hand_over
from reports.models import SavedView
from reports.share_links import make_share_link
from slaproject.accounts.links import invitation_tokens, reset_tokens, uid_of
from slaproject.integrations.tokens import make_token
from slaproject.outbox.models import Alert, Message
from slaproject.outbox.unsubscribing import token_for
from slaproject.webhooks.inlets import make_inlet
from slaproject.webhooks.models import Dispatch, Incoming, RefusedRow
from slaproject.webhooks.outlets import make_outlet
from tests import factories

# `rep`, `manager` and `marketer` are those whose lead it is; the `other_` ones work at the same company, elsewhere.
IDENTITIES = (
    "anonymous",
    "rep",
    "other_rep",
    "manager",
    "other_manager",
    "sales_director",
    "marketer",
    "other_marketer",
    "marketing_director",
    "administrator",
    "viewer",
    "auditor",
    "integration",
    "deactivated",
    "token",
)
# A program with a token for everything, at its door: pages know nothing of tokens.
EVERY_ONE_WITH_AN_ACCOUNT = IDENTITIES[1:-1]
NOT_SIGNED_IN = ("anonymous", "deactivated", "token")
# What is known of the lead's person, and by whom.
SECRETS = ("Secret Person", "Secret Company", "secret@person.example", "+48600000000", "Secret note")
# Who writes the draft, which is version 2.
WRITERS = ("manager", "sales_director", "marketing_director", "administrator")
MAY_KNOW = ("rep", "manager", "sales_director", "marketer", "administrator", "token")
ABSENT = 987_654_321
ABSENT_SLUG = "no-such-thing"


@dataclass
class Scene:
    """`people` by identity: no one for anonymous, and for the token its `secret`.

    `own` are the objects that addresses are filled with.
    """

    people: dict[str, Any]
    own: dict[str, Any]
    secret: str


def make_scene() -> Scene:
    """Make the company: an agreement in force and a draft of its next version, a lead with the rep, two sales teams."""
    agreement = factories.agreement()
    marketing = factories.party(agreement, Team.Function.MARKETING)
    sales = factories.party(agreement, Team.Function.SALES)
    other_sales = factories.team("Other Sales")
    assert marketing.signatory and sales.signatory
    role = Membership.Role
    places = {
        "rep": (sales.team, role.MEMBER),
        "other_rep": (other_sales, role.MEMBER),
        "manager": (sales.team, role.MANAGER),
        "other_manager": (other_sales, role.MANAGER),
        "sales_director": (sales.team, role.DIRECTOR),
        "marketer": (marketing.team, role.MEMBER),
        "other_marketer": (marketing.team, role.MEMBER),
        "marketing_director": (marketing.team, role.DIRECTOR),
    }
    directors = {"sales_director": sales.signatory, "marketing_director": marketing.signatory}
    people: dict[str, Any] = {}
    for name, (team, place) in places.items():
        people[name] = directors.get(name) or factories.user(name)
        if name not in directors:  # these have their place by the agreement
            Membership.objects.create(user=people[name], team=team, role=place)
    people["administrator"] = factories.user("administrator", is_staff=True, is_superuser=True)
    for name in ("viewer", "auditor", "integration"):
        people[name] = factories.user(name, role=name)
    people["deactivated"] = factories.user("deactivated", is_active=False)
    Membership.objects.create(user=people["deactivated"], team=sales.team, role=role.MANAGER)

    signed = factories.draft(agreement)
    owed = factories.obligation(signed)
    factories.measure(signed)
    factories.campaign_goal(signed)
    quota: dict[str, Any] = {
        "quota": Decimal(5000),
        "marketing_share": Decimal(1),
        "average_deal": Decimal(100),
        "close_rate": Decimal("0.5"),
        "currency": agreement.currency,
        "agreement": agreement,
        "now": factories.NOON,
        "by": people["marketing_director"],
    }
    agreed_plan = store_plan(starts_on=dt.date(2027, 1, 1), ends_on=dt.date(2027, 2, 1), **quota)
    use_plan(version=signed, plan=agreed_plan, now=factories.NOON, by=people["marketing_director"])
    factories.sign(signed)
    draft = factories.draft(agreement, starts_on=dt.date(2026, 6, 1))
    draft_owed = factories.obligation(draft)
    draft_measure = factories.measure(draft)
    draft_campaign_goal = factories.campaign_goal(draft)
    measure_value = MeasureValue.objects.create(
        agreement=agreement,
        party=sales,
        name=draft_measure.name,
        period_on=dt.date(2026, 2, 1),
        value=Decimal("4.6"),
        entered_at=factories.NOON,
        entered_by=people["manager"],
    )
    due = Occurrence.objects.create(
        obligation=owed, due_on=dt.date(2026, 3, 6), nominal_on=dt.date(2026, 3, 6), due_at=factories.NOON
    )
    status = Content(text="All is well", file_name="status.txt", file=b"All is well")
    delivery, _is_new = deliver(
        occurrence=due, content=status, key="scene", now=factories.NOON, by=people["rep"]
    )
    lead = factories.lead(
        name="Secret Person", company="Secret Company", email="secret@person.example", phone="+48600000000"
    )
    hand_off = hand_over(
        lead=lead,
        now=factories.NOON,
        at=factories.NOON,
        team=sales.team,
        owner=people["rep"],
        by=people["marketer"],
    )
    attempt = log_attempt(
        hand_off=hand_off,
        attempted_at=factories.NOON,
        channel="call",
        outcome="no_answer",
        now=factories.NOON,
        by=people["rep"],
        note="Secret note",
    )
    deal = Deal.objects.create(system="crm", external_id="Secret Deal", lead=lead)
    free = hand_over(
        lead=factories.lead(name="Secret Free Lead"),
        now=factories.NOON,
        team=sales.team,
        by=people["marketer"],
    )
    new_lead = factories.lead(name="Secret New Lead")
    scenario = Scenario.objects.create(
        author=people["marketing_director"], name="Bold", saved_at=factories.NOON
    )
    # Sales missed its depth in February; an action is the rep's, an excuse waits for marketing.
    february = dt.date(2026, 2, 1)
    missed = Finding("depth", sales, "missed", Fraction(5), Fraction(1), Fraction(6))
    write_results(version=signed, month_on=february, findings=[missed], is_decided=True, now=factories.NOON)
    strike = Strike.objects.get()
    action = CorrectiveAction.objects.create(
        strike=strike,
        action="Try once more",
        owner=people["rep"],
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
        proposed_by=people["manager"],
    )
    forgetful, invited = factories.user("forgetful"), factories.user("invited")
    invited.set_unusable_password()
    invited.save()
    plan = store_plan(starts_on=dt.date(2026, 6, 1), ends_on=dt.date(2026, 7, 1), **quota)
    use_plan(version=draft, plan=plan, now=factories.NOON, by=people["marketing_director"])
    night = factories.calendar("Night shift")
    proposal = HoursProposal.objects.create(revision=night.latest_revision(), proposed_at=factories.NOON)
    for party in (marketing, sales):
        HoursConsent.objects.create(proposal=proposal, party=party, version=signed)
    review = Review.objects.create(agreement=agreement, planned_on=dt.date(2026, 4, 6))
    decision = Decision.objects.create(
        review=review,
        text="Call more",
        owner=people["rep"],
        due_on=dt.date(2026, 4, 20),
        made_at=factories.NOON,
    )
    campaign = factories.campaign(agreement)
    contact = Contact.objects.create(party=sales, responsibility="Escalation", person=people["rep"])
    support = Support.objects.create(agreement=agreement, name="Dialler contract", named_at=factories.NOON)
    comment = Comment.objects.create(
        version=draft,
        party=sales,
        author=people["sales_director"],
        text="Is this enough?",
        written_at=factories.NOON,
        token=uuid.UUID(int=1),
        settled_at=factories.NOON,
        settled_by=people["sales_director"],
    )
    rule = RoutingRule.objects.create(team=sales.team, name="Secret Rule", position=1, is_on=False)
    absence = Absence.objects.create(
        person=people["rep"],
        first_on=dt.date(2100, 1, 4),
        last_on=dt.date(2100, 1, 8),
        noted_at=factories.NOON,
    )
    absorbed = factories.lead(name="Secret Double", merged_into=lead)
    merge = Merge.objects.create(
        survivor=lead,
        absorbed=absorbed,
        made_at=factories.NOON,
        by=people["administrator"],
        reason="Secret reason",
        moved={"deals": [], "leads": [], "attempts": []},
    )
    move = Move.objects.create(by=people["manager"], made_at=factories.NOON, key=uuid.UUID(int=7))
    MovedHandOff.objects.create(move=move, hand_off=free, to_owner=people["rep"], last_event_id=0)
    alert = Alert.objects.create(
        person=people["rep"],
        kind="overdue",
        about=hand_off.pk,
        subject="mine",
        place="owner",
        hand_off=hand_off,
        happened_at=factories.NOON,
        made_at=factories.NOON,
    )
    message = Message.objects.create(
        person=people["rep"],
        channel="mail",
        state=Message.State.PARKED,
        made_at=factories.NOON,
        try_at=factories.NOON,
        ended_at=factories.NOON,
    )
    token, secret = make_token(
        name="Scene",
        integration=people["integration"],
        scopes=Scope.values,
        expires_at=dt.datetime(2100, 1, 1, tzinfo=dt.UTC),
        now=factories.NOON,
        by=people["administrator"],
    )
    inlet, _secret = make_inlet(
        name="Scene",
        system="crm",
        form="standard",
        integration=people["integration"],
        now=factories.NOON,
        by=people["administrator"],
    )
    incoming = Incoming.objects.create(
        inlet=inlet,
        message_id="evt_1",
        body="{}",
        state=Incoming.State.FAILED,
        received_at=factories.NOON,
        try_at=factories.NOON,
        ended_at=factories.NOON,
    )
    RefusedRow.objects.create(
        incoming=incoming, kind="leads", external_id="L-1", reason="qualified_at: empty"
    )
    outlet, _secret = make_outlet(
        name="Scene",
        url="https://hooks.example.com/in",
        subjects=["goal"],
        now=factories.NOON,
        by=people["administrator"],
    )
    dispatch = Dispatch.objects.create(
        outlet=outlet,
        source="test",
        row_id=0,
        state=Dispatch.State.PARKED,
        made_at=factories.NOON,
        try_at=factories.NOON,
        ended_at=factories.NOON,
        tries=10,
        fault="The other side answered 500.",
    )
    upload = keep_upload(
        kind="leads",
        system="crm",
        file=io.BytesIO(b"external_id,qualified_at,origin\nL1,2026-03-02,web\nL2,never,web\n"),
        file_name="leads.csv",
        by=people["administrator"],
        now=factories.NOON,
    )
    ask_to_try(upload=upload, now=factories.NOON)
    tried = {
        "rows": 2,
        "created": 0,
        "updated": 0,
        "unchanged": 0,
        "rejected": 2,
        "seconds": 0.1,
        "notes": [],
    }
    samples = [{"row": 2, "reason": "origin: “web” is not known", "cells": ["L1", "2026-03-02", "web"]}]
    tried["kinds"] = [{"reason": "origin: “…” is not known", "count": 2, "samples": samples}]
    Upload.objects.filter(pk=upload.pk).update(state=Upload.State.TRIED, outcome=tried)
    came_in = Import.objects.create(
        kind="leads",
        system="crm",
        file_name="old.csv",
        started_at=factories.NOON,
        undoable_until=factories.NOON + Import.TO_UNDO,
    )
    ImportChange.objects.create(
        record=came_in, kind="lead", row_id=1, before={"name": "Ada"}, changed_at=factories.NOON
    )
    undoing = Import.objects.create(
        kind="deals",
        system="crm",
        file_name="older.csv",
        started_at=factories.NOON,
        undoable_until=factories.NOON + Import.TO_UNDO,
    )
    ImportUndo.objects.create(record=undoing, by=people["administrator"], asked_at=factories.NOON)
    export = Export.objects.create(
        kind=Export.Kind.LEADS,
        form=Export.Form.CSV,
        rights=mark_of_rights(people["rep"]),
        by=people["rep"],
        state=Export.State.DONE,
        asked_at=factories.NOON,
        ended_at=factories.NOON,
        size=13,
    )
    ExportPiece.objects.create(export=export, number=0, content=b"external_id\r\n")
    export_schedule = ExportSchedule.objects.create(
        name="Secret file",
        kind=Export.Kind.LEADS,
        form=Export.Form.CSV,
        every=ExportSchedule.Every.WEEK,
        at=dt.time(7),
        time_zone="UTC",
        by=people["rep"],
        made_at=factories.NOON,
    )
    saved_view = SavedView.objects.create(
        author=people["marketing_director"],
        name="Secret view",
        query="measure=speed",
        saved_at=factories.NOON,
    )
    share_link, share_token = make_share_link(
        maker=people["marketing_director"],
        subject="speed",
        chart="speed",
        query="month=2026-03&agreement=company",
        days=27_000,
        now=factories.NOON,
    )
    own = {
        "upload": upload.pk,
        "import": came_in.pk,
        "undoing_import": undoing.pk,
        "export": export.pk,
        "export_schedule": export_schedule.pk,
        "deal": deal.pk,
        "token": token.pk,
        "inlet": inlet.pk,
        "inlet_key": inlet.key,
        "incoming": incoming.pk,
        "outlet": outlet.pk,
        "dispatch": dispatch.pk,
        "rest": "no-such-address",
        "move": move.pk,
        "merge": merge.pk,
        "routing_rule": rule.pk,
        "absence": absence.pk,
        "alert": alert.pk,
        "message": message.pk,
        "channel": "mail",
        "unsubscribe_token": token_for(people["rep"].pk, ["mine"]),
        "review": review.pk,
        "decision": decision.pk,
        "calendar_token": make_address(person=people["rep"], now=factories.NOON),
        "obligation": owed.pk,
        "draft_obligation": draft_owed.pk,
        "draft_measure": draft_measure.pk,
        "draft_campaign_goal": draft_campaign_goal.pk,
        "measure_value": measure_value.pk,
        "occurrence": due.pk,
        "delivery": delivery.pk,
        "hours_proposal": proposal.pk,
        "comment": comment.pk,
        "campaign": campaign.pk,
        "contact": contact.pk,
        "support": support.pk,
        "plan": plan.pk,
        "agreed_plan": agreed_plan.pk,
        "agreement": agreement.slug,
        "signed": signed.number,
        "draft": draft.number,
        "lead": lead.pk,
        "hand_off": hand_off.pk,
        "attempt": attempt.pk,
        "free_hand_off": free.pk,
        "new_lead": new_lead.pk,
        "scenario": scenario.pk,
        "strike": strike.pk,
        "action": action.pk,
        "excuse": excuse.pk,
        "edition": factories.edition(agreement).pk,
        "saved_view": saved_view.pk,
        "share_link": share_link.pk,
        "share_token": share_token,
        "paper": "a4",
        "person": people["rep"].pk,
        "team": sales.team.slug,
        "segment": factories.segment("Executive").slug,
        "calendar": night.slug,
        "forgetful_uid": uid_of(forgetful),
        "forgetful_token": reset_tokens.make_token(forgetful),
        "invited_uid": uid_of(invited),
        "invited_token": invitation_tokens.make_token(invited),
    }
    return Scene(people, own, secret)
