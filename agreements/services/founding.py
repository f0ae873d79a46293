"""A new agreement: the teams, who signs for them, where it stands among others, and a first draft to begin from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from agreements.models import (
    Agreement,
    Clause,
    Commitment,
    Contact,
    Membership,
    Party,
    Segment,
    Team,
    Version,
)
from agreements.services.drafting import begin_version
from agreements.services.starting_templates import first_words

if TYPE_CHECKING:
    from slaproject.accounts.models import User

# Addresses below /agreements/ that are no agreement's.
RESERVED = ("new",)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an agreement stands among others, and between whom it is: kept from its first signature on."""

    level: int = Agreement.Level.CORPORATE
    parent: Agreement | None = None
    segment: Segment | None = None
    kind: str = Agreement.Kind.INTERNAL
    third: Team | None = None


ALONE = Standing()


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
    standing: Standing = ALONE,
) -> Version:
    """Write down a new agreement of a marketing and a sales team, and return its first draft.

    `signatories` and `contacts` are by team id; nobody signs here for a team outside the company. The draft has the
    words of its template and the usual promises of sales, or none where it inherits them; its MQL goal is marketing's
    to fill in, from a plan or by hand. Raises ValidationError for a team that cannot be, for a place among agreements
    that cannot be, for one person who would sign for two sides, for a signatory who has no part in the team, and for
    one whom it is not this person's to name: who begins an agreement names anybody of a team that they direct, of the
    others their directors. The same form sent twice, also at the same instant, begins one agreement: the second is
    refused while the first has an open draft.
    """
    if marketing.function != Team.Function.MARKETING:
        raise ValidationError({"marketing": _("Choose a marketing team.")})
    if sales.function != Team.Function.SALES:
        raise ValidationError({"sales": _("Choose a sales team.")})
    teams = {"marketing": marketing, "sales": sales} | ({"third": standing.third} if standing.third else {})
    _refuse_place(standing)
    _refuse_kind(standing, teams)
    _refuse_signatories(teams, signatories, by)
    _refuse_twin(name, marketing, sales)
    agreement = Agreement.objects.create(
        slug=free_slug(name),
        name=name,
        time_zone=time_zone,
        currency=currency,
        template=template,
        level=standing.level,
        parent=standing.parent,
        segment=standing.segment,
        kind=standing.kind,
    )
    of_side: dict[str, Party] = {
        side: Party.objects.create(
            agreement=agreement,
            team=team,
            signatory=signatories.get(team.pk),
        )
        for side, team in teams.items()
    }
    parties: dict[str, Party] = {
        Team.Function.MARKETING: of_side["marketing"],
        Team.Function.SALES: of_side["sales"],
    }
    Contact.objects.bulk_create(
        Contact(party=party, responsibility=_("Day to day"), outside=contacts[party.team_id])
        for party in of_side.values()
        if contacts.get(party.team_id)
    )
    version = begin_version(agreement, starts_on=starts_on, now=now, by=by)
    version.review_rhythm = Version.ReviewRhythm.QUARTERLY  # as the words to begin from say
    version.save(update_fields=["review_rhythm"])
    Clause.objects.bulk_create(
        Clause(version=version, topic=topic, party=parties[speaker] if speaker else None, text=text)
        for topic, speaker, text in first_words(template)
    )
    if agreement.parent_id is not None:  # as promised above, until it says something itself
        return version
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


def _refuse_place(standing: Standing) -> None:
    """Refuse what the database refuses too, in words."""
    if (standing.level == Agreement.Level.SERVICE) != (standing.segment is not None):
        refusal = _(
            "A service agreement is for one segment, and no other agreement is: choose level and segment."
        )
        raise ValidationError({"segment": refusal})
    parent = standing.parent
    if parent is not None and parent.level >= standing.level:
        said = {"name": parent.name, "level": parent.get_level_display()}
        refusal = _("“%(name)s” is of the level “%(level)s”: what inherits from it is of a later one.") % said
        raise ValidationError({"parent": refusal})


def _refuse_kind(standing: Standing, teams: dict[str, Team]) -> None:
    outside = [side for side, team in teams.items() if team.is_external]
    third = standing.third
    if standing.kind == Agreement.Kind.INTERNAL and outside:
        raise ValidationError({outside[0]: _("This team is outside the company: choose “with a customer”.")})
    if standing.kind == Agreement.Kind.CUSTOMER and len(outside) != 1:
        raise ValidationError(
            {"kind": _("With a customer, one of the two teams is outside the company, and one inside.")}
        )
    if (standing.kind == Agreement.Kind.MULTI_LEVEL) != (third is not None):
        raise ValidationError({"third": _("Choose the third team with “with a third party”, and only then.")})
    if third is not None and third in (teams["marketing"], teams["sales"]):
        raise ValidationError({"third": _("The third party is another team than these two.")})
    if third is not None and {"marketing", "sales"} & set(outside):
        raise ValidationError({outside[0]: _("Only the third party may be outside the company.")})


def _refuse_signatories(teams: dict[str, Team], signatories: dict[int, User], by: User) -> None:
    places = Membership.objects.taking_part()
    named: set[int] = set()
    for side, team in teams.items():
        if team.is_external:
            if team.pk in signatories:
                raise ValidationError({side: _("Nobody signs here for a team outside the company.")})
            continue
        signatory = signatories[team.pk]
        if not places.filter(team=team, user=signatory).exists():
            raise ValidationError({f"{side}_signatory": _("Choose somebody of this team.")})
        if signatory.pk in named:
            raise ValidationError(
                {f"{side}_signatory": _("Nobody signs for both sides: choose somebody else.")}
            )
        named.add(signatory.pk)
        directing = places.filter(team=team, role=Membership.Role.DIRECTOR)
        may_name = by.is_superuser or directing.filter(user=by).exists()
        if not may_name and not directing.filter(user=signatory).exists():
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
