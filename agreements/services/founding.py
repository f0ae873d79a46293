"""A new agreement: the teams, who signs for them, and a first draft with words to begin from."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from agreements.models import Agreement, Clause, Commitment, Contact, Membership, Party, Team, Version
from agreements.services.drafting import begin_version
from agreements.services.starting_templates import first_words

if TYPE_CHECKING:
    from slaproject.accounts.models import User

# Addresses below /agreements/ that are no agreement's.
RESERVED = ("new",)


@transaction.atomic
def start_agreement(
    *,
    name: str,
    marketing: Team,
    sales: Team,
    signatories: dict[int, User],
    contacts: dict[int, str],
    time_zone: str,
    currency: str,
    starts_on: dt.date,
    now: dt.datetime,
    by: User,
    template: str = Agreement.Template.SHORT,
) -> Version:
    """Write down a new agreement of a marketing and a sales team, and return its first draft.

    `signatories` and `contacts` are by team id. The draft has the words of its template and the usual promises of
    sales; its MQL goal is marketing's to fill in, from a plan or by hand. Raises ValidationError for a team that cannot
    be, for one person who would sign for both sides, and for a signatory whom it is not this person's to name: who
    begins an agreement names anybody of a team that they direct, of the other its directors. The same form sent twice,
    also at the same instant, begins one agreement: the second is refused while the first has an open draft.
    """
    if marketing.function != Team.Function.MARKETING:
        raise ValidationError({"marketing": _("Choose a marketing team.")})
    if sales.function != Team.Function.SALES:
        raise ValidationError({"sales": _("Choose a sales team.")})
    _refuse_signatories(marketing, sales, signatories, by)
    _refuse_twin(name, marketing, sales)
    agreement = Agreement.objects.create(
        slug=free_slug(name), name=name, time_zone=time_zone, currency=currency, template=template
    )
    parties = {
        team.function: Party.objects.create(
            agreement=agreement,
            team=team,
            signatory=signatories[team.pk],
        )
        for team in (marketing, sales)
    }
    Contact.objects.bulk_create(
        Contact(party=party, responsibility=_("Day to day"), outside=contacts[party.team_id])
        for party in parties.values()
        if contacts.get(party.team_id)
    )
    version = begin_version(agreement, starts_on=starts_on, now=now, by=by)
    version.review_rhythm = Version.ReviewRhythm.QUARTERLY  # as the words to begin from say
    version.save(update_fields=["review_rhythm"])
    Clause.objects.bulk_create(
        Clause(version=version, topic=topic, party=parties[speaker] if speaker else None, text=text)
        for topic, speaker, text in first_words(template)
    )
    kind, promise = Commitment.Kind, {"version": version, "party": parties[Team.Function.SALES]}
    Commitment.objects.create(version=version, party=parties[Team.Function.MARKETING], kind=kind.MQL_GOAL)
    Commitment.objects.create(
        **promise,
        kind=kind.SPEED,
        allowance=dt.timedelta(hours=4),
        average_goal=dt.timedelta(hours=2),
        in_time_share=Decimal("0.9"),
    )
    Commitment.objects.create(**promise, kind=kind.DEPTH, attempts=6, window=dt.timedelta(days=14))
    Commitment.objects.create(**promise, kind=kind.SHARE_WORKED, share=Decimal("0.95"))
    return version


def _refuse_twin(name: str, marketing: Team, sales: Team) -> None:
    # The lock on the team makes two that begin at once wait for each other.
    Team.objects.select_for_update(no_key=True).get(pk=marketing.pk)
    between = Agreement.objects.filter(name=name, parties__team=marketing).filter(parties__team=sales)
    if between.filter(versions__in=Version.objects.open()).exists():
        raise ValidationError(
            {"name": _("These two teams have begun an agreement of this name already: go on with its draft.")}
        )


def _refuse_signatories(marketing: Team, sales: Team, signatories: dict[int, User], by: User) -> None:
    if signatories[marketing.pk] == signatories[sales.pk]:
        raise ValidationError({"sales_signatory": _("Nobody signs for both sides: choose somebody else.")})
    directors = Membership.objects.filter(role=Membership.Role.DIRECTOR)
    for side, team in (("marketing", marketing), ("sales", sales)):
        directing = directors.filter(team=team)
        may_name = by.is_superuser or directing.filter(user=by).exists()
        if not may_name and not directing.filter(user=signatories[team.pk]).exists():
            raise ValidationError(
                {f"{side}_signatory": _("Only a director of this team can be named: you do not direct it.")}
            )


def free_slug(name: str) -> str:
    """Return an address made of the name that no agreement has yet."""
    base = slugify(name)[:40].strip("-") or "agreement"
    taken = {*RESERVED, *Agreement.objects.filter(slug__startswith=base).values_list("slug", flat=True)}
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug
