"""Signed versions against the events that saw them signed: signatures, texts, rows, and when they ended."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db import DatabaseError
from django.utils.translation import gettext as _

from agreements.models import Agreement, AgreementEvent, Version
from agreements.readings.chain import Chain, Finding, data_of
from agreements.services.edited_words import digest
from agreements.services.signed_rows import Rows, json_rows, rows_now
from agreements.services.signed_text import FORMAT, text_of, with_terms

Kind = AgreementEvent.Kind


def signature_faults(agreement: Agreement, chain: Chain) -> tuple[int, list[Finding]]:
    """Return how many signatures there are, and those that are not what their events say."""
    rows = json_rows(
        "SELECT to_jsonb(s) || jsonb_build_object('team', t.slug) FROM agreements_signature s"
        " JOIN agreements_version v ON v.id = s.version_id"
        " LEFT JOIN agreements_party p ON p.id = s.party_id LEFT JOIN agreements_team t ON t.id = p.team_id"
        " WHERE v.agreement_id = %s ORDER BY s.id",
        [agreement.pk],
    )
    given = {(row["version_id"], row["team"]): row for row in rows}
    findings = []
    for event in chain.of_kind(Kind.SIGNED):
        data = data_of(event)
        row = given.pop((event["version_id"], data.get("party")), None)
        if row is None:
            findings.append(Finding(_("The signature that it tells of is missing."), event["position"]))
            continue
        same = (row["signer_id"], row["signed_at"], row["text_sha256"]) == (
            event["actor_id"],
            event["happened_at"],
            data.get("sha256"),
        )
        if not same or row["id"] != data.get("signature", row["id"]):
            findings.append(Finding(_("The signature is not the one that it tells of."), event["position"]))
    findings += [
        Finding(_("No event tells of signature %(id)s.") % {"id": row["id"]}) for row in given.values()
    ]
    return len(rows), findings


def version_faults(agreement: Agreement, chain: Chain) -> tuple[int, list[Finding]]:
    """Return how many signed texts there are, and what of signed versions is not as it was signed."""
    rows = json_rows(
        "SELECT to_jsonb(v) FROM agreements_version v WHERE agreement_id = %s ORDER BY id", [agreement.pk]
    )
    versions = {row["id"]: row for row in rows}
    signed = {event["version_id"]: event for event in chain.of_kind(Kind.IN_FORCE)}
    now = rows_now(list(versions))
    findings = [
        Finding(_("The version that it tells of is missing."), event["position"])
        for version, event in signed.items()
        if version not in versions
    ]
    for version, row in versions.items():
        event = signed.get(version)
        if event is not None:
            position = event["position"]
            found = [*_as_signed(row, event), *_changed_rows(row, now[version])]
            findings += [Finding(text, position) for text in dict.fromkeys(found)]
        elif row["state"] == Version.State.SIGNED:
            findings.append(
                Finding(_("No event tells that version %(number)s was signed.") % {"number": row["number"]})
            )
        if row["ended_on"] is not None and not _end_is_told(row, chain):
            findings.append(
                Finding(_("No event tells why version %(number)s ended.") % {"number": row["number"]})
            )
    if not findings:
        findings = list(_text_faults(agreement, signed))
    return sum(bool(row["signed_text"]) for row in rows), findings


def words_faults(agreement: Agreement, chain: Chain) -> list[Finding]:
    """Return edits whose words, where they were not erased, are not those that were written."""
    rows = json_rows(
        "SELECT to_jsonb(w) FROM agreements_editedwords w JOIN agreements_agreementevent e ON e.id = w.event_id"
        " WHERE e.agreement_id = %s ORDER BY w.id",
        [agreement.pk],
    )
    events = {event["id"]: event for event in chain.events}
    findings = []
    for row in rows:
        event = events[row["event_id"]]
        digests = {"old": digest(row["salt"], row["old"]), "new": digest(row["salt"], row["new"])}
        changes = data_of(event).get("changes")
        if not isinstance(changes, dict) or changes.get(row["key"]) != digests:
            findings.append(Finding(_("The words of this edit were changed."), event["position"]))
    return findings


def _as_signed(row: dict[str, Any], event: dict[str, Any]) -> Iterator[str]:
    said = {"number": row["number"]}
    data = data_of(event)
    if row["state"] != Version.State.SIGNED or row["signed_at"] != event["happened_at"]:
        yield _("Version %(number)s is not signed as it tells.") % said
    if row["text_sha256"] != data.get("sha256"):
        yield _("The SHA-256 of version %(number)s is not the one that was signed.") % said
    if not row["signed_text"]:
        yield _("The signed text of version %(number)s was not kept.") % said
    elif _sha256(row["signed_text"]) != data.get("sha256"):
        yield _("The text of version %(number)s is not the one that was signed.") % said
    if "rows_sha256" in data and _sha256(row["signed_rows"]) != data["rows_sha256"]:
        yield _("The kept rows of version %(number)s are not those that were signed.") % said


def _changed_rows(row: dict[str, Any], now: Rows) -> Iterator[str]:
    """Compare the rows of a version with what was kept of them: parts and columns that were there then."""
    try:
        then: Rows = json.loads(row["signed_rows"] or "{}", parse_float=Decimal)
        for part, rows in then.items():
            there = {one["id"]: one for one in now.get(part, [])}
            for one in rows:
                found = there.pop(one["id"], None)
                said = {"part": part, "id": one["id"]}
                if found is None:
                    yield _("Row %(id)s of the signed %(part)s is missing.") % said
                    continue
                for column, value in one.items():
                    if column in found and _plain(found[column]) != _plain(value):
                        said["column"] = column
                        yield _("“%(column)s” of row %(id)s of the signed %(part)s was changed.") % said
            for added in there:
                yield _("Row %(id)s was added to the signed %(part)s.") % {"part": part, "id": added}
    except (ValueError, TypeError, KeyError, AttributeError):
        yield _("The kept rows of version %(number)s cannot be read.") % {"number": row["number"]}


def _plain(value: Any) -> Any:
    """Return a value of a row as it is kept: exact numbers as text."""
    return json.loads(json.dumps(value, default=str))


def _text_faults(agreement: Agreement, signed: dict[int, dict[str, Any]]) -> Iterator[Finding]:
    """Compare the signed texts with what the rows say today; of texts in an older form the rows alone are compared."""
    try:
        for version in with_terms(Version.objects.filter(agreement=agreement, pk__in=signed)):
            then, now = json.loads(version.signed_text), json.loads(text_of(version))
            if then.get("format") != FORMAT:
                continue
            if set(then["parties"]) <= set(now["parties"]):  # others may have joined later
                now["parties"] = then["parties"]
            for key, value in then.items():
                if now.get(key) != value:
                    said = {"key": key, "number": version.number}
                    yield Finding(
                        _("“%(key)s” of version %(number)s is not what its signed text says.") % said,
                        signed[version.pk]["position"],
                    )
    except (DatabaseError, ValueError, ArithmeticError):
        yield Finding(_("The terms of a signed version cannot be read."))


def _end_is_told(row: dict[str, Any], chain: Chain) -> bool:
    """Whether an event names the day on which a version ended, the version that took over, or the cancellation."""
    for event in chain.events:
        data = data_of(event)
        if event["kind"] == Kind.CANCELLED:
            if max(str(data.get("ends_on")), row["starts_on"]) == row["ended_on"]:
                return True
        elif event["version_id"] == row["id"] and (
            row["ended_on"] in data.values() or ("ended_on" not in data and "by_version" in data)
        ):
            return True
    return False


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
