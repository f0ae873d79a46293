"""Editions as pages show them: the list of an agreement, and one edition drawn from its snapshot alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef
from django.db.models.fields.json import KT
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.models import Agreement, Decision, Party, Review
from agreements.readings.standing import may_write, name_list
from agreements.rights import rights_of
from reports.charts import words
from reports.charts.celebrated import kept_in_edition
from reports.charts.description import Chart, Table
from reports.charts.stored import chart_of_json, table_of_json
from reports.models import Acknowledgement, Edition, EditionWords
from reports.pages.celebrated import Celebrated
from reports.pages.edition_agenda import agenda_text

EDITIONS_A_PAGE = 24
MOST_CHANGES = 200


@dataclass(frozen=True, slots=True)
class EditionLine:
    """One edition in the list. `waits_for` are the teams whose acknowledgement is open; none of a replaced one."""

    edition: Edition
    month: str
    finding: str
    waits_for: str
    is_replaced: bool


@dataclass(frozen=True, slots=True)
class EditionPage:
    """One edition. Whatever it says of the month comes from the snapshot; the meeting and who acknowledged do not.

    `definitions` are None, and `returned` and `agenda`, where it was made before any were kept. `own_agenda` is the
    meeting's, where that is another than the one proposed here.
    """

    edition: Edition
    snapshot: dict[str, Any]
    month: str
    month_value: str
    charts: tuple[Chart, ...]
    rates: Table
    definitions: Table | None
    returned: Table | None
    agenda: list[dict[str, Any]] | None
    own_agenda: str
    celebrated: Celebrated | None
    strikes: list[dict[str, Any]]
    carried: list[dict[str, Any]]
    excuses: list[dict[str, Any]]
    changed: list[dict[str, str]]
    acknowledged: list[Acknowledgement]
    waits_for: str
    others: list[Edition]
    latest: Edition
    mine: list[Party]
    review: Review | None
    decisions: list[Decision]
    may_write: bool

    @property
    def is_replaced(self) -> bool:
        return self.latest.number > self.edition.number


def editions_list(agreement: Agreement, *, user: Any, page: Any) -> Page[Any]:
    """Return the editions of an agreement, the latest months first."""
    found = (
        Edition.objects.visible_to(user)
        .filter(agreement=agreement)
        .order_by("-month_on", "-number")
        .prefetch_related("acknowledgements")
        .defer("snapshot")
        .annotate(
            finding=KT("snapshot__finding"),
            is_replaced=Exists(
                Edition.objects.filter(
                    agreement=OuterRef("agreement"),
                    month_on=OuterRef("month_on"),
                    number__gt=OuterRef("number"),
                )
            ),
        )
    )
    shown: Page[Any] = Paginator(found, EDITIONS_A_PAGE).get_page(page)
    parties = list(agreement.parties.select_related("team").order_by("pk"))
    shown.object_list = [
        EditionLine(
            one,
            words.month(one.month_on),
            one.finding,
            _waits_for(parties, list(one.acknowledgements.all())),
            one.is_replaced,
        )
        for one in shown
    ]
    return shown


def edition_page(edition: Edition, *, user: Any) -> EditionPage:
    """Read one edition; `agreement` was read with it."""
    found, rights = edition.snapshot, rights_of(user)
    texts = EditionWords.objects.filter(edition=edition).values_list("texts", flat=True).first()
    parties = list(edition.agreement.parties.select_related("team").order_by("pk"))
    acknowledged = list(edition.acknowledgements.select_related("party__team", "person"))
    done = {one.party_id for one in acknowledged}
    same_month = Edition.objects.filter(agreement=edition.agreement_id, month_on=edition.month_on)
    siblings = list(same_month.defer("snapshot").order_by("number"))
    review = _review_of(edition, user)
    is_latest = siblings[-1].number == edition.number
    return EditionPage(
        edition=edition,
        snapshot=found,
        month=words.month(edition.month_on),
        month_value=f"{edition.month_on:%Y-%m}",
        charts=tuple(chart_of_json(one) for one in found["charts"]),
        rates=table_of_json(found["rates"]),
        definitions=_later_table(found, "definitions"),
        returned=_later_table(found, "returned"),
        agenda=found.get("agenda"),
        own_agenda=_own_agenda(review, found.get("agenda")),
        celebrated=_celebrated(edition, kept_in_edition(found)),
        strikes=[_said(one, texts) for one in found["strikes"]],
        carried=[_said(one, texts) for one in found["carried"]],
        excuses=[_said(one, texts) for one in found["excuses"]],
        changed=found["changed"][:MOST_CHANGES],
        acknowledged=acknowledged,
        waits_for=_waits_for(parties, acknowledged),
        others=[one for one in siblings if one.pk != edition.pk],
        latest=siblings[-1],
        mine=[one for one in parties if is_latest and one.team_id in rights.directed and one.pk not in done],
        review=review,
        decisions=list(review.decisions.select_related("owner")) if review else [],
        may_write=may_write(tuple(parties), rights),
    )


def _later_table(snapshot: dict[str, Any], name: str) -> Table | None:
    return table_of_json(snapshot[name]) if name in snapshot else None


def _own_agenda(review: Review | None, proposed: list[dict[str, Any]] | None) -> str:
    written = review.agenda if review else ""
    return "" if proposed and written == agenda_text(proposed) else written


def _celebrated(edition: Edition, sentence: str) -> Celebrated | None:
    if not sentence:
        return None
    address = reverse("reports:kept", args=[edition.agreement.slug])
    return Celebrated(words.month(edition.month_on), sentence, address)


def _review_of(edition: Edition, user: Any) -> Review | None:
    """Return the meeting that talks about the month: the first one planned for the month after."""
    planned = Review.objects.visible_to(user).filter(agreement=edition.agreement_id).about(edition.month_on)
    return planned.select_related("held_by").first()


def _waits_for(parties: list[Party], acknowledged: list[Acknowledgement]) -> str:
    done = {one.party_id for one in acknowledged}
    return name_list([one.team.name for one in parties if one.pk not in done])


WORDS_OF_PEOPLE = ("who", "diagnosis", "make_up_plan", "action", "owner", "result", "note")


def _said(stored: dict[str, Any], texts: list[str] | None) -> dict[str, Any]:
    """Put the words of people in their places, or that they were erased."""
    said = dict(stored)
    for name in WORDS_OF_PEOPLE:
        place = stored.get(name)
        if place is None:
            said[name] = ""
        else:
            said[name] = _("(erased)") if texts is None else texts[place]
    said["actions"] = [_said(one, texts) for one in stored.get("actions", [])]
    return said
