"""What is signed of a custom measure, and its copy in the next version."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from agreements.models import CustomMeasure, Version

# What is signed of a measure, beside the party that promises it.
TERMS = ("name", "unit", "direction", "target", "period")


def measure_terms(measure: CustomMeasure) -> dict[str, Any]:
    """Return what is signed of a measure: no person, no id, its target in text with the decimals of its column."""
    terms = {name: getattr(measure, name) for name in TERMS}
    return terms | {"target": f"{measure.target:.4f}", "party": measure.party.team.slug}


def read_measures(*versions: Version) -> None:
    """Read the measures of these versions, with the parties, in one query; nothing where it was read already."""
    measures = CustomMeasure.objects.select_related("party__team").order_by("pk")
    prefetch_related_objects(versions, Prefetch("measures", measures))


def copy_measures(source: Version, target: Version) -> None:
    """Copy the measures into the next version. The caller holds the agreement's lock."""
    CustomMeasure.objects.bulk_create(
        CustomMeasure(version=target, party_id=one.party_id, **{name: getattr(one, name) for name in TERMS})
        for one in source.measures.order_by("pk")
    )


def signed_with_other_period(agreement_id: int, *, name: str, period: str) -> CustomMeasure | None:
    """Return a measure of that name that a signed version of the agreement measures by another kind of period."""
    signed = CustomMeasure.objects.filter(
        version__agreement=agreement_id, version__state=Version.State.SIGNED, name=name
    )
    return signed.exclude(period=period).select_related("version").order_by("-version__number").first()
