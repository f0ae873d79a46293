"""What programs are told of an event: ids and states, no names. What more they need they read by the API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from agreements.models import AgreementEvent
from leads.intake.identity import is_derived
from leads.models import HandOffEvent
from slaproject.outbox.models import GoalLook
from slaproject.webhooks.models import Dispatch, Outlet

Source, Subject = Dispatch.Source, Outlet.Subject
Lead, Agreement = HandOffEvent.Kind, AgreementEvent.Kind
# By the kinds of events, and so for the trigger (migration 0002) too: a kind that is not here is told to nobody.
SUBJECT_OF_LEAD = {
    **dict.fromkeys(
        (
            *(
                Lead.HANDED_OFF,
                Lead.ASSIGNED,
                Lead.ACCEPTED,
                Lead.MET,
                Lead.MISSED,
                Lead.REOPENED,
                Lead.PAUSED,
            ),
            *(Lead.RESUMED, Lead.PAUSE_ENDED, Lead.CLOSED, Lead.CORRECTED, Lead.RE_DATED, Lead.RATED),
            *(
                Lead.REJECTION_AGREED,
                Lead.REJECTION_DISPUTED,
                Lead.REJECTION_UPHELD,
                Lead.REJECTION_WITHDRAWN,
            ),
        ),
        Subject.HAND_OFF,
    ),
    **dict.fromkeys((Lead.ATTEMPTED, Lead.ATTEMPT_VOIDED), Subject.ATTEMPT),
    **dict.fromkeys((Lead.OVERDUE, Lead.NOT_ACCEPTED, Lead.NO_OUTCOME), Subject.OVERDUE),
}
# Nothing of drafts, and nothing that is the parties' business alone.
OF_AGREEMENTS = (
    Agreement.IN_FORCE,
    Agreement.SUPERSEDED,
    Agreement.CANCELLED,
    Agreement.RE_DATED,
    Agreement.MONTH_CLOSED,
    Agreement.STRIKE_OPENED,
    Agreement.DELIVERED,
)
HAND_OFF = {
    "id": "hand_off_id",
    "lead": "hand_off__lead_id",
    "lead_system": "hand_off__lead__system",
    "lead_external_id": "hand_off__lead__external_id",
    "agreement": "hand_off__agreement__slug",
    "team": "hand_off__team__slug",
    "state": "hand_off__state",
    "due_at": "hand_off__due_at",
    "closed_as": "hand_off__closed_as",
}


def content_of(dispatch: Dispatch, *, now: dt.datetime) -> dict[str, Any] | None:
    """Return what is sent, with the state as it is now; None when what it was about is gone."""
    if dispatch.source == Source.TEST:
        return _told("test", now, {})
    return READERS[dispatch.source](dispatch.row_id)


def _of_lead(pk: int) -> dict[str, Any] | None:
    found = HandOffEvent.objects.filter(pk=pk).values("kind", "happened_at", *HAND_OFF.values()).first()
    if found is None:
        return None
    subject = SUBJECT_OF_LEAD[found["kind"]]
    data = {name: _plain(found[path]) for name, path in HAND_OFF.items()}
    if is_derived(data["lead_external_id"]):  # its system gave it no id, and this one says who it is
        data["lead_external_id"] = ""
    return _told(f"{subject.value}.{found['kind']}", found["happened_at"], data)


def _of_agreement(pk: int) -> dict[str, Any] | None:
    found = (
        AgreementEvent.objects.filter(pk=pk)
        .values("kind", "happened_at", "agreement__slug", "version__number", "position")
        .first()
    )
    if found is None:
        return None
    data = {
        "agreement": found["agreement__slug"],
        "version": found["version__number"],
        "position": found["position"],
    }
    return _told(f"agreement.{found['kind']}", found["happened_at"], data)


def _of_goal(pk: int) -> dict[str, Any] | None:
    look = GoalLook.objects.select_related("agreement").filter(pk=pk).first()
    if look is None:
        return None
    at = dt.datetime.combine(look.looked_on, dt.time(), tzinfo=dt.UTC)
    data = {
        "agreement": look.agreement.slug,
        "day": look.looked_on.isoformat(),
        "standing": look.standing or None,
        "is_at_risk": look.is_at_risk,
    }
    return _told("goal.changed", at, data)


def _told(kind: str, at: dt.datetime, data: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "timestamp": _plain(at), "data": data}


def _plain(value: Any) -> Any:
    return value.astimezone(dt.UTC).isoformat() if isinstance(value, dt.datetime) else value


READERS: dict[str, Callable[[int], dict[str, Any] | None]] = {
    Source.LEAD: _of_lead,
    Source.AGREEMENT: _of_agreement,
    Source.GOAL: _of_goal,
}


def words_of(dispatches: Sequence[Dispatch]) -> dict[int, str]:
    """Return in words what each of these tells of, looked up once a table."""
    ids = {
        source: [one.row_id for one in dispatches if one.source == source]
        for source in (Source.LEAD, Source.AGREEMENT)
    }
    kinds = {
        Source.LEAD: dict(HandOffEvent.objects.filter(pk__in=ids[Source.LEAD]).values_list("pk", "kind")),
        Source.AGREEMENT: dict(
            AgreementEvent.objects.filter(pk__in=ids[Source.AGREEMENT]).values_list("pk", "kind")
        ),
    }
    words = {Source.LEAD: dict(Lead.choices), Source.AGREEMENT: dict(Agreement.choices)}
    return {
        one.pk: str(words[source][kinds[source][one.row_id]])
        if (source := Source(one.source)) in kinds and one.row_id in kinds[source]
        else str(source.label)
        for one in dispatches
    }
