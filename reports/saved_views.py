"""Views of the explore page: saved, renamed, deleted, and one chosen to begin with."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agreements.models import Team
from reports.models import DefaultView, SavedView

if TYPE_CHECKING:
    from slaproject.accounts.models import User

MOST = 100


@transaction.atomic
def save_view(
    *, author: User, name: str, audience: str, team: Team | None = None, query: str, now: dt.datetime
) -> SavedView:
    """Keep an address under a name of the author's; ValidationError for a name they use, and for one too many."""
    get_user_model().objects.select_for_update(no_key=True).get(pk=author.pk)  # one of theirs after the other
    mine = SavedView.objects.filter(author=author)
    if mine.filter(name=name).exists():
        raise _taken(name)
    if mine.count() >= MOST:
        raise ValidationError(
            _("You have %(n)s views, which is the most: delete one first."), params={"n": MOST}
        )
    return SavedView.objects.create(
        author=author, name=name, audience=audience, team=team, query=query, saved_at=now
    )


def rename_view(*, view: SavedView, name: str) -> None:
    """Give a view another name; ValidationError where its author has one of that name."""
    view.name = name
    try:
        with transaction.atomic():
            view.save(update_fields=["name"])
    except IntegrityError:
        raise _taken(name) from None


def delete_view(*, view: SavedView) -> None:
    """Throw a view away; who began with it begins with the usual one again."""
    SavedView.objects.filter(pk=view.pk).delete()


def choose_default(*, person: User, view: SavedView | None) -> None:
    """Let the explore page begin with this view, or with the usual one."""
    if view is None:
        DefaultView.objects.filter(person=person).delete()
        return
    DefaultView.objects.update_or_create(person=person, defaults={"view": view})


def _taken(name: str) -> ValidationError:
    return ValidationError(_("You have a view “%(name)s” already: take another name."), params={"name": name})
