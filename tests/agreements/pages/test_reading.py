"""The pages of agreements are read and begun; whatever is typed into them is text."""

import datetime as dt
import re

import pytest

from agreements.models import Agreement, AgreementEvent, Clause, Contact, Membership, Segment, Team, Version
from agreements.services.drafting import begin_amendment, edit_draft, use_plan
from tests import factories
from tests.agreements.pages.sent import HOSTILE, edit_address, filled
from tests.agreements.test_drafting import plan_of
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db

NOON = factories.NOON
MARCH, APRIL, JUNE = (dt.date(2026, month, 1) for month in (3, 4, 6))


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
