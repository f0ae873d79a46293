"""The pages of agreements: read, begun, edited by two at once, signed, amended; whatever is typed into them."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.utils import timezone

from agreements.forms.drafts import DraftForm
from agreements.models import Agreement, AgreementEvent, Clause, Contact, Membership, Segment, Team, Version
from agreements.readings.agreement_page import parties_of
from agreements.readings.labels import names_of
from agreements.services.drafting import begin_amendment, edit_draft, use_plan
from agreements.services.signed_text import canonical_text, sha256_of
from agreements.services.signing import sign_version
from tests import factories
from tests.agreements.test_drafting import plan_of
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db

NOON = factories.NOON
MARCH, APRIL, JUNE = (dt.date(2026, month, 1) for month in (3, 4, 6))
PASSWORD = "secret"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202egnp"


@pytest.fixture(autouse=True)
def _wednesday_noon(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)


@pytest.fixture
def agreement():
    factories.calendar("Office", is_default=True)
    return factories.agreement(time_zone="UTC")


@pytest.fixture
def ann(agreement):
    return factories.party(agreement, Team.Function.MARKETING).signatory


@pytest.fixture
def bo(agreement):
    return factories.party(agreement, Team.Function.SALES).signatory


@pytest.fixture
def as_ann(client, ann):
    client.force_login(ann)
    return client


def filled(version, **changed):
    """What a browser would post of the edit page as it is shown, with these fields changed."""
    form = DraftForm(
        version=version, parties=parties_of(version.agreement), names=names_of(version.agreement)
    )
    data = {}
    for bound in form:
        value = bound.value()
        widget = bound.field.widget
        if hasattr(widget, "widgets"):
            data |= {
                f"{bound.name}_{place}": "" if part is None else part
                for place, part in enumerate(widget.decompress(value))
            }
        elif value is not None and value is not False:
            data[bound.name] = value.isoformat() if isinstance(value, dt.date) else value
        elif value is None:
            data[bound.name] = ""
    return data | changed


def edit_address(version, page="edit"):
    return f"/agreements/{version.agreement.slug}/versions/{version.number}/{page}/"


def test_the_first_line_says_since_when_and_what_both_promise(agreement, as_ann):
    factories.signed(agreement, goals={MARCH: 412})
    said = as_ann.get("/agreements/company/").text
    assert (
        "In force since 1 Jan, version 1: Company Marketing promises 412 MQLs in March 2026; "
        "Company Sales tries each within 4 h (business)." in said
    )
    listed = as_ann.get("/agreements/").text
    assert "In force since 1 Jan 2026: version 1." in listed


def test_an_empty_list_leads_to_a_new_agreement(client):
    client.force_login(factories.user("Ada", is_superuser=True))
    said = client.get("/agreements/").text
    assert "Nothing is agreed yet." in said
    assert 'href="/agreements/new/"' in said


def test_open_draft_says_what_is_missing_and_where_it_is_filled_in(agreement, as_ann):
    version = factories.draft(agreement, allowance=None, attempts=None)
    said = as_ann.get("/agreements/company/").text
    assert "No month has a goal yet: without one the waterfall has no line to reach." in said
    assert "No time to the first attempt is promised yet: without one no clock runs." in said
    assert "Nothing was agreed here." not in said
    goal = re.search(r'href="(/agreements/company/versions/1/edit/)#(id_goal-0-2026-01)"', said)
    assert f'id="{goal[2]}"' in as_ann.get(goal[1]).text
    assert 'href="/agreements/company/versions/1/edit/#id_speed-0-allowance_0"' in said
    assert 'id="id_speed-0-allowance_0"' in as_ann.get(goal[1]).text
    party = factories.party(agreement, Team.Function.SALES)
    Clause.objects.create(version=version, topic="needs", party=party, text="Reasons")
    assert "Nothing is written here yet." in as_ann.get("/agreements/company/").text
    factories.sign(factories.draft(agreement, attempts=None, starts_on=JUNE))
    assert "Nothing was agreed here." in as_ann.get("/agreements/company/versions/2/").text
    assert (
        "yet" not in as_ann.get("/agreements/company/versions/2/").text.split("Promised in numbers")[1][:900]
    )


def test_first_version_is_signed_for_what_it_agrees_on_not_for_what_changes(agreement, as_ann):
    factories.draft(agreement, goals={MARCH: 90})
    first = as_ann.get("/agreements/company/versions/1/sign/").text
    assert "Every term that it agrees on" in first
    assert "What is agreed" in first
    for of_a_change in ("Every term that changes", ">Change<", "added"):
        assert of_a_change not in first


def test_what_is_agreed_first_begins_with_this_month_and_later_versions_with_the_next(agreement, as_ann):
    first_day = {
        is_signed: f'name="starts_on" value="2026-0{4 if is_signed else 3}-01"' for is_signed in (0, 1)
    }
    draft = factories.draft(agreement)
    assert first_day[0] in as_ann.get("/agreements/new/").text
    assert first_day[0] in as_ann.get("/agreements/company/amend/").text
    factories.sign(draft)
    assert first_day[1] in as_ann.get("/agreements/new/").text
    assert first_day[1] in as_ann.get("/agreements/company/amend/").text


@pytest.mark.parametrize(
    "calculation", ["start=2026-13", "start=\0", "&" * 900, "%", "start=2100-12", "x" * 9_000]
)
def test_calculation_that_cannot_be_is_no_obstacle_to_a_new_agreement(agreement, as_ann, calculation):
    answer = as_ann.get("/agreements/new/", {"calculation": calculation})
    assert answer.status_code == 200


def test_without_a_version_in_force_the_newest_draft_is_shown_to_those_who_write_it(agreement, as_ann):
    factories.draft(agreement, starts_on=JUNE)
    said = as_ann.get("/agreements/company/").text
    assert "Draft of version 1, from 1 Jun 2026: it waits for" in said
    assert "Director of Company Marketing and Director of Company Sales to sign." in said


def test_each_promise_faces_its_counter_promise(agreement, as_ann):
    version = factories.draft(agreement, goals={MARCH: 412})
    for function, words in (("marketing", "We bring it back"), ("sales", "We call all day")):
        party = factories.party(agreement, function)
        Clause.objects.create(version=version, topic="consequence", party=party, text=words)
    Clause.objects.create(version=version, topic="scope", text="All inbound leads")
    factories.sign(version)
    said = as_ann.get("/agreements/company/versions/1/").text
    numbers, consequence = said.index("Promised in numbers"), said.index("If we do not meet our goal")
    assert numbers < said.index("March 2026", numbers) < said.index("6 attempts within 14 days") < consequence
    assert consequence < said.index("We bring it back") < said.index("We call all day")
    assert said.index("All inbound leads") < numbers
    assert "Director of Company Sales signed on" in said
    assert version.agreement.versions.get().text_sha256 in said


def test_why_this_goal_is_one_click_away(agreement, as_ann, ann):
    version = factories.draft(agreement)
    plan = plan_of(agreement)
    use_plan(version=version, plan=plan, now=NOON, by=ann)
    said = as_ann.get("/agreements/company/versions/1/").text
    assert f'href="/plans/{plan.pk}/?month=2026-03"' in said
    why = as_ann.get(f"/plans/{plan.pk}/?month=2026-03").text
    assert "Why 100 in March 2026?" in why
    assert "100 in version 1" in why
    assert as_ann.get(f"/plans/{plan.pk}/?month=nonsense").status_code == 200


def test_a_plans_page_names_no_draft_to_those_who_only_read(agreement, as_ann, ann):
    signed = factories.draft(agreement)
    plan = plan_of(agreement)
    use_plan(version=signed, plan=plan, now=NOON, by=ann)
    factories.sign(signed)
    draft = begin_amendment(agreement=agreement, starts_on=dt.date(2026, 4, 1), now=NOON, by=ann)
    use_plan(version=draft, plan=plan, now=NOON, by=ann)
    assert "in version 2" in as_ann.get(f"/plans/{plan.pk}/").text
    as_ann.force_login(factories.user("Reader"))
    said = as_ann.get(f"/plans/{plan.pk}/").text
    assert "in version 1" in said
    assert "version 2" not in said


def test_a_director_begins_an_agreement_and_lands_in_its_draft(client):
    marketing = factories.team("Growth", Team.Function.MARKETING)
    sales = factories.team("Field", Team.Function.SALES)
    ann, bo, guest = factories.user("Ann"), factories.user("Bo"), factories.user("Guest")
    Membership.objects.create(user=ann, team=marketing, role=Membership.Role.DIRECTOR)
    Membership.objects.create(user=bo, team=sales, role=Membership.Role.MEMBER)
    given = {
        "name": "Leads",
        "marketing": marketing.pk,
        "marketing_signatory": "",
        "sales": sales.pk,
        "sales_signatory": "",
        "time_zone": "Europe/Warsaw",
        "currency": "EUR",
        "starts_on": "2026-04-01",
    }
    client.force_login(ann)
    refused = client.post("/agreements/new/", given).text
    assert "This team has no director: choose who signs for it." in refused
    assert 'value="Leads"' in refused, "what was typed stays"
    assert (
        "Select a valid choice" in client.post("/agreements/new/", given | {"sales_signatory": guest.pk}).text
    )
    named = client.post("/agreements/new/", given | {"sales_signatory": bo.pk}).text
    assert "Only a director of this team can be named: you do not direct it." in named
    Membership.objects.create(user=ann, team=sales, role=Membership.Role.MEMBER)
    on_both_sides = client.post("/agreements/new/", given | {"sales_signatory": ann.pk}).text
    assert "Nobody signs for both sides" in on_both_sides
    Membership.objects.filter(user=bo).update(role=Membership.Role.DIRECTOR)
    done = client.post("/agreements/new/", given | {"sales_signatory": bo.pk})
    assert done.url == "/agreements/leads/versions/1/edit/"
    signatories = Agreement.objects.get().parties.order_by("pk").values_list("signatory", flat=True)
    assert list(signatories) == [ann.pk, bo.pk]
    sent_twice = client.post("/agreements/new/", given | {"sales_signatory": bo.pk})
    assert "have begun an agreement of this name already" in sent_twice.text
    assert Agreement.objects.count() == 1
    assert client.get(done.url).status_code == 200


def test_a_director_of_neither_team_begins_nothing_for_them(client):
    marketing = factories.team("Growth", Team.Function.MARKETING)
    sales, other = factories.team("Field"), factories.team("Other")
    stranger = factories.user("Stranger")
    for team in (marketing, sales):
        Membership.objects.create(user=factories.user(), team=team, role=Membership.Role.DIRECTOR)
    Membership.objects.create(user=stranger, team=other, role=Membership.Role.DIRECTOR)
    client.force_login(stranger)
    said = client.post(
        "/agreements/new/",
        {
            "name": "Leads",
            "marketing": marketing.pk,
            "sales": sales.pk,
            "time_zone": "UTC",
            "currency": "EUR",
            "starts_on": "2026-04-01",
        },
    ).text
    assert "You direct neither of the two teams" in said
    assert not Agreement.objects.exists()


def test_saving_the_page_as_it_is_changes_nothing(agreement, as_ann):
    factories.segment("Enterprise")
    version = factories.draft(agreement, goals={MARCH: 90})
    before = canonical_text(version)
    assert as_ann.post(edit_address(version), filled(version)).status_code == 302
    version.refresh_from_db()
    assert canonical_text(version) == before
    assert version.edits == 0


def test_terms_are_saved_as_typed(agreement, as_ann):
    version = factories.draft(agreement)
    given = filled(version, summary="Short") | {
        "goal-0-2026-03": "412",
        "speed-0-allowance_0": "2",
        "speed-0-allowance_1": "30",
        "speed-0-in_time_share": "87.5",
        "depth-0-window": "10",
        "worked-0-share": "95",
    }
    assert as_ann.post(edit_address(version), given).status_code == 302
    speed = version.commitments.get(kind="speed")
    assert (speed.allowance, speed.in_time_share) == (dt.timedelta(hours=2, minutes=30), Decimal("0.875"))
    assert version.commitments.get(kind="depth").window == dt.timedelta(days=10)
    assert version.commitments.get(kind="share_worked").share == Decimal("0.95")
    assert version.commitments.get(kind="mql_goal").month_goals.get().goal == 412


def test_a_segment_gets_fields_without_losing_what_was_typed(agreement, as_ann):
    segment = factories.segment("Enterprise")
    version = factories.draft(agreement)
    given = filled(version, summary="Not saved yet")
    shown = as_ann.post(edit_address(version), given | {"show_segment": "1", "add_segment": segment.pk}).text
    assert "Not saved yet" in shown
    assert f'name="speed-{segment.pk}-allowance_0"' in shown
    version.refresh_from_db()
    assert version.summary == ""
    for nonsense in ("", "9" * 5000, "-1", "\x00", "²"):
        again = as_ann.post(edit_address(version), given | {"show_segment": "1", "add_segment": nonsense})
        assert again.status_code == 200
    given |= {f"speed-{segment.pk}-allowance_0": "1"}
    assert as_ann.post(edit_address(version), given).status_code == 302
    assert version.commitments.get(kind="speed", segment=segment).allowance == dt.timedelta(hours=1)


@pytest.mark.parametrize(
    "name,value,sentence",
    [
        ("speed-0-allowance_0", "-1", "greater than or equal to 0"),
        ("speed-0-allowance_0", "99999", "less than or equal to 8784"),
        ("speed-0-in_time_share", "101", "less than or equal to 100"),
        ("speed-0-in_time_share", "NaN", "is no number"),
        ("depth-0-attempts", "lots", "Enter a whole number"),
        ("depth-0-window", "1e400", "is no number"),
        ("worked-0-share", "0", "above 0 %"),
        ("goal-0-2026-03", "9" * 5000, "is too long for a number"),
        ("starts_on", "yesterday", "Enter a valid date"),
        ("starts_on", "9999-12-31", "The year is from 2000 to 2100"),
        ("ends_on", "2025-01-01", "ends after its first day"),
        ("rejection_reasons_1", "has no word", "Write each reason of your own as a short word"),
        ("rejection_reasons_1", "region: not ours", "is the word of a usual reason"),
        ("summary", "nul\x00byte", "Null characters"),
        ("summary", "x" * 20_001, "at most 20000 characters"),
    ],
)
def test_what_cannot_be_is_named_beside_its_field_and_nothing_is_lost(
    agreement, as_ann, name, value, sentence
):
    version = factories.draft(agreement)
    given = filled(version) | {"clause-scope-0": "My long words", name: value}
    answer = as_ann.post(edit_address(version), given)
    assert answer.status_code == 422
    field = re.sub(r"_[01]$", "", name) if "allowance" in name or "reasons" in name else name
    beside = re.search(rf'id="id_{field}_error"[^>]*>([^<]*)', answer.text)
    assert beside and sentence in beside[1]
    assert "My long words" in answer.text
    version.refresh_from_db()
    assert version.edits == 0


def test_two_directors_edit_one_draft_and_neither_loses_a_word(agreement, client, ann, bo):
    version = factories.draft(agreement, goals={MARCH: 90})
    read_by_both = filled(version)
    client.force_login(ann)
    hers = read_by_both | {
        "summary": "Ann's summary",
        "goal-0-2026-03": "120",
        "clause-scope-0": "Ann's scope",
        "rejection_reasons_0": ["region", "other"],
        "rejection_reasons_1": "budget: has no budget",
    }
    assert client.post(edit_address(version), hers).status_code == 302
    client.force_login(bo)
    his = read_by_both | {"summary": "Bo's summary", "speed-0-allowance_0": "3"}
    told = client.post(edit_address(version), his)
    assert told.status_code == 409
    assert "Director of Company Marketing wrote at 12:00, while you were writing the above:" in told.text
    assert "<blockquote>Ann&#x27;s summary</blockquote>" in told.text
    form = told.context["form"]
    assert form["edits"].value() == "1"
    assert form["summary"].value() == "Bo's summary", "his words stay his"
    assert form["goal-0-2026-03"].value() == "120", "what he had not touched is hers now"
    assert form["clause-scope-0"].value() == "Ann's scope"
    assert form["rejection_reasons"].value() == [["region", "other"], "budget: has no budget"]
    version.refresh_from_db()
    assert (version.summary, version.edits) == ("Ann's summary", 1)
    again = dict(form.data.lists())
    assert client.post(edit_address(version), again).status_code == 302, "saving again is his decision"
    version.refresh_from_db()
    assert version.summary == "Bo's summary"
    assert version.rejection_reasons == "region\nother\nbudget: has no budget"
    assert version.commitments.get(kind="mql_goal").month_goals.get().goal == 120
    assert version.commitments.get(kind="speed").allowance == dt.timedelta(hours=3)
    assert version.clauses.get(topic="scope").text == "Ann's scope"


def test_a_form_sent_after_a_signature_keeps_its_words_and_says_why(agreement, as_ann, bo):
    version = factories.draft(agreement)
    given = filled(version, summary="Too late")
    sign_version(version=version, signer=bo, now=NOON)
    told = as_ann.post(edit_address(version), given)
    assert told.status_code == 409
    assert "A signed text cannot be edited while a signature stands" in told.text
    assert "Too late" in told.text
    assert f'href="{edit_address(version, "start-over")}"' in told.text


def test_each_term_is_said_by_the_clock_that_would_count_it(client):
    warsaw = factories.calendar("Office", tz="Europe/Warsaw", is_default=True)
    agreement = factories.agreement(time_zone="Europe/Warsaw", calendar=warsaw)
    segment = factories.segment("Demo")
    version = factories.draft(agreement)
    client.force_login(factories.party(agreement, Team.Function.SALES).signatory)
    given = filled(version) | {
        "goal-0-2026-04": "412",
        "speed-0-allowance_0": "1",
        "speed-0-allowance_1": "0",
        f"speed-{segment.pk}-allowance_0": "0",
        f"speed-{segment.pk}-allowance_1": "30",
        "depth-0-attempts": "6",
        "worked-0-share": "95",
    }
    said = client.post(edit_address(version, "preview"), given).text
    for sentence in (
        "A lead arriving Friday 16:30 must be tried by Monday 09:30 (business hours: Office, Warsaw).",
        "A lead of “Demo” arriving Friday 16:30 must be tried by Friday 17:00",
        "6 attempts within 14 days: until Wednesday 18 March for a lead of today.",
        "412 MQLs in April: 18.7 per business day.",
        "Of 100 leads, at most 5 stay without any attempt.",
    ):
        assert sentence in said, sentence
    wrong = client.post(edit_address(version, "preview"), given | {"depth-0-attempts": "0"}).text
    assert "greater than or equal to 1" in wrong
    version.refresh_from_db()
    assert version.edits == 0
    assert version.commitments.get(kind="speed").allowance == dt.timedelta(hours=4), (
        "a preview stores nothing"
    )


def signing(version, **changed):
    return {
        "text_sha256": sha256_of(canonical_text(version)),
        "has_read": "on",
        "password": PASSWORD,
    } | changed


def test_a_signer_sees_every_change_first(agreement, as_ann, ann):
    factories.signed(agreement, goals={MARCH: 100, APRIL: 100})
    version = begin_amendment(agreement=agreement, starts_on=APRIL, now=NOON, by=ann)
    values = {
        "goal-0-2026-04": 120,
        "speed-0-allowance": dt.timedelta(hours=2),
        "clause-scope-0": "New words",
        "depth-0-attempts": None,
    }
    edit_draft(version=version, edits=0, values=values, now=NOON, by=ann)
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", as_ann.get(edit_address(version, "sign")).text))
    for part in (
        "MQL goal, April 2026 100 120 +20%",
        "Time to the first attempt 4 h 2 h −50%",
        "Scope, and what is excluded – New words added",
        "Attempts 6 – removed",
        "Once all have signed, version 1 is superseded from 1 Apr 2026 on.",
        sha256_of(canonical_text(version)),
    ):
        assert part in said, part
    assert "March 2026" not in said, "what was agreed for months before stays"


def test_signing_asks_for_the_tick_and_the_password(agreement, as_ann):
    version = factories.draft(agreement)
    address = edit_address(version, "sign")
    for wrong, sentence in (
        ({"password": "wrong"}, "That is not your password. Nothing was signed."),
        ({"password": ""}, "This field is required."),
        ({"has_read": ""}, "Tick that you have read it."),
        ({"text_sha256": "nonsense"}, "Read the text again before you sign."),
    ):
        answer = as_ann.post(address, signing(version, **wrong))
        assert answer.status_code == 422
        assert sentence in answer.text
    assert not version.signatures.exists()
    assert 'autocomplete="current-password"' in as_ann.get(address).text


def test_a_text_that_changed_meanwhile_is_shown_anew_and_not_signed(agreement, as_ann, bo):
    version = factories.draft(agreement)
    read = signing(version)
    edit_draft(version=version, edits=0, values={"summary": "Changed"}, now=NOON, by=bo)
    answer = as_ann.post(edit_address(version, "sign"), read)
    assert answer.status_code == 409
    assert "The text changed since you read it." in answer.text
    version.refresh_from_db()
    assert sha256_of(canonical_text(version)) in answer.text
    assert not version.signatures.exists()


def test_the_last_signature_says_what_is_superseded_from_when(agreement, client, ann, bo):
    factories.signed(agreement)
    version = begin_amendment(agreement=agreement, starts_on=APRIL, now=NOON, by=ann)
    address = edit_address(version, "sign")
    client.force_login(ann)
    first = client.post(address, signing(version), follow=True).text
    assert "You have signed. The version is in force once all parties have signed." in first
    twice = client.post(address, signing(version))
    assert (twice.status_code, "has signed this version already" in twice.text) == (409, True)
    client.force_login(bo)
    last = client.post(address, signing(version), follow=True).text
    assert "All have signed version 2." in last
    assert "Version 1 is superseded from 2026-04-01 on." in last
    late = client.post(address, signing(version))
    assert (late.status_code, "signed by all parties already" in late.text) == (409, True)


def test_who_is_no_signatory_is_told_who_signs(agreement, client):
    version = factories.draft(agreement)
    manager = factories.user("Manager")
    team = factories.party(agreement, Team.Function.SALES).team
    Membership.objects.create(user=manager, team=team, role=Membership.Role.MANAGER)
    client.force_login(manager)
    told = client.get(edit_address(version, "sign"))
    assert told.status_code == 403
    assert "Director of Company Marketing (Company Marketing) and Director of Company Sales" in told.text


def test_amending_over_a_draft_or_a_later_version_is_refused_in_a_sentence(agreement, as_ann, ann):
    factories.signed(agreement, starts_on=APRIL)
    said = as_ann.post("/agreements/company/amend/", {"starts_on": "2026-03-01"}).text
    assert "Version 1 is signed from 2026-04-01 on. Choose a later day." in said
    done = as_ann.post("/agreements/company/amend/", {"starts_on": "2026-06-01"})
    assert done.url == "/agreements/company/versions/2/edit/"
    far = as_ann.post("/agreements/company/amend/", {"starts_on": "9999-12-01"}).text
    assert "The year is from 2000 to 2100." in far
    assert (
        "Version 2 is a draft still"
        in as_ann.post("/agreements/company/amend/", {"starts_on": "2026-06-02"}).text
    )


def test_what_people_type_is_text_wherever_it_stands(agreement, as_ann, ann):
    Agreement.objects.filter(pk=agreement.pk).update(name=HOSTILE[:150])
    segment = factories.segment("X")
    Segment.objects.update(name=HOSTILE[:100])
    version = factories.draft(agreement, goals={MARCH: 1})
    Team.objects.filter(parties__agreement=agreement, function="sales").update(name=HOSTILE[:100])
    ann.__class__.objects.filter(pk=ann.pk).update(name=HOSTILE[:150])
    party = factories.party(agreement, Team.Function.MARKETING)
    values = {"summary": HOSTILE, "clause-scope-0": HOSTILE}
    values |= {f"clause-needs-{party.pk}": HOSTILE, f"goal-{segment.pk}-2026-03": 3}
    Contact.objects.create(party=party, responsibility=HOSTILE[:100], outside=HOSTILE[:200])
    edit_draft(version=version, edits=0, values=values, now=NOON, by=ann)
    version.refresh_from_db()
    stale = filled(version) | {"edits": "0", "summary": HOSTILE + "2"}
    pages = [
        as_ann.get(address)
        for address in (
            "/agreements/",
            "/agreements/company/",
            "/agreements/company/contacts/",
            *(edit_address(version, page) for page in ("edit", "sign", "withdraw", "start-over")),
            "/agreements/company/amend/",
            "/agreements/new/",
        )
    ]
    pages += [as_ann.post(edit_address(version), stale), as_ann.post(edit_address(version, "preview"), stale)]
    assert [page.status_code for page in pages] == [200] * 9 + [409, 200]
    for page in pages:
        assert "<script>alert" not in page.text and "<img src=x" not in page.text


def test_pages_ask_as_often_for_many_rows_as_for_few(agreement, as_ann, ann):
    factories.signed(agreement, goals={MARCH: 10})
    draft = begin_amendment(agreement=agreement, starts_on=APRIL, now=NOON, by=ann)
    made = []

    def add(what):
        for _ in range(6):
            number = len(made)
            made.append(number)
            segment = factories.segment(f"{what} {number}")
            values = {
                f"goal-{segment.pk}-2026-04": 5,
                f"speed-{segment.pk}-allowance": dt.timedelta(hours=1),
            }
            draft.refresh_from_db()
            edit_draft(version=draft, edits=draft.edits, values=values, now=NOON, by=ann)
            other = factories.agreement(f"{what}-{number}")
            factories.signed(other)
            factories.draft(other, starts_on=JUNE)
            Version.objects.create(
                agreement=agreement,
                number=100 + number,
                starts_on=JUNE,
                created_at=NOON,
                state=Version.State.WITHDRAWN,
            )

    add("first")
    for what, address in (
        ("edit", edit_address(draft)),
        ("list", "/agreements/"),
        ("page", "/agreements/company/"),
        ("draft", "/agreements/company/versions/2/"),
        ("sign", edit_address(draft, "sign")),
    ):
        assert_same_queries(lambda at=address: as_ann.get(at), add_rows=lambda of=what: add(of))


def test_history_comes_in_pages(agreement, as_ann, ann):
    version = factories.draft(agreement)
    for turn in range(20):
        edit_draft(version=version, edits=turn, values={"summary": f"Turn {turn}"}, now=NOON, by=ann)
        version.refresh_from_db()
    assert AgreementEvent.objects.count() == 20
    first, second = (as_ann.get(f"/agreements/company/?page={page}").text for page in (1, 2))
    assert first.count("draft edited: 1 field") == 15
    assert second.count("draft edited: 1 field") == 5


@pytest.mark.parametrize(
    "language,goal,share", [("en", "60,000", "87.5"), ("pl", "60\u00a0000", "87,5"), ("pl", "60000", "87.5")]
)
def test_a_draft_takes_numbers_as_pages_print_them(agreement, as_ann, language, goal, share):
    version = factories.draft(agreement)
    as_ann.cookies["django_language"] = language
    given = filled(version) | {"goal-0-2026-03": goal, "speed-0-in_time_share": share}
    assert as_ann.post(edit_address(version), given).status_code == 302
    assert version.commitments.get(kind="mql_goal").month_goals.get().goal == 60_000
    assert version.commitments.get(kind="speed").in_time_share == Decimal("0.875")


def test_numbers_that_cannot_be_are_refused_beside_their_field(agreement, as_ann):
    version = factories.draft(agreement)
    refused = as_ann.post(
        edit_address(version),
        filled(version) | {"goal-0-2026-03": "12.5", "speed-0-in_time_share": "87,5", "depth-0-window": "\0"},
    )
    assert refused.status_code == 422
    for said in ("A whole number is needed.", "Write 87.5.", "is no number."):
        assert said in refused.text


def test_how_the_goal_is_counted_is_edited_said_and_compared(agreement, as_ann):
    segment = factories.segment("Enterprise")
    factories.signed(agreement, goals={MARCH: 90})
    version = begin_amendment(
        agreement=agreement, starts_on=APRIL, now=NOON, by=factories.party(agreement, "marketing").signatory
    )
    page = as_ann.get(edit_address(version)).text
    assert "How it is counted" in page
    assert 'name="counting-0-profile"' in page and "by weekday weights" not in page
    given = filled(version) | {
        f"goal-{segment.pk}-2026-04": 5,
        "counting-0-measure": "accepted",
        "counting-0-profile": "business_days",
        "counting-0-tolerance": "5",
        "counting-0-counts_recycled": "on",
    }
    assert as_ann.post(edit_address(version), given).status_code == 302
    for promise in version.commitments.filter(kind="mql_goal"):
        assert (promise.measure, promise.profile, promise.tolerance) == (
            "accepted",
            "business_days",
            Decimal("0.05"),
        )
        assert (promise.counts_recycled, promise.counts_sales_origin) == (True, False)
    said = as_ann.get("/agreements/company/versions/2/").text
    for sentence in (
        "Counted: accepted.",
        "Goal line: business days only.",
        "On pace within 5% either way.",
        "Recycled leads count again when they are handed over again.",
    ):
        assert sentence in said
    assert "Counted:" not in as_ann.get("/agreements/company/versions/1/").text, "the usual needs no words"
    signing = re.sub(r"<[^>]+>|\s+", " ", as_ann.get("/agreements/company/versions/2/sign/").text)
    signing = " ".join(signing.split())
    assert "What is counted handed off accepted changed" in signing
    assert "On pace within 10% 5% −50%" in signing
    for odd in (
        {"counting-0-measure": "x"},
        {"counting-0-profile": "weights"},
        {"counting-0-tolerance": "101"},
    ):
        assert as_ann.post(edit_address(version), filled(version) | odd).status_code == 422


def test_weights_of_weekdays_survive_an_edit_of_something_else(agreement, as_ann):
    weights = {"mon": 2, "tue": 1}
    version = factories.draft(
        agreement, goals={MARCH: 90}, goal_terms={"profile": "weights", "weekday_weights": weights}
    )
    assert "by weekday weights" in as_ann.get(edit_address(version)).text
    assert as_ann.post(edit_address(version), filled(version, summary="Short")).status_code == 302
    promise = version.commitments.get(kind="mql_goal")
    assert (promise.profile, promise.weekday_weights) == ("weights", weights)
