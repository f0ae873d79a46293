"""Who hears for marketing what became of a lead: who handed it over, or who manages marketing where nobody can be told.

A lead of a file or a program was handed over by nobody, and who handed one over may have left: then those hear who
manage the marketing side of its agreement, and of what came under no agreement those who manage marketing. What sales
brought itself is no business of marketing's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from agreements.models import Party, Team
from leads.models import HandOff, Lead
from slaproject.outbox.models import Alert
from slaproject.outbox.people import Company


class Givers:
    """Who is told on marketing's side about some hand-offs, which are read with their leads."""

    def __init__(self, hand_offs: Iterable[HandOff], can_sign_in: set[int]) -> None:
        self.can_sign_in = can_sign_in
        lost = [one for one in hand_offs if self._has_none(one)]
        self.company = Company.read() if lost else Company()
        self.sides: dict[int, set[int]] = defaultdict(set)
        parties = Party.objects.filter(
            agreement__in={one.agreement_id for one in lost if one.agreement_id},
            team__function=Team.Function.MARKETING,
        )
        for agreement, team in parties.values_list("agreement_id", "team_id") if lost else ():
            self.sides[agreement].add(team)

    def of(self, hand_off: HandOff) -> dict[int, Alert.Place]:
        """Return who is told, and why."""
        if hand_off.handed_off_by_id is not None and not self._has_none(hand_off):
            return {hand_off.handed_off_by_id: Alert.Place.GIVER}
        if hand_off.lead.origin != Lead.Origin.MARKETING:
            return {}
        teams = self.sides.get(hand_off.agreement_id or 0) or self.company.marketing
        return dict.fromkeys(sorted(self.company.managers(teams)), Alert.Place.MARKETING_HEAD)

    def _has_none(self, hand_off: HandOff) -> bool:
        return hand_off.handed_off_by_id not in self.can_sign_in
