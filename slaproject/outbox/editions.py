"""Closed months, frozen: the parties' directors hear that one waits for them, both sides that all have acknowledged it.

Each is told of by the edition, whoever reads which event of it first. The promises kept are named: a kept promise is
told as visibly as a strike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from agreements import words
from agreements.models import AgreementEvent, Party
from agreements.rights import rights_of
from reports.charts.celebrated import kept_in_edition
from reports.models import Acknowledgement, Edition
from slaproject.outbox.kinds import SUBJECT_OF_EDITION
from slaproject.outbox.models import Alert
from slaproject.outbox.people import Company, people_to_tell
from slaproject.outbox.telling import Telling

MADE = str(AgreementEvent.Kind.EDITION_MADE)
ACKNOWLEDGED = str(AgreementEvent.Kind.EDITION_ACKNOWLEDGED)


def of_editions(events: Iterable[AgreementEvent]) -> Iterator[Telling]:
    """Say who is told of these events: an acknowledgement is news once it was the last that was missing."""
    events = [one for one in events if one.kind in SUBJECT_OF_EDITION]
    if not events:
        return
    company, can_sign_in = Company.read(), people_to_tell()
    agreements = {one.agreement_id for one in events}
    found = Edition.objects.filter(agreement__in=agreements).prefetch_related("acknowledgements")
    editions = {
        _key(one.agreement_id, f"{one.month_on:%Y-%m}", one.number): one for one in found.defer("snapshot")
    }
    teams: dict[int, list[int]] = {}
    for party in Party.objects.filter(agreement__in=agreements):
        teams.setdefault(party.agreement_id, []).append(party.team_id)
    for event in events:
        edition = editions.get(_key(event.agreement_id, event.data.get("month"), event.data.get("edition")))
        if edition is None:
            continue
        parties = teams.get(event.agreement_id, [])
        if event.kind == MADE:
            people, place = company.directors(parties), Alert.Place.PARTY_DIRECTOR
        else:
            done = list(edition.acknowledgements.all())
            if len(done) < len(parties):
                continue
            people, place = company.leaders(parties) - {done[-1].person_id}, Alert.Place.SIGNATORY
        for person in sorted(people & can_sign_in):
            yield Telling(
                person_id=person,
                kind=event.kind,
                about=edition.pk,
                subject=SUBJECT_OF_EDITION[event.kind],
                place=place.value,
                happened_at=event.happened_at,
                agreement_id=event.agreement_id,
            )


def _key(agreement_id: int, month: Any, number: Any) -> tuple[Any, ...]:
    return agreement_id, month, number


class Editions:
    """The editions of which one person is told, looked up once: what they say, and whether they wait for the person."""

    def __init__(self, ids: Iterable[int], person: Any) -> None:
        wanted = set(ids)
        shown = Edition.objects.visible_to(person).select_related("agreement")
        self.found = shown.in_bulk(wanted) if wanted else {}
        editions = self.found.values()
        of_agreements = {one.agreement_id for one in editions}
        directed = Party.objects.filter(agreement__in=of_agreements, team__in=rights_of(person).directed)
        mine = list(directed.values_list("agreement_id", "pk")) if wanted else []
        done = Acknowledgement.objects.filter(edition__in=self.found).values_list("edition_id", "party_id")
        acknowledged = set(done) if wanted else set()
        siblings = Edition.objects.filter(
            agreement__in=of_agreements, month_on__in={one.month_on for one in editions}
        )
        latest: dict[tuple[int, Any], int] = {}
        for agreement_id, month_on, number in (
            siblings.values_list("agreement_id", "month_on", "number") if wanted else ()
        ):
            latest[agreement_id, month_on] = max(number, latest.get((agreement_id, month_on), 0))
        self.waiting = {
            one.pk
            for one in editions
            if one.number == latest[one.agreement_id, one.month_on]
            and any((one.pk, pk) not in acknowledged for of, pk in mine if of == one.agreement_id)
        }

    def say(self, alert: Alert) -> tuple[str, str, bool] | None:
        """Return what is to be said of one, where it stands, and whether it is settled; None where it is not seen."""
        edition = self.found.get(alert.about)
        if edition is None:
            return None
        said = {
            "agreement": edition.agreement.name,
            "month": words.month(edition.month_on),
            "number": edition.number,
            "kept": kept_in_edition(edition.snapshot),
        }
        path = reverse("reports:edition", args=[edition.pk])
        if alert.kind == ACKNOWLEDGED:
            return (
                _("“%(agreement)s”, %(month)s: all parties acknowledged edition %(number)s. %(kept)s") % said,
                path,
                False,
            )
        is_settled = edition.pk not in self.waiting
        if edition.number > 1:
            text = _(
                "“%(agreement)s”, %(month)s was corrected: edition %(number)s waits to be acknowledged. %(kept)s"
            )
        else:
            text = _("“%(agreement)s”, %(month)s is closed: its edition waits to be acknowledged. %(kept)s")
        return text % said, path, is_settled
