"""What obligations, measures and goals of campaigns have in common: parts of a draft, each written for itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from agreements.models import Agreement, AgreementEvent, Version
from agreements.services.drafting import note, open_draft

if TYPE_CHECKING:
    from slaproject.accounts.models import User


def open_locked(version: Version) -> Version:
    """Lock the agreement and return its draft as it is now; ValidationError unless it may still be edited."""
    Agreement.objects.select_for_update(no_key=True).get(pk=version.agreement_id)
    return open_draft(version)


def note_terms(
    version: Version,
    *,
    part: Mapping[str, int],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    texts: Collection[str],
    now: dt.datetime,
    by: User,
) -> None:
    """Note which terms of a part changed, from what to what; nothing where none did.

    `part` names its kind with its id. Of free `texts` it is noted that they changed, the words are not.
    """
    changed = {
        name: None if name in texts else [_plain(before.get(name)), _plain(after.get(name))]
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    }
    if changed:
        note(version, AgreementEvent.Kind.EDITED, now, by, {**part, "terms": changed})


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else str(value)
