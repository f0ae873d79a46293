"""What is signed of an obligation, and its copy in the next version."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from agreements.models import Duty, Obligation, Version

# What is signed of an obligation, beside its two parties; a cadence leaves the terms empty that it does not use.
TERMS = (
    "name",
    "cadence",
    "weekday",
    "times",
    "day_of_month",
    "month_of_quarter",
    "due_time",
    "day_off",
    "report",
)


def obligation_terms(obligation: Obligation) -> dict[str, Any]:
    """Return what is signed of an obligation: no person, no id."""
    terms = {name: getattr(obligation, name) for name in TERMS}
    terms["due_time"] = obligation.due_time.strftime("%H:%M")
    return terms | {
        "from": obligation.from_party.team.slug,
        "to": obligation.to_party.team.slug,
    }


def read_obligations(*versions: Version) -> None:
    """Read what is owed under these versions, with the parties, in one query; nothing where it was read already."""
    owed = Obligation.objects.select_related("from_party__team", "to_party__team").order_by("pk")
    prefetch_related_objects(versions, Prefetch("obligations", owed))


def copy_obligations(source: Version, target: Version) -> None:
    """Copy what is owed, and who answers for it, into the next version. The caller holds the agreement's lock."""
    for old in source.obligations.select_related("duty"):
        duty: Duty | None = getattr(old, "duty", None)
        new = Obligation(version=target, from_party_id=old.from_party_id, to_party_id=old.to_party_id)
        for name in TERMS:
            setattr(new, name, getattr(old, name))
        new.save()
        if duty is not None:
            Duty.objects.create(obligation=new, person_id=duty.person_id, remind_before=duty.remind_before)
