"""The document of a signed version: what it says, that it is made once, and that everybody can verify it."""

import datetime as dt
import hashlib
import io
import re
import smtplib
import subprocess
import sys

import pypdf
import pytest
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from agreements import tasks
from agreements.models import (
    AgreementEvent,
    Clause,
    DocumentMail,
    Membership,
    Obligation,
    SignedDocument,
    Team,
    Version,
)
from agreements.printed_heads import head_in_pdf
from agreements.readings.verification import verify
from agreements.services.drafting import edit_draft
from agreements.signed_documents import document_of, make_missing_documents
from tests import factories
from tests.agreements import tampering
from tests.agreements.test_chain import attack_by_rewriting, lived
from tests.oracles import signed_record
from tests.query_counts import assert_same_queries
from tests.races import race, rounds

NOON = factories.NOON
MARCH = dt.date(2026, 3, 1)
HOSTILE = (
    '#strong[x] $x$ <script>alert(1)</script> @ref `raw` \\ #read("/etc/passwd")\n= head\n- \u202egnp '
    + "x" * 300
)


def words_of(pdf):
    """What stands on the pages; where lines break is no matter."""
    pages = pypdf.PdfReader(io.BytesIO(bytes(pdf))).pages
    return re.sub(r"[\s\u200b]+", "", "".join(page.extract_text() for page in pages))


def signed_version():
    agreement = factories.agreement(time_zone="Europe/Warsaw", currency="PLN")
    sales = factories.party(agreement, Team.Function.SALES)
    version = factories.draft(agreement, goals={MARCH: 120}, ends_on=dt.date(2027, 1, 1))
    Clause.objects.create(version=version, topic="scope", text=HOSTILE)
    Clause.objects.create(version=version, party=sales, topic="goals", text="Zażółć gęślą jaźń")
    owed = {"from_party": sales, "to_party": factories.party(agreement, Team.Function.MARKETING)}
    Obligation.objects.create(
        version=version, name="Pipeline status", cadence="weekly", weekday=4, due_time=dt.time(15), **owed
    )
    Version.objects.filter(pk=version.pk).update(cancel_after_misses=3)
    edit_draft(
        version=version, edits=0, values={"summary": "Both sides\nwant this."}, now=NOON, by=sales.signatory
    )
    return factories.sign(version)


@pytest.mark.django_db
def test_the_document_says_all_that_was_agreed_and_by_whom():
    version = signed_version()
    document = document_of(version, now=NOON)
    said = words_of(document.pdf)
    for expected in (
        "Company:version1",
        "Inforcefrom1Jan2026until1Jan2027.DaysarethoseofEurope/Warsaw;moneyisinPLN.",
        "Bothsideswantthis.",
        "Firstattemptwithin4h(business).",
        "MQLgoalsofCompanyMarketingMonthallleadsMarch2026120",
        "Pipelinestatus",
        "3monthsinarowinwhichapromiseismissedgivetheothersidetherighttocancel.",
        'Scope,andwhatisexcluded#strong[x]$x$<script>alert(1)</script>@ref`raw`\\#read("/etc/passwd")=head-[U+202E]gnp',
        "x" * 300,
        "Goals(CompanySales)Zażółćgęśląjaźń",
        "DirectorofCompanySales4Mar2026,13:00:00CET(Europe/Warsaw)2026-03-0412:00:00UTC",
        version.text_sha256,
        f"event{document.head_position}):company:{document.head_position}:{document.head_sha256}",
        '"format":2',
    ):
        assert expected in said, expected
    pages = pypdf.PdfReader(io.BytesIO(bytes(document.pdf))).pages
    assert {tuple(round(float(side)) for side in page.mediabox[2:]) for page in pages} == {(595, 842)}, "A4"
    for number, page in enumerate(pages, 1):
        assert page.extract_text().rstrip().endswith(f"{number} / {len(pages)}")
    assert b"/JavaScript" not in bytes(document.pdf) and b"/URI" not in bytes(document.pdf)


@pytest.mark.django_db
def test_the_head_is_that_of_the_last_signature_however_late_the_document_is_made():
    version = signed_version()
    signing = version.events.get(kind="in_force")
    AgreementEvent.objects.create(agreement=version.agreement, kind="renewed", happened_at=NOON)
    document = document_of(version, now=NOON)
    assert (document.head_position, document.head_sha256) == (signing.position, signing.sha256)
    head = head_in_pdf(bytes(document.pdf))
    assert (head.agreement, head.position, head.sha256) == ("company", signing.position, signing.sha256)
    made = version.events.get(kind="document_made")
    assert made.data == {
        "document": document.pk,
        "sha256": hashlib.sha256(bytes(document.pdf)).hexdigest(),
        "bytes": len(bytes(document.pdf)),
    }
    assert document_of(version, now=NOON) == document
    verified = verify(version.agreement)
    assert verified.is_sound and verified.documents == 1
    for statement in (
        "UPDATE agreements_signeddocument SET made_at = now()",
        "DELETE FROM agreements_signeddocument",
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            tampering.run(statement)
    with tampering.undone():
        tampering.run("UPDATE agreements_signeddocument SET pdf = set_byte(pdf, 4000, 7)")
        assert [one.text for one in verify(version.agreement).findings] == [
            f"Document {document.pk} is not the one that was made."
        ]


@pytest.mark.django_db
def test_everybody_can_recompute_the_hash_from_what_is_given_out(client, tmp_path):
    version = signed_version()
    client.force_login(factories.user(role="viewer"))
    names = {}
    for name in ("signed-text", "document"):
        answer = client.get(reverse(f"agreements:{name}", args=["company", 1]))
        assert answer.status_code == 200
        file = re.fullmatch(r'attachment; filename="(.+)"', answer["Content-Disposition"])[1]
        names[name] = tmp_path / file
        names[name].write_bytes(answer.content)
    assert {path.name for path in names.values()} == {"company-version-1.json", "company-version-1.pdf"}
    done = subprocess.run(
        [sys.executable, "-I", signed_record.__file__, names["signed-text"], names["document"]],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert f"text {version.text_sha256}\ndocument {version.text_sha256}\nhead company:" in done.stdout
    assert version.text_sha256 in words_of(names["document"].read_bytes())
    call_command("verify_agreements", pdf=[str(names["document"])], stdout=io.StringIO())
    names["signed-text"].write_bytes(names["signed-text"].read_bytes().replace(b"7200", b"7201"))
    assert signed_record.main(names["signed-text"], names["document"]) == 1
    draft = factories.draft(version.agreement, starts_on=dt.date(2027, 1, 1))
    for name in ("signed-text", "document"):
        assert client.get(reverse(f"agreements:{name}", args=["company", draft.number])).status_code == 404


@pytest.mark.django_db
def test_both_parties_are_mailed_the_document_once(monkeypatch):
    version = signed_version()
    marketing = factories.party(version.agreement, Team.Function.MARKETING)
    other = factories.user("Second Director")
    Membership.objects.create(user=other, team=marketing.team, role=Membership.Role.DIRECTOR)
    gone = factories.user("Gone", is_active=False)
    Membership.objects.create(user=gone, team=marketing.team, role=Membership.Role.DIRECTOR)
    send = mail.EmailMessage.send

    def refuse_one(message, *args, **kwargs):
        if message.to == [other.email]:
            raise smtplib.SMTPServerDisconnected
        return send(message, *args, **kwargs)

    with monkeypatch.context() as context:
        context.setattr(mail.EmailMessage, "send", refuse_one)
        assert make_missing_documents(now=NOON) == 1
    assert len(mail.outbox) == 2 and DocumentMail.objects.count() == 2
    assert make_missing_documents(now=NOON) == 0
    tasks.make_missing_documents()
    signers = version.signatures.values_list("signer__email", flat=True)
    assert sorted(message.to[0] for message in mail.outbox) == sorted([*signers, other.email])
    document = SignedDocument.objects.get()
    for message in mail.outbox:
        assert message.subject == "Signed: Company, version 1"
        assert message.attachments == [("company-version-1.pdf", bytes(document.pdf), "application/pdf")]
        assert document.sha256 in message.body and version.text_sha256 in message.body


@pytest.mark.django_db
def test_what_was_signed_long_ago_gets_its_document_and_no_mail(monkeypatch):
    signed_version()
    assert make_missing_documents(now=NOON + dt.timedelta(days=4)) == 1
    assert mail.outbox == []


@pytest.mark.django_db
def test_one_that_cannot_be_made_does_not_hold_up_the_others(monkeypatch):
    lived()
    from agreements import signed_documents

    make = signed_documents.as_pdf
    monkeypatch.setattr(
        signed_documents, "as_pdf", lambda data: 1 / 0 if "version 2" in data["title"] else make(data)
    )
    assert make_missing_documents(now=NOON) == 1
    monkeypatch.undo()
    assert make_missing_documents(now=NOON) == 1


@pytest.mark.django_db(transaction=True)
def test_a_document_asked_for_twice_at_once_is_made_once():
    for number in range(rounds(1)):
        version = factories.signed(factories.agreement(f"race{number}"))
        made = race(*[lambda of=version: document_of(of, now=NOON)] * 5)
        assert len({document.pk for document in made}) == 1, made
        assert version.events.filter(kind="document_made").count() == 1


@pytest.mark.django_db
def test_the_page_says_first_whether_the_record_is_as_it_was_written(client):
    agreement = lived()
    client.force_login(factories.user("Auditor", role="auditor"))
    url = reverse("agreements:record", args=["company"])
    said = client.get(url).text
    events = agreement.events.count()
    assert f"<h1>All {events} events, 4 signatures and 2 signed texts are as they were written.</h1>" in said
    assert "Make the document of version 2 (PDF)" in said
    document = document_of(agreement.versions.get(number=2), now=NOON)
    head = agreement.events.order_by("position").last()
    said = client.get(url).text
    assert document.sha256 in said and f"company:{events + 1}:{head.sha256}" in said
    assert f"<code>{head.sha256[:12]}</code>" in said and "signed document made" in said
    with tampering.undone():
        tampering.run("UPDATE agreements_agreementevent SET kind = 'renewed' WHERE position = 3")
        said = client.get(url).text
    assert "<h1>1 thing in this record is not as it was written.</h1>" in said
    assert "Event 3: “kind” was changed." in said
    factories.draft(agreement, starts_on=dt.date(2028, 1, 1))
    unsigned = factories.agreement("unsigned")
    client.force_login(factories.party(unsigned, Team.Function.SALES).signatory)
    said = client.get(reverse("agreements:record", args=["unsigned"])).text
    assert "Nothing is recorded of this agreement yet." in said and "Nothing is signed yet." in said


@pytest.mark.django_db
def test_events_of_a_draft_are_listed_for_those_who_may_read_it(client):
    agreement = lived()
    draft = factories.draft(agreement, starts_on=dt.date(2028, 1, 1))
    AgreementEvent.objects.create(agreement=agreement, version=draft, kind="commented", happened_at=NOON)
    url = reverse("agreements:record", args=["company"])
    for person, sees in (
        (factories.user("Auditor", role="auditor"), False),
        (factories.party(agreement, Team.Function.SALES).signatory, True),
    ):
        client.force_login(person)
        assert ("commented" in client.get(url).text) is sees


@pytest.mark.django_db
def test_the_page_asks_as_often_for_many_events_and_versions_as_for_few(client):
    agreement = lived()
    client.force_login(factories.party(agreement, Team.Function.SALES).signatory)
    starts = iter(range(2027, 2040))

    def more():
        for _ in range(4):
            document_of(factories.signed(agreement, starts_on=dt.date(next(starts), 1, 1)), now=NOON)
        for _ in range(60):
            AgreementEvent.objects.create(agreement=agreement, kind="renewed", happened_at=NOON)

    document_of(agreement.versions.get(number=1), now=NOON)
    assert_same_queries(lambda: client.get(reverse("agreements:record", args=["company"])), add_rows=more)


def rewritten(times, tmp_path):
    agreement = lived()
    files = []
    for version in agreement.versions.order_by("number"):
        files.append(tmp_path / f"{version.number}.pdf")
        files[-1].write_bytes(bytes(document_of(version, now=NOON).pdf))
    attack_by_rewriting(agreement, files, times)


@pytest.mark.django_db
def test_a_wholly_rewritten_record_is_found_by_the_documents_that_the_parties_have(tmp_path):
    rewritten(3, tmp_path)


@pytest.mark.proof
@pytest.mark.django_db
def test_twenty_wholly_rewritten_records_are_found_by_the_documents(tmp_path):
    rewritten(20, tmp_path)
