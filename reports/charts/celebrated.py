"""The promises that were kept in a month, named and counted: a kept promise is told as visibly as a strike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import ngettext

from agreements.models import Evaluation

MOST_KEPT = 5

Judged = tuple[str, str, str]
"""One promise of a month: what became of it, what was promised, and by which team."""


def kept_sentence(promises: Sequence[Judged]) -> str:
    """Celebrate those of a month's promises that were kept, by name; nothing where none was."""
    kept = [f"{title} ({team})" for outcome, title, team in promises if outcome == Evaluation.Outcome.MET]
    if not kept:
        return ""
    names = "; ".join(kept[:MOST_KEPT])
    if (more := len(kept) - MOST_KEPT) > 0:
        names = ngettext("%(names)s, and %(n)s more", "%(names)s, and %(n)s more", more) % {
            "names": names,
            "n": more,
        }
    said = {"n": len(kept), "all": len(promises), "names": names}
    if len(kept) == len(promises):
        return (
            ngettext(
                "The promise was kept, well done: %(names)s.",
                "All %(n)s promises were kept, well done: %(names)s.",
                len(kept),
            )
            % said
        )
    return (
        ngettext(
            "Kept, well done: %(n)s of %(all)s promises: %(names)s.",
            "Kept, well done: %(n)s of %(all)s promises: %(names)s.",
            len(kept),
        )
        % said
    )


def kept_in_edition(snapshot: Mapping[str, Any]) -> str:
    """The same of a month as an edition keeps it."""
    return kept_sentence(
        [
            (one["outcome"], one["title"], side["team"])
            for side in snapshot["sides"]
            for one in side["promises"]
        ]
    )
