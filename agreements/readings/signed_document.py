"""What stands in the document of a signed version: all that was agreed, who signed when, and the proof of both."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from agreements import words
from agreements.models import Agreement, AgreementEvent, Clause, Commitment, Party, Version
from agreements.printed_heads import mark
from agreements.readings.campaign_goal_words import campaign_goal_sentence
from agreements.readings.ladder_words import ladder_sentences
from agreements.readings.measure_words import measure_sentence
from agreements.readings.obligation_words import whole_sentence
from agreements.readings.promise_sentences import sentences_of
from agreements.readings.reason_words import reasons_sentence
from agreements.services.signed_text import with_terms
from agreements.words import whole_day

# Marks that turn the direction of what follows: shown, so that no text reads otherwise than it is.
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
LONG_RUN = re.compile(r"(\S{40})(?=\S)")
GOALS_ACROSS = 5
ZERO_WIDTH_SPACE = "\u200b"


def signing_event(version: Version) -> AgreementEvent:
    """Return the event of the last signature: the head of the chain that a document carries."""
    return version.events.get(kind=AgreementEvent.Kind.IN_FORCE)


def signed_document(version: Version) -> dict[str, Any]:
    """Return the strings of the document, in the language that is active."""
    version = with_terms(Version.objects.filter(pk=version.pk)).get()
    agreement, head = version.agreement, signing_event(version)
    said = {"name": agreement.name, "number": version.number}
    title = _("%(name)s: version %(number)s") % said
    days = {"day": whole_day(version.starts_on), "zone": agreement.time_zone, "currency": agreement.currency}
    if version.ends_on is None:
        standing = _("In force from %(day)s. Days are those of %(zone)s; money is in %(currency)s.")
    else:
        days["end"] = whole_day(version.ends_on)
        standing = _(
            "In force from %(day)s until %(end)s. Days are those of %(zone)s; money is in %(currency)s."
        )
    standing = " ".join([standing % days, *_place(agreement)])
    parties = list(agreement.parties.select_related("team", "signatory").order_by("pk"))
    known = [party for party in parties if f'"{party.team.slug}"' in version.signed_text]
    return {
        "title": as_set(title),
        "language": get_language() or "en",
        "mark": mark(agreement.slug, head.position, head.sha256, version.text_sha256),
        "footer": as_set(title),
        "standing": as_set(standing),
        "terms": _further_terms(version),
        "summary": as_set(version.summary),
        "parties": [
            {
                "team": as_set(party.team.name),
                "signatory": as_set(str(party.signatory or _("needs no signature"))),
            }
            for party in known
        ],
        "promises": promises_in_words(version, known),
        "goals": _goals(version),
        "clauses": [
            {"title": as_set(_title(clause)), "text": as_set(clause.text)}
            for clause in sorted(version.clauses.all(), key=_reading_order)
        ],
        "signatures": _signatures(version),
        "text_sha256": version.text_sha256,
        "head_says": _("Head of the chain of events when the last party signed (event %(position)s):")
        % {"position": head.position},
        "head": f"{agreement.slug}:{head.position}:{head.sha256}",
        "text": as_set(version.signed_text),
        "words": {
            "summary": _("Summary"),
            "parties": _("Parties"),
            "team": _("Team"),
            "signatory": _("Signs for it"),
            "promised": _("Promised in numbers"),
            "month": _("Month"),
            "goal": _("Goal"),
            "clauses": _("In words"),
            "signatures": _("Signatures"),
            "signed_by": _("Signed by"),
            "signed_at": _("Signed at"),
            "proof": _("Proof"),
            "text_sha256": _("SHA-256 of the signed text:"),
            "text": _("The signed text"),
            "text_says": _(
                "This is the text whose SHA-256 each party signed. Recompute it from the file that the product gives "
                "out: a line may be broken here where the file has none."
            ),
        },
    }


def _place(agreement: Agreement) -> Iterator[str]:
    """Say for which leads it is, and where what it does not promise itself is promised."""
    if agreement.segment is not None:
        yield _("It is for leads of the segment “%(segment)s”.") % {"segment": agreement.segment.name}
    if agreement.parent is not None:
        yield _("What it does not promise itself is as in “%(name)s”.") % {"name": agreement.parent.name}


def promises_in_words(version: Version, parties: list[Party]) -> list[dict[str, Any]]:
    """Return what each party promises, a sentence each; the version was read `with_terms`."""
    promises = sorted(
        version.commitments.all(), key=lambda one: (one.segment_id is not None, one.segment_id or 0, one.pk)
    )
    sides = []
    for party in parties:
        sentences = [
            as_set(sentence)
            for promise in promises
            if promise.party_id == party.pk
            for sentence in sentences_of(promise, promise.segment.name if promise.segment else "")
        ]
        sentences += [
            as_set(campaign_goal_sentence(one))
            for one in version.campaign_goals.all()
            if one.party_id == party.pk
        ]
        sentences += [
            as_set(measure_sentence(one)) for one in version.measures.all() if one.party_id == party.pk
        ]
        sentences += [
            as_set(whole_sentence(owed))
            for owed in version.obligations.all()
            if owed.from_party_id == party.pk
        ]
        if sentences:
            sides.append({"team": as_set(party.team.name), "sentences": sentences})
    return sides


def _further_terms(version: Version) -> list[str]:
    """Return what is agreed of the version as a whole, a sentence each."""
    said = []
    if version.number > 1:
        said.append(
            _("It is also for hand-offs that are open when it begins.")
            if version.is_for_open_ones
            else _("It is for new hand-offs only: open ones keep their terms.")
        )
    if version.review_rhythm:
        said.append(_("Reviewed together: %(rhythm)s.") % {"rhythm": version.get_review_rhythm_display()})
    said += ladder_sentences(version)
    if reasons := reasons_sentence(version):
        said.append(as_set(reasons))
    if (n := version.review_after_misses) is not None:
        said.append(
            ngettext(
                "%(n)s month in which a promise is missed calls for a review.",
                "%(n)s months in a row in which a promise is missed call for a review.",
                n,
            )
            % {"n": n}
        )
    if (n := version.cancel_after_misses) is not None:
        said.append(
            ngettext(
                "%(n)s month in which a promise is missed gives the other side the right to cancel.",
                "%(n)s months in a row in which a promise is missed give the other side the right to cancel.",
                n,
            )
            % {"n": n}
        )
    return said


def _goals(version: Version) -> list[dict[str, Any]]:
    """Return tables of the goals: months down, all leads and the segments across, at most GOALS_ACROSS of them."""
    promises = [one for one in version.commitments.all() if one.month_goals.all()]
    promises.sort(key=lambda one: (one.party_id, one.segment_id is not None, one.segment_id or 0))
    tables = []
    for party, of_party in groupby(promises, key=lambda one: one.party):
        for across in _batches(list(of_party), GOALS_ACROSS):
            goals = [{goal.month_on: goal.goal for goal in one.month_goals.all()} for one in across]
            months = sorted({month for one in goals for month in one})
            tables.append(
                {
                    "title": as_set(_("MQL goals of %(team)s") % {"team": party.team.name}),
                    "columns": [
                        as_set(one.segment.name if one.segment else _("all leads")) for one in across
                    ],
                    "months": [
                        {
                            "month": words.month(month),
                            "goals": [
                                _goal(one, found.get(month), version.agreement.currency)
                                for one, found in zip(across, goals, strict=True)
                            ],
                        }
                        for month in months
                    ],
                }
            )
    return tables


def _goal(promise: Commitment, goal: Decimal | None, currency: str) -> str:
    if promise.measure == Commitment.Measure.VALUE:
        return words.money(goal, currency, 2)
    return words.amount(goal, 2)


def _batches(of: list[Commitment], size: int) -> list[list[Commitment]]:
    return [of[start : start + size] for start in range(0, len(of), size)]


def _signatures(version: Version) -> list[dict[str, str]]:
    given = version.signatures.select_related("party__team", "signer").order_by("signed_at", "pk")
    return [
        {
            "team": as_set(one.party.team.name),
            "signer": as_set(str(one.signer)),
            "local": _instant(one.signed_at.astimezone(version.agreement.zone), version.agreement.time_zone),
            "utc": f"{one.signed_at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC",
        }
        for one in given
    ]


def _instant(local: dt.datetime, zone: str) -> str:
    return f"{whole_day(local.date())}, {date_format(local, 'H:i:s')} {words.zone_name(local)} ({zone})"


def _title(clause: Clause) -> str:
    said = {"topic": str(Clause.Topic(clause.topic).label)}
    if clause.party is not None:
        return _("%(topic)s (%(whose)s)") % {**said, "whose": clause.party.team.name}
    if clause.segment is not None:
        return _("%(topic)s: “%(segment)s”") % {**said, "segment": clause.segment.name}
    return said["topic"]


def _reading_order(clause: Clause) -> tuple[int, int, int]:
    return Clause.Topic.values.index(clause.topic), clause.party_id or 0, clause.segment_id or 0


def as_set(text: str) -> str:
    """Return a text as it is set: words longer than a line get places to break, marks that turn it are shown."""
    shown = TURNING.sub(lambda mark: f"[U+{ord(mark[0]):04X}]", text)
    return LONG_RUN.sub(rf"\1{ZERO_WIDTH_SPACE}", shown)
