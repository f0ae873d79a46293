"""What happens to accounts. Each of these is one transaction, and says in a ValidationError why it refuses."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from agreements.models import Membership, Team
from leads.services.leaving import move_open_work, move_work_left
from slaproject.accounts.answering import answers_of, listed
from slaproject.accounts.links import person_of_uid
from slaproject.accounts.lockout import let_in_again
from slaproject.accounts.models import User
from slaproject.accounts.roles import Kind, kind_of

logger = logging.getLogger(__name__)


@transaction.atomic
def invite_person(
    *,
    email: str,
    name: str,
    kind: Kind,
    time_zone: str,
    language: str,
    by: Any,
    team: Team | None = None,
    team_role: str = Membership.Role.MEMBER,
) -> User:
    """Return a new person without a password, who chooses one by the link of their invitation."""
    person = User(
        email=User.objects.normalize_email(email), name=name, time_zone=time_zone, language=language
    )
    _set_kind(person, kind)
    person.set_unusable_password()
    _save(person)
    if team is not None:
        Membership.objects.create(user=person, team=team, role=team_role)
    logger.info("person %s invited by %s as %r", person.pk, by.pk, kind.value)
    return person


@transaction.atomic
def change_person(
    *,
    person: User,
    email: str,
    name: str,
    kind: Kind,
    time_zone: str,
    language: str,
    now: dt.datetime,
    by: Any,
) -> None:
    """Change what is known of a person and what they are beside the teams; there is always an administrator.

    The open leads of who has no part in a sales team any more go to others, as the routing rules say.
    """
    if kind != Kind.ADMINISTRATOR:
        keep_an_administrator(without=person)  # locks first, and in one order: two who demote each other wait
    # Who works meanwhile needs the key.
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    is_other = kind != kind_of(person)
    if is_other:
        logger.info("person %s made %r by %s", person.pk, kind.value, by.pk)
        _set_kind(person, kind)
    person.email, person.name = User.objects.normalize_email(email), name
    person.time_zone, person.language = time_zone, language
    _save(person)
    if is_other:
        move_work_left(person=person, now=now, by=by)


def change_own_account(
    *, person: User, name: str, time_zone: str, language: str, uses_shortcuts: bool
) -> None:
    """Change what people may change of themselves."""
    person.name, person.time_zone, person.language = name, time_zone, language
    person.uses_shortcuts = uses_shortcuts
    person.save(update_fields=["name", "time_zone", "language", "uses_shortcuts"])


@transaction.atomic
def deactivate_person(*, person: User, now: dt.datetime, by: Any) -> None:
    """Close an account: from the next request on nobody is signed in by it, nor by an older session or link when it is
    opened again. What the person did stays theirs; their open leads go to others, as the routing rules say.
    """
    if person.pk == by.pk:
        raise ValidationError(_("Nobody closes their own account: ask another administrator."))
    keep_an_administrator(without=person)
    refuse_orphans(person)
    User.objects.filter(pk=person.pk).update(is_active=False, closings=F("closings") + 1)
    move_open_work(person=person, now=now, by=by)
    logger.info("person %s deactivated by %s", person.pk, by.pk)


def refuse_orphans(person: User) -> None:
    """Raise ValidationError with the list of what this person still answers for, if anything."""
    if answers := [one for one in answers_of(person) if not one.is_optional]:
        said = {"name": str(person), "list": listed(one.sentence for one in answers)}
        raise ValidationError(
            _(
                "%(name)s still answers for something; hand it on first on the person's page. %(name)s %(list)s."
            ),
            params=said,
        )


def reactivate_person(*, person: User, by: Any) -> None:
    """Open a closed account again, with its places in teams and its password as they were."""
    User.objects.filter(pk=person.pk).update(is_active=True)
    logger.info("person %s reactivated by %s", person.pk, by.pk)


def keep_an_administrator(*, without: User) -> None:
    """Raise ValidationError when this person is the only administrator who can sign in.

    All administrators' rows stay locked until the transaction ends: of two who leave at once the second finds out.
    """
    administrators = set(
        User.objects.administrators()
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk", flat=True)
    )
    if administrators == {without.pk}:
        raise ValidationError(
            _("%(name)s is the only administrator. Make somebody else one first."),
            params={"name": without.name},
        )


@transaction.atomic
def give_place(*, person: User, team: Team, role: str, by: Any) -> None:
    """Put a person into a team in this role, or give them this role there instead of the one they had."""
    Membership.objects.update_or_create(user=person, team=team, defaults={"role": role})
    logger.info("person %s made %s of team %s by %s", person.pk, role, team.pk, by.pk)


@transaction.atomic
def take_place(*, person: User, team: Team, now: dt.datetime, by: Any) -> None:
    """Take a person out of a team; nothing happens when they are not in it.

    Their open leads there go to others, as the routing rules say, and with the last sales team all of them.
    """
    taken, _rows = Membership.objects.filter(user=person, team=team).delete()
    if not taken:
        return
    move_work_left(person=person, team=team, now=now, by=by)
    logger.info("person %s taken out of team %s by %s", person.pk, team.pk, by.pk)


@transaction.atomic
def renew_invitation(*, person: User, by: Any) -> None:
    """End the links that this person was sent, so that only the next one serves."""
    person = User.objects.select_for_update().get(pk=person.pk)
    if not person.is_invited:
        raise ValidationError(
            _("%(name)s needs no invitation: the account is closed, or has a password already."),
            params={"name": person.name},
        )
    person.set_unusable_password()  # another one than before: the tokens are signed over it
    person.link_mailed_at = None
    person.save(update_fields=["password", "link_mailed_at"])
    logger.info("invitation of person %s renewed by %s", person.pk, by.pk)


@transaction.atomic
def choose_password(*, uidb64: str, token: str, tokens: Any, password: str) -> User:
    """Set the password of whose link this is; ValidationError when somebody was quicker with the same link."""
    person = person_of_uid(uidb64)
    if person is not None:
        person = User.objects.select_for_update().get(pk=person.pk)
    if person is None or not tokens.check_token(person, token):
        raise ValidationError(_("This link has served already, or is too old."))
    person.set_password(password)
    person.save(update_fields=["password"])
    let_in_again(person.email)
    return person


def person_to_mail(email: str) -> int | None:
    """Return the id of who gets a link when this address is typed, if anybody."""
    person = (
        User.objects.filter(email__iexact=email, is_active=True).exclude(role=User.Role.INTEGRATION).first()
    )
    return person.pk if person else None


def _set_kind(person: User, kind: Kind) -> None:
    person.is_staff = person.is_superuser = kind == Kind.ADMINISTRATOR
    person.role = User.Role.BY_TEAM if kind == Kind.ADMINISTRATOR else User.Role(kind.value)


def _save(person: User) -> None:
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as error:
        if "user_email_once" not in str(error) and "email" not in str(error):
            raise
        raise ValidationError({"email": _("Somebody else has this e-mail address.")}) from error
