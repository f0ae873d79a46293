"""Who and what a file means by a name: people, teams, segments."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Segment, Team
from leads.intake.faults import Rejected
from leads.intake.named import NamesSeen
from leads.intake.values import at_most, shortened

PERSON_NAME_LIMIT = 150


class Directory:
    """Everybody and everything that can be named, read once for a file."""

    def __init__(self) -> None:
        people = list(get_user_model()._default_manager.values_list("pk", "email", "name").order_by("pk"))
        self._by_email = {_folded(email): pk for pk, email, name in people}
        self._by_name = _unique((name, pk) for pk, email, name in people)
        teams = list(Team.objects.values_list("pk", "slug", "name").order_by("name"))
        self._teams = _unique((name, pk) for pk, slug, name in teams) | {
            _folded(slug): pk for pk, slug, name in teams
        }
        self._team_names = [name for pk, slug, name in teams]
        segments = list(Segment.objects.values_list("pk", "slug", "name").order_by("priority", "name"))
        self._segments = _unique((name, pk) for pk, slug, name in segments) | {
            _folded(slug): pk for pk, slug, name in segments
        }
        self._segment_names = [name for pk, slug, name in segments]
        self._unknown = NamesSeen()

    def person(self, text: str, field: str) -> tuple[int | None, str]:
        """The user of that e-mail or name, and no name; or nobody and the name as it was given.

        Two users of the same name are told apart by their e-mail only.
        """
        key = _folded(text)
        found = self._by_email.get(key) or self._by_name.get(key)
        if found is not None:
            return found, ""
        name = at_most(text, PERSON_NAME_LIMIT, field)
        self._unknown.see(name, key)
        return None, name

    def knows_person(self, text: str) -> bool:
        """Whether somebody here has that e-mail address, or alone that name."""
        key = _folded(text)
        return key in self._by_email or key in self._by_name

    def unknown_people(self) -> str:
        """Say how many rows name a person who has no account, and whom; "" where everybody was known."""
        return self._unknown.said(
            lambda n: ngettext(
                "%(n)s row names a person who has no account here, and is kept by the name alone: %(names)s",
                "%(n)s rows name a person who has no account here, and are kept by the name alone: %(names)s",
                n,
            )
        )

    def team(self, text: str) -> int:
        """The team of that name or slug; Rejected when there is none."""
        found = self._teams.get(_folded(text))
        if found is None:
            raise Rejected(
                _("team: there is no “%(name)s”; known are %(known)s")
                % {"name": shortened(text), "known": ", ".join(self._team_names) or _("none")}
            )
        return found

    def segment(self, text: str) -> int:
        """The segment of that name or slug; Rejected when there is none."""
        found = self._segments.get(_folded(text))
        if found is None:
            raise Rejected(
                _("segment: there is no “%(name)s”; known are %(known)s")
                % {"name": shortened(text), "known": ", ".join(self._segment_names) or _("none")}
            )
        return found


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()


def _unique(named: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    doubled: set[str] = set()
    for name, pk in named:
        key = _folded(name)
        if key in found or not key:
            doubled.add(key)
        found[key] = pk
    return {key: pk for key, pk in found.items() if key not in doubled}
