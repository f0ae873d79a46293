"""One version as a page: two columns, each promise facing its counter-promise, and what stands around them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _

from agreements import words
from agreements.models import (
    Agreement,
    CampaignGoal,
    Clause,
    Commitment,
    Contact,
    CustomMeasure,
    HoursProposal,
    Obligation,
    Party,
    Signature,
    Version,
)
from agreements.readings.campaign_goal_words import campaign_goal_sentence
from agreements.readings.inherited import Inherited, above_on
from agreements.readings.ladder_words import ladder_sentences
from agreements.readings.measure_words import measure_sentence
from agreements.readings.obligation_words import whole_sentence
from agreements.readings.promise_sentences import counting_sentences, sentences_of
from agreements.readings.reason_words import NamedReasons, named_reasons
from agreements.readings.remarks import NUMBERS, Remarks, remarks_on
from agreements.readings.standing import Standing, headline, in_columns, may_write, today_of
from agreements.readings.supports import Chain, chain_of
from agreements.rights import rights_of
from agreements.services.campaign_goal_terms import read_campaign_goals
from agreements.services.draft_values import goal_key, party_for
from agreements.services.measure_terms import read_measures
from agreements.services.negotiation import NEGOTIATED, SENDABLE
from agreements.services.obligation_terms import read_obligations
from agreements.services.starting_templates import reading_order

Kind, Topic = Commitment.Kind, Clause.Topic
AFTER_THE_ROWS = (Topic.CANCELLATION, Topic.CONTINGENCY, Topic.REVIEW)


@dataclass(frozen=True, slots=True)
class GoalLine:
    """One month's goal, and the plan that says why."""

    month: str
    month_value: str
    goal: str
    plan_id: int | None


@dataclass(slots=True)
class Cell:
    """One side's part of a row: sentences, texts with who says them, goals by segment, and what is inherited.

    `missing` says what an open draft does not promise yet, `missing_field` in which of its fields it would stand.
    """

    sentences: list[str] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    goals: list[tuple[str, list[GoalLine]]] = field(default_factory=list)
    inherited: list[tuple[str, Inherited]] = field(default_factory=list)
    missing: str = ""
    missing_field: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.sentences or self.texts or self.goals or self.inherited)


@dataclass(frozen=True, slots=True)
class Column:
    """One side: the parties of one function."""

    title: str
    parties: list[Party]


@dataclass(frozen=True, slots=True)
class Said:
    """A part that all say together, and how many comments on it are open."""

    title: str
    text: str
    about: str
    unsettled: int


@dataclass(frozen=True, slots=True)
class Row:
    """A promise, the promises that face it, a side a column, and what all sides say together."""

    title: str
    about: str
    cells: list[tuple[str, Cell]]
    shared: list[tuple[str, str]] = field(default_factory=list)
    unsettled: int = 0

    @property
    def is_empty(self) -> bool:
        return not self.shared and all(cell.is_empty for _side, cell in self.cells)

    @property
    def columns(self) -> int:
        return len(self.cells) + bool(self.shared)


@dataclass(frozen=True, slots=True)
class AgreementPage:
    """Everything that the page of one version shows."""

    agreement: Agreement
    standing: Standing
    headline: str
    ladder: list[str]
    reasons: NamedReasons | None
    before: list[Said]
    rows: list[Row]
    after: list[Said]
    columns: list[Column]
    versions: list[Standing]
    may_write: bool
    may_sign: bool
    remarks: Remarks
    open_draft: Version | None
    hours_proposals: list[HoursProposal]
    below: list[Agreement]
    chain: Chain

    @property
    def version(self) -> Version:
        return self.standing.version

    @property
    def may_edit(self) -> bool:
        return self.may_write and self.version.is_open and not self.standing.has_signature

    @property
    def may_send(self) -> bool:
        return self.may_write and self.version.state in SENDABLE

    @property
    def may_comment(self) -> bool:
        return self.may_write and self.version.state in NEGOTIATED

    @property
    def may_negotiate(self) -> bool:
        """Whether there is a page of comments for this person."""
        return self.may_write and (self.version.state in NEGOTIATED or bool(self.remarks.total))

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


def with_contacts(parties: tuple[Party, ...], user: Any) -> tuple[Party, ...]:
    """Read who answers for what, as far as this person may know it, in one query."""
    known = Contact.objects.visible_to(user).select_related("person")
    prefetch_related_objects(list(parties), Prefetch("contacts", known))
    return parties


def versions_seen(agreement: Agreement, user: Any) -> list[Version]:
    """Return the versions that this person may read, newest first, with their signatures."""
    seen = Version.objects.visible_to(user).filter(agreement=agreement)
    seen = seen.select_related("agreement__parent", "agreement__segment").with_endings()
    seen = seen.annotate(of_campaigns=Exists(CampaignGoal.objects.filter(version=OuterRef("pk"))))
    signatures = Prefetch("signatures", Signature.objects.select_related("signer"))
    return list(seen.prefetch_related(signatures).order_by("-number"))


def version_shown(versions: list[Version], today: dt.date) -> Version | None:
    """Return the one in force; else the newest open draft; else the newest of all."""
    in_force = [one for one in versions if Standing(one, (), today).is_in_force]
    drafts = [one for one in versions if one.is_open]
    return next(iter([*in_force, *drafts, *versions]), None)


def agreement_page(
    agreement: Agreement,
    version: Version,
    *,
    user: Any,
    now: dt.datetime,
    versions: list[Version] | None = None,
) -> AgreementPage:
    """Read one version of an agreement for this person; `versions` are those seen, if they were read already."""
    today, rights = today_of(agreement, now), rights_of(user)
    parties = with_contacts(parties_of(agreement), user)
    versions = versions_seen(agreement, user) if versions is None else versions
    shown = next(one for one in versions if one.pk == version.pk)
    standing = Standing(shown, parties, today)
    promises = list(
        shown.commitments.select_related("party__team", "segment").prefetch_related(
            Prefetch("month_goals"),
        )
    )
    promises.sort(key=lambda one: (one.segment_id is not None, one.segment and one.segment.priority, one.pk))
    columns = [Column(*column) for column in in_columns(parties)]
    clauses = list(shown.clauses.select_related("segment").order_by("segment__priority", "segment__name"))
    read_obligations(shown)
    read_measures(shown)
    if getattr(shown, "of_campaigns"):  # noqa: B009
        read_campaign_goals(shown)
    owed, measures = list(shown.obligations.all()), list(shown.measures.all())
    remarks = remarks_on(shown, user)
    unsettled = remarks.unsettled
    writes = may_write(parties, rights)
    above = above_on(shown, today)
    inherited = above.promises(promises)
    rows = _rows(shown, clauses, promises, measures, owed, columns, unsettled)
    _say_inherited(inherited, rows[0], columns)
    held = [*promises, *(one.promise for one in inherited if one.promise.kind != Kind.MQL_GOAL)]
    if shown.is_open:
        _say_missing(shown, held, rows[0], columns)
    return AgreementPage(
        agreement=agreement,
        standing=standing,
        headline=headline(standing, held),
        ladder=ladder_sentences(shown, above),
        reasons=named_reasons(shown, above),
        before=_alone(clauses, unsettled, Topic.SCOPE, *({Topic.QUALIFICATION} - _beside(clauses))),
        rows=rows,
        after=_alone(clauses, unsettled, *AFTER_THE_ROWS),
        columns=columns,
        versions=[Standing(one, parties, today) for one in versions],
        may_write=writes,
        may_sign=standing.awaits(rights.user_id),
        remarks=remarks,
        open_draft=next((one for one in versions if one.is_open), None),
        hours_proposals=list(
            HoursProposal.objects.open()
            .filter(consents__party__in=parties)
            .select_related("revision__calendar")
            .distinct()
        ),
        below=list(
            Agreement.objects.visible_to(user)
            .filter(parent=agreement)
            .select_related("segment")
            .order_by("name")
        ),
        chain=chain_of(agreement, user=user, today=today),
    )


def _beside(clauses: list[Clause]) -> set[str]:
    """Return the topics to which some party speaks for itself."""
    return {clause.topic for clause in clauses if clause.party_id is not None}


def _alone(clauses: list[Clause], unsettled: Counter[str], *topics: str) -> list[Said]:
    """Return the parts that all say together, in the order of the topics."""
    return [
        Said(_title(clause), clause.text, clause.topic, unsettled[clause.topic])
        for topic in topics
        for clause in clauses
        if clause.topic == topic and clause.party_id is None
    ]


def _title(clause: Clause) -> str:
    name = str(Topic(clause.topic).label)
    if clause.segment is None:
        return name
    return _("%(topic)s: “%(segment)s”") % {"topic": name, "segment": clause.segment.name}


def _rows(
    version: Version,
    clauses: list[Clause],
    promises: list[Commitment],
    measures: list[CustomMeasure],
    obligations: list[Obligation],
    columns: list[Column],
    unsettled: Counter[str],
) -> list[Row]:
    side_of = {party.pk: place for place, column in enumerate(columns) for party in column.parties}
    names = {party.pk: party.team.name for column in columns for party in column.parties}
    first = _row(_("Promised in numbers"), NUMBERS, columns, unsettled)
    for promise in promises:
        cell = first.cells[side_of[promise.party_id]][1]
        segment = promise.segment.name if promise.segment else ""
        if promise.kind == Kind.MQL_GOAL:
            lines = [
                _goal_line(goal, promise, version.agreement.currency) for goal in promise.month_goals.all()
            ]
            if lines:
                cell.goals.append((segment, lines))
            if not segment:
                cell.sentences += counting_sentences(promise)
        else:
            cell.sentences += sentences_of(promise, segment)
    for goal in version.campaign_goals.all() if getattr(version, "of_campaigns") else ():  # noqa: B009
        first.cells[side_of[goal.party_id]][1].sentences.append(campaign_goal_sentence(goal))
    for measure in measures:
        first.cells[side_of[measure.party_id]][1].sentences.append(measure_sentence(measure))
    owed = _row(_("Owed regularly"), "", columns, unsettled)
    for obligation in obligations:
        owed.cells[side_of[obligation.from_party_id]][1].sentences.append(whole_sentence(obligation))
    rows = [first] if owed.is_empty else [first, owed]
    alone: set[str] = {Topic.SCOPE, *AFTER_THE_ROWS, *({Topic.QUALIFICATION} - _beside(clauses))}
    for topic in reading_order(version.agreement.template):
        if topic in alone:
            continue
        row = _row(str(topic.label), topic, columns, unsettled)
        row.shared.extend(
            (clause.segment.name if clause.segment else "", clause.text)
            for clause in clauses
            if clause.topic == topic and clause.party_id is None
        )
        for clause in sorted(clauses, key=lambda one: one.party_id or 0):
            if clause.topic == topic and clause.party_id in side_of:
                place = side_of[clause.party_id]
                several = len(columns[place].parties) > 1
                row.cells[place][1].texts.append((names[clause.party_id] if several else "", clause.text))
        if not row.is_empty:
            rows.append(row)
    return rows


def _row(title: str, about: str, columns: list[Column], unsettled: Counter[str]) -> Row:
    return Row(title, about, [(column.title, Cell()) for column in columns], unsettled=unsettled[about])


def _say_missing(version: Version, promises: list[Commitment], row: Row, columns: list[Column]) -> None:
    """Say what a draft promises in no number yet: a goal, without which there is no line to reach, and a clock."""
    parties = {party.pk: party for column in columns for party in column.parties}
    wanted = [
        (
            Kind.MQL_GOAL,
            any(one.kind == Kind.MQL_GOAL and one.month_goals.all() for one in promises),
            _("No month has a goal yet: without one the waterfall has no line to reach."),
            goal_key(None, version.starts_on),
        ),
        (
            Kind.SPEED,
            any(one.kind == Kind.SPEED and one.allowance is not None for one in promises),
            _("No time to the first attempt is promised yet: without one no clock runs."),
            "speed-0-allowance_0",
        ),
    ]
    for kind, is_there, sentence, name in wanted:
        if parties and not is_there:
            promising = party_for(kind, parties)
            place = next(n for n, column in enumerate(columns) if promising in column.parties)
            row.cells[place][1].missing, row.cells[place][1].missing_field = sentence, name


def _say_inherited(inherited: list[Inherited], row: Row, columns: list[Column]) -> None:
    """Say what is promised above, on the side of whoever does there what this side does."""
    functions = [{party.team.function for party in column.parties} for column in columns]
    for one in inherited:
        function = one.promise.party.team.function
        place = next((place for place, of in enumerate(functions) if function in of), len(columns) - 1)
        segment = one.promise.segment.name if one.promise.segment else ""
        if one.promise.kind == Kind.MQL_GOAL:
            if one.has_goals:
                row.cells[place][1].inherited.append((_("Its leads count towards the MQL goal above."), one))
            continue
        row.cells[place][1].inherited += [(said, one) for said in sentences_of(one.promise, segment)]


def _goal_line(goal: Any, promise: Commitment, currency: str) -> GoalLine:
    is_money = promise.measure == Commitment.Measure.VALUE
    written = words.money(goal.goal, currency, 2) if is_money else words.amount(goal.goal, 2)
    return GoalLine(words.month(goal.month_on), f"{goal.month_on:%Y-%m}", written, goal.plan_id)
