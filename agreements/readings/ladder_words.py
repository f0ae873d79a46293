"""Who hears when of a lead that waits, in sentences: what a version agrees of it, nothing where all is as usual."""

from __future__ import annotations

from django.utils.translation import gettext as _

from agreements import words
from agreements.models import Version
from agreements.readings.labels import length


def ladder_sentences(version: Version) -> list[str]:
    """Return a sentence for each rung that the version names."""
    said = []
    if (share := version.early_share) is not None:
        said.append(
            _("The rep hears of a waiting lead after %(share)s of the time to the first attempt.")
            % {"share": words.percent(share, 2)}
        )
    if (lag := version.manager_lag) is not None:
        said.append(_("Managers hear of a lead overdue by %(lag)s.") % {"lag": words.duration(length(lag))})
    if (lag := version.director_lag) is not None:
        said.append(_("Directors hear of a lead overdue by %(lag)s.") % {"lag": words.duration(length(lag))})
    return said
