"""Writes down what happened between two instants, as a CRM would send it: files of leads, attempts and deals, imported.

What no file says, the services are told: which hand-offs were closed, which attempts were taken back.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from leads.intake.context import Clock
from leads.intake.mapping import FIELDS
from leads.intake.planner import tell_the_planner
from leads.intake.runs import ImportOptions, run_import
from leads.models import FollowUpAttempt, HandOff
from leads.services.attempts import void_attempt
from slaproject.embedded.sample_company.accepting import Accepting, accept_together
from slaproject.embedded.sample_company.closing import Closing, close_together
from slaproject.embedded.sample_company.lives import Episode, Life, SampleDeal
from slaproject.embedded.sample_company.people import Staff
from slaproject.embedded.sample_company.promises import CURRENCY, SLUG

SYSTEM = "sample-crm"
Row = dict[str, str]


class Unusable(Exception):
    """A row of the sample was refused: the sample company and the import disagree."""


@dataclass(frozen=True)
class Span:
    """What happened after `since` (None: ever) and until `until`."""

    since: dt.datetime | None
    until: dt.datetime

    def holds(self, at: dt.datetime | None) -> bool:
        """Whether the instant lies in the span."""
        return at is not None and at <= self.until and (self.since is None or at > self.since)


def write_history(
    lives: Sequence[Life], deals: Iterable[SampleDeal], *, span: Span, staff: Staff
) -> Counter[str]:
    """Write down everything in the span; return how many of what."""
    counts: Counter[str] = Counter()
    most = max((len(life.episodes) for life in lives), default=0)
    for number in range(1, most + 1):
        # A lead comes again only when the episode before was closed.
        counts["leads"] += _import("leads", _lead_rows(lives, number, span), span.until)
        counts["accepted"] += _accept([(one, e) for one, e in _episodes(lives) if e.number == number], span)
        closings = [(life, e) for life, e in _episodes(lives) if e.number == number and number < most]
        counts["closed"] += _close([(one, e) for one, e in closings if len(one.episodes) > number], span)
    counts["attempts"] += _import("attempts", _attempt_rows(lives, span), span.until)
    counts["closed"] += _close(list(_episodes(lives)), span)
    counts["deals"] += _import("deals", _deal_rows(lives, deals, span), span.until)
    counts["voided"] += _void(lives, span, staff)
    tell_the_planner()
    return counts


def _episodes(lives: Iterable[Life]) -> Iterator[tuple[Life, Episode]]:
    for life in lives:
        for episode in life.episodes:
            yield life, episode


def _lead_rows(lives: Iterable[Life], number: int, span: Span) -> Iterator[Row]:
    for life, episode in _episodes(lives):
        if episode.number == number and span.holds(episode.handed_off_at):
            yield {
                "external_id": life.key,
                "qualified_at": life.qualified_at.isoformat(),
                "handed_off_at": episode.handed_off_at.isoformat(),
                "source": life.source,
                "campaign": life.campaign,
                "segment": life.segment,
                "origin": life.origin,
                "owner": episode.owner,
                "team": life.team,
                **life.texts,
            }


def _attempt_rows(lives: Iterable[Life], span: Span) -> Iterator[Row]:
    for life, episode in _episodes(lives):
        for attempt in episode.attempts:
            # One before the hand-off is known with it.
            if span.holds(max(attempt.at, episode.handed_off_at)):
                yield {
                    "external_id": attempt.key,
                    "lead_external_id": life.key,
                    "attempted_at": attempt.at.isoformat(),
                    "channel": attempt.channel,
                    "outcome": attempt.outcome,
                    "by": attempt.by,
                    "automated": "yes" if attempt.is_automated else "no",
                    "note": attempt.note,
                }


def _deal_rows(lives: Iterable[Life], others: Iterable[SampleDeal], span: Span) -> Iterator[Row]:
    of_leads = ((life.deal, life.key) for life in lives if life.deal is not None)
    for deal, lead in (*of_leads, *((deal, "") for deal in others)):
        if not (span.holds(deal.opened_at) or span.holds(deal.closed_at)):
            continue
        is_closed = deal.closed_at <= span.until
        yield {
            "external_id": deal.key,
            "lead_external_id": lead,
            "closed_at": deal.closed_at.isoformat() if is_closed else "",
            "amount": str(deal.amount),
            "currency": CURRENCY,
            "won": "yes" if is_closed and deal.is_won else "no",
            "origin": deal.origin,
        }


def _import(kind: str, rows: Iterable[Row], now: dt.datetime) -> int:
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS[kind], restval="")
    writer.writeheader()
    writer.writerows(rows)
    result = run_import(
        kind=kind,
        stream_or_path=io.BytesIO(text.getvalue().encode()),
        options=ImportOptions(
            source=SYSTEM,
            agreement=SLUG,
            clock=Clock.HANDED_OFF,
            file_name=f"sample-{kind}-{now:%Y-%m-%dT%H%M}Z.csv",
        ),
        now=now,
    )
    if result.rejected:
        raise Unusable(f"{result.rejected} of {result.rows} sample {kind} were refused")
    return result.created + result.updated


def _accept(episodes: Sequence[tuple[Life, Episode]], span: Span) -> int:
    taken = {
        (life.key, episode.number): at
        for life, episode in episodes
        if (at := episode.accepted_at) is not None and span.holds(at)
    }
    waiting = HandOff.objects.filter(
        lead__system=SYSTEM, lead__external_id__in={key for key, _ in taken}, closed_at=None, accepted_at=None
    ).order_by("pk")
    rows = waiting.values_list("pk", "lead__external_id", "number")
    found = [Accepting(pk, taken[key, number]) for pk, key, number in rows if (key, number) in taken]
    return accept_together(found, now=span.until)


def _close(closings: Sequence[tuple[Life, Episode]], span: Span) -> int:
    ends = {
        (life.key, episode.number): (episode, episode.closed_at)
        for life, episode in closings
        if episode.closed_at is not None and span.holds(episode.closed_at)
    }
    # Whoever plays with the demo may have closed some already: that stands.
    open_ones = HandOff.objects.filter(
        lead__system=SYSTEM, lead__external_id__in={key for key, _ in ends}, closed_at__isnull=True
    ).order_by("pk")
    found = []
    for pk, key, number, owner_id in open_ones.values_list("pk", "lead__external_id", "number", "owner_id"):
        if (key, number) in ends:
            episode, closed_at = ends[key, number]
            found.append(Closing(pk, episode.closed_as, closed_at, owner_id, episode.reason))
    return close_together(found, now=span.until)


def _void(lives: Iterable[Life], span: Span, staff: Staff) -> int:
    taken_back = {
        attempt.key: attempt
        for _, episode in _episodes(lives)
        for attempt in episode.attempts
        if span.holds(attempt.voided_at)
    }
    rows = FollowUpAttempt.objects.filter(
        system=SYSTEM, external_id__in=taken_back, voided_at__isnull=True
    ).order_by("pk")
    voided = 0
    for row in rows:
        attempt = taken_back[row.external_id]
        assert attempt.voided_at is not None
        voided += void_attempt(
            attempt=row, now=attempt.voided_at, by=staff.users.get(attempt.by), reason="Logged twice"
        )
    return voided
