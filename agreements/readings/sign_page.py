"""What a signatory sees before signing: every term that would change, and which text it is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import ngettext

from agreements import words
from agreements.models import Comment, Version
from agreements.readings.agreement_page import parties_of, versions_seen
from agreements.readings.differences import Comparison, Difference, comparison
from agreements.readings.labels import about_text, names_of
from agreements.readings.standing import Standing, today_of
from agreements.services.signed_text import sha256_of, text_of
from agreements.words import whole_day


@dataclass(frozen=True, slots=True)
class SignPage:
    """The differences against the version that the new one supersedes; without one, everything is new."""

    standing: Standing
    old: Version | None
    comparison: Comparison
    text_sha256: str
    awaits_me: bool
    unsettled: list[tuple[str, Comment]]
    supersedes: str

    @property
    def differences(self) -> list[Difference]:
        return self.comparison.differences

    @property
    def headline(self) -> str:
        """Say how much would change."""
        n = len(self.differences)
        if self.old is None:
            said = ngettext(
                "You sign version %(number)s, the first: it agrees on %(n)s term.",
                "You sign version %(number)s, the first: it agrees on %(n)s terms.",
                n,
            )
        else:
            said = ngettext(
                "You sign version %(number)s: %(n)s term changes against version %(old)s.",
                "You sign version %(number)s: %(n)s terms change against version %(old)s.",
                n,
            )
        number = self.standing.version.number
        return said % {"number": number, "n": words.amount(n), "old": self.old.number if self.old else ""}


def sign_page(version: Version, *, user: Any, now: dt.datetime) -> SignPage:
    """Read what this person would sign."""
    agreement = version.agreement
    versions = versions_seen(agreement, user)
    shown = next(one for one in versions if one.pk == version.pk)
    standing = Standing(shown, parties_of(agreement), today_of(agreement, now))
    old = _superseded_by(shown, versions)
    names = names_of(agreement)
    comments = shown.comments.unsettled() if shown.is_open else ()
    unsettled = [(about_text(one.about, names), one) for one in comments]
    return SignPage(
        standing,
        old,
        comparison(old, shown, names),
        sha256_of(text_of(shown)),
        standing.awaits(user.pk) and not unsettled and shown.state != Version.State.CHANGES_ASKED,
        unsettled,
        whole_day(shown.starts_on),
    )


def _superseded_by(version: Version, versions: list[Version]) -> Version | None:
    """Return the signed version that governs the day on which the new one starts, or else the last one before."""
    signed = [one for one in versions if one.is_signed and one.pk != version.pk]
    before = [one for one in signed if one.starts_on <= version.starts_on]
    return max(before, key=lambda one: (one.starts_on, one.number), default=None)
