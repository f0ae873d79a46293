"""What somebody got to answer for: who got it, what it is in words, and whether it is still theirs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.models import AgreementEvent, Contact, CorrectiveAction, Decision, Duty, Party, Strike

Kind = AgreementEvent.Kind


def heir_of(event: AgreementEvent) -> set[int]:
    """Return who answers for it by this event, if it names a person who did not before."""
    said = event.data if isinstance(event.data, dict) else {}
    heir = said.get("responsible" if event.kind == Kind.STRIKE_DIAGNOSED else "to")
    if not isinstance(heir, int) or isinstance(heir, bool) or heir == said.get("from"):
        return set()
    return {heir}


class HandedOn:
    """What one person answers for of what these events handed on, looked up once a kind."""

    def __init__(self, events: Iterable[AgreementEvent], person: Any) -> None:
        by_kind: dict[str, list[AgreementEvent]] = {}
        for event in events:
            by_kind.setdefault(event.kind, []).append(event)
        self.person = person
        self.names: dict[tuple[str, Any], str] = {}
        for kind, read in READERS.items():
            if kind in by_kind:
                self.names |= {(kind, key): name for key, name in read(by_kind[kind], person)}

    def say(self, event: AgreementEvent) -> tuple[str, str]:
        """Return what the person answers for now, and where; no words for what went on, or away, since."""
        path = reverse(PATHS[event.kind], args=[event.agreement.slug])
        name = self.names.get((event.kind, _key_of(event)))
        if name is None:
            return "", path
        return TEXTS[event.kind]() % {"what": name, "agreement": event.agreement.name}, path


def _key_of(event: AgreementEvent) -> Any:
    match event.kind:
        case Kind.SIGNATORY_CHANGED:
            return event.agreement_id, event.data.get("party")
        case Kind.STRIKE_DIAGNOSED | Kind.ACTION_HANDED_ON:
            return (event.agreement_id, *(event.data.get(one) for one in ("month", "promise", "subject")))
        case _:
            return event.data.get(IDS[event.kind])


def _ids(events: Iterable[AgreementEvent]) -> set[int]:
    return {pk for one in events if isinstance(pk := _key_of(one), int)}


def _signatures(events: list[AgreementEvent], person: Any) -> Iterable[tuple[Any, str]]:
    parties = Party.objects.filter(agreement__in={one.agreement_id for one in events}, signatory=person)
    return [((one.agreement_id, one.team.slug), one.team.name) for one in parties.select_related("team")]


def _duties(events: list[AgreementEvent], person: Any) -> Iterable[tuple[Any, str]]:
    duties = Duty.objects.filter(obligation__in=_ids(events), person=person).select_related("obligation")
    return [(one.obligation_id, one.obligation.name) for one in duties]


def _contacts(events: list[AgreementEvent], person: Any) -> Iterable[tuple[Any, str]]:
    found = Contact.objects.visible_to(person).filter(pk__in=_ids(events), person=person)
    return [(one.pk, one.responsibility) for one in found]


def _decisions(events: list[AgreementEvent], person: Any) -> Iterable[tuple[Any, str]]:
    found = Decision.objects.open().filter(pk__in=_ids(events), owner=person)
    return [(one.pk, "") for one in found]


def _strikes(events: list[AgreementEvent], person: Any) -> Iterable[tuple[Any, str]]:
    found = Strike.objects.filter(
        evaluation__month__agreement__in={one.agreement_id for one in events},
        responsible=person,
        state=Strike.State.OPEN,
    )
    return [(_of_promise(one), "") for one in found.select_related("evaluation__month")]


def _actions(events: list[AgreementEvent], person: Any) -> Iterable[tuple[Any, str]]:
    found = CorrectiveAction.objects.to_do().filter(
        strike__evaluation__month__agreement__in={one.agreement_id for one in events}, owner=person
    )
    return [(_of_promise(one.strike), "") for one in found.select_related("strike__evaluation__month")]


def _of_promise(strike: Strike) -> tuple[Any, ...]:
    evaluation = strike.evaluation
    month = evaluation.month
    return month.agreement_id, f"{month.month_on:%Y-%m}", evaluation.promise, evaluation.subject


IDS = {
    str(Kind.DUTY_HANDED_ON): "obligation",
    str(Kind.CONTACT_CHANGED): "contact",
    str(Kind.DECISION_HANDED_ON): "decision",
}
READERS = {
    str(Kind.SIGNATORY_CHANGED): _signatures,
    str(Kind.DUTY_HANDED_ON): _duties,
    str(Kind.CONTACT_CHANGED): _contacts,
    str(Kind.STRIKE_DIAGNOSED): _strikes,
    str(Kind.ACTION_HANDED_ON): _actions,
    str(Kind.DECISION_HANDED_ON): _decisions,
}
PATHS = {
    str(Kind.SIGNATORY_CHANGED): "agreements:agreement",
    str(Kind.DUTY_HANDED_ON): "agreements:obligations",
    str(Kind.CONTACT_CHANGED): "agreements:contacts",
    str(Kind.STRIKE_DIAGNOSED): "reports:kept",
    str(Kind.ACTION_HANDED_ON): "reports:kept",
    str(Kind.DECISION_HANDED_ON): "agreements:reviews",
}
TEXTS = {
    str(Kind.SIGNATORY_CHANGED): lambda: _("You sign for %(what)s now, under “%(agreement)s”"),
    str(Kind.DUTY_HANDED_ON): lambda: _("You answer for “%(what)s” now, under “%(agreement)s”"),
    str(Kind.CONTACT_CHANGED): lambda: _(
        "You are named as contact for “%(what)s” now, under “%(agreement)s”"
    ),
    str(Kind.STRIKE_DIAGNOSED): lambda: _("A strike is yours to diagnose now, under “%(agreement)s”"),
    str(Kind.ACTION_HANDED_ON): lambda: _("A corrective action is yours to do now, under “%(agreement)s”"),
    str(Kind.DECISION_HANDED_ON): lambda: _("A decision is yours to carry out now, under “%(agreement)s”"),
}
