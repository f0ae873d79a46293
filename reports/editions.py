"""Making the editions of closed months, a correction as the next one, and their acknowledgement.

Each is one transaction under the lock of the agreement's row, and its number unique: killed anywhere an edition is
made or it is not, and whoever runs at the same time waits and then finds it made.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.measured_periods import CORRECTED_FOR, later
from agreements.models import Agreement, AgreementEvent, MonthResult, Party, Review
from agreements.rights import rights_of
from agreements.services.reviewing import propose_agenda
from reports.edition_differences import differences
from reports.models import Acknowledgement, Edition, EditionWords
from reports.pages.edition_agenda import agenda_text
from reports.pages.edition_snapshot import FORM, Judged, found_at, judged_now, snapshot

if TYPE_CHECKING:
    from slaproject.accounts.models import User

LOG = logging.getLogger(__name__)
FIRST_WITHIN = dt.timedelta(days=31)
"""A month closed longer ago has no first edition any more: what was known at its close is known no more."""


def make_editions(*, now: dt.datetime) -> int:
    """Make the edition of every month that closed lately, and the next one of those corrected; return how many.

    Their agendas are proposed to the meetings about them, also to one that is planned later. A month that cannot be
    read does not keep the others waiting: it is logged and left to the next run.
    """
    made = 0
    since = later(now.date(), -CORRECTED_FOR - 1)
    closed = MonthResult.objects.filter(closed_at__isnull=False, month_on__gte=since)
    for result in closed.select_related("agreement").order_by("agreement", "month_on"):
        try:
            made += make_edition(result=result, now=now) is not None
            propose_its_agenda(result)
        except Exception:
            LOG.exception(
                "The edition of %s of agreement %s cannot be made.", result.month_on, result.agreement.slug
            )
    return made


@transaction.atomic
def make_edition(*, result: MonthResult, now: dt.datetime) -> Edition | None:
    """Freeze a closed month: as of its close at first, as of now once it was corrected. None where nothing is new."""
    Agreement.objects.select_for_update(no_key=True).get(pk=result.agreement_id)
    last = editions_of(result).order_by("-number").first()
    if last is None:
        at = result.closed_at
        if at is None or now - at > FIRST_WITHIN:
            return None
        return _make(result, number=1, at=at, now=now)
    if not is_corrected(last, result):
        return None
    return _make(result, number=last.number + 1, at=now, now=now, before=last)


def propose_its_agenda(result: MonthResult) -> bool:
    """Give the agenda of a month's latest edition to the meeting about it; return whether that had it not before.

    Only where the meeting is still to be held, and nobody wrote another agenda for it.
    """
    review = Review.objects.filter(agreement=result.agreement_id).about(result.month_on).first()
    if review is None or review.held_at is not None:
        return False
    found = editions_of(result).order_by("number").values_list("snapshot__agenda", flat=True)
    agendas = [agenda_text(points) for points in found if points]
    return bool(agendas) and propose_agenda(review=review, agenda=agendas[-1], instead_of=agendas[:-1])


def editions_of(result: MonthResult) -> Any:
    """Return the editions of a month."""
    return Edition.objects.filter(agreement=result.agreement_id, month_on=result.month_on)


def is_corrected(edition: Edition, result: MonthResult) -> bool:
    """Whether the month is another one than the edition says.

    It is when a promise has another outcome, or when its figures as of the edition's own instant are now known to be
    others. What merely happened later, like the first attempt on a hand-off long overdue, corrects nothing.
    """
    judged: Judged = judged_now(result)
    frozen: Judged = edition.snapshot["judged"]
    if judged == frozen:
        return False
    if {key: one[0] for key, one in judged.items()} != {key: one[0] for key, one in frozen.items()}:
        return True
    found: Judged = edition.snapshot["found"]
    return found_at(result, edition.as_of) != found


def _make(
    result: MonthResult,
    *,
    number: int,
    at: dt.datetime,
    now: dt.datetime,
    before: Edition | None = None,
) -> Edition | None:
    found, texts = snapshot(result=result, at=at, now=now)
    found["changed"] = differences(before.snapshot, found) if before else []
    if before is not None and not found["changed"]:
        return None
    edition = Edition.objects.create(
        agreement_id=result.agreement_id,
        month_on=result.month_on,
        number=number,
        as_of=at,
        made_at=now,
        form=FORM,
        snapshot=found,
        sha256=sha256_of(found),
    )
    EditionWords.objects.create(edition=edition, texts=texts)
    _note(edition, AgreementEvent.Kind.EDITION_MADE, now, None)
    return edition


def sha256_of(found: dict[str, Any]) -> str:
    """Return the hash of a snapshot, however the database orders its parts."""
    text = json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def awaited_of(edition: Edition, user: Any) -> list[Party]:
    """Return the parties that this person directs and that have not acknowledged the edition."""
    done = edition.acknowledgements.values("party")
    parties = Party.objects.filter(agreement=edition.agreement_id, team__in=rights_of(user).directed)
    return list(parties.exclude(pk__in=done).select_related("team").order_by("pk"))


@transaction.atomic
def acknowledge(*, edition: Edition, now: dt.datetime, by: User) -> list[Acknowledgement]:
    """Acknowledge an edition for every party that this person directs; done before, nothing is done again.

    ValidationError where a later edition took its place.
    """
    Agreement.objects.select_for_update(no_key=True).get(pk=edition.agreement_id)
    later_one = Edition.objects.filter(
        agreement=edition.agreement_id, month_on=edition.month_on, number__gt=edition.number
    )
    if later_one.exists():
        raise ValidationError(_("A later edition took the place of this one: acknowledge that."))
    made = []
    for party in awaited_of(edition, by):
        made.append(
            Acknowledgement.objects.create(edition=edition, party=party, person=by, acknowledged_at=now)
        )
        _note(edition, AgreementEvent.Kind.EDITION_ACKNOWLEDGED, now, by, party=party.team.slug)
    return made


def _note(
    edition: Edition, kind: AgreementEvent.Kind, now: dt.datetime, by: User | None, **more: str
) -> None:
    data = {"month": f"{edition.month_on:%Y-%m}", "edition": edition.number, "sha256": edition.sha256, **more}
    AgreementEvent.objects.create(
        agreement_id=edition.agreement_id, kind=kind, happened_at=now, actor=by, data=data
    )
