"""The fields of a file of which people are asked what their words mean: what is known of each, and what it could be.

A word of most fields is one of a few, or its rows are rejected. Names of people and of sources are kept as they are
named where nobody says otherwise: as an external person, as a source of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from agreements.models import Agreement, Membership, Segment, Team
from leads.intake.deal_rows import OPEN
from leads.intake.faults import Rejected
from leads.intake.people import Directory
from leads.intake.sources import sources_by_use
from leads.intake.values import CURRENCIES, currency, word, yes_or_no
from leads.models import FollowUpAttempt, Lead

Choices = list[tuple[str, Any]]

MOST_OFFERED = 150
CODE = re.compile(r"\b[A-Z]{3}\b")


@dataclass(frozen=True, slots=True)
class Asked:
    """One field: what its words could mean, and whether one is known. `keeps`: an unknown one stays as it is."""

    name: str
    choices: Choices
    is_known: Callable[[str], bool]
    keeps: bool = False
    code: re.Pattern[str] | None = None  # of a choice that stands within a text

    def guess(self, text: str) -> str:
        """Return the only choice that a word looks like; "" where there is none, or several."""
        if self.code is not None:
            found = set(self.code.findall(text)) & {value for value, _label in self.choices}
            return found.pop() if len(found) == 1 else ""
        return alike(text, self.choices)


SAID_OF_ALL = {"leads": ("origin",), "attempts": ("channel", "outcome"), "deals": ("origin",)}
"""Fields of which one word can be said of every row, where a file has no column for them."""


def asked_of(kind: str, names: Collection[str]) -> list[Asked]:
    """Return what people are asked about those of these fields that a file of this kind has."""
    return [_BY_NAME[name](name) for name in _OF_KIND[kind] if name in names]


def alike(text: str, choices: Iterable[tuple[str, Any]]) -> str:
    """Return the only choice whose label or value has the words of this text, in any order; "" where none has."""
    words = _words(text)
    found = {value for value, label in choices if words and words in (_words(value), *_parts(str(label)))}
    return found.pop() if len(found) == 1 else ""


def usual_currency() -> str:
    """Return the currency of most agreements, which is taken for the company's; "" where there is none."""
    counted = Counter(Agreement.objects.order_by("pk").values_list("currency", flat=True))
    return counted.most_common(1)[0][0] if counted else ""


@lru_cache(maxsize=20_000)
def _parts(label: str) -> tuple[frozenset[str], ...]:
    return tuple(_words(part) for part in label.split(" · "))


@lru_cache(maxsize=20_000)
def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.partition("@")[0].casefold().replace("_", " ")))


def _can(means: Callable[[str], Any]) -> Callable[[str], bool]:
    def is_known(text: str) -> bool:
        try:
            means(text)
        except Rejected:
            return False
        return True

    return is_known


def _one_of(choices: Iterable[tuple[str, Any]]) -> Callable[[str], Asked]:
    offered = list(choices)
    known = [value for value, _label in offered]
    return lambda name: Asked(name, offered, _can(lambda text: word(text, known, name)))


def _yes_or_no(name: str) -> Asked:
    return Asked(name, [("yes", _("yes")), ("no", _("no"))], _can(lambda text: yes_or_no(text, name)))


def _won(name: str) -> Asked:
    says = _can(lambda text: yes_or_no(text, name))
    choices: Choices = [("yes", _("won")), ("no", _("lost")), (OPEN, _("still open"))]
    return Asked(name, choices, lambda text: text.casefold() == OPEN or says(text))


def _currency(name: str) -> Asked:
    codes = sorted({*CURRENCIES, *Agreement.objects.values_list("currency", flat=True)})
    return Asked(name, [(code, code) for code in codes], _can(lambda text: currency(text, name)), code=CODE)


def _segment(name: str) -> Asked:
    choices = list(Segment.objects.order_by("priority", "name").values_list("slug", "name"))
    return Asked(name, choices, _can(Directory().segment))


def _team(name: str) -> Asked:
    return Asked(
        name, list(Team.objects.order_by("name").values_list("slug", "name")), _can(Directory().team)
    )


def _owner(name: str) -> Asked:
    return _person(name, Membership.objects.filter(team__function=Team.Function.SALES))


def _by(name: str) -> Asked:
    return _person(name, Membership.objects.all())


def _person(name: str, places: Any) -> Asked:
    """People are named by their e-mail address, by which two of the same name are told apart."""
    users = get_user_model()._default_manager.filter(is_active=True, pk__in=places.values("user"))
    people = users.order_by("name", "pk").values_list("email", "name")
    directory = Directory()
    return Asked(
        name,
        [(email, f"{called} · {email}") for email, called in people],
        directory.knows_person,
        keeps=True,
    )


def _source(name: str) -> Asked:
    """The most frequent sources are offered; where there is none yet, or no list of them, nobody is asked."""
    found = sources_by_use()
    known = frozenset(found)
    offered = sorted(found[:MOST_OFFERED], key=str.casefold)
    return Asked(name, [(one, one) for one in offered], lambda text: not known or text in known, keeps=True)


_BY_NAME: dict[str, Callable[[str], Asked]] = {
    "automated": _yes_or_no,
    "by": _by,
    "channel": _one_of(FollowUpAttempt.Channel.choices),
    "currency": _currency,
    "origin": _one_of(Lead.Origin.choices),
    "outcome": _one_of(FollowUpAttempt.Outcome.choices),
    "owner": _owner,
    "segment": _segment,
    "source": _source,
    "team": _team,
    "won": _won,
}
_OF_KIND = {
    "leads": ("owner", "source", "origin", "segment", "team"),
    "attempts": ("channel", "outcome", "automated", "by"),
    "deals": ("won", "currency", "origin"),
}
