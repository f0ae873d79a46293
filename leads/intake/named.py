"""Names of a file that are told apart: how many rows have one, and the first of them."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads.intake.values import shortened

MOST_NAMED, MOST_REMEMBERED = 10, 1_000


class NamesSeen:
    """Counts rows, and remembers the names in them, each once, in the order in which they came."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._rows = 0

    def see(self, name: str, key: str | None = None) -> None:
        """Count a row of this name; names of the same key are one."""
        self._rows += 1
        if len(self._names) < MOST_REMEMBERED:
            self._names.setdefault(name if key is None else key, shortened(name.strip()))

    def said(self, sentence: Callable[[int], str]) -> str:
        """Say it in a sentence with `%(n)s` rows and `%(names)s`, without its full stop; "" where no row was seen.

        `sentence` gives it for so many rows.
        """
        if not self._rows:
            return ""
        names = list(self._names.values())
        kept = sentence(self._rows) % {"n": self._rows, "names": ", ".join(names[:MOST_NAMED])}
        more = len(names) - MOST_NAMED
        if more <= 0:
            return f"{kept}."
        if len(names) == MOST_REMEMBERED:
            return _("%(kept)s and many more.") % {"kept": kept}
        return ngettext("%(kept)s and %(more)s more.", "%(kept)s and %(more)s more.", more) % {
            "kept": kept,
            "more": more,
        }
