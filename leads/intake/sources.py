"""The sources that there are, by name, and which of a file's are new beside them."""

from __future__ import annotations

from django.db.models import Count
from django.utils.translation import ngettext

from agreements.models import Campaign, CampaignGoal
from leads.intake.named import NamesSeen
from leads.models import Lead

MOST_SOURCES = 10_000
"""Of more sources than these nothing is said: they are no list that anybody keeps."""


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
        self._new = NamesSeen()

    def look_at(self, name: str) -> None:
        """Count this row, if its source is new."""
        if self._known and name not in self._known:
            self._new.see(name)

    def said(self) -> str:
        """Say how many rows have a new source, and which; "" where none has."""
        return self._new.said(
            lambda n: ngettext(
                "%(n)s row has a source that is new here: %(names)s",
                "%(n)s rows have a source that is new here: %(names)s",
                n,
            )
        )
