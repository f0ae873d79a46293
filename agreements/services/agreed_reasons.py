"""For which reasons a lead may be given back, as the version says that its hand-off came under."""

from __future__ import annotations

import datetime as dt

from agreements.models import Agreement, Version
from agreements.rejection_reasons import USUAL, Reason, read_reasons


def reasons_under(version_id: int | None, on: dt.date) -> tuple[Reason, ...]:
    """Return the reasons that a version names, or else the first above it in force that day; or all usual ones."""
    if version_id is None:
        return USUAL
    version: Version | None = Version.objects.select_related("agreement").get(pk=version_id)
    assert version is not None
    agreement: Agreement | None = version.agreement
    while agreement is not None:
        if version is not None and version.rejection_reasons:
            return read_reasons(version.rejection_reasons)
        agreement = agreement.parent
        version = agreement.versions.in_force_on(on).first() if agreement is not None else None
    return USUAL
