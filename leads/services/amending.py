"""Signing a version, with what it does to hand-offs: never before those there are, and for open ones where agreed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Min
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Agreement, Signature, Version
from agreements.services.signing import sign_version
from leads.models import HandOff
from leads.services.re_dating import hold_terms, re_date

if TYPE_CHECKING:
    from slaproject.accounts.models import User


@transaction.atomic
def sign_amendment(
    *, version: Version, signer: User, now: dt.datetime, text_sha256: str | None = None
) -> Signature:
    """Sign as `sign_version` does; open hand-offs get the version's terms where it is for them and begins by this.

    Raises ValidationError, besides, where the version would begin before hand-offs that have terms already, and where
    it would be for open hand-offs though others inherit from it.
    """
    hold_terms(alone=True)
    current = Version.objects.select_related("agreement").get(pk=version.pk)
    refusal = refusal_of_the_past(current, now=now) or refusal_of_the_reach(current)
    if refusal:
        raise ValidationError(refusal)
    signature = sign_version(version=version, signer=signer, now=now, text_sha256=text_sha256)
    re_date(version=version, now=now, by=signer)
    return signature


def refusal_of_the_reach(version: Version) -> str:
    """Say which agreements below stand against a version for open hand-offs; empty where it may be for them.

    Open hand-offs of an agreement below keep the terms that it inherited on their day: a parent's version that reached
    some of its open hand-offs and not others would be read as reaching all.
    """
    if not version.is_for_open_ones:
        return ""
    below = Agreement.objects.at_or_below(version.agreement).exclude(pk=version.agreement_id)
    names = list(below.filter(versions__state=Version.State.SIGNED).distinct().values_list("name", flat=True))
    if not names:
        return ""
    return _(
        "Version %(number)s cannot be for open hand-offs too, because others inherit from it: %(names)s. "
        "Let it be for new hand-offs only."
    ) % {"number": version.number, "names": ", ".join(names)}


def refusal_of_the_past(version: Version, *, now: dt.datetime) -> str:
    """Say which hand-offs stand against the version's first day; empty where it may begin then.

    Hand-offs on its days before today that came under a version have its terms, whatever is signed now, also those of
    agreements that inherit from it. History that came under none stands against nothing.
    """
    today = now.astimezone(version.agreement.zone).date()
    until = min(today, version.ends_on or today)
    under_terms = HandOff.objects.filter(
        agreement__in=Agreement.objects.at_or_below(version.agreement),
        version__isnull=False,
        handed_off_on__gte=version.starts_on,
        handed_off_on__lt=until,
    )
    found = under_terms.aggregate(n=Count("pk"), first=Min("handed_off_on"))
    if not found["n"]:
        return ""
    said = {
        "n": found["n"],
        "first": found["first"].isoformat(),
        "starts_on": version.starts_on.isoformat(),
        "today": today.isoformat(),
    }
    return ngettext(
        "Version %(number)s cannot begin on %(starts_on)s: %(n)s hand-off of %(first)s came under the terms of "
        "its day. Let it begin today, %(today)s, or later.",
        "Version %(number)s cannot begin on %(starts_on)s: %(n)s hand-offs from %(first)s on came under the "
        "terms of their day. Let it begin today, %(today)s, or later.",
        found["n"],
    ) % {**said, "number": version.number}
