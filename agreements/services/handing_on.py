"""What somebody answers for goes to somebody else: who signs, who acts. An event says from whom to whom."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Agreement, AgreementEvent, CorrectiveAction, Decision, Party
from agreements.services.results import event_data

if TYPE_CHECKING:
    from slaproject.accounts.models import User

Kind = AgreementEvent.Kind


@transaction.atomic
def change_signatory(*, party: Party, signatory: User, now: dt.datetime, by: User) -> Party:
    """Have somebody of the team sign for it from now on; signatures that were given stay.

    Raises ValidationError for who has no part in the team, and for who signs for another party: nobody signs for
    both sides.
    """
    _lock(party.agreement_id)
    found = Party.objects.select_for_update(of=("self",)).select_related("team").get(pk=party.pk)
    if not found.team.memberships.taking_part().filter(user=signatory).exists():
        raise ValidationError(
            _("%(name)s does not belong to %(team)s."),
            params={"name": str(signatory), "team": found.team.name},
        )
    others = Party.objects.filter(agreement=found.agreement_id, signatory=signatory).exclude(pk=found.pk)
    if others.exists():
        raise ValidationError(
            _("%(name)s signs for the other side already: choose somebody else."),
            params={"name": str(signatory)},
        )
    was = found.signatory_id
    if was == signatory.pk:
        return found
    found.signatory = signatory
    found.save(update_fields=["signatory"])
    data = {"party": found.team.slug, "from": was, "to": signatory.pk}
    _note(found.agreement_id, Kind.SIGNATORY_CHANGED, now, by, data)
    return found


@transaction.atomic
def hand_on_action(*, action: CorrectiveAction, owner: User, now: dt.datetime, by: User) -> CorrectiveAction:
    """Have somebody else do a corrective action; ValidationError when it has ended already."""
    _lock(action.strike.evaluation.month.agreement_id)
    found = (
        CorrectiveAction.objects.select_for_update(of=("self",))
        .select_related("strike__evaluation__month")
        .get(pk=action.pk)
    )
    if found.ended_at is not None:
        raise ValidationError(_("This action has ended already."))
    was = found.owner_id
    if was == owner.pk:
        return found
    found.owner = owner
    found.save(update_fields=["owner"])
    evaluation = found.strike.evaluation
    data = event_data(evaluation) | {"from": was, "to": owner.pk}
    _note(evaluation.month.agreement_id, Kind.ACTION_HANDED_ON, now, by, data, evaluation.version_id)
    return found


@transaction.atomic
def hand_on_decision(*, decision: Decision, owner: User, now: dt.datetime, by: User) -> Decision:
    """Have somebody else do what a review decided; ValidationError when it is done already."""
    _lock(decision.review.agreement_id)
    found = Decision.objects.select_for_update(of=("self",)).select_related("review").get(pk=decision.pk)
    if found.done_on is not None:
        raise ValidationError(_("This decision is done already."))
    was = found.owner_id
    if was == owner.pk:
        return found
    found.owner = owner
    found.save(update_fields=["owner"])
    data = {"decision": found.pk, "from": was, "to": owner.pk}
    _note(found.review.agreement_id, Kind.DECISION_HANDED_ON, now, by, data)
    return found


def _lock(agreement_id: int) -> None:
    Agreement.objects.select_for_update(no_key=True).get(pk=agreement_id)


def _note(
    agreement_id: int,
    kind: AgreementEvent.Kind,
    now: dt.datetime,
    by: User,
    data: dict[str, Any],
    version_id: int | None = None,
) -> None:
    AgreementEvent.objects.create(
        agreement_id=agreement_id, version_id=version_id, kind=kind, happened_at=now, actor=by, data=data
    )
