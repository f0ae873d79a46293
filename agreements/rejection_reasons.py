"""Why sales may give a lead back: the seven usual reasons, and those that a version agrees on.

Definitions. A version names the reasons that may be given, one a line: the word of a usual one, or `word: sentence` of
one of its own. One that names none inherits those of the version in force above it; where none names any, all the usual
ones may be given. Each word stands once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MOST_OWN = 12
LONGEST_LABEL = 80
WORD = r"[a-z][a-z0-9_]{1,15}"


class UsualReason(models.TextChoices):
    """The reasons that may be given where nothing else is agreed."""

    NOT_A_FIT = "not_a_fit", gettext_lazy("not the kind of customer we agreed on")
    WRONG_CONTACT = "wrong_contact", gettext_lazy("contact data is wrong")
    DUPLICATE = "duplicate", gettext_lazy("we have this lead already")
    CUSTOMER = "customer", gettext_lazy("is a customer already")
    NO_INTEREST = "no_interest", gettext_lazy("did not ask for anything")
    REGION = "region", gettext_lazy("not our region or language")
    OTHER = "other", gettext_lazy("another reason")


LINE = rf"({'|'.join(UsualReason.values)}|{WORD}: [^\n]{{1,{LONGEST_LABEL}}})"
TEXT = rf"^({LINE}(\n{LINE})*)?$"  # the database keeps no other


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: the word that is kept, and the sentence that people read."""

    word: str
    label: str | Promise

    @property
    def is_own(self) -> bool:
        """Whether a version names it, beside the usual ones."""
        return self.word not in UsualReason.values


USUAL = tuple(Reason(one.value, one.label) for one in UsualReason)


def read_reasons(text: str) -> tuple[Reason, ...]:
    """Return the reasons that a version's text names; all the usual ones where it names none."""
    if not text:
        return USUAL
    return tuple(_read(line) for line in text.split("\n"))


def reasons_text(usual: Iterable[str], own: Iterable[Reason]) -> str:
    """Write these reasons as a version keeps them."""
    chosen = set(usual)
    lines = [one.value for one in UsualReason if one.value in chosen]
    return "\n".join([*lines, *(f"{one.word}: {one.label}" for one in own)])


def read_own(typed: str) -> list[Reason]:
    """Return the own reasons that a person typed, one a line; a line without a colon has no word."""
    found = []
    for line in filter(None, (" ".join(line.split()) for line in typed.splitlines())):
        word, colon, label = line.partition(":")
        found.append(Reason(word.strip().lower(), label.strip()) if colon else Reason("", line))
    return found


def fault_of_reasons(text: str) -> str:
    """Say what is wrong with a version's text of reasons; empty where it can be."""
    own = [line for line in text.split("\n") if line not in UsualReason.values] if text else []
    for line in own:
        word, colon, label = line.partition(": ")
        if not colon or not re.fullmatch(WORD, word):
            return _(
                "Write each reason of your own as a short word, a colon and the sentence, like “budget: has no "
                "budget this year”; the word has 2 to 16 letters, digits and underscores."
            )
        if word in UsualReason.values:
            return _("“%(word)s” is the word of a usual reason: take another one.") % {"word": word}
        if not label.strip() or len(label) > LONGEST_LABEL or not label.isprintable():
            return _("The sentence of a reason has 1 to %(most)d characters.") % {"most": LONGEST_LABEL}
    words = [line.partition(": ")[0] for line in text.split("\n")]
    if len(words) != len(set(words)):
        return _("Each reason is named once.")
    if len(own) > MOST_OWN:
        return _("%(most)d reasons of your own are the most.") % {"most": MOST_OWN}
    return ""


def _read(line: str) -> Reason:
    word, colon, label = line.partition(": ")
    return Reason(word, label if colon else UsualReason(word).label)
