"""Who answers for what: named, changed, taken away. The event says who answered before and after, never the words."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agreements.models import Agreement, AgreementEvent, Contact, Party

if TYPE_CHECKING:
    from slaproject.accounts.models import User

MOST_CONTACTS = 20
OUTSIDE = "outside"


@transaction.atomic
def name_contact(
    *, party: Party, responsibility: str, person: Any, outside: str, now: dt.datetime, by: User
) -> Contact:
    """Say who answers for something on a party's side: somebody of its team, or in words somebody outside.

    The same named again is the one there is. Raises ValidationError for neither or both, for who does not belong to
    the team, and when the party names MOST_CONTACTS already.
    """
    _lock(party)
    _refuse(party, person, outside)
    same = {"responsibility": responsibility, "person": person, "outside": outside}
    known = party.contacts.filter(**same).first()
    if known is not None:
        return known
    if party.contacts.count() >= MOST_CONTACTS:
        raise ValidationError(_("A party names %(n)s contacts at most."), params={"n": MOST_CONTACTS})
    made = Contact.objects.create(party=party, **same)
    _note(made, None, _who(made), False, now, by)
    return made


@transaction.atomic
def change_contact(
    *, contact: Contact, responsibility: str, person: Any, outside: str, now: dt.datetime, by: User
) -> Contact:
    """Change what somebody answers for, or who does; ValidationError as in `name_contact`, and when it is gone."""
    _lock(contact.party)
    found = Contact.objects.select_for_update(of=("self",)).filter(pk=contact.pk).first()
    if found is None:
        raise ValidationError(_("Somebody took this contact away meanwhile."))
    _refuse(found.party, person, outside)
    before, words_changed = _who(found), found.responsibility != responsibility
    is_same = (found.person_id, found.outside) == (person.pk if person else None, outside)
    if is_same and not words_changed:
        return found
    found.responsibility, found.person, found.outside = responsibility, person, outside
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError as error:
        if "contact_once_per_responsibility" not in str(error):
            raise
        raise ValidationError(_("This person is named for it already.")) from error
    _note(found, before, _who(found), words_changed, now, by)
    return found


@transaction.atomic
def remove_contact(*, contact: Contact, now: dt.datetime, by: User) -> None:
    """Take a contact away, its words with it; nothing happens when somebody else was quicker."""
    _lock(contact.party)
    found = Contact.objects.filter(pk=contact.pk).first()
    if found is not None:
        _note(found, _who(found), None, False, now, by)
        found.delete()


def _lock(party: Party) -> None:
    Agreement.objects.select_for_update(no_key=True).get(pk=party.agreement_id)


def _refuse(party: Party, person: Any, outside: str) -> None:
    if (person is None) == (not outside):
        raise ValidationError(_("Choose a person, or write who it is: one of the two."))
    if person is None:
        return
    if not party.team.memberships.taking_part().filter(user=person).exists():
        raise ValidationError(
            _("%(name)s does not belong to %(team)s."), params={"name": str(person), "team": party.team.name}
        )


def _who(contact: Contact) -> int | str:
    return contact.person_id or OUTSIDE


def _note(
    contact: Contact,
    before: int | str | None,
    after: int | str | None,
    words_changed: bool,
    now: dt.datetime,
    by: User,
) -> None:
    """Note from whom to whom it went: people by id, of somebody outside only that it is one."""
    data: dict[str, Any] = {
        "party": contact.party.team.slug,
        "contact": contact.pk,
        "from": before,
        "to": after,
    }
    if words_changed:
        data["words"] = True
    AgreementEvent.objects.create(
        agreement_id=contact.party.agreement_id,
        kind=AgreementEvent.Kind.CONTACT_CHANGED,
        happened_at=now,
        actor=by,
        data=data,
    )
