"""What parties do about a promise that was not kept: diagnose it, agree on actions, propose and answer excuses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Agreement, AgreementEvent, CorrectiveAction, Evaluation, Excuse, Party, Strike
from agreements.rights import rights_of
from agreements.runs import next_month
from agreements.services.results import event_data

if TYPE_CHECKING:
    from slaproject.accounts.models import User

Kind = AgreementEvent.Kind


def _lock(agreement_id: int) -> Agreement:
    return Agreement.objects.select_for_update(no_key=True).get(pk=agreement_id)


def _strike(strike: Strike) -> Strike:
    """Lock a strike and return it as it is now; ValidationError once it stands no more."""
    agreement_id = Evaluation.objects.values_list("month__agreement", flat=True).get(strike=strike.pk)
    _lock(agreement_id)
    found = (
        Strike.objects.select_for_update(of=("self",))
        .select_related("evaluation__month__agreement", "evaluation__version")
        .get(pk=strike.pk)
    )
    if found.state == Strike.State.EXCUSED:
        raise ValidationError(_("This strike was excused: there is nothing to do about it."))
    if found.state == Strike.State.CORRECTED:
        raise ValidationError(_("This strike was undone by a correction: there is nothing to do about it."))
    return found


@transaction.atomic
def diagnose_strike(
    *,
    strike: Strike,
    responsible: User | None,
    diagnosis: str,
    make_up_plan: str = "",
    now: dt.datetime,
    by: User,
) -> Strike:
    """Write who answers for a strike, why the promise was missed, and how a missed goal is made up.

    Without a diagnosis only the person is named. Words can be mended later; the event tells that they were.
    """
    found = _strike(strike)
    before = {"from": found.responsible_id, "state_from": str(found.state)}
    is_same = (found.responsible_id, found.diagnosis, found.make_up_plan) == (
        responsible.pk if responsible else None,
        diagnosis,
        make_up_plan,
    )
    if is_same:
        return found
    found.responsible, found.diagnosis, found.make_up_plan = responsible, diagnosis, make_up_plan
    if diagnosis and found.diagnosed_at is None:
        found.diagnosed_at = now
    found.state = Strike.State.DIAGNOSED if diagnosis else Strike.State.OPEN
    found.diagnosed_at = found.diagnosed_at if diagnosis else None
    found.save(update_fields=["responsible", "diagnosis", "make_up_plan", "state", "diagnosed_at"])
    data = event_data(found.evaluation) | before
    data |= {"responsible": found.responsible_id, "state": str(found.state)}
    _note(found.evaluation, Kind.STRIKE_DIAGNOSED, now, by, data)
    return found


@transaction.atomic
def agree_action(
    *, strike: Strike, action: str, owner: User, due_on: dt.date, now: dt.datetime, by: User
) -> CorrectiveAction:
    """Agree on what is done about a strike, by whom and until when; the same one sent twice counts once.

    Raises ValidationError for a day gone by.
    """
    found = _strike(strike)
    agreement = found.evaluation.month.agreement
    if due_on < now.astimezone(agreement.zone).date():
        raise ValidationError({"due_on": _("This day has passed. Choose a later one.")})
    agreed = found.actions.filter(action=action, owner=owner, due_on=due_on, ended_at=None).first()
    if agreed is not None:
        return agreed
    made = CorrectiveAction.objects.create(
        strike=found, action=action, owner=owner, due_on=due_on, created_at=now, created_by=by
    )
    data = event_data(found.evaluation) | {"owner": owner.pk, "due_on": due_on.isoformat()}
    _note(found.evaluation, Kind.ACTION_AGREED, now, by, data)
    return made


@transaction.atomic
def end_action(
    *, action: CorrectiveAction, is_done: bool, result: str, now: dt.datetime, by: User
) -> CorrectiveAction:
    """End an action as done or dropped, with what came of it; ValidationError when it has ended already."""
    evaluation = Evaluation.objects.select_related("month", "version").get(strike__actions=action.pk)
    _lock(evaluation.month.agreement_id)
    found = CorrectiveAction.objects.select_for_update(of=("self",)).get(pk=action.pk)
    if found.ended_at is not None:
        raise ValidationError(_("This action has ended already."))
    found.state = CorrectiveAction.State.DONE if is_done else CorrectiveAction.State.DROPPED
    found.result, found.ended_at, found.ended_by = result, now, by
    found.save(update_fields=["state", "result", "ended_at", "ended_by"])
    data = event_data(evaluation) | {"owner": found.owner_id, "from": "to_do", "to": str(found.state)}
    _note(evaluation, Kind.ACTION_ENDED, now, by, data)
    return found


@transaction.atomic
def propose_excuse(
    *,
    party: Party,
    month_on: dt.date,
    days: Collection[dt.date] = (),
    hand_offs: Collection[int] = (),
    reason: str,
    note: str = "",
    now: dt.datetime,
    by: User,
) -> Excuse:
    """Propose for a party that days or hand-offs of a month shall not count in its promises.

    The month has begun. Raises ValidationError for days outside of it or ahead, for nothing named, and for what is
    proposed or accepted already.
    """
    agreement = _lock(party.agreement_id)
    today = now.astimezone(agreement.zone).date()
    if month_on > today:
        raise ValidationError(_("This month has not begun."))
    if not days and not hand_offs:
        raise ValidationError(_("Name the days or the hand-offs that shall not count."))
    outside = sorted(day for day in days if not month_on <= day < next_month(month_on) or day > today)
    if outside:
        raise ValidationError(
            _("%(day)s is no day of this month that has come."), params={"day": outside[0].isoformat()}
        )
    standing = Excuse.objects.filter(party=party, month_on=month_on).exclude(state=Excuse.State.REFUSED)
    for other in standing:
        if set(days) <= set(other.days) and set(hand_offs) <= set(other.hand_offs):
            raise ValidationError(_("These were proposed already; see the excuse below."))
    excuse = Excuse.objects.create(
        agreement=agreement,
        party=party,
        month_on=month_on,
        days=sorted(set(days)),
        hand_offs=sorted(set(hand_offs)),
        reason=reason,
        note=note,
        proposed_at=now,
        proposed_by=by,
    )
    _note_excuse(excuse, Kind.EXCUSE_PROPOSED, now, by)
    return excuse


@transaction.atomic
def answer_excuse(
    *, excuse: Excuse, is_accepted: bool, answer: str = "", now: dt.datetime, by: User
) -> Excuse:
    """Accept or refuse an excuse for another party, whose director `by` is; nobody answers their own proposal.

    Raises ValidationError when `by` directs no other party, proposed it, or it is answered already.
    """
    _lock(excuse.agreement_id)
    found = Excuse.objects.select_for_update(of=("self",)).select_related("agreement").get(pk=excuse.pk)
    if found.state != Excuse.State.PROPOSED:
        raise ValidationError(_("This excuse was answered already."))
    answering = parties_that_answer(found, by)
    if not answering:
        raise ValidationError(_("A director of the other side answers an excuse, and not who proposed it."))
    found.state = Excuse.State.ACCEPTED if is_accepted else Excuse.State.REFUSED
    found.answered_at, found.answered_by, found.answered_for, found.answer = now, by, answering[0], answer
    found.save(update_fields=["state", "answered_at", "answered_by", "answered_for", "answer"])
    _note_excuse(found, Kind.EXCUSE_ACCEPTED if is_accepted else Kind.EXCUSE_REFUSED, now, by)
    return found


def parties_that_answer(excuse: Excuse, user: Any) -> list[Party]:
    """Return the other parties for which this person may answer the excuse."""
    rights = rights_of(user)
    if rights.user_id is None or rights.user_id == excuse.proposed_by_id:
        return []
    directed = Party.objects.filter(agreement=excuse.agreement_id, team__in=rights.directed)
    return list(directed.exclude(pk=excuse.party_id).order_by("pk"))


def _note_excuse(excuse: Excuse, kind: AgreementEvent.Kind, now: dt.datetime, by: User) -> None:
    AgreementEvent.objects.create(
        agreement_id=excuse.agreement_id,
        kind=kind,
        happened_at=now,
        actor=by,
        data={
            "month": f"{excuse.month_on:%Y-%m}",
            "party": excuse.party.team.slug,
            "days": [day.isoformat() for day in excuse.days],
            "hand_offs": excuse.hand_offs,
            "reason": str(excuse.reason),
        },
    )


def _note(
    evaluation: Evaluation, kind: AgreementEvent.Kind, now: dt.datetime, by: User, data: dict[str, Any]
) -> None:
    AgreementEvent.objects.create(
        agreement_id=evaluation.month.agreement_id,
        version=evaluation.version,
        kind=kind,
        happened_at=now,
        actor=by,
        data=data,
    )
