"""All agreements that somebody may read, each with where it stands."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from agreements.models import Agreement, Party, Version
from agreements.readings.standing import Standing, today_of


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """One agreement: between whom, what is in force, and the draft that this person may read."""

    agreement: Agreement
    teams: list[str]
    standing: Standing | None
    draft: Standing | None
    awaits_me: bool


def agreement_lines(agreements: list[Agreement], *, user: Any, now: dt.datetime) -> list[AgreementLine]:
    """Return a line for each, in the given order, in three queries."""
    parties: dict[int, list[Party]] = defaultdict(list)
    for party in (
        Party.objects.filter(agreement__in=agreements).select_related("team", "signatory").order_by("pk")
    ):
        parties[party.agreement_id].append(party)
    versions: dict[int, list[Version]] = defaultdict(list)
    seen = Version.objects.visible_to(user).filter(agreement__in=agreements).order_by("-number")
    for version in seen.with_endings().prefetch_related("signatures"):
        versions[version.agreement_id].append(version)
    return [_line(one, tuple(parties[one.pk]), versions[one.pk], user, now) for one in agreements]


def _line(
    agreement: Agreement, parties: tuple[Party, ...], versions: list[Version], user: Any, now: dt.datetime
) -> AgreementLine:
    standings = [Standing(one, parties, today_of(agreement, now)) for one in versions]
    settled = [one for one in standings if not one.version.is_open]
    in_force = next((one for one in settled if one.is_in_force), None)
    draft = next((one for one in standings if one.version.is_open), None)
    last = None if draft else next(iter(settled), None)
    return AgreementLine(
        agreement,
        [party.team.name for party in parties],
        in_force or last,
        draft,
        draft is not None and draft.awaits(user.pk),
    )
