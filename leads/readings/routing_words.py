"""Why a hand-off went to whom, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads.models import HandOff, RoutingDecision
from leads.routing import PassedOver, Why

MOST_NAMED = 6


def why_each(hand_offs: Iterable[HandOff]) -> dict[int, str]:
    """Return, by the id of each routed hand-off, why it last went to whom it did; read in three queries."""
    latest = (
        RoutingDecision.objects.filter(hand_off__in=list(hand_offs))
        .order_by("hand_off_id", "-pk")
        .distinct("hand_off_id")
    )
    decisions = list(latest)
    people = get_user_model().objects.in_bulk({one for each in decisions for one in _people_in(each)})
    return {one.hand_off_id: why_sentence(one.why, one.data, one.person_id, people) for one in decisions}


def why_sentence(why: str, data: Mapping[str, Any], person_id: int | None, people: Mapping[int, Any]) -> str:
    """Say why a hand-off went to whom, and who was passed over."""
    said = {"rule": data.get("rule", ""), "name": people.get(person_id or 0, _("somebody"))}
    match why:
        case Why.KNOWN:
            text = _("%(name)s works this lead or its company already (rule “%(rule)s”).") % said
        case Why.STAND_IN:
            text = _("Everyone of rule “%(rule)s” was away or full, so it went to %(name)s.") % said
        case Why.FREE:
            text = _("Everyone of rule “%(rule)s” was away or full, so it was left free.") % said
        case _other:
            turn = data.get("turn", {})
            said |= {"weight": turn.get(str(person_id), 0), "total": sum(turn.values())}
            text = _("It was %(name)s’s turn by rule “%(rule)s”: weight %(weight)s of %(total)s.") % said
    parts = [text]
    if data.get("instead_of"):
        parts.insert(0, _("Everyone of rule “%(rule)s” was away or full.") % {"rule": data["instead_of"]})
    if "open" in data:
        parts.append(_open_then(data["open"], data.get("cap")))
    if "from" in data:
        former = people.get(data["from"], _("somebody"))
        parts.append(_("Before, it was with %(name)s, who left or is away.") % {"name": former})
    return " ".join([*parts, *passed_sentences(data.get("passed", {}), people)])


def passed_sentences(passed: Mapping[str, str], people: Mapping[int, Any]) -> list[str]:
    """Say who was passed over, and why; who has no weight is no news."""
    sentences = []
    for reason, text in (
        (PassedOver.AWAY, _("Away: %(names)s.")),
        (PassedOver.FULL, _("As many open leads as their cap allows: %(names)s.")),
    ):
        names = [str(people[int(one)]) for one, why in passed.items() if why == reason and int(one) in people]
        if names:
            sentences.append(text % {"names": _listed(sorted(names))})
    return sentences


def _open_then(held: int, cap: int | None) -> str:
    said = {"n": held, "cap": cap}
    if cap is None:
        return ngettext("They had %(n)s open lead then.", "They had %(n)s open leads then.", held) % said
    return (
        ngettext(
            "They had %(n)s open lead of at most %(cap)s then.",
            "They had %(n)s open leads of at most %(cap)s then.",
            held,
        )
        % said
    )


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return shown if more <= 0 else _("%(names)s and %(n)s more") % {"names": shown, "n": more}


def _people_in(decision: RoutingDecision) -> set[int]:
    found = {int(one) for one in decision.data.get("passed", {})}
    found |= {one for one in (decision.person_id, decision.data.get("from")) if isinstance(one, int)}
    return found
