"""What is found by a few words: leads and companies that one may know, and agreements that one may read.

A lead that was merged into another is found by its own words too, as the one that goes on: that says from whom.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Agreement
from leads.models import HandOff, Lead
from leads.searched import words_of

MOST_LEADS = 20
MOST_OTHERS = 5
# Companies are told from the newest leads that match.
LOOKED_THROUGH = 200


@dataclass(frozen=True, slots=True)
class Hit:
    """One line that was found, and where it leads."""

    title: str
    detail: str
    address: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What was found of one kind; `more` is the address of all of it."""

    title: str
    hits: list[Hit]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """What was found, kind by kind; nothing was looked for where `is_asked` is false."""

    sentence: str
    kinds: list[Kind]
    is_asked: bool


class Found(NamedTuple):
    """A lead that was found, as its line says it."""

    pk: int
    qualified_on: dt.date
    name: str
    company: str
    email: str
    external_id: str
    merged_from: str = ""


COLUMNS = Found._fields[:-1]


def search(user: Any, text: str, *, most: int = MOST_LEADS) -> Results:
    """Look for these words in what the user may see; each kind shows some, newest first."""
    words = words_of(text)
    if not words:
        said = _("Type at least two letters of a name, a company, an e-mail address or an id.")
        return Results(said, [], is_asked=False)
    found = _found(user, words)
    kinds = [
        Kind(
            _("Leads"),
            _leads(found[:most]),
            f"{reverse('leads:leads')}?{urlencode({'q': text})}" if len(found) > most else "",
        ),
        Kind(_("Companies"), _companies(found, words)),
        Kind(_("Agreements"), _agreements(user, words)),
    ]
    shown = [kind for kind in kinds if kind.hits]
    n = len(found) + sum(len(kind.hits) for kind in kinds[1:])
    if len(found) > LOOKED_THROUGH:
        sentence = _("More than %(n)s leads match “%(text)s”.") % {"n": LOOKED_THROUGH, "text": text}
    elif n:
        sentence = ngettext("%(n)s match for “%(text)s”.", "%(n)s matches for “%(text)s”.", n)
        sentence = sentence % {"n": n, "text": text}
    else:
        sentence = _("Nothing that you may see matches “%(text)s”.") % {"text": text}
    return Results(sentence, shown, is_asked=True)


def _found(user: Any, words: list[str]) -> list[Found]:
    """Return the newest leads with these words, or into which one with these words was merged; one more than needed."""
    with_words = Lead.objects.visible_to(user).with_words(words).order_by("-qualified_on", "-pk")
    found = [Found(*values) for values in with_words.values_list(*COLUMNS)[: LOOKED_THROUGH + 1]]
    came = (
        Lead.objects.told_to(user)
        .absorbed()
        .with_words(words)
        .exclude(merged_into__in=[one.pk for one in found])
        .order_by("-merged_into__qualified_on", "-merged_into", "-pk")
        .values_list(*(f"merged_into__{name}" for name in COLUMNS), "name", "company", "external_id")
    )
    by_survivor: dict[int, Found] = {}
    for *values, name, company, external_id in came[: LOOKED_THROUGH + 1]:
        survivor = Found(*values)._replace(merged_from=name or company or external_id)
        by_survivor.setdefault(survivor.pk, survivor)
    found += by_survivor.values()
    found.sort(key=lambda one: (one.qualified_on, one.pk), reverse=True)
    return found[: LOOKED_THROUGH + 1]


def _leads(found: list[Found]) -> list[Hit]:
    latest = HandOff.objects.filter(lead__in=[one.pk for one in found]).one_of_each_lead()
    states = {
        one.lead_id: one.get_closed_as_display() if one.closed_at else one.get_state_display()
        for one in latest.only("lead_id", "state", "closed_as", "closed_at")
    }
    hits = []
    for one in found:
        title = one.name or one.company or one.external_id
        details = [one.company if one.name else "", one.email, states.get(one.pk, _("not handed over yet"))]
        if one.merged_from:
            details.insert(0, _("merged from %(lead)s") % {"lead": one.merged_from})
        hits.append(
            Hit(title, " · ".join(part for part in details if part), reverse("leads:lead", args=[one.pk]))
        )
    return hits


def _companies(found: Iterable[Found], words: list[str]) -> list[Hit]:
    """Companies whose own name has all the words; the others are found by their people."""
    counts: dict[str, int] = {}
    for company in (one.company for one in found):
        if company and all(word.casefold() in company.casefold() for word in words):
            counts[company] = counts.get(company, 0) + 1
    return [
        Hit(
            company,
            ngettext("%(n)s lead", "%(n)s leads", n) % {"n": n},
            f"{reverse('leads:leads')}?{urlencode({'q': company})}",
        )
        for company, n in sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:MOST_OTHERS]
    ]


def _agreements(user: Any, words: list[str]) -> list[Hit]:
    agreements = Agreement.objects.visible_to(user)
    for word in words:
        agreements = agreements.filter(
            Q(name__icontains=word) | Q(slug__icontains=word) | Q(parties__team__name__icontains=word)
        )
    return [
        Hit(one.name, _("agreement"), reverse("agreements:agreement", args=[one.slug]))
        for one in agreements.distinct().order_by("name", "pk")[:MOST_OTHERS]
    ]
