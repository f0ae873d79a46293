"""How the company is divided: its teams, and the segments its leads fall into."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from agreements.models import BusinessCalendar, Membership, Party, Segment, Team


def add_team(
    *, name: str, function: str, calendar: BusinessCalendar | None, is_external: bool = False
) -> Team:
    """Add a team; ValidationError for a name that is taken."""
    slug = _free_slug(Team, name)
    team = Team(name=name, function=function, calendar=calendar, is_external=is_external, slug=slug)
    return _saved(team, taken=_("There is a team of this name already."))


@transaction.atomic
def change_team(
    *, team: Team, name: str, function: str, calendar: BusinessCalendar | None, is_external: bool = False
) -> Team:
    """Change what a team is called, does, and whose hours it keeps: the hours for new hand-offs only.

    ValidationError for a name that is taken, for another function of a party (what it promised stays a promise of
    marketing, or of sales), and where a team that has people or is a party would move outside the company, or inside.
    """
    kept = Team.objects.select_for_update().get(pk=team.pk)
    if kept.function != function and Party.objects.filter(team=kept).exists():
        raise ValidationError(
            {
                "function": _(
                    "This team is a party to an agreement: it stays what it was when it promised something."
                )
            }
        )
    belongs = Membership.objects.filter(team=kept).exists() or Party.objects.filter(team=kept).exists()
    if is_external != kept.is_external and belongs:
        refusal = _("This team has people here, or is a party: it stays inside or outside the company.")
        raise ValidationError({"is_external": refusal})
    kept.name, kept.function, kept.calendar, kept.is_external = name, function, calendar, is_external
    return _saved(kept, taken=_("There is a team of this name already."))


def add_segment(*, name: str, priority: int, lead_value: Decimal | None) -> Segment:
    """Add a segment; ValidationError for a name that is taken."""
    segment = Segment(name=name, priority=priority, lead_value=lead_value, slug=_free_slug(Segment, name))
    return _saved(segment, taken=_("There is a segment of this name already."))


@transaction.atomic
def change_segment(*, segment: Segment, name: str, priority: int, lead_value: Decimal | None) -> Segment:
    """Change a segment: its value for new hand-offs only. ValidationError for a name that is taken."""
    kept = Segment.objects.select_for_update().get(pk=segment.pk)
    kept.name, kept.priority, kept.lead_value = name, priority, lead_value
    return _saved(kept, taken=_("There is a segment of this name already."))


Named = TypeVar("Named", Team, Segment)


def _saved(row: Named, *, taken: str) -> Named:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise ValidationError({"name": taken}) from error
    return row


def _free_slug(model: type[models.Model], name: str) -> str:
    slug = base = slugify(name)[:40] or model._meta.model_name or ""
    number = 1
    while model._default_manager.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    return slug
