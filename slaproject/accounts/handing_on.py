"""A leaver: what they answer for goes to colleagues, and the account is closed, all in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.services.contacts import change_contact
from agreements.services.deliveries import hand_on_duty
from agreements.services.handing_on import change_signatory, hand_on_action, hand_on_decision
from agreements.services.keeping import diagnose_strike
from leads.models import HandOff
from leads.services.hand_offs import assign
from slaproject.accounts.answering import Answer, answers_of
from slaproject.accounts.models import User
from slaproject.accounts.services import deactivate_person


@transaction.atomic
def hand_on_and_deactivate(*, person: User, heirs: Mapping[str, int], now: dt.datetime, by: User) -> None:
    """Hand everything that a person answers for to the colleague named for it, and close the account.

    `heirs` has a colleague's id for each `Answer.key`; open hand-offs for which none is named go to others by the
    routing rules. Raises ValidationError for what nobody, or nobody of the same
    team, is named for; then nothing is changed. What came to the person since the page was read is found out here.
    """
    locked = User.objects.select_for_update().get(pk=person.pk)
    colleagues = User.objects.in_bulk(set(heirs.values()))
    faults: dict[str, str] = {}
    for answer in answers_of(locked):
        heir = heirs.get(answer.key)
        if heir is None and answer.is_optional:
            continue
        if heir is None or heir not in {pk for pk, _name in answer.colleagues}:
            faults[answer.key] = _("Choose a colleague of the same team.")
        elif not faults:
            HAND_ON[answer.kind](answer, person=locked, heir=colleagues[heir], now=now, by=by)
    if faults:
        raise ValidationError(faults)
    deactivate_person(person=locked, now=now, by=by)


def _signatory(answer: Answer, *, person: User, heir: User, now: dt.datetime, by: User) -> None:
    for party in answer.rows:
        change_signatory(party=party, signatory=heir, now=now, by=by)


def _duty(answer: Answer, *, person: User, heir: User, now: dt.datetime, by: User) -> None:
    for duty in answer.rows:
        hand_on_duty(obligation=duty.obligation, person=heir, now=now, by=by)


def _strike(answer: Answer, *, person: User, heir: User, now: dt.datetime, by: User) -> None:
    for strike in answer.rows:
        diagnose_strike(
            strike=strike,
            responsible=heir,
            diagnosis=strike.diagnosis,
            make_up_plan=strike.make_up_plan,
            now=now,
            by=by,
        )


def _action(answer: Answer, *, person: User, heir: User, now: dt.datetime, by: User) -> None:
    for action in answer.rows:
        hand_on_action(action=action, owner=heir, now=now, by=by)


def _decision(answer: Answer, *, person: User, heir: User, now: dt.datetime, by: User) -> None:
    for decision in answer.rows:
        hand_on_decision(decision=decision, owner=heir, now=now, by=by)


def _contact(answer: Answer, *, person: User, heir: User, now: dt.datetime, by: User) -> None:
    for contact in answer.rows:
        change_contact(
            contact=contact, responsibility=contact.responsibility, person=heir, outside="", now=now, by=by
        )


def _hand_offs(answer: Answer, *, person: User, heir: User, now: dt.datetime, by: User) -> None:
    for team in answer.rows:
        found = HandOff.objects.filter(owner=person, closed_at=None, team=team)
        for hand_off in found.order_by("pk"):
            assign(hand_off=hand_off, owner=heir, at=now, now=now, by=by)


HAND_ON: dict[str, Callable[..., Any]] = {
    "signatory": _signatory,
    "duty": _duty,
    "strike": _strike,
    "action": _action,
    "decision": _decision,
    "contact": _contact,
    "hand_offs": _hand_offs,
}
