"""What-if calculations kept under a name: a name is one's own, and never overwritten unasked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agreements.models import Scenario

if TYPE_CHECKING:
    from slaproject.accounts.models import User

MOST = 200


class NameTaken(ValidationError):
    """Somebody has a scenario of that name already: `scenario`."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(_("You have a scenario “%(name)s” already."), params={"name": scenario.name})
        self.scenario = scenario


@transaction.atomic
def save_scenario(
    *,
    author: User,
    name: str,
    inputs: Mapping[str, str],
    now: dt.datetime,
    replaces: dt.datetime | None = None,
) -> Scenario:
    """Keep the inputs under a name of the author's.

    A scenario of that name is overwritten only as its author saw it: `replaces` is when that one was saved. Else
    raises NameTaken; and ValidationError for one too many.
    """
    kept = Scenario.objects.select_for_update().filter(author=author, name=name).first()
    if kept is None:
        if Scenario.objects.filter(author=author).count() >= MOST:
            raise ValidationError(
                _("You have %(n)s scenarios, which is the most: delete one first."), params={"n": MOST}
            )
        try:
            with transaction.atomic():
                return Scenario.objects.create(author=author, name=name, inputs=dict(inputs), saved_at=now)
        except IntegrityError:  # saved twice at once
            raise NameTaken(Scenario.objects.get(author=author, name=name)) from None
    if kept.saved_at != replaces:
        raise NameTaken(kept)
    kept.inputs, kept.saved_at = dict(inputs), now
    kept.save(update_fields=["inputs", "saved_at"])
    return kept


@transaction.atomic
def rename_scenario(*, scenario: Scenario, name: str) -> Scenario:
    """Give a scenario another name; NameTaken where its author has one of that name."""
    other = Scenario.objects.filter(author=scenario.author_id, name=name).exclude(pk=scenario.pk).first()
    if other is not None:
        raise NameTaken(other)
    scenario.name = name
    try:
        with transaction.atomic():
            scenario.save(update_fields=["name"])
    except IntegrityError:
        raise NameTaken(Scenario.objects.get(author=scenario.author_id, name=name)) from None
    return scenario


def delete_scenario(*, scenario: Scenario) -> None:
    """Throw a scenario away; one that is gone already is gone."""
    Scenario.objects.filter(pk=scenario.pk).delete()
