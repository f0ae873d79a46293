"""What was said about a draft, what is left to settle, and what this person can do about it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements import words
from agreements.models import AgreementEvent, Answer, Comment, Commitment, Party, Version
from agreements.readings.agreement_page import parties_of
from agreements.readings.labels import Names, about_text, names_of, value_text
from agreements.readings.standing import Standing, today_of
from agreements.services.draft_values import clause_key, draft_values
from agreements.services.negotiation import NEGOTIATED, SENDABLE
from agreements.services.starting_templates import reading_order

State = Version.State


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment with its answers: about what, what stands there now, and whether this person's side settles it."""

    comment: Comment
    about: str
    stands_now: str
    answers: list[Answer]
    is_mine: bool

    @property
    def is_settled(self) -> bool:
        return self.comment.settled_at is not None


@dataclass(frozen=True, slots=True)
class NegotiationPage:
    """Everything that the page of a draft's negotiation shows."""

    standing: Standing
    remarks: list[Remark]
    anchors: list[tuple[str, str]]
    speakers: list[Party]
    edits_since: int

    @property
    def version(self) -> Version:
        return self.standing.version

    @property
    def unsettled(self) -> list[Remark]:
        return [one for one in self.remarks if not one.is_settled]

    @property
    def settled(self) -> list[Remark]:
        return [one for one in self.remarks if one.is_settled]

    @property
    def is_open(self) -> bool:
        """Whether comments are written and answered now."""
        return self.version.state in NEGOTIATED

    @property
    def may_speak(self) -> bool:
        return self.is_open and bool(self.speakers)

    @property
    def may_send(self) -> bool:
        return self.version.state in SENDABLE

    @property
    def may_ask(self) -> bool:
        return (
            self.version.state == State.IN_REVIEW
            and not self.standing.has_signature
            and any(one.is_mine for one in self.unsettled)
        )

    @property
    def headline(self) -> str:
        """Say where the negotiation stands."""
        n, number = len(self.unsettled), self.version.number
        said = {"number": number, "n": words.amount(n)}
        if self.version.state == State.DRAFT:
            return _("Draft %(number)s is not in review yet.") % said
        if self.version.state == State.IN_REVIEW:
            if not n:
                return _("Draft %(number)s is in review, and no comment is open.") % said
            return (
                ngettext(
                    "Draft %(number)s is in review: %(n)s comment is open.",
                    "Draft %(number)s is in review: %(n)s comments are open.",
                    n,
                )
                % said
            )
        if self.version.state == State.CHANGES_ASKED:
            return (
                ngettext(
                    "Changes to draft %(number)s were asked for: %(n)s comment is open.",
                    "Changes to draft %(number)s were asked for: %(n)s comments are open.",
                    n,
                )
                % said
            )
        said["n"] = words.amount(len(self.remarks))
        if self.version.state == State.SIGNED:
            return (
                ngettext(
                    "Version %(number)s is signed; %(n)s comment was written on its draft.",
                    "Version %(number)s is signed; %(n)s comments were written on its draft.",
                    len(self.remarks),
                )
                % said
            )
        return (
            ngettext(
                "Draft %(number)s was withdrawn; %(n)s comment was written on it.",
                "Draft %(number)s was withdrawn; %(n)s comments were written on it.",
                len(self.remarks),
            )
            % said
        )


def negotiation_page(version: Version, *, speakers: list[Party], now: dt.datetime) -> NegotiationPage:
    """Read the negotiation of a version for somebody who speaks for these parties."""
    agreement = version.agreement
    parties, names = parties_of(agreement), names_of(agreement)
    mine = {party.pk for party in speakers}
    values = draft_values(version)
    comments = version.comments.select_related("author", "party__team", "settled_by")
    remarks = [
        Remark(
            comment,
            about_text(comment.about, names),
            value_text(comment.about, values[comment.about]) if comment.about in values else "",
            list(comment.answers.all()),
            comment.party_id in mine,
        )
        for comment in comments.prefetch_related("answers__author", "answers__party__team")
    ]
    return NegotiationPage(
        Standing(version, parties, today_of(agreement, now)),
        remarks,
        anchors_of(version, names),
        speakers,
        _edits_since_review(version),
    )


def anchors_of(version: Version, names: Names) -> list[tuple[str, str]]:
    """Return what can be commented on, by key: the whole, each promise, each written part, as they are read."""
    kinds = Commitment.Kind.values
    order = reading_order(version.agreement.template)
    clauses = sorted(
        version.clauses.all(),
        key=lambda one: (order.index(one.topic), one.party_id or 0, one.segment_id or 0),  # type: ignore[arg-type]
    )
    keys = ["", "summary"]
    keys += dict.fromkeys(
        f"promise-{promise.kind}-{promise.segment_id or 0}"
        for promise in sorted(version.commitments.all(), key=lambda one: kinds.index(one.kind))
    )
    keys += [clause_key(one.topic, one.party_id, one.segment_id) for one in clauses]
    return [(key, about_text(key, names)) for key in keys]


def _edits_since_review(version: Version) -> int:
    """Count the edits since the draft was last sent to review."""
    kinds = (AgreementEvent.Kind.SUBMITTED, AgreementEvent.Kind.EDITED)
    newest = list(version.events.filter(kind__in=kinds).order_by("-pk").values_list("kind", flat=True))
    return newest.index(AgreementEvent.Kind.SUBMITTED) if AgreementEvent.Kind.SUBMITTED in newest else 0
