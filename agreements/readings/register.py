"""The register: all agreements that somebody may read, where each stands, how it was kept, and who has to act."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from agreements import words
from agreements.models import Agreement, ChainHead, Evaluation, MonthResult, Party, Verification, Version
from agreements.readings.acts import Act, Waiting
from agreements.readings.standing import Standing, today_of
from agreements.rights import rights_of
from agreements.words import whole_day

MONTHS = 6
Outcome = Evaluation.Outcome


@dataclass(frozen=True, slots=True)
class Mark:
    """How a month was kept: a shape, a word, and the whole of it for who hears the page."""

    tone: str
    shape: str
    month: str
    text: str
    spoken: str


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """One agreement in the register. `record` says how its record stood when it was verified last."""

    agreement: Agreement
    teams: list[str]
    standing: Standing | None
    draft: Standing | None
    awaits_me: bool
    marks: list[Mark]
    next_review: str
    review_on: dt.date | None
    is_review_late: bool
    acts: list[Act]
    record: str
    is_record_sound: bool


def register_lines(agreements: Sequence[Agreement], *, user: Any, now: dt.datetime) -> list[RegisterLine]:
    """Return a line for each, in the given order, in a fixed number of queries."""
    parties: dict[int, list[Party]] = defaultdict(list)
    for party in (
        Party.objects.filter(agreement__in=agreements).select_related("team", "signatory").order_by("pk")
    ):
        parties[party.agreement_id].append(party)
    versions: dict[int, list[Version]] = defaultdict(list)
    seen = Version.objects.visible_to(user).filter(agreement__in=agreements).order_by("-number")
    for version in seen.with_endings().prefetch_related("signatures"):
        versions[version.agreement_id].append(version)
    waiting = Waiting(agreements, user=user, now=now)
    kept = _Kept(agreements)
    rights = rights_of(user)
    records = _records(agreements) if rights.is_auditor or rights.is_administrator else {}
    return [
        _line(one, tuple(parties[one.pk]), versions[one.pk], waiting, kept, records, user, now)
        for one in agreements
    ]


def _line(
    agreement: Agreement,
    parties: tuple[Party, ...],
    versions: list[Version],
    waiting: Waiting,
    kept: _Kept,
    records: dict[int, tuple[str, bool]],
    user: Any,
    now: dt.datetime,
) -> RegisterLine:
    today = today_of(agreement, now)
    standings = [Standing(one, parties, today) for one in versions]
    settled = [one for one in standings if not one.version.is_open]
    in_force = next((one for one in settled if one.is_in_force), None)
    draft = next((one for one in standings if one.version.is_open), None)
    last = None if draft else next(iter(settled), None)
    review = waiting.next_review(agreement)
    record, is_sound = records.get(agreement.pk, ("", True))
    return RegisterLine(
        agreement=agreement,
        teams=[party.team.name for party in parties],
        standing=in_force or last,
        draft=draft,
        awaits_me=draft is not None and draft.awaits(user.pk),
        marks=kept.marks(agreement, today),
        next_review=whole_day(review) if review is not None else "",
        review_on=review,
        is_review_late=review is not None and review < today,
        acts=waiting.of(agreement, parties, draft),
        record=record,
        is_record_sound=is_sound,
    )


class _Kept:
    """How the last months of some agreements were kept, in two queries."""

    def __init__(self, agreements: Sequence[Agreement]) -> None:
        self.results: dict[int, dict[dt.date, MonthResult]] = defaultdict(dict)
        for result in MonthResult.objects.filter(agreement__in=agreements):
            self.results[result.agreement_id][result.month_on] = result
        self.outcomes: dict[tuple[int, dt.date], Counter[str]] = defaultdict(Counter)
        rows = Evaluation.objects.filter(month__agreement__in=agreements).values_list(
            "month__agreement", "month__month_on", "outcome"
        )
        for agreement, month, outcome, n in rows.annotate(n=Count("pk")):
            self.outcomes[agreement, month][outcome] += n

    def marks(self, agreement: Agreement, today: dt.date) -> list[Mark]:
        """Return a mark for each of the last six months that are over, the earliest first; none of nothing at all."""
        known = self.results[agreement.pk]
        if not known:
            return []
        months, month = list[dt.date](), today.replace(day=1)
        for _n in range(MONTHS):
            month = (month - dt.timedelta(days=1)).replace(day=1)
            months.insert(0, month)
        return [
            mark_of(one, known.get(one), self.outcomes.get((agreement.pk, one), Counter())) for one in months
        ]


def mark_of(month: dt.date, result: MonthResult | None, outcomes: Counter[str]) -> Mark:
    """Say how one month was kept, by shape and by words."""
    met, missed = outcomes[Outcome.MET], outcomes[Outcome.MISSED]
    n = met + missed
    said = {"kept": words.amount(met), "n": words.amount(n), "month": words.month(month)}
    short = date_format(month, pgettext("format of a short month", "M"))
    if result is None:
        return Mark("none", "·", short, "", _("%(month)s: not judged") % said)
    if not n:
        return Mark("open", "◌", short, "", _("%(month)s: nothing judged yet") % said)
    text = f"{said['kept']}/{said['n']}"
    spoken = ngettext(
        "%(month)s: %(kept)s of %(n)s promise kept", "%(month)s: %(kept)s of %(n)s promises kept", n
    )
    spoken %= said
    if result.watermelon:
        spoken = " ".join((f"{spoken},", _("and yet"), result.get_watermelon_display()))
        return Mark("melon", "◍", short, text, spoken)
    if result.closed_at is None:
        spoken = ", ".join((spoken, _("some not judged yet")))
    if not missed:
        return Mark("met", "✔", short, text, spoken)
    return Mark("missed", "✖", short, text, spoken) if not met else Mark("partly", "◐", short, text, spoken)


def _records(agreements: Sequence[Agreement]) -> dict[int, tuple[str, bool]]:
    """Say how the record of each stood when it was last verified, in two queries; what looks is its own page."""
    heads = dict(ChainHead.objects.filter(agreement__in=agreements).values_list("agreement", "events"))
    verified = {one.agreement_id: one for one in Verification.objects.filter(agreement__in=agreements)}
    return {one.pk: _record(verified.get(one.pk), heads.get(one.pk, 0)) for one in agreements}


def _record(verified: Verification | None, events: int) -> tuple[str, bool]:
    if verified is None:
        return _("Record: not verified yet."), True
    said = {"day": whole_day(verified.verified_at.date()), "n": words.amount(verified.findings)}
    if verified.findings:
        return (
            ngettext(
                "Record: %(n)s thing is not as it was written, verified on %(day)s.",
                "Record: %(n)s things are not as they were written, verified on %(day)s.",
                verified.findings,
            )
            % said,
            False,
        )
    since = events - verified.events
    if since > 0:
        said["since"] = words.amount(since)
        return (
            ngettext(
                "Record: as it was written, verified on %(day)s; %(since)s event since.",
                "Record: as it was written, verified on %(day)s; %(since)s events since.",
                since,
            )
            % said,
            True,
        )
    return _("Record: as it was written, verified on %(day)s.") % said, True
