"""Who has to act on an agreement, and for what: signatures, answers, strikes, actions, values, what is overdue."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements import words
from agreements.models import (
    Agreement,
    CorrectiveAction,
    CustomMeasure,
    Decision,
    Excuse,
    Occurrence,
    Party,
    Review,
    Signature,
    Strike,
    Version,
)
from agreements.readings.awaited_values import AwaitedValue, awaited_values
from agreements.readings.standing import Standing, name_list
from agreements.rights import Rights, rights_of

MOST_PEOPLE = 4


@dataclass(frozen=True, slots=True)
class Act:
    """One kind of thing that waits: what, for whom, and where it is done. `is_mine`: also for who reads it."""

    sentence: str
    who: str
    address: str
    is_mine: bool


class Waiting:
    """What waits of some agreements, read in eight queries whatever their number."""

    def __init__(self, agreements: Sequence[Agreement], *, user: Any, now: dt.datetime) -> None:
        self.rights: Rights = rights_of(user)
        self.user, self.now = user, now
        ids = [one.pk for one in agreements]
        self.today = {one.pk: now.astimezone(one.zone).date() for one in agreements}
        self.excuses = self._by(
            Excuse.objects.filter(agreement__in=ids, state=Excuse.State.PROPOSED).order_by("pk"),
            "agreement_id",
        )
        self.may_answer = set(
            Excuse.objects.filter(agreement__in=ids).awaiting(user).values_list("pk", flat=True)
        )
        strikes = Strike.objects.filter(evaluation__month__agreement__in=ids, state=Strike.State.OPEN)
        self.strikes = self._by(
            strikes.select_related("responsible", "evaluation__month", "evaluation__party__team").order_by(
                "pk"
            ),
            "evaluation.month.agreement_id",
        )
        actions = CorrectiveAction.objects.to_do().filter(strike__evaluation__month__agreement__in=ids)
        self.actions = self._by(
            actions.select_related("owner", "strike__evaluation__month").order_by("due_on", "pk"),
            "strike.evaluation.month.agreement_id",
        )
        decisions = Decision.objects.open().filter(review__agreement__in=ids)
        self.decisions = self._by(
            decisions.select_related("owner", "review").order_by("due_on", "pk"), "review.agreement_id"
        )
        overdue = Occurrence.objects.overdue(now).filter(obligation__version__agreement__in=ids)
        self.overdue = self._by(
            overdue.select_related("obligation__version", "obligation__duty__person").order_by(
                "due_at", "pk"
            ),
            "obligation.version.agreement_id",
        )
        self.reviews = self._by(
            Review.objects.to_hold().filter(agreement__in=ids).order_by("planned_on"), "agreement_id"
        )

        self.values: dict[int, list[AwaitedValue]] = defaultdict(list)
        for value in awaited_values(CustomMeasure.objects.filter(version__agreement__in=ids), now=now):
            self.values[value.measure.version.agreement_id].append(value)

    @staticmethod
    def _by(rows: Iterable[Any], path: str) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = defaultdict(list)
        for row in rows:
            key: Any = row
            for step in path.split("."):
                key = getattr(key, step)
            found[key].append(row)
        return found

    def next_review(self, agreement: Agreement) -> dt.date | None:
        """The day of the next review, or of one that was not held when it was planned."""
        reviews = self.reviews[agreement.pk]
        return reviews[0].planned_on if reviews else None

    def of(self, agreement: Agreement, parties: Sequence[Party], draft: Standing | None) -> list[Act]:
        """Return what waits of one agreement; of its draft only what its reader may know."""
        pk, me = agreement.pk, self.rights.user_id
        writes = any(party.team_id in self.rights.managed for party in parties)
        teams = name_list([party.team.name for party in parties])
        acts = list(self._of_draft(agreement, draft, writes, teams))
        if excuses := self.excuses[pk]:
            mine = [one for one in excuses if one.pk in self.may_answer]
            n = len(excuses)
            sentence = ngettext("%(n)s excuse to answer", "%(n)s excuses to answer", n) % {
                "n": words.amount(n)
            }
            address = _address("reports:excuse", (mine or excuses)[0].pk)
            acts.append(Act(sentence, _("the other side’s director"), address, bool(mine)))
        if strikes := self.strikes[pk]:
            named = [
                (one, one.responsible_id, one.responsible or one.evaluation.party.team) for one in strikes
            ]
            acts += self._acts(
                lambda n: ngettext("%(n)s strike to diagnose", "%(n)s strikes to diagnose", n),
                named,
                me,
                lambda row, _is_mine: _address("reports:strike", row.pk),
            )
        if actions := self.actions[pk]:
            acts += self._acts(
                lambda n: ngettext("%(n)s corrective action to do", "%(n)s corrective actions to do", n),
                [(one, one.owner_id, one.owner) for one in actions],
                me,
                lambda row, is_mine: (
                    _address("reports:end-action", row.pk)
                    if is_mine
                    else _address("reports:strike", row.strike_id)
                ),
            )
        if overdue := self.overdue[pk]:
            people = [getattr(one.obligation, "duty", None) for one in overdue]
            named = [
                (
                    one,
                    duty.person_id if duty else None,
                    duty.person if duty and duty.person else _("nobody yet"),
                )
                for one, duty in zip(overdue, people, strict=True)
            ]
            acts += self._acts(
                lambda n: ngettext("%(n)s delivery overdue", "%(n)s deliveries overdue", n),
                named,
                me,
                lambda row, _is_mine: _address("agreements:occurrence", agreement.slug, row.pk),
            )
        if values := self.values[pk]:
            n = len(values)
            sentence = ngettext("%(n)s value to enter", "%(n)s values to enter", n) % {"n": words.amount(n)}
            promising = {one.measure.party_id for one in values}
            entering = [party for party in parties if party.pk in promising]
            acts.append(
                Act(
                    sentence,
                    name_list([party.team.name for party in entering]),
                    _address("reports:measures", agreement.slug),
                    any(self._writes_for(party) for party in entering),
                )
            )
        if decisions := self.decisions[pk]:
            acts += self._acts(
                lambda n: ngettext("%(n)s decision to carry out", "%(n)s decisions to carry out", n),
                [(one, one.owner_id, one.owner) for one in decisions],
                me,
                lambda _row, _is_mine: _address("agreements:reviews", agreement.slug),
            )
        due = [one for one in self.reviews[pk] if one.planned_on <= self.today[pk]]
        if due:
            address = _address("agreements:review", agreement.slug, due[0].pk)
            acts.append(Act(_("a review to hold"), teams, address, writes))
        return acts

    def _writes_for(self, party: Party) -> bool:
        """As `PartyQuerySet.writable_by`."""
        is_signing = party.signatory_id == self.rights.user_id and party.team_id in self.rights.teams
        return party.team_id in self.rights.managed or is_signing

    def _of_draft(
        self, agreement: Agreement, draft: Standing | None, writes: bool, teams: str
    ) -> Iterable[Act]:
        if draft is None:
            return
        number = draft.version.number
        if draft.version.state == Version.State.CHANGES_ASKED:
            address = _address("agreements:negotiation", agreement.slug, number)
            sentence = _("version %(number)s to change") % {"number": number}
            yield Act(sentence, teams, address, writes)
        elif draft.awaited:
            address = _address("agreements:version", agreement.slug, number)
            sentence = _("version %(number)s to sign") % {"number": number}
            is_mine = any(
                party.signatory_id == self.rights.user_id and party.team_id in self.rights.teams
                for party in draft.awaited
            )
            if is_mine:
                address = _address("agreements:sign", agreement.slug, number)
            yield Act(sentence, name_list([str(one.signatory) for one in draft.awaited]), address, is_mine)

    @staticmethod
    def _acts(
        sentence: Callable[[int], str],
        named: list[tuple[Any, int | None, Any]],
        me: int | None,
        address: Callable[[Any, bool], str],
    ) -> Iterable[Act]:
        """Return one line for what is the reader's own, and one for what is others', each to the first of its rows."""
        for is_mine in (True, False):
            rows = [
                (row, who) for row, person, who in named if (person is not None and person == me) == is_mine
            ]
            if not rows:
                continue
            names = list(dict.fromkeys(str(who) for _row, who in rows))
            left = len(names) - MOST_PEOPLE
            if left > 0:
                names = [*names[:MOST_PEOPLE], _("%(n)s more") % {"n": words.amount(left)}]
            n = len(rows)
            said = sentence(n) % {"n": words.amount(n)}
            yield Act(said, name_list(names), address(rows[0][0], is_mine), is_mine)


def waits_for(user: Any, *, now: dt.datetime) -> Q:
    """Return the condition on agreements of which something waits for this person; `today` is annotated on them."""
    rights = rights_of(user)
    me, of = rights.user_id, OuterRef("pk")
    given = Signature.objects.filter(version=OuterRef(OuterRef("pk")), party=OuterRef("pk"))
    signs = Party.objects.filter(agreement=OuterRef("agreement"), signatory=me, team__in=rights.teams)
    drafts = Version.objects.open().filter(agreement=of)
    to_sign = drafts.exclude(state=Version.State.CHANGES_ASKED).filter(Exists(signs.filter(~Exists(given))))
    writes = Party.objects.filter(agreement=of, team__in=rights.managed)
    due = Review.objects.to_hold().filter(agreement=of, planned_on__lte=OuterRef("today"))
    changes = drafts.filter(state=Version.State.CHANGES_ASKED)
    strikes = Strike.objects.filter(evaluation__month__agreement=of, state=Strike.State.OPEN, responsible=me)
    actions = CorrectiveAction.objects.to_do().filter(strike__evaluation__month__agreement=of, owner=me)
    overdue = Occurrence.objects.overdue(now).filter(
        obligation__version__agreement=of, obligation__duty__person=me
    )
    measures = CustomMeasure.objects.filter(party__in=Party.objects.writable_by(user))
    awaiting = {one.measure.version.agreement_id for one in awaited_values(measures, now=now)}
    return (
        Q(Exists(to_sign))
        | Q(pk__in=awaiting)
        | Q(Exists(Excuse.objects.awaiting(user).filter(agreement=of)))
        | Q(Exists(strikes))
        | Q(Exists(actions))
        | Q(Exists(Decision.objects.open().filter(review__agreement=of, owner=me)))
        | Q(Exists(overdue))
        | Q(Exists(writes)) & (Q(Exists(due)) | Q(Exists(changes)))
    )


def _address(name: str, *arguments: Any) -> str:
    """Return an address, also of an upper app's page; empty where there is no such page."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""
