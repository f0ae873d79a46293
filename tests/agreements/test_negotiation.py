"""Agreeing on a draft: commented, answered, settled, changed where asked; what is unsettled is signed by nobody."""

import re
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from agreements.models import AgreementEvent, Answer, Comment, Membership, Party, Team, Version
from agreements.services.drafting import edit_draft, start_over, withdraw_draft
from agreements.services.negotiation import (
    answer_comment,
    ask_for_changes,
    send_to_review,
    settle_comment,
    write_comment,
)
from agreements.services.signing import sign_version
from tests import factories
from tests.agreements.pages.sent import HOSTILE, edit_address, signing
from tests.query_counts import assert_same_queries
from tests.races import race, rounds

NOON = factories.NOON
State = Version.State


@pytest.fixture(autouse=True)
def _wednesday_noon(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)


class Table:
    """Two directors at one table, and the draft between them."""

    def __init__(self):
        factories.calendar("Office", is_default=True)
        self.agreement = factories.agreement()
        self.version = factories.draft(self.agreement)
        self.marketing = factories.party(self.agreement, Team.Function.MARKETING)
        self.sales = factories.party(self.agreement, Team.Function.SALES)
        self.ann, self.bo = self.marketing.signatory, self.sales.signatory

    def send(self):
        return send_to_review(version=self.version, now=NOON, by=self.ann)

    def comment(self, text="Shorten this", *, about="", token=None, party=None):
        party = party or self.sales
        return write_comment(
            version=self.version,
            party=party,
            about=about,
            text=text,
            token=token or uuid.uuid4(),
            now=NOON,
            by=party.signatory,
        )

    def answer(self, comment, text="Done", token=None):
        token = token or uuid.uuid4()
        return answer_comment(
            comment=comment, party=self.marketing, text=text, token=token, now=NOON, by=self.ann
        )

    def settle(self, comment):
        return settle_comment(comment=comment, now=NOON, by=self.bo)

    def ask(self, party=None):
        return ask_for_changes(version=self.version, party=party or self.sales, now=NOON, by=self.bo)

    def sign(self, *people):
        for person in people or (self.ann, self.bo):
            sign_version(version=self.version, signer=person, now=NOON)

    @property
    def state(self):
        self.version.refresh_from_db()
        return self.version.state

    def kinds(self):
        return list(self.version.events.order_by("pk").values_list("kind", flat=True))


@pytest.fixture
def table(db):
    return Table()


def test_two_who_agree_at_once_sign_the_draft_without_a_review(table):
    table.sign()
    assert table.state == State.SIGNED


def test_a_draft_is_reviewed_changed_and_signed_and_each_step_is_noted(table):
    table.send()
    comment = table.comment("Too long", about="clause-scope-0")
    table.ask()
    assert table.state == State.CHANGES_ASKED
    edit_draft(version=table.version, edits=0, values={"clause-scope-0": "Short"}, now=NOON, by=table.ann)
    table.answer(comment)
    with pytest.raises(ValidationError, match=r"1 comment is not settled yet.*“Too long” \(Company Sales\)"):
        table.sign(table.ann)
    table.settle(comment)
    with pytest.raises(ValidationError, match="send the draft to review again"):
        table.sign(table.ann)
    table.send()
    table.sign()
    assert table.state == State.SIGNED
    assert table.kinds() == [
        *("submitted", "commented", "changes_asked", "edited", "answered", "settled", "submitted"),
        *("signed", "signed", "in_force"),
    ]
    events = {event.kind: event.data for event in table.version.events.all()}
    assert events["edited"]["state"] == "changes_asked"
    assert events["commented"] == {"comment": comment.pk, "about": "clause-scope-0", "party": "company-sales"}
    assert "Too long" not in str([event.data for event in table.version.events.all()]), "words stay erasable"


def test_what_the_state_does_not_allow_is_refused_in_a_sentence(table):
    comment = None
    for act, sentence in (
        (table.comment, "not in review yet"),
        (table.ask, "not in review yet"),
    ):
        with pytest.raises(ValidationError, match=sentence):
            act()
    table.send()
    comment = table.comment(party=table.marketing)
    for act, sentence in (
        (table.send, "in review already"),
        (table.ask, "Write a comment first"),
        (lambda: table.comment(" \n "), "Write what you have to say"),
        (lambda: table.comment("x" * 20_001), "20,000 characters are the most"),
    ):
        with pytest.raises(ValidationError, match=sentence):
            act()
    table.settle(comment)
    for act in (lambda: table.settle(comment), lambda: table.answer(comment)):
        with pytest.raises(ValidationError, match="settled already"):
            act()
    open_one = table.comment()
    table.ask()
    with pytest.raises(ValidationError, match="asked for already"):
        table.ask()
    withdraw_draft(version=table.version, now=NOON, by=table.ann)
    for act in (table.send, table.ask, table.comment, lambda: table.settle(open_one)):
        with pytest.raises(ValidationError, match="was withdrawn"):
            act()
    table.version = factories.signed(table.agreement)
    for act in (table.send, table.ask, table.comment):
        with pytest.raises(ValidationError, match="signed by all parties"):
            act()


def test_changes_are_not_asked_of_a_text_under_which_a_signature_stands(table):
    table.send()
    table.sign(table.ann)
    table.comment()
    with pytest.raises(ValidationError, match="Company Marketing has signed this text"):
        table.ask()
    fresh = start_over(version=table.version, now=NOON, by=table.bo)
    assert fresh.state == State.DRAFT
    assert not fresh.comments.exists()
    assert table.version.comments.unsettled().count() == 1, "what was said of the old draft stays with it"


def test_what_was_said_stays_but_can_be_erased(table):
    table.send()
    comment = table.comment()
    answer = table.answer(comment)
    for row, model in ((comment, Comment), (answer, Answer)):
        rows = model.objects.filter(pk=row.pk)
        for change in ({"text": "Other"}, {"author": table.ann if model is Comment else table.bo}):
            with pytest.raises(IntegrityError, match="what was said stays"), transaction.atomic():
                rows.update(**change)
        with pytest.raises(IntegrityError, match="what was said stays"), transaction.atomic():
            rows._raw_delete("default")
        assert rows.update(text="") == 1
    table.settle(comment)
    with pytest.raises(IntegrityError, match="what was said stays"), transaction.atomic():
        Comment.objects.update(settled_at=None, settled_by=None)


def address(table, page="negotiation"):
    return edit_address(table.version, page)


def said_on(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def form_id(page):
    return re.findall(r'name="form_id" value="([^"]+)"', page.text)


def test_two_directors_negotiate_by_page(table, client):
    client.force_login(table.ann)
    assert "Draft 1 is not in review yet." in client.get(address(table)).text
    sent = client.post(address(table, "send-to-review"), follow=True)
    assert "Draft 1 is in review, and no comment is open." in sent.text
    client.force_login(table.bo)
    opened = client.get(address(table) + "?about=numbers")
    assert '<option value="promise-mql_goal-0" selected>MQL goal</option>' in opened.text
    given = {"about": "promise-speed-0", "text": "Four hours are too few", "form_id": form_id(opened)[0]}
    for _twice in range(2):
        page = client.post(address(table), given, follow=True)
        assert page.redirect_chain[0][1] == 302
    assert Comment.objects.count() == 1
    assert "Draft 1 is in review: 1 comment is open." in page.text
    assert "Ask for changes" in page.text
    assert "1 open comment" in client.get(address(table, "")[:-1]).text
    client.post(address(table, "ask-for-changes"))
    client.force_login(table.ann)
    opened = client.get(address(table))
    assert "Changes to draft 1 were asked for: 1 comment is open." in opened.text
    comment = Comment.objects.get()
    assert f"comments/{comment.pk}/settle/" not in opened.text, "hers is not to settle"
    given = {"answer_to": comment.pk, "text": "Then six", "form_id": form_id(opened)[0]}
    for _twice in range(2):
        page = client.post(address(table), given, follow=True)
    assert Answer.objects.count() == 1
    assert "Director of Company Marketing for Company Marketing answered" in said_on(page)
    refused = client.post(address(table, f"comments/{comment.pk}/settle"))
    assert refused.status_code == 403
    assert "managers and directors of Company Sales" in refused.text
    signs = client.get(address(table, "sign")).text
    assert "Four hours are too few" in signs
    assert 'name="password"' not in signs, "there is nothing to sign yet"
    again = client.post(address(table, "sign"), signing(table.version))
    assert (again.status_code, "1 comment is not settled yet" in again.text) == (409, True)
    client.force_login(table.bo)
    page = client.post(address(table, f"comments/{comment.pk}/settle"), follow=True)
    assert "Settled by Director of Company Sales" in page.text
    client.post(address(table, "send-to-review"))
    assert 'name="password"' in client.get(address(table, "sign")).text
    history = client.get(edit_address(table.version, "")[:-1]).text
    for words in ("sent to review", "commented", "changes asked", "comment answered", "comment settled"):
        assert words in history


def test_what_cannot_be_said_is_named_beside_its_field_and_stays_there(table, client):
    table.send()
    client.force_login(table.bo)
    right = {"about": "", "text": "My long words", "form_id": str(uuid.uuid4())}
    for wrong, sentence in (
        ({"text": ""}, "This field is required."),
        ({"text": "x" * 20_001}, "at most 20000 characters"),
        ({"text": "nul\x00byte"}, "Null characters"),
        ({"about": "clause-scope-987654"}, "Select a valid choice"),
        ({"about": "\x00"}, "Select a valid choice"),
        ({"form_id": "nonsense"}, "The page was incomplete"),
    ):
        page = client.post(address(table), right | wrong)
        assert (page.status_code, sentence in page.text) == (422, True), wrong
        assert wrong.get("text", right["text"])[:100] in page.text or "\x00" in str(wrong)
    for nobodys in ("987654", "x", "-1", "9" * 50, "²"):
        assert client.post(address(table), right | {"answer_to": nobodys}).status_code == 404
    withdraw_draft(version=table.version, now=NOON, by=table.ann)
    late = client.post(address(table), right)
    assert (late.status_code, "was withdrawn" in late.text) == (409, True)
    assert not Comment.objects.exists()


def test_comments_are_text_wherever_they_stand_one_line_or_two_thousand_words(table, client):
    table.send()
    table.answer(table.comment(HOSTILE), HOSTILE)
    table.comment("word " * 2000)
    client.force_login(table.bo)
    for page in ("negotiation", "sign"):
        text = client.get(address(table, page)).text
        assert "<script>alert" not in text and "<img src=x" not in text
    assert client.get(address(table)).text.count("word word") >= 999


def test_comments_are_read_by_those_who_write_the_agreement_alone(table, client):
    table.send()
    table.settle(table.comment("Between us"))
    table.sign()
    reader = factories.user("Reader")
    assert not Comment.objects.visible_to(reader).exists()
    client.force_login(reader)
    refused = client.get(address(table))
    assert refused.status_code == 403
    assert "Managers and directors of Company Marketing and Company Sales" in refused.text
    assert "Between us" not in client.get("/agreements/company/").text
    client.force_login(table.ann)
    assert "Between us" in client.get(address(table)).text
    assert "Comments on the draft" in client.get("/agreements/company/").text


def test_who_writes_for_two_parties_says_for_which(table, client):
    both = factories.user("Kim")
    for party in (table.marketing, table.sales):
        Membership.objects.create(user=both, team=party.team, role=Membership.Role.MANAGER)
    table.send()
    client.force_login(both)
    given = {"about": "", "text": "For sales", "form_id": str(uuid.uuid4())}
    assert client.post(address(table), given).status_code == 422
    assert client.post(address(table), given | {"party": table.sales.pk}).status_code == 302
    assert Comment.objects.get().party == table.sales
    client.post(address(table, "ask-for-changes"))
    assert AgreementEvent.objects.get(kind="changes_asked").data == {
        "from": "in_review",
        "to": "changes_asked",
        "party": "company-sales",
    }


def test_an_administrator_sends_to_review_but_speaks_for_nobody(table, client):
    client.force_login(factories.user("Ada", is_superuser=True))
    assert client.post(address(table, "send-to-review")).status_code == 302
    page = client.get(address(table)).text
    assert "you speak for none of them" in page
    for refused in ("negotiation", "ask-for-changes"):
        answer = client.post(address(table, refused), {"text": "Mine", "form_id": str(uuid.uuid4())})
        assert answer.status_code == 403
        assert "speak for their teams here" in answer.text


def test_the_page_asks_as_often_for_many_comments_as_for_few(table, client):
    table.send()
    client.force_login(table.ann)

    def add():
        for n in range(6):
            comment = table.comment(f"Comment {n}", about="promise-speed-0")
            table.answer(comment)
            if n % 2:
                table.settle(comment)

    add()
    for page in ("negotiation", "sign"):
        assert_same_queries(lambda at=page: client.get(address(table, at)), add_rows=add)
    at = edit_address(table.version, "")[:-1]
    assert_same_queries(lambda: client.get(at), add_rows=add)


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_many_times_at_once_is_one_comment_and_one_answer():
    table = Table()
    table.send()
    for turn in range(1, rounds(2) + 1):
        token, answer_token = uuid.uuid4(), uuid.uuid4()
        results = race(*[lambda token=token: table.comment(token=token)] * 4)
        assert len({one.pk for one in results}) == 1
        assert Comment.objects.count() == turn
        race(*[lambda one=results[0], token=answer_token: table.answer(one, token=token)] * 4)
        settled = race(*[lambda one=results[0]: table.settle(one)] * 4)
        assert len([one for one in settled if isinstance(one, ValidationError)]) == 3
        assert Answer.objects.count() == turn
    for kind in ("commented", "answered", "settled"):
        assert AgreementEvent.objects.filter(kind=kind).count() == rounds(2)


@pytest.mark.django_db(transaction=True)
def test_a_comment_and_the_last_signature_at_once_never_both_hold():
    table = Table()
    for turn in range(rounds(3)):
        table.version = factories.draft(table.agreement, starts_on=NOON.date().replace(year=2026 + turn))
        table.send()
        table.sign(table.ann)
        commented, signed = race(table.comment, lambda: table.sign(table.bo))
        is_signed = table.state == State.SIGNED
        assert is_signed == isinstance(commented, ValidationError) == (signed is None)
        assert table.version.comments.exists() != is_signed


def test_three_parties_comment_and_each_settles_its_own(table, client):
    carla = factories.user("Carla")
    service = factories.team("Care", Team.Function.SERVICE)
    Membership.objects.create(user=carla, team=service, role=Membership.Role.DIRECTOR)
    third = Party.objects.create(agreement=table.agreement, team=service, signatory=carla)
    table.send()
    theirs = table.comment("And renewals?", party=third)
    client.force_login(table.ann)
    assert client.post(address(table, f"comments/{theirs.pk}/settle")).status_code == 403
    client.force_login(carla)
    assert client.post(address(table, f"comments/{theirs.pk}/settle")).status_code == 302
