"""Any two versions of an agreement beside each other: what changed from the one to the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements import words
from agreements.models import Agreement, Version
from agreements.readings.agreement_page import versions_seen
from agreements.readings.differences import Comparison, comparison
from agreements.readings.labels import names_of


class NoSuchVersion(LookupError):
    """A version was asked for that is not there, or not for this person to read."""


@dataclass(frozen=True, slots=True)
class ComparePage:
    """The two versions, what differs, and which others there are to choose from."""

    old: Version | None
    new: Version
    versions: list[Version]
    comparison: Comparison | None

    @property
    def headline(self) -> str:
        """Say how much changed from the one to the other."""
        if self.old is None or self.comparison is None:
            return _("There is one version only: nothing to compare it with.")
        n = len(self.comparison.differences)
        said = {"old": self.old.number, "new": self.new.number, "n": words.amount(n)}
        if not n:
            return _("Versions %(old)s and %(new)s say the same.") % said
        return (
            ngettext(
                "From version %(old)s to version %(new)s: %(n)s term changes.",
                "From version %(old)s to version %(new)s: %(n)s terms change.",
                n,
            )
            % said
        )


def compare_page(agreement: Agreement, *, old: str | None, new: str | None, user: Any) -> ComparePage:
    """Compare two versions by their numbers; without them, the newest one with the one before it.

    Raises NoSuchVersion for a number that names no version which this person may read.
    """
    versions = versions_seen(agreement, user)
    by_number = {str(one.number): one for one in versions}
    if not versions or not {old, new} - {None} <= by_number.keys():
        raise NoSuchVersion
    after = by_number[new] if new is not None else versions[0]
    before = by_number[old] if old is not None else _before(after, versions)
    if before is None:
        return ComparePage(None, after, versions, None)
    return ComparePage(before, after, versions, comparison(before, after, names_of(agreement)))


def _before(version: Version, versions: list[Version]) -> Version | None:
    """Return the newest signed version before this one; else the newest before; else any other."""
    earlier = [one for one in versions if one.number < version.number]
    signed = [one for one in earlier if one.is_signed]
    return next(iter([*signed, *earlier, *(one for one in versions if one != version)]), None)
