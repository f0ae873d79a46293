"""The sources that there are, by name, and which of a file's are new beside them."""

from __future__ import annotations

from django.db.models import Count
from django.utils.translation import ngettext

from agreements.models import Campaign, CampaignGoal
from leads.intake.values import shortened
from leads.models import Lead

MOST_SOURCES = 10_000
"""Of more sources than these nothing is said: they are no list that anybody keeps."""
MOST_NAMED, MOST_REMEMBERED = 10, 1_000


def sources_by_use() -> list[str]:
    """Return the sources that are planned or promised, then those of leads, the most frequent first.

    None where there are too many.
    """
    of_source = {"of": Campaign.Of.SOURCE}
    agreed = {
        *Campaign.objects.filter(**of_source).values_list("name", flat=True),
        *CampaignGoal.objects.filter(**of_source).values_list("name", flat=True),
    }
    counted = Lead.objects.exclude(source="").order_by().values("source").annotate(n=Count("pk"))
    had = list(counted.order_by("-n", "source").values_list("source", flat=True)[: MOST_SOURCES + 1])
    if len(had) > MOST_SOURCES:
        return []
    return [*sorted(agreed), *(name for name in had if name not in agreed)]


class NewSources:
    """Counts the rows of a file whose source no lead has yet. Nothing is new where there is no source at all."""

    def __init__(self) -> None:
        self._known = frozenset(sources_by_use())
        self._names: dict[str, None] = {}
        self._rows = 0

    def look_at(self, name: str) -> None:
        """Count this row, if its source is new."""
        if self._known and name not in self._known:
            self._rows += 1
            if len(self._names) < MOST_REMEMBERED:
                self._names.setdefault(shortened(name))

    def said(self) -> str:
        """Say how many rows have a new source, and which; "" where none has."""
        if not self._rows:
            return ""
        names = list(self._names)
        said = {"n": self._rows, "names": ", ".join(names[:MOST_NAMED])}
        kept = (
            ngettext(
                "%(n)s row has a source that is new here: %(names)s",
                "%(n)s rows have a source that is new here: %(names)s",
                self._rows,
            )
            % said
        )
        more = len(names) - MOST_NAMED
        if more <= 0:
            return f"{kept}."
        return ngettext("%(kept)s and %(more)s more.", "%(kept)s and %(more)s more.", more) % {
            "kept": kept,
            "more": more,
        }
