"""The record of an agreement: whoever tampers with it is found, with the position of the event where there is one."""

import datetime as dt
import hashlib
import io
import json
import os
import random
from functools import partial

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from agreements import tasks
from agreements.models import (
    Agreement,
    AgreementEvent,
    ChainHead,
    Clause,
    Segment,
    Signature,
    SignedDocument,
    Team,
)
from agreements.printed_heads import head_in_pdf
from agreements.readings.chain import chain_of
from agreements.readings.verification import verify
from agreements.services.drafting import begin_amendment, edit_draft
from agreements.services.ending import cancel_agreement
from tests import factories
from tests.agreements import tampering
from tests.races import race, rounds

MARCH = dt.date(2026, 3, 1)


def lived(slug="company"):
    """An agreement with two signed versions, edits and words: some dozen events."""
    agreement = factories.agreement(slug)
    sales = factories.party(agreement, Team.Function.SALES)
    executive = factories.segment(f"executive-{slug}")
    first = factories.draft(
        agreement, goals={MARCH: 100}, segment_allowances={executive: dt.timedelta(hours=1)}
    )
    Clause.objects.create(version=first, party=sales, topic="goals", text="Ż “words” of the\nparties")
    for edits, words in enumerate(("One", "Two", "Three")):
        edit_draft(
            version=first, edits=edits, values={"summary": words}, now=factories.NOON, by=sales.signatory
        )
    factories.sign(first)
    second = begin_amendment(
        agreement=agreement, starts_on=dt.date(2026, 6, 1), now=factories.NOON, by=sales.signatory
    )
    factories.sign(second)
    for month in range(1, 7):
        AgreementEvent.objects.create(
            agreement=agreement,
            version=second,
            kind=AgreementEvent.Kind.MONTH_CLOSED,
            happened_at=factories.NOON,
            data={"month": f"2026-{month:02}", "kept": 3, "share": 0.5},
        )
    return agreement


def texts(verified):
    return [f"{one.position}: {one.text}" for one in verified.findings]


@pytest.mark.django_db
def test_events_are_chained_whoever_writes_them():
    agreement = lived()
    other = lived("other")
    AgreementEvent.objects.bulk_create(
        AgreementEvent(agreement=one, kind="reviewed", happened_at=factories.NOON)
        for one in (agreement, other)
    )
    previous = "0" * 64
    for position, event in enumerate(agreement.events.order_by("pk"), 1):
        assert (event.position, event.previous_sha256) == (position, previous)
        said = json.loads(event.record)
        assert (said["event"], said["previous"], said["data"]) == (event.pk, previous, event.data)
        previous = hashlib.sha256(event.record.encode()).hexdigest()
        assert event.sha256 == previous
    head = ChainHead.objects.get(agreement=agreement)
    assert (head.events, head.sha256) == (agreement.events.count(), previous)
    made = AgreementEvent.objects.create(agreement=agreement, kind="reviewed", happened_at=factories.NOON)
    assert (made.position, made.previous_sha256) == (head.events + 1, previous), "told to who wrote it"
    for one in (agreement, other):
        verified = verify(one)
        assert verified.is_sound, texts(verified)
        assert (verified.signatures, verified.texts) == (4, 2)


@pytest.mark.django_db
def test_the_end_of_a_version_is_told_by_an_event():
    agreement = lived()
    by = factories.party(agreement, Team.Function.SALES).signatory
    ends_on = dt.date(2026, 5, 1)
    cancel_agreement(agreement=agreement, ends_on=ends_on, condition="", reason="", now=factories.NOON, by=by)
    assert [str(one.ended_on) for one in agreement.versions.order_by("number")] == [
        "2026-05-01",
        "2026-06-01",
    ]
    assert verify(agreement).is_sound, texts(verify(agreement))
    for number in (1, 2):
        with tampering.undone():
            tampering.run("UPDATE agreements_version SET ended_on = '2026-07-01' WHERE number = %s", number)
            assert texts(verify(agreement)) == [f"None: No event tells why version {number} ended."]


@pytest.mark.django_db
def test_words_are_no_part_of_the_chain_and_can_be_erased():
    agreement = lived()
    assert not AgreementEvent.objects.filter(record__contains="Two").exists()
    event = agreement.events.filter(kind="edited")[1]
    words = event.edited_words.get()
    assert (words.old, words.new) == ("One", "Two")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        type(words).objects.update(new="Other")
    with tampering.undone():
        tampering.run("UPDATE agreements_editedwords SET new = 'Tow' WHERE id = %s", words.pk)
        assert texts(verify(agreement)) == [f"{event.position}: The words of this edit were changed."]
    words.delete()
    assert verify(agreement).is_sound


@pytest.mark.django_db
def test_nobody_changes_deletes_or_empties_what_is_signed_or_has_happened():
    agreement = lived()
    other = factories.agreement("other")
    owing = factories.draft(other, goals={MARCH: 100})
    factories.obligation(owing)
    factories.measure(owing)
    factories.sign(owing)
    SignedDocument.objects.create(
        version=owing, made_at=factories.NOON, pdf=b"%PDF", bytes=4, head_position=1
    )
    changes = {
        "agreements_signature": "signed_at = now()",
        "agreements_agreementevent": "kind = 'other'",
        "agreements_chainhead": "events = events + 1",
        "agreements_version": "summary = 'other'",
        "agreements_commitment": "tolerance = 0",
        "agreements_monthgoal": "goal = 1",
        "agreements_clause": "text = 'other'",
        "agreements_obligation": "name = 'other'",
        "agreements_custommeasure": "target = 0",
        "agreements_signeddocument": "pdf = ''",
        "agreements_calendarrevision": "note = 'other'",
    }
    factories.calendar()
    connection.check_constraints()  # a table whose checks still wait is not truncated anyway
    for table, change in changes.items():
        for statement in (
            f"UPDATE {table} SET {change}",
            f"DELETE FROM {table}",
            f"TRUNCATE {table} CASCADE",
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                tampering.run(statement)
    for table, name in (
        ("agreements_team", "slug"),
        ("agreements_segment", "slug"),
        ("agreements_agreement", "slug"),
    ):
        with pytest.raises(IntegrityError, match="slug"), transaction.atomic():
            tampering.run(f"UPDATE {table} SET {name} = {name} || '-x'")
    with pytest.raises(IntegrityError, match="it stays"), transaction.atomic():
        tampering.run("UPDATE agreements_party SET team_id = (SELECT max(id) FROM agreements_team)")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        tampering.run(
            "INSERT INTO agreements_chainhead VALUES ((SELECT max(id) FROM agreements_agreement), 0, '')"
        )
    assert verify(agreement).is_sound
    free = factories.team("Free")
    Team.objects.filter(pk=free.pk).update(slug="freed")
    Segment.objects.filter(pk=factories.segment("Spare").pk).update(slug="spared")


def found(agreement, tamper, heads=()):
    """What is found of a record after `tamper`, which is undone."""
    with tampering.undone():
        what = tamper()
        return what, verify(Agreement(pk=agreement.pk, slug=agreement.slug), heads).findings


def many(small):
    return int(os.environ.get("PROOF_N", small))


def attack(*, flips, tails, swaps):
    agreement = lived()
    assert verify(agreement).is_sound
    chance = random.Random(os.environ.get("PROOF_SEED", "chain"))
    events = agreement.events.count()
    named = 0
    for _ in range(flips):
        what, findings = found(agreement, partial(tampering.flip_a_byte, chance))
        assert findings, what
        assert any(one.position for one in findings) or "chainhead" in what or "agreements_version" in what, (
            what
        )
        named += any(one.position for one in findings)
    for _ in range(tails):
        count = chance.randrange(1, events)
        _what, findings = found(agreement, partial(tampering.cut_the_tail, agreement.pk, count))
        assert events - count + 1 in {one.position for one in findings}, count
    for _ in range(swaps):
        one, other = sorted(chance.sample(range(1, events + 1), 2))
        _what, findings = found(agreement, partial(tampering.swap, agreement.pk, one, other))
        assert {one, other} <= {finding.position for finding in findings}
    assert verify(agreement).is_sound, "all of it was undone"
    print(
        f"{flips} byte flips ({named} at a position), {tails} tail deletions, {swaps} reorderings: all found"
    )


@pytest.mark.django_db
def test_flips_cuts_and_swaps_are_found():
    attack(flips=40, tails=5, swaps=5)


@pytest.mark.proof
@pytest.mark.django_db
def test_a_thousand_flips_a_hundred_cuts_and_a_hundred_swaps_are_found():
    attack(flips=many(1000), tails=many(1000) // 10, swaps=many(1000) // 10)


@pytest.mark.django_db
def test_what_is_taken_out_of_the_middle_or_put_in_is_found():
    agreement = lived()
    gone = partial(tampering.run, "DELETE FROM agreements_agreementevent WHERE position = 4")
    assert found(agreement, gone)[1][0].position == 4
    events = agreement.events.count()
    forged = partial(
        tampering.run,
        "INSERT INTO agreements_agreementevent (agreement_id, kind, happened_at, data, position, previous_sha256,"
        " record, sha256) VALUES (%s, 'renewed', now(), '{}', %s, '', '', '')",
        agreement.pk, events + 1,
    )  # fmt: skip
    assert events + 1 in {one.position for one in found(agreement, forged)[1]}
    unsigned = partial(
        tampering.run, "DELETE FROM agreements_signature WHERE version_id = %s", _second(agreement).pk
    )
    assert "The signature that it tells of is missing." in {one.text for one in found(agreement, unsigned)[1]}


@pytest.mark.django_db
def test_a_wholly_rewritten_record_is_found_by_a_head_seen_elsewhere(capsys):
    agreement = lived()
    out = io.StringIO()
    call_command("verify_agreements", stdout=out)
    head = out.getvalue().split("head ")[1].split()[0]
    position, sha256 = agreement.events.order_by("position").values_list("position", "sha256")[6]
    with tampering.undone():
        tampering.run("UPDATE agreements_agreementevent SET happened_at = '2020-01-01' WHERE position = 2")
        tampering.rewrite(agreement.pk)
        assert verify(agreement).is_sound, "in itself it is sound"
        for given, at in ((head, agreement.events.count()), (f"company:{position}:{sha256}", position)):
            out = io.StringIO()
            with pytest.raises(CommandError, match="1 finding"):
                call_command("verify_agreements", head=[given], stdout=out)
            assert (
                f"company, event {at}: The record up to here is not the one that {given} has seen"
                in out.getvalue()
            )


def attack_by_rewriting(agreement, files, times):
    """Change something that the last document has seen, chain all anew, make the product's own copies fit."""
    chance = random.Random(os.environ.get("PROOF_SEED", "rewriting"))
    seen = max(head_in_pdf(file.read_bytes()).position for file in files)
    ids = list(agreement.events.order_by("position").values_list("pk", flat=True))
    for _ in range(times):
        with tampering.undone():
            tampering.run("DELETE FROM agreements_signeddocument")
            kept = [pk for pk in ids if agreement.events.get(pk=pk).kind != "document_made"]
            tampering.run("DELETE FROM agreements_agreementevent WHERE kind = 'document_made'")
            victim = chance.randrange(1, seen)
            way = chance.choice(["edit", "swap", "cut"])
            if way == "edit":
                day = f"2025-01-{chance.randrange(1, 29):02}"
                change = "happened_at = %s, data = '{}'" if chance.random() < 0.5 else "happened_at = %s"
                change = f"UPDATE agreements_agreementevent SET {change} WHERE id = %s"
                tampering.run(change, day, kept[victim - 1])
            elif way == "swap":
                kept[victim - 1], kept[victim] = kept[victim], kept[victim - 1]
            else:
                tampering.run("DELETE FROM agreements_agreementevent WHERE id = %s", kept.pop(victim - 1))
            tampering.rewrite(agreement.pk, kept)
            chain = chain_of(agreement)
            assert not chain.findings, "the chain in itself is sound"
            out = io.StringIO()
            with pytest.raises(CommandError, match="finding"):
                call_command("verify_agreements", pdf=[str(file) for file in files], stdout=out)
            named = [file for file in files if f"not the one that {file} has seen" in out.getvalue()]
            assert files[-1] in named or f"but {files[-1]} has seen it" in out.getvalue(), (way, victim)
    assert verify(agreement).is_sound
    call_command("verify_agreements", pdf=[str(file) for file in files], stdout=io.StringIO())
    print(f"{times} complete rewrites: all found by the documents")


@pytest.mark.django_db
def test_the_log_of_each_night_holds_the_heads_and_what_was_found(caplog):
    agreement = lived()
    caplog.set_level("INFO", logger="agreements.tasks")
    tasks.verify_records()
    head = agreement.chain_head
    assert [(one.levelname, one.message.split("head ")[1]) for one in caplog.records] == [
        ("INFO", f"company:{head.events}:{head.sha256}")
    ]
    with tampering.undone():
        tampering.run("UPDATE agreements_agreementevent SET kind = 'renewed' WHERE position = 3")
        tasks.verify_records()
    assert (caplog.records[-1].levelname, caplog.records[-1].message) == (
        "ERROR",
        "record of an agreement: company, event 3: “kind” was changed.",
    )


@pytest.mark.django_db
def test_the_command_refuses_what_it_cannot_read(tmp_path):
    lived()
    (tmp_path / "no.pdf").write_bytes(b"%PDF nothing")
    for wrong, said in (
        ({"head": ["company:1"]}, "is no head"),
        ({"agreement": "nowhere"}, "There is no agreement"),
        ({"pdf": [str(tmp_path / "no.pdf")]}, "is no signed document"),
        ({"pdf": [str(tmp_path / "absent.pdf")]}, "cannot be read"),
        ({"head": [f"nowhere:1:{'0' * 64}"]}, "1 finding"),
    ):
        with pytest.raises(CommandError, match=said):
            call_command("verify_agreements", stdout=io.StringIO(), **wrong)
    with tampering.undone():
        tampering.run("DELETE FROM agreements_agreement")
        with pytest.raises(CommandError, match="finding"):
            call_command("verify_agreements", stdout=io.StringIO())


def _second(agreement):
    return agreement.versions.get(number=2)


@pytest.mark.django_db(transaction=True)
def test_events_added_at_once_stand_one_after_the_other():
    for number in range(rounds(2)):
        agreement = factories.agreement(f"race{number}")

        def add(of=agreement):
            with transaction.atomic():
                return AgreementEvent.objects.create(
                    agreement=of, kind="reviewed", happened_at=factories.NOON
                )

        race(*[add] * 8)
        assert sorted(agreement.events.values_list("position", flat=True)) == list(range(1, 9))
        assert verify(agreement).is_sound
    assert connection.cursor().execute("SHOW session_replication_role").fetchone() == ("origin",)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Signature.objects.all()._raw_delete(using="default")
        tampering.run("TRUNCATE agreements_agreementevent CASCADE")
