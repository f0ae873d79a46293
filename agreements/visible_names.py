"""Names, checked where people type them: one of which nothing can be seen could be neither read nor opened."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Fillers of Hangul and the empty pattern of Braille: letters and signs by their class, blank to the eye."""


def validate_visible(name: str) -> None:
    """Raise ValidationError unless a letter, number, sign or mark of punctuation can be seen in `name`."""
    if not any(unicodedata.category(one)[0] in "LNPS" and one not in BLANK_LETTERS for one in name):
        raise ValidationError(_("Nothing of this name can be seen. Write one that others can read."))
