"""What the words and figures of a closed month meant: when a lead was qualified, as signed, and how each is counted.

Said by the versions in force in the month and the business hours that its hand-offs were counted in. Where a version
that came within the month counts otherwise, both are said, each with its days.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from agreements.models import Clause, Segment, Version
from agreements.readings.reason_words import reasons_sentence
from agreements.services.signed_text import with_terms
from reports.charts import words
from reports.charts.description import Cell, Column, Table
from reports.pages.counting_words import (
    Said,
    business_hours,
    counted_by,
    custom_measures,
    measured_rates,
    over_the_period,
)
from reports.pages.frame import ReportPage

MOST_VALUED = 12
WRITTEN_BY_PEOPLE = ("qualified", "returned")
"""Definitions in the words of the parties, as they signed them."""


def definitions_table(page: ReportPage, judged: Version) -> Table:
    """Return what each word and figure of the month meant; `judged` is the version that it was judged by."""
    period = page.scope.period
    governing = (
        Version.objects.signed()
        .filter(agreement=judged.agreement_id, in_force__overlap=(period.start, period.end))
        .order_by("starts_on")
    )
    versions = list(with_terms(governing)) or list(with_terms(Version.objects.filter(pk=judged.pk)))
    said = [*over_the_period(versions, _of_version, period), business_hours(page.scope), measured_rates()]
    return Table(
        caption=_("How it is counted"),
        columns=(Column("of", _("What")), Column("definition", _("Definition"))),
        rows=tuple((Cell(name, key), Cell(text, text)) for key, name, text in said),
    )


def _of_version(version: Version) -> Iterator[Said]:
    yield from _qualified(version)
    if reasons := reasons_sentence(version):
        yield "returned", _("Why a lead may be given back"), reasons
    yield from counted_by(version, _values)
    yield from custom_measures(version)
    if version.obligations.all():
        text = _("Kept where all that fell due in the month was delivered by its day.")
        yield "obligations", _("What is owed regularly"), text


def _qualified(version: Version) -> Iterator[Said]:
    clauses = [
        one
        for one in version.clauses.all()
        if one.topic == Clause.Topic.QUALIFICATION and one.party_id is None
    ]
    title = str(Clause.Topic.QUALIFICATION.label)
    for clause in sorted(clauses, key=lambda one: one.segment_id or 0):
        if clause.segment is None:
            yield "qualified", title, clause.text
        else:
            said = {"topic": title, "segment": clause.segment.name}
            yield (
                f"qualified:{clause.segment.slug}",
                _("%(topic)s: “%(segment)s”") % said,
                clause.text,
            )
    if not clauses:
        yield (
            "qualified",
            title,
            _("The agreement does not say it: a lead is qualified when it is marked so."),
        )


def _values(currency: str) -> Iterator[str]:
    """Say what a lead of each segment is worth by now; each keeps what it was worth when it was handed over."""
    valued = Segment.objects.exclude(lead_value=None)
    said = [f"{one.name} {words.money(one.lead_value, currency, 2)}" for one in valued[:MOST_VALUED]]
    if said:
        yield _("A lead handed over when this edition was made was worth: %(values)s.") % {
            "values": "; ".join(said)
        }
