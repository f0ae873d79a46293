"""The pages that show leads: the queue in the order of work, the list and its filters, one lead, why it is due."""

import datetime as dt
import html
import re

import pytest
import time_machine
from django.urls import reverse

from leads.models import FollowUpAttempt, HandOff, HandOffEvent, Lead
from leads.services.attempts import log_attempt, void_attempt
from leads.services.hand_offs import accept, close
from tests import factories
from tests.leads.people import HOUR, START, browser, make_office
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db
NOON = START + 2 * HOUR


@pytest.fixture
def office():
    return make_office()


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


def opened(user, name, *, status=200, query="", **parts):
    found = browser(user).get(reverse(f"leads:{name}", kwargs=parts) + query)
    assert found.status_code == status, found.status_code
    return html.unescape(found.text).replace("\N{NO-BREAK SPACE}", " ")


def headline(text):
    found = re.search(r"<h1[^>]*>(.*?)</h1>", text, re.DOTALL)
    assert found
    return " ".join(found[1].split())


def order(text, *names):
    places = [text.index(f"<bdi>{name}</bdi>") for name in names]
    assert places == sorted(places), names


def test_the_queue_is_in_the_order_of_work(office):
    hour_by_hour = {
        "Over Due": START - 72 * HOUR,  # due Friday 14:00
        "At Risk": START - HOUR,  # due 13:00, at risk from 12:00
        "To Day": START,  # due 14:00
        "Too Soon": NOON,  # due 16:00
    }
    for name, at in hour_by_hour.items():
        office.hand_off(name, owner=office.kim, at=at)
    tomorrow = office.hand_off("Next Day", owner=office.kim, at=NOON)
    HandOff.objects.filter(pk=tomorrow.pk).update(due_at=NOON + 24 * HOUR, at_risk_at=NOON + 23 * HOUR)
    answered = office.hand_off("An Swered", owner=office.kim)
    log_attempt(hand_off=answered, attempted_at=START + HOUR, channel="call", outcome="no_answer", now=NOON)
    HandOff.objects.filter(pk=office.hand_off("No Clock", owner=office.kim).pk).update(
        due_at=None, at_risk_at=None, allowance=None, state="no_clock"
    )
    close(hand_off=office.hand_off("Clo Sed", owner=office.kim), closed_as="lost", at=NOON, now=NOON)
    office.hand_off("Somebody Else's", owner=office.rob)

    text = opened(office.kim, "queue")
    assert (
        headline(text) == "6 leads wait for you; 1 is overdue."
    )  # who was tried today waits for another day
    order(text, "Over Due", "At Risk", "To Day", "Too Soon", "Next Day", "No Clock", "An Swered")
    assert "Clo Sed" not in text and "Somebody Else's" not in text
    for said in ("Attempt 1 of 6", "Attempt 2 of 6", "late 6 h", "1 h left", "2 h left", "due 14:00"):
        assert said in text, said
    assert headline(opened(office.marketer, "queue")) == "All caught up."


def test_the_queue_shows_what_nobody_has_taken_to_the_receiving_team_alone(office):
    office.hand_off("Free Lead")
    assert "Not taken by anybody yet" in opened(office.rob, "queue")
    assert "Free Lead" in opened(office.admin, "queue")
    assert "Free Lead" not in opened(office.other, "queue")
    assert "Nothing waits." in opened(office.other, "queue")


def test_a_manager_opens_the_queues_of_their_people_and_of_nobody_else(office):
    office.hand_off("Of Kim", owner=office.kim)
    office.hand_off("Of Other", owner=office.other)
    assert "Of Kim" not in opened(office.manager, "queue")
    text = opened(office.manager, "queue", query="?owner=team")
    assert headline(text) == "1 lead waits for your people; none is overdue."
    assert "Of Kim" in text and "Of Other" not in text
    assert headline(opened(office.manager, "queue", query=f"?owner={office.kim.pk}")).startswith(
        "1 lead waits for Kim"
    )
    for foreign in (office.other.pk, "nonsense", "\0", "9" * 50, "²"):
        text = opened(office.manager, "queue", query=f"?owner={foreign}")
        assert "You manage nobody of that name" in text and "Of Other" not in text
    assert "You manage nobody of that name" in opened(office.rob, "queue", query=f"?owner={office.kim.pk}")
    everybody = opened(office.admin, "queue", query="?owner=team")
    assert "Of Kim" in everybody and "Of Other" in everybody


def test_a_clock_outside_business_hours_says_until_when_it_rests(office):
    office.hand_off(owner=office.kim)
    with time_machine.travel(START + 10 * HOUR, tick=False):  # 20:00, due at 14:00
        assert "late 3 h" in opened(office.kim, "queue")
    office.hand_off("Late Comer", owner=office.kim, at=START + 6 * HOUR)
    with time_machine.travel(START + 10 * HOUR, tick=False):
        text = opened(office.kim, "queue")
    assert "3 h left" in text and "rests until Tue 3 Mar 09:00" in text


def test_pages_of_the_queue_hold_twenty_five(office):
    many(office, 35)
    first, second = opened(office.kim, "queue"), opened(office.kim, "queue", query="?page=2")
    assert first.count('class="lead-row"') == 25 and second.count('class="lead-row"') == 10
    assert headline(first) == headline(second) == "35 leads wait for you; none is overdue."
    for number in ("0", "-1", "x", "99999999999", "9999", "²"):
        opened(office.kim, "queue", query=f"?page={number}")


def test_the_list_is_narrowed_by_its_address(office):
    segment = factories.segment("Executive")
    mine = office.hand_off(
        "Ana Sample",
        owner=office.kim,
        source="fair",
        segment=segment,
        company="Sample Bakery",
        email="ana@bakery.example",
    )
    overdue = office.hand_off("Bo Late", owner=office.kim, at=START - 72 * HOUR)
    office.hand_off("Cy Free")
    close(hand_off=office.hand_off("Di Done", owner=office.kim), closed_as="lost", at=NOON, now=NOON)
    again = office.hand_off("Ed Again", owner=office.kim, at=START - HOUR)
    close(hand_off=again, closed_as="recycled", at=START, now=NOON)
    office.new_lead("Flo New")
    factories.lead(START - 60 * 24 * HOUR, name="Gus Old")
    everything = {"Ana Sample", "Bo Late", "Cy Free", "Di Done", "Ed Again", "Flo New", "Gus Old"}

    def found(query):
        text = opened(office.admin, "leads", query=query)
        return {name for name in everything if f"<bdi>{name}</bdi>" in text}

    assert found("") == everything
    for query, names in {
        "q=ana": {"Ana Sample"},
        "q=BAKERY ana": {"Ana Sample"},
        "q=ana@bakery": {"Ana Sample"},
        "q=%25": set(),
        "source=fair": {"Ana Sample"},
        "segment=executive": {"Ana Sample"},
        "clock=overdue": {"Bo Late"},
        "clock=running": {"Ana Sample", "Cy Free", "Di Done"},
        "clock=recycled": {"Ed Again"},
        f"owner={office.kim.pk}": {"Ana Sample", "Bo Late", "Di Done", "Ed Again"},
        "owner=nobody": {"Cy Free"},
        "stage=new": {"Flo New", "Gus Old"},
        "stage=open": {"Ana Sample", "Bo Late", "Cy Free"},
        "stage=closed": {"Di Done", "Ed Again"},
        "month=2026-01": {"Gus Old"},
        "stage=open&clock=running&owner=nobody": {"Cy Free"},
    }.items():
        assert found(f"?{query}") == names, query
    text = opened(office.admin, "leads", query="?stage=new&q=flo&page=1")
    assert headline(text) == "1 lead matches."
    assert (
        "Where it is: not handed over yet" in text and 'href="?q=flo"' in text and 'href="?stage=new"' in text
    )
    assert headline(opened(office.admin, "leads", query="?q=nothing+like+it")) == "No lead matches."
    order(opened(office.admin, "leads", query="?sort=due"), overdue.lead.name, mine.lead.name, "Flo New")
    order(opened(office.admin, "leads", query="?sort=name"), *sorted(everything))
    order(opened(office.admin, "leads", query="?sort=oldest"), "Gus Old", "Flo New")


@pytest.mark.parametrize(
    "query",
    [
        "month=2026-13", "month=yesterday", "clock=broken", "owner=me", "owner=0", "segment=none", "stage=x", "sort=up",
        "page=0", "page=-1", "page=x", "page=99999999999999999999", "q=%00", "source=%00", f"q={'x' * 10_000}",
        "month=" + "9" * 5_000, "segment=%00", "owner=%00",
    ],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_is_named(office, query):
    office.new_lead()
    text = opened(office.marketer, "leads", query=f"?{query}")
    label = {
        "month": "Qualified in", "clock": "Clock", "owner": "Owner", "segment": "Segment", "stage": "Where it is",
        "sort": "Sorted by", "page": "Page", "q": "Name, company or e-mail", "source": "Source",
    }[query.partition("=")[0]]  # fmt: skip
    assert re.search(rf'role="alert">{label}: ', text), text
    assert headline(text) == "You work with 1 lead."


def test_the_list_counts_to_a_thousand_and_no_further(office):
    Lead.objects.bulk_create(
        Lead(
            system="test",
            external_id=f"many-{n}",
            qualified_at=START,
            qualified_on=START.date(),
            created_at=START,
        )
        for n in range(1_001)
    )
    assert headline(opened(office.marketer, "leads")) == "You work with more than 1,000 leads."
    text = opened(office.marketer, "leads", query="?page=21")
    assert text.count('class="lead-row"') == 1 and "Next" not in text


def test_everybody_sees_only_the_leads_that_are_theirs(office):
    office.hand_off("Of Kim", owner=office.kim)
    office.hand_off("Free Lead")
    office.new_lead("New Lead")
    seen = {
        "kim": {"Of Kim", "Free Lead"},
        "rob": {"Free Lead"},
        "manager": {"Of Kim", "Free Lead"},
        "other": set(),
        "marketer": {"Of Kim", "Free Lead", "New Lead"},
        "admin": {"Of Kim", "Free Lead", "New Lead"},
    }
    for name, leads in seen.items():
        text = opened(getattr(office, name), "leads")
        assert {lead for lead in ("Of Kim", "Free Lead", "New Lead") if lead in text} == leads, name


def test_the_first_line_of_a_lead_says_how_things_stand(office):
    hand_off = office.hand_off(owner=office.kim)
    lead = {"pk": hand_off.lead_id}

    def said(at):
        with time_machine.travel(at, tick=False):
            return headline(opened(office.kim, "lead", **lead))

    assert said(NOON) == "The first attempt on Ana Sample is due 14:00, in 2 h (business)."
    assert said(START + 3.5 * HOUR).startswith(
        "At risk: the first attempt on Ana Sample is due 14:00, in 30 m"
    )
    assert (
        said(START + 5 * HOUR)
        == "Overdue since 14:00: the first attempt on Ana Sample is 1 h late (business)."
    )
    late = log_attempt(
        hand_off=hand_off,
        attempted_at=START + 5 * HOUR,
        channel="call",
        outcome="no_answer",
        now=START + 5 * HOUR,
    )
    assert (
        said(START + 6 * HOUR)
        == "First attempt on Ana Sample too late, after 5 h (business). Next: Attempt 2 of 6."
    )
    void_attempt(attempt=late, now=START + 6 * HOUR)
    assert said(START + 6 * HOUR).startswith("Overdue since 14:00")
    log_attempt(
        hand_off=hand_off,
        attempted_at=START + HOUR,
        channel="call",
        outcome="no_answer",
        now=START + 6 * HOUR,
    )
    assert (
        said(START + 6 * HOUR)
        == "First attempt on Ana Sample in time, after 1 h (business). Next: Attempt 2 of 6."
    )
    log_attempt(
        hand_off=hand_off,
        attempted_at=START + 2 * HOUR,
        channel="call",
        outcome="connected",
        now=START + 6 * HOUR,
    )
    assert said(START + 6 * HOUR) == "Connected with Ana Sample, 12:00: close it once it is decided."
    close(hand_off=hand_off, closed_as="won", at=START + 6 * HOUR, now=START + 6 * HOUR)
    assert said(START + 7 * HOUR) == "Ana Sample was closed as won, 16:00."
    new = office.new_lead("New Lead")
    assert "is not handed over yet" in headline(opened(office.marketer, "lead", pk=new.pk))
    again = office.hand_off("Back Again", owner=office.kim)
    close(
        hand_off=again,
        closed_as="rejected",
        at=NOON,
        now=NOON,
        by=office.kim,
        reason="duplicate",
        reason_text="same as L-2",
    )
    text = opened(office.kim, "lead", pk=again.lead_id)
    assert (
        headline(text) == "Back Again was closed as rejected, 12:00: we have this lead already: same as L-2."
    )
    assert not again.events.filter(data__icontains="L-2").exists()


def test_the_page_of_a_lead_tells_everything_that_happened(office):
    hand_off = office.hand_off(owner=office.kim, email="ana@sample.example", phone="+48 (22) 600-700")
    accept(hand_off=hand_off, at=START, now=START, by=office.kim)
    first, second = (
        log_attempt(
            hand_off=hand_off,
            attempted_at=START + hours * HOUR,
            channel="call",
            outcome=outcome,
            now=NOON,
            by=office.kim,
            note=f"Note of {outcome}",
        )
        for hours, outcome in ((1, "no_answer"), (1.5, "voicemail"))
    )
    void_attempt(attempt=second, now=NOON, by=office.manager, reason="was another lead")
    text = opened(office.kim, "lead", pk=hand_off.lead_id)
    order(text, "ana@sample.example")
    for said in (
        'href="tel:+4822600700"', 'href="mailto:ana@sample.example"', "Note of no_answer", "Note of voicemail",
        "<s>Call · voicemail</s>", "by Mia Manager", "was another lead", "1 of 6 agreed", "accepted 10:00",
        "Company, version 1", "4 h of business time", "Handed over to Company Sales", "explain this due time",
    ):  # fmt: skip
        assert said in text, said
    assert reverse("leads:undo-attempt", kwargs={"pk": first.pk}) in text
    assert reverse("leads:undo-attempt", kwargs={"pk": second.pk}) not in text
    other = factories.lead(START, name="Ana S.", email="ANA@sample.example")
    assert "Ana S." not in opened(office.kim, "lead", pk=hand_off.lead_id)  # not theirs to know
    assert "Perhaps the same person" in opened(office.marketer, "lead", pk=hand_off.lead_id)
    assert "Ana Sample" in opened(office.marketer, "lead", pk=other.pk)


def test_buttons_are_those_that_this_person_may_use(office):
    owned, free = office.hand_off("Of Kim", owner=office.kim), office.hand_off("Free Lead")
    actions = ("accept", "log-attempt", "assign", "reject", "close")

    def offered(user, hand_off):
        text = opened(user, "lead", pk=hand_off.lead_id)
        return {name for name in actions if reverse(f"leads:{name}", kwargs={"pk": hand_off.pk}) in text}

    assert offered(office.kim, owned) == {"accept", "log-attempt", "reject", "close"}
    assert offered(office.manager, owned) == {"log-attempt", "assign", "reject", "close"}
    assert offered(office.marketer, owned) == set()
    assert offered(office.rob, free) == {"accept", "reject"}
    assert offered(office.manager, free) == {"accept", "log-attempt", "assign", "reject", "close"}
    close(hand_off=owned, closed_as="lost", at=NOON, now=NOON)
    assert offered(office.kim, owned) == {"log-attempt"}
    assert reverse("leads:hand-over", kwargs={"pk": owned.lead_id}) in opened(
        office.marketer, "lead", pk=owned.lead_id
    )


def test_a_due_time_is_explained_by_the_hours_that_were_counted(office):
    office.team.calendar = factories.calendar("Warsaw", tz="Europe/Warsaw", holidays=["2026-03-03"])
    office.team.save()
    hand_off = office.hand_off(
        owner=office.kim, at=START + 5 * HOUR
    )  # 16:00 in Warsaw: an hour of four is left
    text = opened(office.kim, "explain", pk=hand_off.pk)
    assert headline(text) == (
        "Due Wed 4 Mar 12:00 CET: 4 h of business time (Warsaw) after the hand-off, 16:00."
    )
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", text, re.DOTALL)[1:]
    plain = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]
    assert (
        plain[0]
        == "Mon 2 Mar 16:00 (yours Mon 2 Mar 15:00) Mon 2 Mar 17:00 (yours Mon 2 Mar 16:00) runs business hours 1 h 1 h"
    )
    assert any("rests holiday 24 h" in line for line in plain)
    assert plain[-1].endswith("runs business hours 3 h 4 h")
    assert "Times in Europe/Warsaw" in text
    assert "due Wed 4 Mar 11:00 UTC" in opened(
        office.kim, "queue"
    )  # the zone is named, as it is not the calendar's
    HandOff.objects.filter(pk=hand_off.pk).update(
        due_at=None, at_risk_at=None, allowance=None, state="no_clock", version=None
    )
    assert headline(opened(office.kim, "explain", pk=hand_off.pk)).endswith(
        "no agreement was in force for this hand-off."
    )


def test_the_lists_choices_name_no_source_of_leads_one_may_not_know(office):
    hand_off = office.hand_off("Secret Source", owner=office.rob)
    Lead.objects.filter(pk=hand_off.lead_id).update(source="hushed fair")
    assert "hushed fair" in opened(office.rob, "leads")
    assert "hushed fair" not in opened(office.kim, "leads")


def many(office, n):
    """So many open hand-offs of Kim's, each with an attempt, in the same state as one made by the services."""
    model = office.hand_off("Model", owner=office.kim)
    close(hand_off=model, closed_as="lost", at=NOON, now=NOON)
    model.refresh_from_db()
    first = Lead.objects.order_by("-pk").values_list("pk", flat=True)[0]
    leads = Lead.objects.bulk_create(
        Lead(
            system="many",
            external_id=f"{first}-{i}",
            name=f"Person {i}",
            email="same@sample.example",
            source=f"source {i % 30}",
            qualified_at=START,
            qualified_on=START.date(),
            created_at=START,
        )
        for i in range(n)
    )
    for lead in leads:
        model.pk, model.lead, model.closed_as, model.closed_at = None, lead, "", None
        model.save(force_insert=True)


@pytest.mark.parametrize("name", ["queue", "leads"])
def test_a_list_asks_as_often_for_1000_rows_as_for_10(office, name):
    many(office, 10)
    for user in (office.kim, office.manager, office.marketer):
        client = browser(user)
        query = "?owner=team" if name == "queue" and user == office.manager else ""
        address = reverse(f"leads:{name}") + query
        assert_same_queries(
            lambda client=client, address=address: client.get(address),
            add_rows=lambda user=user: many(office, 990 if user == office.kim else 10),
        )


def test_a_lead_asks_as_often_for_1000_attempts_as_for_10(office):
    hand_off = office.hand_off(owner=office.kim, email="ana@sample.example")

    def attempts(first, last):
        FollowUpAttempt.objects.bulk_create(
            FollowUpAttempt(
                hand_off=hand_off,
                system="many",
                external_id=str(i),
                attempted_at=START,
                attempted_on=START.date(),
                channel="call",
                outcome="no_answer",
                by=office.kim,
                logged_at=START,
            )
            for i in range(first, last)
        )
        hand_off.events.bulk_create(
            HandOffEvent(
                hand_off=hand_off,
                kind="assigned",
                happened_at=START,
                recorded_at=START,
                data={"owner": office.rob.pk},
            )
            for i in range(first, last)
        )

    attempts(0, 10)
    client = browser(office.kim)
    address = reverse("leads:lead", kwargs={"pk": hand_off.lead_id})
    assert_same_queries(lambda: client.get(address), add_rows=lambda: attempts(10, 1_000))
    assert "Older entries are not shown." in client.get(address).text


def test_days_of_other_years_carry_their_year(office):
    old = office.hand_off(owner=office.kim, at=START - dt.timedelta(days=100))  # a Saturday
    assert "Sat 22 Nov 2025 10:00" in opened(office.kim, "lead", pk=old.lead_id)
