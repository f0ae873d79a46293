"""What an agreement rests on, link by link, and which link is the weakest.

A link is *not signed*, *ended*, or holds; of one that holds, the share of its promises kept in the last three months
that were closed is known where it is an agreement of the product: met ÷ met and missed, excused ones left out. Weakest
is one that is not signed, else one that has ended, else the one of the lowest share below all kept. The chain is
followed as far as the reader may read it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements import words
from agreements.models import Agreement, Evaluation, Support, Version
from agreements.words import whole_day

DEEPEST = 5
MONTHS = 3
NOT_SIGNED, ENDED, HOLDS = range(3)
Outcome = Evaluation.Outcome


@dataclass(frozen=True, slots=True)
class Link:
    """One agreement or document of the chain; `depth` 1 supports the agreement itself. `share` None: nothing judged."""

    support: Support
    depth: int
    state: int
    sentence: str
    share: Fraction | None = None

    @property
    def name(self) -> str:
        return str(self.support)

    @property
    def indent(self) -> range:
        return range(self.depth - 1)


@dataclass(frozen=True, slots=True)
class Chain:
    """The links, each before those that it rests on itself, and what is to be said of the weakest."""

    links: tuple[Link, ...]
    weakest: Link | None

    @property
    def sentence(self) -> str:
        if not self.links:
            return _("No agreement or contract is named that this one rests on.")
        if self.weakest is None:
            return ngettext(
                "It rests on %(n)s agreement or contract, and it holds.",
                "It rests on %(n)s agreements and contracts, and each of them holds.",
                len(self.links),
            ) % {"n": len(self.links)}
        said = {"name": self.weakest.name, "how": self.weakest.sentence}
        return _("The weakest link is “%(name)s”: %(how)s.") % said


def chain_of(agreement: Agreement, *, user: Any, today: dt.date) -> Chain:
    """Read what an agreement rests on, as far as this person may read it: at most three queries.

    All links of the company are read at once: they are few, and asked for one depth after the other they would take a
    query each.
    """
    readable = Agreement.objects.visible_to(user)
    rows = Support.objects.filter(Q(supporter=None) | Q(supporter__in=readable)).select_related("supporter")
    below: dict[int, list[Support]] = defaultdict(list)
    for one in rows:
        below[one.agreement_id].append(one)
    own, wanted = set[int](), {agreement.pk}
    for _depth in range(DEEPEST):
        named = {one.supporter_id for pk in wanted for one in below.get(pk, ())}
        wanted = {pk for pk in named if pk is not None} - own
        own |= wanted
    facts = _Facts(own, today) if own else None
    links = tuple(_links(agreement.pk, 1, below, facts, today))
    return Chain(links, _weakest(links))


class _Facts:
    """Which of these agreements were ever signed, which are in force, and how many promises each kept."""

    def __init__(self, ids: Iterable[int], today: dt.date) -> None:
        signed = Version.objects.signed().filter(agreement__in=ids)
        today_too = Count("pk", filter=Q(in_force__contains=today))
        counts = dict(signed.order_by().values_list("agreement_id").annotate(n=today_too))
        self.signed, self.in_force = counts.keys(), {pk for pk, n in counts.items() if n}
        first = today.replace(day=1)
        for _month in range(MONTHS):
            first = (first - dt.timedelta(days=1)).replace(day=1)
        judged = Evaluation.objects.filter(month__agreement__in=ids, month__month_on__gte=first)
        rows = judged.values_list("month__agreement").annotate(
            met=Count("pk", filter=Q(outcome=Outcome.MET)),
            missed=Count("pk", filter=Q(outcome=Outcome.MISSED)),
        )
        self.kept = {pk: (met, met + missed) for pk, met, missed in rows.order_by() if met + missed}


def _links(
    pk: int, depth: int, below: dict[int, list[Support]], facts: _Facts | None, today: dt.date
) -> Iterable[Link]:
    for one in below.get(pk, ()) if depth <= DEEPEST else ():
        if one.supporter_id is None:
            yield _document(one, depth, today)
        elif facts is not None:
            yield _agreement(one, depth, facts)
            yield from _links(one.supporter_id, depth + 1, below, facts, today)


def _document(one: Support, depth: int, today: dt.date) -> Link:
    if not one.is_signed:
        return Link(one, depth, NOT_SIGNED, _("not signed"))
    if one.ends_on is None:
        return Link(one, depth, HOLDS, _("signed, open-ended"))
    said = {"day": whole_day(one.ends_on)}
    if one.ends_on <= today:
        return Link(one, depth, ENDED, _("ended on %(day)s") % said)
    return Link(one, depth, HOLDS, _("signed, ends on %(day)s") % said)


def _agreement(one: Support, depth: int, facts: _Facts) -> Link:
    pk = one.supporter_id
    assert pk is not None
    if pk not in facts.signed:
        return Link(one, depth, NOT_SIGNED, _("not signed"))
    if pk not in facts.in_force:
        return Link(one, depth, ENDED, _("not in force today"))
    if pk not in facts.kept:
        return Link(one, depth, HOLDS, _("in force, no month judged yet"))
    met, judged = facts.kept[pk]
    said = {"met": words.amount(met), "n": words.amount(judged)}
    sentence = ngettext(
        "%(met)s of %(n)s promise kept in the last three months",
        "%(met)s of %(n)s promises kept in the last three months",
        judged,
    )
    return Link(one, depth, HOLDS, sentence % said, Fraction(met, judged))


def _weakest(links: Iterable[Link]) -> Link | None:
    weak = [one for one in links if one.state != HOLDS or (one.share is not None and one.share < 1)]
    return min(weak, key=lambda one: (one.state, one.share or 0, one.depth, one.support.pk), default=None)
