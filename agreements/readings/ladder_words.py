"""Who hears when of a lead that waits: what a version agrees or inherits, nothing where all is as usual."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from agreements import words
from agreements.models import Version
from agreements.readings.inherited import Above, source_of
from agreements.readings.labels import length


def ladder_sentences(version: Version, above: Above | None = None) -> list[str]:
    """Return a sentence for each rung that the version names, or that one above it does: then it says which."""
    inherited = above.ladder() if above is not None else {}
    said = []
    for term, say in SENTENCES.items():
        own = getattr(version, term)
        value, source = (own, None) if own is not None else inherited.get(term, (None, None))
        if value is None:
            continue
        sentence = say(value)
        if source is not None:
            sentence = _("%(sentence)s (%(source)s)") % {"sentence": sentence, "source": source_of(source)}
        said.append(_("%(sentence)s.") % {"sentence": sentence})
    return said


def _lag(value: Any) -> str:
    return words.duration(length(value))


SENTENCES: dict[str, Callable[[Any], str]] = {
    "early_share": lambda share: (
        _("The rep hears of a waiting lead after %(share)s of the time to the first attempt")
        % {"share": words.percent(share, 2)}
    ),
    "manager_lag": lambda lag: _("Managers hear of a lead overdue by %(lag)s") % {"lag": _lag(lag)},
    "director_lag": lambda lag: _("Directors hear of a lead overdue by %(lag)s") % {"lag": _lag(lag)},
}
