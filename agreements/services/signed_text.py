"""The canonical text of a version: what a signature is given for, and whose SHA-256 everybody can recompute.

The text is one JSON object: keys sorted, one space of indent a level, characters as they are, lines ended by LF and
none at the end; its SHA-256 is that of its bytes in UTF-8. `format` is FORMAT. Days are ISO dates, lengths are
seconds, exact numbers stand in text with the decimals of their column, an absent value is null. Agreement, teams and
segments are named by their slugs. No person is named but in the words that the parties wrote themselves.

A signed version keeps its text: it is never built again from the rows. What a later release adds to a version goes
into one of the ADDED tables below, with the value that says nothing: while a version has that value the term is left
out, so that the text of a draft that does not use it stays as it was read, and as the other party signed it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from agreements.models import Clause, Commitment, CustomMeasure, Obligation, Party, Version
from agreements.services.campaign_goal_terms import (
    campaign_goal_terms,
    campaign_goals_read,
    read_campaign_goals,
)
from agreements.services.measure_terms import measure_terms, read_measures
from agreements.services.obligation_terms import obligation_terms, read_obligations

FORMAT = 2  # texts without a number are older; they were written from whatever columns there were

VERSION_TERMS = ("starts_on", "ends_on", "summary")
COMMITMENT_TERMS = (
    "kind",
    "profile",
    "weekday_weights",
    "measure",
    "tolerance",
    "counts_recycled",
    "counts_sales_origin",
    "allowance",
    "average_goal",
    "in_time_share",
    "at_risk_share",
    "attempts",
    "window",
    "counts_automated",
    "share",
)
# Terms that came later: name of the column → the value that is left out.
ADDED_VERSION_TERMS: Mapping[str, Any] = {
    "reach": Version.Reach.NEW_ONLY.value,
    "review_after_misses": None,
    "cancel_after_misses": None,
    "review_rhythm": "",
    "early_share": None,
    "manager_lag": None,
    "director_lag": None,
    "rejection_reasons": "",
}
ADDED_COMMITMENT_TERMS: Mapping[str, Any] = {"pause_limit": None}


def canonical_text(version: Version) -> str:
    """Return everything a signature is given for: of the version as it is given, and its rows as they are now."""
    read_obligations(version)
    read_measures(version)
    read_campaign_goals(version)
    return _text(
        version,
        version.agreement.parties.select_related("team"),
        version.commitments.select_related("party__team", "segment").prefetch_related("month_goals"),
        version.clauses.select_related("party__team", "segment"),
    )


def with_terms(versions: QuerySet[Version]) -> QuerySet[Version]:
    """Read with these versions all that their texts are built from, in as many queries for one as for many."""
    return versions.select_related("agreement__parent", "agreement__segment").prefetch_related(*_terms_read())


def read_terms(*versions: Version) -> None:
    """Read the same of versions that are there already, with their agreements; not again what was read."""
    prefetch_related_objects(versions, *_terms_read())


def _terms_read() -> list[Prefetch[Any] | str]:
    owed = Obligation.objects.select_related("from_party__team", "to_party__team")
    return [
        Prefetch("agreement__parties", Party.objects.select_related("team")),
        Prefetch("commitments", Commitment.objects.select_related("party__team", "segment")),
        "commitments__month_goals",
        Prefetch("clauses", Clause.objects.select_related("party__team", "segment")),
        Prefetch("measures", CustomMeasure.objects.select_related("party__team").order_by("pk")),
        Prefetch("obligations", owed.order_by("pk")),
        campaign_goals_read(),
    ]


def text_of(version: Version) -> str:
    """Return the canonical text of a version whose terms were read by `with_terms` or `read_terms`."""
    return _text(version, version.agreement.parties.all(), version.commitments.all(), version.clauses.all())


def _text(
    version: Version, parties: Iterable[Party], commitments: Iterable[Commitment], clauses: Iterable[Clause]
) -> str:
    agreement = version.agreement
    said: dict[str, Any] = {
        "format": FORMAT,
        "agreement": agreement.slug,
        "time_zone": agreement.time_zone,
        "currency": agreement.currency,
        "version": version.number,
        "parties": sorted(party.team.slug for party in parties),
        "commitments": sorted((_commitment(one) for one in commitments), key=json_line),
    }
    # Parts: one with nothing in it is left out of the text, as terms that came later are.
    parts = {
        "clauses": sorted((_clause(one) for one in clauses), key=json_line),
        "obligations": sorted((obligation_terms(one) for one in version.obligations.all()), key=json_line),
        "measures": sorted((measure_terms(one) for one in version.measures.all()), key=json_line),
        "campaign_goals": sorted(
            (campaign_goal_terms(one) for one in version.campaign_goals.all()), key=json_line
        ),
    }
    # Where it stands: what is inherited is named, and said there. One that stands alone says nothing of it.
    place = {
        "inherits_from": agreement.parent.slug if agreement.parent else "",
        "for_segment": agreement.segment.slug if agreement.segment else "",
    }
    said |= {name: slug for name, slug in place.items() if slug}
    said |= _terms(version, VERSION_TERMS, ADDED_VERSION_TERMS)
    said |= {name: part for name, part in parts.items() if part}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, indent=1)


def sha256_of(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def json_line(value: Any) -> str:
    """Return `value` as one line of JSON, keys sorted."""
    return json.dumps(value, default=str, ensure_ascii=False, sort_keys=True)


def _commitment(commitment: Commitment) -> dict[str, Any]:
    return {
        **_terms(commitment, COMMITMENT_TERMS, ADDED_COMMITMENT_TERMS),
        "party": commitment.party.team.slug,
        "segment": commitment.segment.slug if commitment.segment else "",
        "month_goals": {plain(goal.month_on): plain(goal.goal) for goal in commitment.month_goals.all()},
    }


def _clause(clause: Clause) -> dict[str, str]:
    team = clause.party.team.slug if clause.party else ""
    segment = {"segment": clause.segment.slug} if clause.segment else {}
    return {"party": team, "topic": clause.topic, "text": clause.text} | segment


def _terms(row: Any, names: tuple[str, ...], added: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in (*names, *added)}
    return {name: plain(value) for name, value in found.items() if name not in added or value != added[name]}


def plain(value: Any) -> Any:
    """Return a value as the text writes it."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        seconds = Decimal(value // dt.timedelta(microseconds=1)).scaleb(-6)
        return int(seconds) if seconds == seconds.to_integral_value() else str(seconds.normalize())
    return str(value) if isinstance(value, Decimal) else value
