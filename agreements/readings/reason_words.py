"""Why a lead may be given back, in words: what a version names, or what it inherits; nothing where all is as usual."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from agreements.models import Version
from agreements.readings.inherited import Above, source_of
from agreements.rejection_reasons import Reason, read_reasons


@dataclass(frozen=True, slots=True)
class NamedReasons:
    """The reasons that hold, and where they are from if not from the version itself."""

    reasons: tuple[Reason, ...]
    source: str = ""


def named_reasons(version: Version, above: Above) -> NamedReasons | None:
    """Return the reasons that the version names, or the nearest above it; None where none names any."""
    if version.rejection_reasons:
        return NamedReasons(read_reasons(version.rejection_reasons))
    nearest = above.reasons()
    return NamedReasons(read_reasons(nearest.rejection_reasons), source_of(nearest)) if nearest else None


def reasons_sentence(version: Version) -> str:
    """Say for what reasons a lead may be given back; empty where the version names none."""
    if not version.rejection_reasons:
        return ""
    labels = "; ".join(str(one.label) for one in read_reasons(version.rejection_reasons))
    return _("A lead may be given back for these reasons: %(reasons)s.") % {"reasons": labels}
