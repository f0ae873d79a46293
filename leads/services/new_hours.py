"""New business hours for open hand-offs: proposed, agreed to by each party, applied in one transaction.

Hours of a new revision are for new hand-offs. For open ones they are a change of what was agreed: a director of each
party of every agreement concerned consents, and with the last consent they count. Whoever agrees locks the agreements
first, so that the consents of one proposal wait for each other, and a signature waits for them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from agreements.models import (
    Agreement,
    AgreementEvent,
    CalendarRevision,
    HoursConsent,
    HoursProposal,
    Party,
    Version,
)
from agreements.rights import rights_of
from agreements.terms import TermsBook
from leads.models import HandOff
from leads.re_dating import under_hours
from leads.services.re_dating import Change, Planned, as_open, change_of, hold_terms, stored, write_changes

if TYPE_CHECKING:
    from slaproject.accounts.models import User


def plan_new_hours(
    *,
    revision: CalendarRevision,
    now: dt.datetime,
    agreements: Iterable[int] | None = None,
    lock: bool = False,
) -> dict[int, Planned]:
    """Work out what would become of open hand-offs under older revisions of this calendar, by agreement.

    Hand-offs without a clock are no matter of hours. Without `agreements`, of all that are in force.
    """
    if agreements is None:
        agreements = versions_in_force(now=now)
    timed = Q(due_at__isnull=False) | Q(acceptance_due_at__isnull=False) | Q(outcome_due_at__isnull=False)
    waiting = HandOff.objects.filter(
        timed,
        agreement__in=list(agreements),
        version__isnull=False,
        closed_at=None,
        calendar_revision__calendar=revision.calendar_id,
        calendar_revision__number__lt=revision.number,
    )
    book, calendar = TermsBook(), revision.compiled()
    changes: dict[int, list[Change]] = defaultdict(list)
    counts: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for hand_off in stored(waiting, lock=lock):
        one = as_open(hand_off)
        promised = book.promised_to(
            version_id=hand_off.version_id or 0,
            re_dated_under_id=hand_off.re_dated_under_id,
            segment_id=hand_off.segment_id,
            on=hand_off.handed_off_on,
        )
        was = hand_off.calendar_revision.compiled()
        after = under_hours(one, promised.at_risk_share, was, calendar, now)
        of_agreement = hand_off.agreement_id or 0
        counts[of_agreement][0] += after is None
        counts[of_agreement][1] += one.is_overdue(now)
        if after is not None:
            changes[of_agreement].append(change_of(hand_off, one.dates, after, now))
    return {pk: Planned(changes[pk], *counts[pk]) for pk in sorted(counts)}


def versions_in_force(*, now: dt.datetime) -> dict[int, Version]:
    """Return for each agreement that is in force the version that governs its day."""
    span = (now.date() - dt.timedelta(days=1), now.date() + dt.timedelta(days=2))
    near = Version.objects.signed().filter(in_force__overlap=span).select_related("agreement")
    found = {}
    for version in near:
        today, until = now.astimezone(version.agreement.zone).date(), version.governs_until
        if version.starts_on <= today and (until is None or today < until):
            found[version.agreement_id] = version
    return found


@transaction.atomic
def propose_hours(*, revision: CalendarRevision, now: dt.datetime, by: User) -> HoursProposal:
    """Propose the newest hours of a calendar for open hand-offs: ask each party of every agreement concerned.

    An older proposal for this calendar that still waits is withdrawn. Raises ValidationError when these are not the
    newest hours, when they are proposed already, or when no open hand-off would change.
    """
    _refuse_old_hours(revision)
    planned = {pk: plan for pk, plan in plan_new_hours(revision=revision, now=now).items() if plan.changed}
    if not planned:
        raise ValidationError(_("No open hand-off would change by these hours."))
    _lock(planned)
    for older in HoursProposal.objects.open().filter(revision__calendar=revision.calendar_id):
        if older.revision_id == revision.pk:
            raise ValidationError(_("These hours are proposed already, and wait for consent."))
        withdraw_hours(proposal=older, now=now, by=by)
    try:
        with transaction.atomic():
            proposal = HoursProposal.objects.create(revision=revision, proposed_at=now, proposed_by=by)
    except IntegrityError as error:
        raise ValidationError(_("These hours are proposed already, and wait for consent.")) from error
    in_force = versions_in_force(now=now)
    for party in Party.objects.filter(agreement__in=planned, signatory__isnull=False).order_by("pk"):
        HoursConsent.objects.create(proposal=proposal, party=party, version=in_force[party.agreement_id])
    for pk, plan in planned.items():
        _note(pk, AgreementEvent.Kind.CALENDAR_PROPOSED, proposal, now, by, changed=len(plan.changed))
    return proposal


@transaction.atomic
def agree_to_hours(*, proposal: HoursProposal, party: Party, now: dt.datetime, by: User) -> bool:
    """Consent for a party; with the last consent the hours count for open hand-offs. Return whether this was it.

    Raises ValidationError for who directs not the party's team, when the party has agreed already, and when the
    proposal is out of date: withdrawn, applied, followed by newer hours, or made under another version.
    """
    hold_terms(alone=True)
    _lock(proposal.consents.values_list("party__agreement", flat=True))
    current = (
        HoursProposal.objects.select_for_update(of=("self",)).select_related("revision").get(pk=proposal.pk)
    )
    if party.team_id not in rights_of(by).directed:
        raise ValidationError(
            _("Only a director of %(team)s agrees for it."), params={"team": party.team.name}
        )
    refusal = staleness(current, now=now)
    if refusal:
        raise ValidationError(refusal)
    asked = current.consents.filter(party=party, given_at=None)
    if not asked.update(given_at=now, given_by=by):
        raise ValidationError(_("%(team)s has agreed already."), params={"team": party.team.name})
    _note(party.agreement_id, AgreementEvent.Kind.CALENDAR_AGREED, current, now, by, party=party.team.slug)
    if current.consents.filter(given_at=None).exists():
        return False
    _apply(current, now, by)
    return True


@transaction.atomic
def withdraw_hours(*, proposal: HoursProposal, now: dt.datetime, by: User) -> None:
    """Withdraw a proposal that still waits; ValidationError when it does not."""
    waiting = HoursProposal.objects.open().filter(pk=proposal.pk)
    if not waiting.update(state=HoursProposal.State.WITHDRAWN, ended_at=now):
        raise ValidationError(_("This proposal does not wait any more."))
    for pk in set(proposal.consents.values_list("party__agreement", flat=True)):
        _note(pk, AgreementEvent.Kind.CALENDAR_PROPOSED, proposal, now, by, withdrawn=True)


def staleness(proposal: HoursProposal, *, now: dt.datetime) -> str:
    """Say why this proposal can be agreed to no more; empty while it can."""
    if proposal.state != HoursProposal.State.OPEN:
        return _("This proposal does not wait any more.")
    revision = proposal.revision
    if CalendarRevision.objects.filter(calendar=revision.calendar_id, number__gt=revision.number).exists():
        return _("These hours have been changed since. The newer ones have to be proposed.")
    in_force = {version.pk for version in versions_in_force(now=now).values()}
    asked_under = set(proposal.consents.values_list("version", flat=True))
    if not asked_under <= in_force:
        return _("Another version is in force since this was proposed. It has to be proposed again.")
    return ""


def _apply(proposal: HoursProposal, now: dt.datetime, by: User) -> None:
    revision = proposal.revision
    concerned = sorted(set(proposal.consents.values_list("party__agreement", flat=True)))
    planned = plan_new_hours(revision=revision, now=now, agreements=concerned, lock=True)
    said = {"calendar": revision.calendar.slug, "revision": revision.number}
    for pk in concerned:
        plan = planned.get(pk, Planned([], 0, 0))
        write_changes(plan.changes, revision=revision, now=now, by=by, said=said)
        _note(pk, AgreementEvent.Kind.RE_DATED, proposal, now, by, **plan.counts())
    proposal.state, proposal.ended_at = HoursProposal.State.APPLIED, now
    proposal.save(update_fields=["state", "ended_at"])


def _refuse_old_hours(revision: CalendarRevision) -> None:
    if CalendarRevision.objects.filter(calendar=revision.calendar_id, number__gt=revision.number).exists():
        raise ValidationError(_("These are not the newest hours of this calendar."))


def _lock(agreements: Iterable[int]) -> None:
    ids = sorted(set(agreements))
    list(Agreement.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))


def _note(
    agreement_id: int,
    kind: AgreementEvent.Kind,
    proposal: HoursProposal,
    now: dt.datetime,
    by: User,
    **data: Any,
) -> None:
    said = {
        "proposal": proposal.pk,
        "calendar": proposal.revision.calendar.slug,
        "revision": proposal.revision.number,
    }
    AgreementEvent.objects.create(
        agreement_id=agreement_id, kind=kind, happened_at=now, actor=by, data={**said, **data}
    )
