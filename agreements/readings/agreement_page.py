"""One version as a page: two columns, each promise facing its counter-promise, and what stands around them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements import words
from agreements.models import Agreement, Clause, Commitment, Party, Version
from agreements.readings.labels import length, window_text
from agreements.readings.standing import Standing, headline, in_columns, may_write, today_of
from agreements.rights import rights_of

Kind, Topic = Commitment.Kind, Clause.Topic


@dataclass(frozen=True, slots=True)
class GoalLine:
    """One month's goal, and the plan that says why."""

    month: str
    month_value: str
    goal: str
    plan_id: int | None


@dataclass(slots=True)
class Cell:
    """One side's part of a row: sentences, texts with who says them, and goals by segment."""

    sentences: list[str] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    goals: list[tuple[str, list[GoalLine]]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.sentences or self.texts or self.goals)


@dataclass(frozen=True, slots=True)
class Row:
    """A promise and its counter-promise."""

    title: str
    marketing: Cell
    sales: Cell


@dataclass(frozen=True, slots=True)
class AgreementPage:
    """Everything that the page of one version shows."""

    agreement: Agreement
    standing: Standing
    headline: str
    shared: list[tuple[str, str]]
    rows: list[Row]
    marketing: list[Party]
    sales: list[Party]
    versions: list[Standing]
    may_write: bool
    may_sign: bool
    open_draft: Version | None

    @property
    def version(self) -> Version:
        return self.standing.version

    @property
    def may_edit(self) -> bool:
        return self.may_write and self.version.is_open and not self.standing.has_signature

    @property
    def may_start_over(self) -> bool:
        return self.may_write and self.version.is_open and self.standing.has_signature

    @property
    def may_withdraw(self) -> bool:
        return self.may_write and self.version.is_open

    @property
    def may_amend(self) -> bool:
        return self.may_write and self.open_draft is None


def parties_of(agreement: Agreement) -> tuple[Party, ...]:
    """Return the parties with team and signatory, those who sign first."""
    found = agreement.parties.select_related("team", "signatory")
    return tuple(sorted(found, key=lambda party: (party.signatory_id is None, party.pk)))


def versions_seen(agreement: Agreement, user: Any) -> list[Version]:
    """Return the versions that this person may read, newest first, with their signatures."""
    seen = Version.objects.visible_to(user).filter(agreement=agreement)
    return list(seen.prefetch_related("signatures__signer").order_by("-number"))


def version_shown(versions: list[Version], today: dt.date) -> Version | None:
    """Return the one in force; else the newest open draft; else the newest of all."""
    in_force = [one for one in versions if Standing(one, (), today).is_in_force]
    drafts = [one for one in versions if one.is_open]
    return next(iter([*in_force, *drafts, *versions]), None)


def agreement_page(agreement: Agreement, version: Version, *, user: Any, now: dt.datetime) -> AgreementPage:
    """Read one version of an agreement for this person."""
    today, parties, rights = today_of(agreement, now), parties_of(agreement), rights_of(user)
    versions = versions_seen(agreement, user)
    shown = next(one for one in versions if one.pk == version.pk)
    standing = Standing(shown, parties, today)
    promises = list(
        shown.commitments.select_related("party__team", "segment").prefetch_related(
            Prefetch("month_goals"),
        )
    )
    promises.sort(key=lambda one: (one.segment_id is not None, one.segment and one.segment.priority, one.pk))
    marketing, sales = in_columns(parties)
    writes = may_write(parties, rights)
    return AgreementPage(
        agreement=agreement,
        standing=standing,
        headline=headline(standing, promises),
        shared=_shared(shown),
        rows=_rows(shown, promises, marketing, sales, agreement.currency),
        marketing=marketing,
        sales=sales,
        versions=[Standing(one, parties, today) for one in versions],
        may_write=writes,
        may_sign=standing.awaits(rights.user_id),
        open_draft=next((one for one in versions if one.is_open), None),
    )


def _shared(version: Version) -> list[tuple[str, str]]:
    clauses = {clause.topic: clause.text for clause in version.clauses.all() if clause.party_id is None}
    return [(str(topic.label), clauses[topic]) for topic in Topic if topic in clauses]


def _rows(
    version: Version, promises: list[Commitment], marketing: list[Party], sales: list[Party], currency: str
) -> list[Row]:
    left = {party.pk for party in marketing}
    first = Row(_("Promised in numbers"), Cell(), Cell())
    for promise in promises:
        cell = first.marketing if promise.party_id in left else first.sales
        segment = promise.segment.name if promise.segment else ""
        if promise.kind == Kind.MQL_GOAL:
            lines = [_goal_line(goal, promise, currency) for goal in promise.month_goals.all()]
            if lines:
                cell.goals.append((segment, lines))
        else:
            cell.sentences += sentences_of(promise, segment)
    names = {party.pk: party.team.name for party in (*marketing, *sales)}
    several = len(marketing) > 1 or len(sales) > 1
    rows = [first]
    clauses = [clause for clause in version.clauses.all() if clause.party_id is not None]
    for topic in Topic:
        row = Row(str(topic.label), Cell(), Cell())
        for clause in sorted(clauses, key=lambda one: one.party_id or 0):
            if clause.topic == topic:
                cell = row.marketing if clause.party_id in left else row.sales
                cell.texts.append((names.get(clause.party_id or 0, "") if several else "", clause.text))
        if not (row.marketing.is_empty and row.sales.is_empty):
            rows.append(row)
    return rows


def _goal_line(goal: Any, promise: Commitment, currency: str) -> GoalLine:
    is_money = promise.measure == Commitment.Measure.VALUE
    written = words.money(goal.goal, currency, 2) if is_money else words.amount(goal.goal, 2)
    return GoalLine(words.month(goal.month_on), f"{goal.month_on:%Y-%m}", written, goal.plan_id)


def sentences_of(promise: Commitment, segment: str) -> list[str]:
    """Say what a promise of sales is, a term a sentence, for all leads or for a segment's."""
    said: dict[str, Any] = {"segment": segment}
    if promise.kind == Kind.SPEED and promise.allowance is not None:
        said["length"] = words.duration(length(promise.allowance))
        sentences = [
            _("“%(segment)s”: first attempt within %(length)s (business).") % said
            if segment
            else _("First attempt within %(length)s (business).") % said
        ]
        if promise.average_goal is not None:
            said["length"] = words.duration(length(promise.average_goal))
            sentences.append(
                _("“%(segment)s”: on average within %(length)s (business).") % said
                if segment
                else _("On average within %(length)s (business).") % said
            )
        if promise.in_time_share is not None:
            said["share"] = words.percent(promise.in_time_share, 2)
            sentences.append(
                _("“%(segment)s”: %(share)s in time.") % said
                if segment
                else _("%(share)s of the leads in time.") % said
            )
        return sentences
    if promise.kind == Kind.DEPTH and promise.attempts is not None:
        said |= {"n": promise.attempts, "window": window_text(promise.window)}
        return [
            ngettext(
                "“%(segment)s”: %(n)s attempt within %(window)s unless it connects sooner.",
                "“%(segment)s”: %(n)s attempts within %(window)s unless one connects sooner.",
                promise.attempts,
            )
            % said
            if segment
            else ngettext(
                "%(n)s attempt within %(window)s unless it connects sooner.",
                "%(n)s attempts within %(window)s unless one connects sooner.",
                promise.attempts,
            )
            % said
        ]
    if promise.kind == Kind.SHARE_WORKED and isinstance(promise.share, Decimal):
        said["share"] = words.percent(promise.share, 2)
        return [
            _("“%(segment)s”: %(share)s get at least one attempt.") % said
            if segment
            else _("%(share)s of the leads get at least one attempt.") % said
        ]
    return []
