"""Share links: made, opened at their pace, revoked. The secret is shown once and found by its hash alone."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext as _

from reports.models import Edition, ShareLink

if TYPE_CHECKING:
    from slaproject.accounts.models import User

DAYS = (1, 7, 30, 90)
MOST_LIVE = 100
INTERVAL, AT_ONCE = dt.timedelta(seconds=2), 30
"""One link is opened every other second, and so many times at once; whoever comes sooner waits."""


@transaction.atomic
def make_share_link(
    *,
    maker: User,
    subject: str,
    days: int,
    now: dt.datetime,
    chart: str = "",
    query: str = "",
    edition: Edition | None = None,
) -> tuple[ShareLink, str]:
    """Return a new link for so many days, and its secret; ValidationError for one too many."""
    # One link of theirs after the other.
    get_user_model().objects.select_for_update(no_key=True).get(pk=maker.pk)
    if ShareLink.objects.filter(maker=maker, revoked_at=None, expires_at__gt=now).count() >= MOST_LIVE:
        raise ValidationError(
            _("You have %(n)s links that are open, which is the most: revoke one first."),
            params={"n": MOST_LIVE},
        )
    token = secrets.token_urlsafe(32)
    link = ShareLink.objects.create(
        maker=maker,
        token_sha256=_hashed(token),
        subject=subject,
        chart=chart,
        query=query,
        edition=edition,
        made_at=now,
        expires_at=now + dt.timedelta(days=days),
    )
    return link, token


def find_share_link(token: str, now: dt.datetime) -> ShareLink | None:
    """Return the link of this secret; None for none, one that is over, and one whose maker's account is closed."""
    open_ones = ShareLink.objects.filter(revoked_at=None, expires_at__gt=now, maker__is_active=True)
    return open_ones.filter(token_sha256=_hashed(token)).select_related("maker", "edition__agreement").first()


def open_share_link(*, link: ShareLink, now: dt.datetime) -> bool:
    """Note that it was opened, in one statement; False for one that is opened too often."""
    begins = Greatest(Coalesce(F("free_at"), now), now)
    paced = ShareLink.objects.filter(
        Q(free_at=None) | Q(free_at__lte=now + (AT_ONCE - 1) * INTERVAL), pk=link.pk
    )
    return bool(paced.update(last_opened_at=now, free_at=begins + INTERVAL))


def revoke_share_link(*, link: ShareLink, now: dt.datetime) -> bool:
    """End a link; False where it was revoked already."""
    return bool(ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=now))


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
