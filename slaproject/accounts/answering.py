"""What a person still answers for, and where they stand for good: why an account is closed only after handing on, and
never deleted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import PROTECT, Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements import words
from agreements.models import Contact, CorrectiveAction, Decision, Duty, Membership, Party, Strike, Team
from leads.models import HandOff

MOST_NAMED = 20
Colleagues = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that somebody answers for: `rows` are what is handed on together, to one of the colleagues.

    `is_optional`: without a colleague the routing rules give it to others, so nothing is orphaned.
    """

    key: str
    kind: str
    sentence: str
    rows: tuple[Any, ...]
    colleagues: Colleagues
    is_optional: bool = False


def answers_of(person: Any) -> list[Answer]:
    """Return everything that this person still answers for, each with the colleagues of the same team who could.

    In a fixed number of queries. A team's things go to its people; what is of no team to those of the person's own.
    """
    people = _Colleagues(person)
    answers: list[Answer] = []
    parties = Party.objects.filter(signatory=person).select_related("agreement", "team").order_by("pk")
    for party in parties.prefetch_related("agreement__parties"):
        said = {"agreement": party.agreement.name, "team": party.team.name}
        sentence = _("signs %(agreement)s for %(team)s") % said
        taken = {one.signatory_id for one in party.agreement.parties.all() if one.pk != party.pk}
        colleagues = tuple(one for one in people.of([party.team_id]) if one[0] not in taken)
        answers.append(Answer(f"party-{party.pk}", "signatory", sentence, (party,), colleagues))
    answers += _duties(person, people)
    strikes = Strike.objects.filter(responsible=person, state=Strike.State.OPEN)
    for strike in strikes.select_related(
        "evaluation__party__team", "evaluation__month__agreement", "evaluation__segment"
    ).order_by("pk"):
        evaluation = strike.evaluation
        said = {
            "title": evaluation.title,
            "month": words.month(evaluation.month.month_on),
            "agreement": evaluation.month.agreement.name,
        }
        sentence = _("diagnoses the strike %(title)s, %(month)s (%(agreement)s)") % said
        colleagues = people.of([evaluation.party.team_id])
        answers.append(Answer(f"strike-{strike.pk}", "strike", sentence, (strike,), colleagues))
    actions = CorrectiveAction.objects.to_do().filter(owner=person)
    for action in actions.select_related(
        "strike__evaluation__month__agreement", "strike__evaluation__party"
    ).order_by("pk"):
        evaluation = action.strike.evaluation
        said = {"action": action.action[:80], "agreement": evaluation.month.agreement.name}
        sentence = _("does the corrective action “%(action)s” (%(agreement)s)") % said
        colleagues = people.own or people.of([evaluation.party.team_id])
        answers.append(Answer(f"action-{action.pk}", "action", sentence, (action,), colleagues))
    decisions = (
        Decision.objects.open().filter(owner=person).select_related("review__agreement").order_by("pk")
    )
    for decision in decisions.prefetch_related("review__agreement__parties"):
        said = {"decision": decision.text[:80], "agreement": decision.review.agreement.name}
        sentence = _("does what a review decided: “%(decision)s” (%(agreement)s)") % said
        teams = [party.team_id for party in decision.review.agreement.parties.all()]
        colleagues = people.own or people.of(teams)
        answers.append(Answer(f"decision-{decision.pk}", "decision", sentence, (decision,), colleagues))
    contacts = Contact.objects.filter(person=person).select_related("party__team", "party__agreement")
    for contact in contacts.order_by("pk"):
        said = {"what": contact.responsibility, "agreement": contact.party.agreement.name}
        sentence = _("is the contact for “%(what)s” (%(agreement)s)") % said
        colleagues = people.of([contact.party.team_id])
        answers.append(Answer(f"contact-{contact.pk}", "contact", sentence, (contact,), colleagues))
    return answers + _hand_offs(person, people)


def _duties(person: Any, people: _Colleagues) -> list[Answer]:
    """What is owed again and again, the same in each version: together, whichever version it stands in."""
    duties = Duty.objects.filter(person=person).select_related(
        "obligation__version__agreement", "obligation__from_party__team"
    )
    same: dict[tuple[int, int, str], list[Duty]] = defaultdict(list)
    for duty in duties.order_by("-obligation__version__number", "pk"):
        obligation = duty.obligation
        same[obligation.version.agreement_id, obligation.from_party_id, obligation.name].append(duty)
    answers = []
    for found in same.values():
        obligation = found[0].obligation
        said = {"name": obligation.name, "agreement": obligation.version.agreement.name}
        sentence = _("answers for the obligation “%(name)s” (%(agreement)s)") % said
        colleagues = people.of([obligation.from_party.team_id])
        key = f"duty-{min(one.pk for one in found)}"
        answers.append(Answer(key, "duty", sentence, tuple(found), colleagues))
    return answers


def _hand_offs(person: Any, people: _Colleagues) -> list[Answer]:
    """Open hand-offs, those of a team together; only counted here: there can be hundreds."""
    counted = HandOff.objects.filter(owner=person, closed_at=None).values_list("team").annotate(n=Count("pk"))
    names = dict(Team.objects.values_list("pk", "name"))
    answers = []
    for team, n in counted.order_by("team"):
        sentence = ngettext("works %(n)s open hand-off", "works %(n)s open hand-offs", n)
        sentence %= {"n": words.amount(n)}
        if team is not None:
            sentence = _("%(sentence)s of %(team)s") % {"sentence": sentence, "team": names[team]}
        colleagues = people.own if team is None else people.of([team])
        key = f"hand-offs-{team or 0}"
        answers.append(Answer(key, "hand_offs", sentence, (team,), colleagues, is_optional=True))
    return answers


class _Colleagues:
    """Who could take something over: active people of a team, without the one who leaves; read once."""

    def __init__(self, person: Any) -> None:
        self.by_team: dict[int, dict[int, str]] = defaultdict(dict)
        places = Membership.objects.taking_part()
        mine = Membership.objects.filter(user=person).values_list("team_id", flat=True)
        self.mine = sorted(mine)
        for place in places.exclude(user=person).select_related("user").order_by("user__name", "pk"):
            self.by_team[place.team_id][place.user_id] = str(place.user)

    def of(self, teams: Iterable[int]) -> Colleagues:
        """Return the people of these teams by name."""
        found: dict[int, str] = {}
        for team in teams:
            found |= self.by_team[team]
        return tuple(sorted(found.items(), key=lambda one: (one[1].casefold(), one[0])))

    @property
    def own(self) -> Colleagues:
        """The colleagues in the person's own teams."""
        return self.of(self.mine)


def what_holds(person: Any) -> list[str]:
    """Return where a person stands for good, a line for each kind of row with how many: why they are not deleted."""
    lines = []
    for relation in type(person)._meta.related_objects:
        if relation.on_delete is not PROTECT:
            continue
        rows = relation.related_model._base_manager.filter(**{relation.field.name: person.pk})
        if n := rows.count():
            said = {
                "n": words.amount(n),
                "what": relation.related_model._meta.verbose_name_plural,
                "as": relation.field.verbose_name,
            }
            lines.append(_("%(what)s (%(as)s): %(n)s") % said)
    return sorted(lines)


def listed(lines: Iterable[str]) -> str:
    """Write lines one after the other, as many as anybody reads."""
    found = list(lines)
    text = "; ".join(found[:MOST_NAMED])
    left = len(found) - MOST_NAMED
    return text if left <= 0 else _("%(lines)s; and %(n)s more") % {"lines": text, "n": words.amount(left)}
