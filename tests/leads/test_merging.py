"""Two leads that are one are merged, and come apart again as if nothing had been."""

from __future__ import annotations

import datetime as dt
import json
from random import Random
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from agreements.models import Membership
from leads.intake.runs import ImportOptions
from leads.intake.sent_rows import take_rows
from leads.intake.undoing import undo_import
from leads.models import Deal, FollowUpAttempt, HandOff, HandOffEvent, Import, Lead, Merge
from leads.services.attempts import log_attempt
from leads.services.facts import rebuild_facts
from leads.services.hand_offs import close, episode_for, hand_over
from leads.services.merging import forget_what_was_filled, merge_leads, undo_merge
from reports import rollups
from tests import factories
from tests.leads.importing import NOW, take, whole_tables
from tests.leads.people import HOUR, START, browser, make_office
from tests.leads.rules import rule
from tests.races import race, rounds
from tests.worlds.stored import rebuilt_rows, row_differences, stored_rows

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
LATER = START + 2 * DAY


@pytest.fixture
def office():
    return make_office()


@pytest.fixture
def director(office):
    made = factories.user("Dina Director")
    Membership.objects.create(user=made, team=office.team, role=Membership.Role.DIRECTOR)
    return made


def merge(survivor: Lead, absorbed: Lead, by: Any, *, now: dt.datetime = LATER, **given: Any) -> Merge:
    return merge_leads(
        survivor=survivor, absorbed=absorbed, now=now, by=by, may_know=lambda lead: True, **given
    )


def tried(hand_off: HandOff, at: dt.datetime, outcome: str = "no_answer") -> FollowUpAttempt:
    return log_attempt(hand_off=hand_off, attempted_at=at, channel="call", outcome=outcome, now=at)


def numbered(lead: Lead) -> list[tuple[int, int]]:
    return list(lead.hand_offs.order_by("number").values_list("number", "pk"))


def refusal(error: pytest.ExceptionInfo[ValidationError]) -> str:
    return str(error.value.messages[0])


def test_the_lead_that_goes_on_has_both_histories_and_counts_once_by_the_first(office):
    second = office.hand_off("Ana", owner=office.kim, at=START + DAY)
    first = office.hand_off("Anna", owner=office.rob)
    tried(first, START + HOUR)
    close(hand_off=first, closed_as="lost", at=START + 2 * HOUR, now=LATER)
    deal = Deal.objects.create(system="crm", external_id="d", lead=first.lead)
    rollups.refresh(now=LATER)
    merge(second.lead, first.lead, office.admin, reason="The same Ana")
    assert numbered(second.lead) == [(1, first.pk), (2, second.pk)]
    assert not first.lead.hand_offs.exists()
    deal.refresh_from_db()
    assert deal.lead == second.lead
    rollups.refresh(now=LATER)
    assert row_differences(stored_rows(), rebuilt_rows()) == []
    assert FollowUpAttempt.objects.get().hand_off == first
    came = HandOffEvent.objects.get(kind="merged")
    assert (came.hand_off, came.actor) == (first, office.admin)


def test_of_two_open_ones_that_of_the_lead_that_goes_on_goes_on(office):
    mine, other = office.hand_off("Ana", owner=office.kim), office.hand_off("Ana", owner=office.rob)
    made = merge(mine.lead, other.lead, office.admin, now=START + HOUR)
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.closed_at, other.closed_as, other.state) == (None, "cancelled", "cancelled")
    assert mine.lead.hand_offs.filter(closed_at=None).get() == mine
    assert made.closed == other


def test_what_was_late_before_the_merge_stays_late(office):
    mine, other = office.hand_off("Ana"), office.hand_off("Ana")
    merge(mine.lead, other.lead, office.admin)
    other.refresh_from_db()
    assert (other.closed_as, other.state) == ("cancelled", "missed")


def test_a_double_that_was_rejected_leaves_the_work_on_the_other_as_it_is(office):
    mine = office.hand_off("Ana", owner=office.kim)
    double = office.hand_off("Ana", owner=office.rob, at=START + HOUR)
    tried(mine, START + 2 * HOUR)
    close(hand_off=double, closed_as="rejected", reason="duplicate", at=START + 3 * HOUR, now=LATER)
    merge(mine.lead, double.lead, office.admin)
    mine.refresh_from_db()
    assert (mine.closed_at, mine.attempts, mine.state) == (None, 1, "met")
    assert episode_for(mine.lead, attempted_at=LATER) == mine
    with pytest.raises(ValidationError, match="already with sales"):
        hand_over(lead=mine.lead, now=LATER, team=office.team)
    with pytest.raises(ValidationError, match="merged into another"):
        hand_over(lead=double.lead, now=LATER, team=office.team)
    assert rebuild_facts(now=LATER) == 0


def test_what_was_tried_after_a_closing_counts_for_the_work_that_goes_on(office):
    mine, double = office.hand_off("Ana", owner=office.kim), office.hand_off("Ana", owner=office.rob)
    close(hand_off=double, closed_as="rejected", reason="duplicate", at=START + HOUR, now=LATER)
    attempt = tried(double, START + HOUR / 2)
    late = FollowUpAttempt.objects.create(
        hand_off=double,
        system="crm",
        external_id="late",
        attempted_at=START + 2 * HOUR,
        attempted_on=START.date(),
        channel="call",
        outcome="connected",
        logged_at=LATER,
    )
    made = merge(mine.lead, double.lead, office.admin)
    late.refresh_from_db()
    attempt.refresh_from_db()
    mine.refresh_from_db()
    assert (late.hand_off, attempt.hand_off) == (mine, double)
    assert (mine.state, mine.connected_at) == ("met", late.attempted_at)
    undo_merge(merge=made, now=LATER, by=office.admin)
    late.refresh_from_db()
    mine.refresh_from_db()
    assert (late.hand_off, mine.connected_at, mine.state) == (double, None, "overdue")


def test_the_lead_that_goes_on_gets_what_it_lacks_and_nothing_else(office):
    one = office.new_lead("Ana", phone="1", origin="sales")
    other = office.new_lead("Anna", email="ana@example.com", phone="2", source="fair")
    made = merge(one, other, office.admin)
    one.refresh_from_db()
    assert (one.name, one.email, one.phone, one.source, one.origin) == (
        "Ana",
        "ana@example.com",
        "1",
        "web",
        "sales",
    )
    undo_merge(merge=made, now=LATER, by=office.admin)
    one.refresh_from_db()
    made.refresh_from_db()
    assert (one.email, made.filled) == ("", {})


def test_what_somebody_wrote_since_is_not_emptied_by_the_undo(office):
    one, other = office.new_lead("Ana"), office.new_lead("Anna", email="ana@example.com")
    made = merge(one, other, office.admin)
    Lead.objects.filter(pk=one.pk).update(email="better@example.com")
    undo_merge(merge=made, now=LATER, by=office.admin)
    one.refresh_from_db()
    assert one.email == "better@example.com"


def test_contact_data_kept_for_the_undo_goes_with_it(office):
    made = merge(office.new_lead(), office.new_lead(email="ana@example.com"), office.admin)
    assert made.filled
    assert forget_what_was_filled(now=LATER + 29 * DAY) == 0
    assert forget_what_was_filled(now=LATER + 31 * DAY) == 1
    made.refresh_from_db()
    assert made.filled == {}


def test_no_lead_is_merged_with_itself_or_twice(office):
    one, two, three = office.new_lead("One"), office.new_lead("Two"), office.new_lead("Three")
    with pytest.raises(ValidationError, match="with itself"):
        merge(one, one, office.admin)
    merge(one, two, office.admin)
    for survivor, absorbed in ((three, two), (two, three)):
        with pytest.raises(ValidationError, match="Two was merged into another lead meanwhile"):
            merge(survivor, absorbed, office.admin)
    with pytest.raises(ValidationError, match="not yours to see"):
        merge_leads(survivor=one, absorbed=three, now=LATER, by=office.kim, may_know=lambda lead: lead == one)
    with pytest.raises(IntegrityError), transaction.atomic():
        Lead.objects.filter(pk=one.pk).update(merged_into=one)
    with pytest.raises(IntegrityError), transaction.atomic():
        Merge.objects.create(survivor=three, absorbed=two, made_at=LATER, by=office.admin)
    with pytest.raises(IntegrityError), transaction.atomic():
        Merge.objects.create(survivor=three, absorbed=three, made_at=LATER, by=office.admin)


def test_a_chain_leads_to_the_last_and_comes_apart_from_there(office):
    c, b, a = (office.hand_off(name, at=START + n * HOUR) for n, name in enumerate("CBA"))
    first = merge(b.lead, c.lead, office.admin)
    second = merge(a.lead, b.lead, office.admin)
    assert set(Lead.objects.filter(merged_into=a.lead)) == {b.lead, c.lead}
    with pytest.raises(ValidationError, match="undo that first"):
        undo_merge(merge=first, now=LATER, by=office.admin)
    undo_merge(merge=second, now=LATER, by=office.admin)
    assert list(Lead.objects.filter(merged_into=b.lead)) == [c.lead]
    assert [pk for _, pk in numbered(b.lead)] == [c.pk, b.pk]
    undo_merge(merge=first, now=LATER, by=office.admin)
    assert [numbered(one.lead) for one in (a, b, c)] == [[(1, a.pk)], [(1, b.pk)], [(1, c.pk)]]


def test_a_merge_is_undone_once_and_within_thirty_days(office):
    made = merge(office.new_lead(), office.new_lead(), office.admin)
    with pytest.raises(ValidationError, match="for 30 days"):
        undo_merge(merge=made, now=LATER + 30 * DAY + HOUR, by=office.admin)
    undo_merge(merge=made, now=LATER + 30 * DAY, by=office.admin)
    with pytest.raises(ValidationError, match="undone already"):
        undo_merge(merge=made, now=LATER, by=office.admin)
    assert merge(made.absorbed, made.survivor, office.admin).pk != made.pk


def test_what_happened_since_stays_with_the_lead_whose_it_is(office):
    mine, other = office.hand_off("Ana", owner=office.kim), office.hand_off("Anna", owner=office.rob)
    made = merge(mine.lead, other.lead, office.admin, now=START + HOUR)
    attempt = tried(mine, START + 2 * HOUR)
    close(hand_off=mine, closed_as="recycled", at=START + 3 * HOUR, now=LATER)
    again = hand_over(lead=mine.lead, at=START + 4 * HOUR, now=LATER, team=office.team)
    undo_merge(merge=made, now=LATER, by=office.admin)
    assert numbered(mine.lead) == [(1, mine.pk), (2, again.pk)]
    assert numbered(other.lead) == [(1, other.pk)]
    other.refresh_from_db()
    attempt.refresh_from_db()
    assert (other.closed_as, other.state, attempt.hand_off) == ("", "overdue", mine)
    assert rebuild_facts(now=LATER) == 0


@pytest.mark.parametrize("is_closed", [True, False])
def test_what_is_open_again_goes_to_another_where_its_owner_has_left(office, is_closed):
    mine, other = office.hand_off("Ana", owner=office.kim), office.hand_off("Anna", owner=office.rob)
    made = merge(mine.lead, other.lead, office.admin, now=START + HOUR)
    if is_closed:
        office.rob.is_active = False
        office.rob.save()
    else:
        Membership.objects.filter(user=office.rob).delete()
    rule(office.team)
    undo_merge(merge=made, now=LATER, by=office.admin)
    other.refresh_from_db()
    assert (other.closed_as, other.owner, other.team) == ("", office.kim, office.team)
    assert other.events.get(kind="assigned").data["from"] == office.rob.pk


# ---- what comes later under the id of the lead that was merged


def file_leads(*rows: str) -> str:
    return "\n".join(("external_id,handed_off_at,name,owner", *rows, ""))


@pytest.fixture
def imported(office):
    """Two leads of a file, the second merged into the first; both are with sales since nine and ten."""
    rows = ("1,2026-03-04T09:00:00Z,Ana,Kim Ito", "2,2026-03-04T10:00:00Z,Anna,Rob Roy")
    take("leads", file_leads(*rows), now=NOW)
    one, two = Lead.objects.order_by("external_id")
    return one, two, rows, merge(one, two, office.admin, now=NOW + HOUR)


def test_the_same_file_again_writes_nothing(imported):
    _one, _two, rows, _made = imported
    before = whole_tables()
    result = take("leads", file_leads(*rows), now=NOW + 2 * HOUR)
    assert (result.created, result.updated, result.unchanged) == (0, 0, 2)
    assert whole_tables() == before


def test_what_a_file_says_under_the_merged_id_reaches_the_lead_that_goes_on(imported):
    one, two, _rows, made = imported
    take("leads", file_leads("2,2026-03-04T10:00:00Z,Anna Maria,Rob Roy"), now=NOW + 2 * HOUR)
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.name, two.name, Lead.objects.count()) == ("Ana", "Anna Maria", 2)
    take(
        "attempts",
        "external_id,lead_external_id,attempted_at,channel,outcome\n1,2,2026-03-04T13:30:00Z,call,connected\n",
        now=NOW + 2 * HOUR,
    )
    take("deals", "external_id,lead_external_id,won,closed_at\nd,2,yes,2026-03-04\n", now=NOW + 2 * HOUR)
    assert FollowUpAttempt.objects.get().hand_off.lead == one
    assert Deal.objects.get().lead == one
    became = take_rows(
        kind="leads",
        rows=[{"external_id": "2", "qualified_at": "2026-03-04T10:00:00Z", "phone": "5"}],
        options=ImportOptions(source="csv"),
        now=NOW + 2 * HOUR,
    )
    assert [row.id for row in became] in ([one.pk], [Lead.objects.order_by("-pk")[0].pk])
    undo_merge(merge=made, now=NOW + 3 * HOUR, by=made.by)
    assert Deal.objects.get().lead == two
    assert FollowUpAttempt.objects.get().hand_off.lead == one


def test_a_new_hand_off_under_the_merged_id_is_a_new_episode_of_the_one_lead(imported):
    one, two, _rows, made = imported
    current = one.hand_offs.get(closed_at=None)
    later = "2,2026-03-04T15:00:00Z,Anna,Rob Roy"
    take("leads", file_leads(later), now=NOW + 4 * HOUR)
    assert one.hand_offs.count() == 2  # it is with sales
    close(hand_off=current, closed_as="recycled", at=NOW + 2 * HOUR, now=NOW + 4 * HOUR)
    take("leads", file_leads(later, "1,2026-03-04T15:30:00Z,Ana,Kim Ito"), now=NOW + 4 * HOUR)
    begun = one.hand_offs.get(closed_at=None)
    assert (one.hand_offs.count(), begun.number) == (3, 3)
    assert begun.merged_from == two
    undo_merge(merge=made, now=NOW + 5 * HOUR, by=made.by)
    assert two.hand_offs.count() == 2
    assert one.hand_offs.get() == current


def test_an_import_is_not_undone_under_leads_that_were_merged_since(office):
    first = take("leads", file_leads("1,2026-03-04T09:00:00Z,Ana,Kim Ito"), now=NOW)
    second = take("leads", file_leads("2,2026-03-04T08:00:00Z,Anna,Rob Roy"), now=NOW)
    one, two = Lead.objects.order_by("external_id")
    merge(one, two, office.admin, now=NOW + HOUR)
    Import.objects.update(undoable_until=NOW + DAY)
    before = whole_tables()
    for result in (first, second):
        undone = undo_import(
            record=Import.objects.get(pk=result.import_id), by=office.admin, now=NOW + 2 * HOUR
        )
        assert (undone.removed, undone.restored) == (0, 0)
        assert [one.why.value for one in undone.left] == ["merged"]
    assert whole_tables() == before


# ---- laws and races


def state() -> dict[str, list[str]]:
    """All rows of leads, hand-offs, attempts and deals."""
    found = {}
    with connection.cursor() as cursor:
        for table in ("lead", "handoff", "followupattempt", "deal"):
            cursor.execute(f"SELECT to_jsonb(t)::text FROM leads_{table} t ORDER BY id")
            found[table] = [json.dumps(json.loads(row), sort_keys=True) for (row,) in cursor.fetchall()]
    return found


def random_history(random: Random, office: Any) -> list[Lead]:
    leads = []
    for n in range(random.randint(3, 5)):
        contact = {name: f"{name}{n}" for name in ("email", "phone", "company") if random.random() < 0.5}
        lead = factories.lead(
            START,
            name=random.choice(("", f"Ana {n}")),
            origin=random.choice(("marketing", "sales")),
            **contact,
        )
        leads.append(lead)
        at = START + HOUR * random.randint(0, 20)
        for _ in range(random.randint(0, 3)):
            owner = random.choice((None, office.kim, office.rob))
            hand_off = hand_over(lead=lead, at=at, now=LATER, team=office.team, owner=owner)
            for _ in range(random.randint(0, 3)):
                FollowUpAttempt.objects.create(
                    hand_off=hand_off,
                    system="crm",
                    external_id=f"a{FollowUpAttempt.objects.count()}",
                    attempted_at=(when := at + HOUR * random.randint(-2, 8)),
                    attempted_on=when.date(),
                    is_date_only=random.random() < 0.2,
                    channel="call",
                    outcome=random.choice(("no_answer", "connected")),
                    logged_at=LATER,
                )
            if random.random() < 0.4:
                break
            ends = at + HOUR * random.randint(1, 6)
            how = random.choice(("won", "lost", "recycled", "cancelled", "unreachable"))
            close(hand_off=hand_off, closed_as=how, at=ends, now=LATER)
            at = ends + HOUR * random.randint(0, 5)
        if random.random() < 0.5:
            Deal.objects.create(
                system="crm", external_id=f"d{n}", lead=lead, is_won=True, closed_at=LATER, closed_on=LATER
            )
    rebuild_facts(now=LATER)
    return leads


@pytest.mark.parametrize("seed", range(rounds(25)))
def test_merges_undone_from_the_last_to_the_first_leave_everything_as_it_was(office, seed):
    """Whatever is merged: no attempt or hand-off is lost, one is open at most, and figures are those of a recount."""
    random = Random(seed)
    leads = random_history(random, office)
    rollups.refresh(now=LATER)
    attempts, hand_offs = FollowUpAttempt.objects.count(), HandOff.objects.count()
    states, merges, events = [], [], HandOffEvent.objects.count()
    for _ in range(random.randint(1, 3)):
        survivor, absorbed = random.sample([lead for lead in leads if lead.merged_into_id is None], 2)
        states.append((state(), rebuilt_rows()))
        rollups.refresh(now=LATER)
        merges.append(merge(survivor, absorbed, office.admin))
        for lead in leads:
            lead.refresh_from_db()
        if len([lead for lead in leads if lead.merged_into_id is None]) < 2:
            break
        check_merged(leads)
    for made, (before, figures) in zip(reversed(merges), reversed(states), strict=True):
        rollups.refresh(now=LATER)
        assert row_differences(stored_rows(), rebuilt_rows()) == []
        undo_merge(merge=made, now=LATER, by=office.admin)
        assert state() == before
        rollups.refresh(now=LATER)
        assert row_differences(stored_rows(), figures) == []
    assert (FollowUpAttempt.objects.count(), HandOff.objects.count()) == (attempts, hand_offs)
    assert HandOffEvent.objects.count() >= events
    assert rebuild_facts(now=LATER) == 0


def check_merged(leads: list[Lead]) -> None:
    assert rebuild_facts(now=LATER) == 0
    assert not HandOff.objects.filter(lead__merged_into__isnull=False).exists()
    assert not Deal.objects.filter(lead__merged_into__isnull=False).exists()
    assert not Lead.objects.filter(merged_into__merged_into__isnull=False).exists()
    for lead in leads:
        own = list(lead.hand_offs.order_by("number"))
        assert [one.number for one in own] == list(range(1, len(own) + 1))
        assert [one.handed_off_at for one in own] == sorted(one.handed_off_at for one in own)
        assert sum(one.closed_at is None for one in own) <= 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(rounds(3)))
def test_of_two_who_merge_each_other_s_way_one_wins_and_the_other_is_told(office, seed):
    one, two = office.hand_off("One"), office.hand_off("Two")
    results = race(
        lambda: merge(one.lead, two.lead, office.admin),
        lambda: merge(two.lead, one.lead, office.admin),
    )
    won = [result for result in results if isinstance(result, Merge)]
    told = [result for result in results if isinstance(result, ValidationError)]
    assert len(won) == len(told) == 1, results
    assert "merged into another lead meanwhile" in told[0].messages[0]
    assert Merge.objects.get() == won[0]
    assert won[0].survivor.hand_offs.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_undo_it_one_does(office):
    made = merge(office.hand_off("One").lead, office.hand_off("Two").lead, office.admin)
    results = race(*[lambda: undo_merge(merge=made, now=LATER, by=office.admin)] * 2)
    assert sorted(isinstance(result, ValidationError) for result in results) == [False, True], results
    assert HandOffEvent.objects.filter(kind="separated").count() == 1


# ---- pages


def test_two_are_compared_merged_and_come_apart_on_the_pages(office, director):
    one = office.hand_off("Ana", owner=office.kim, email="ana@example.com").lead
    two = office.hand_off(
        "Anna", owner=office.rob, at=START + HOUR, email="ANA@example.com", phone="555"
    ).lead
    client = browser(director)
    address = f"/leads/{one.pk}/merge/?with={two.pk}"
    with time_machine.travel(LATER):
        assert address in browser(director).get("/data-quality/").content.decode()
    assert address in client.get(f"/leads/{one.pk}/").content.decode()
    assert address in client.get(f"/leads/{one.pk}/merge/").content.decode()
    assert address in client.get(f"/leads/{one.pk}/merge/?q=anna").content.decode()
    compared = client.get(address).content.decode()
    assert "The work of Kim Ito goes on; that of Rob Roy is closed as cancelled." in compared
    assert f"/leads/{two.pk}/merge/?with={one.pk}" in compared
    page = client.post(address, {"reason": "Same address"}, follow=True).content.decode()
    assert "Anna is merged into Ana. You can undo it below." in page
    assert "Anna was merged into this lead: Same address" in page
    assert client.get(f"/leads/{two.pk}/").headers["Location"] == f"/leads/{one.pk}/"
    assert browser(office.other).get(f"/leads/{two.pk}/").status_code == 404
    assert browser(office.kim).get(f"/leads/{two.pk}/").status_code == 302
    again = client.post(address)
    assert (again.status_code, again.headers["Location"]) == (302, f"/leads/{one.pk}/")
    made = Merge.objects.get()
    undo = f"/merges/{made.pk}/undo/"
    assert undo in page
    assert browser(office.kim).post(undo).status_code == 403
    back = client.post(undo, follow=True).content.decode()
    assert "Anna is a lead of its own again." in back
    assert "Another lead was merged into this one" in back
    assert client.get(f"/leads/{two.pk}/").status_code == 200
    assert "That merge was undone" in client.get(f"/leads/{two.pk}/").content.decode()


def test_a_merged_lead_is_in_no_list(office):
    one, two = office.new_lead("Ana Sample"), office.new_lead("Ana Double")
    merge(one, two, office.admin)
    for address in ("/leads/", "/leads/?stage=new", "/search/?q=ana"):
        assert "Ana Double" not in browser(office.admin).get(address).content.decode(), address
