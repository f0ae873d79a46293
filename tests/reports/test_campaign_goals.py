"""Goals of one campaign or source: written into a draft, signed, drawn and judged, each figure counted anew."""

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from random import Random

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from agreements import words
from agreements.models import (
    AgreementEvent,
    Campaign,
    CampaignGoal,
    Commitment,
    Consequence,
    Evaluation,
    Excuse,
    MonthGoal,
    Strike,
)
from agreements.readings.campaign_goal_words import campaign_goal_sentence
from agreements.readings.changes import Changes
from agreements.readings.differences import differences
from agreements.readings.labels import names_of
from agreements.services.campaign_goals import (
    CampaignGoalChanged,
    remove_campaign_goal,
    write_campaign_goal,
)
from agreements.services.drafting import begin_amendment
from agreements.services.signed_text import canonical_text
from agreements.services.signing import sign_version
from agreements.terms import TermsBook
from leads.services.hand_offs import hand_over
from reports import rollups
from reports.closing import close_months
from reports.forms.filters import read_query
from reports.pages.contents import waterfall_contents
from reports.pages.frame import open_page
from reports.periods import month_of
from reports.readings.breakdown import gap_by_source
from reports.readings.goals import goals_by_day
from reports.readings.scope import build_scope
from reports.readings.selection import Selection
from reports.readings.waterfall import waterfall_report
from tests import factories
from tests.races import race

pytestmark = pytest.mark.django_db
Of = Campaign.Of
JANUARY, FEBRUARY, MARCH, APRIL, MAY = (dt.date(2026, month, 1) for month in range(1, 6))
NOW = dt.datetime(2026, 5, 20, 12, tzinfo=dt.UTC)
APRIL_18 = dt.datetime(2026, 4, 18, 12, tzinfo=dt.UTC)
TERMS = {"of": "campaign", "name": "Spring <b>fair</b>", "goal": 12, "first_on": None, "last_on": None}


@pytest.fixture
def draft():
    return factories.draft(
        factories.agreement(),
        goals=dict.fromkeys((FEBRUARY, MARCH, APRIL, MAY), 60),
        goal_terms={"profile": "business_days", "tolerance": Decimal("0.2")},
    )


def marketing(version):
    return factories.party(version.agreement, "marketing")


def write(version, row=None, *, edits=0, **terms):
    return write_campaign_goal(
        version=version,
        goal=row,
        edits=edits,
        terms={**TERMS, **terms},
        party=marketing(version),
        now=factories.NOON,
        by=marketing(version).signatory,
    )


# -- written into a draft and signed


def test_a_goal_is_written_changed_and_taken_out_with_an_event_of_its_numbers_alone(draft):
    made = write(draft)
    changed = write(draft, made, goal=15, name="Autumn", last_on=MARCH)
    assert campaign_goal_sentence(changed) == "15 leads a month of the campaign “Autumn”, until March 2026."
    with pytest.raises(CampaignGoalChanged):
        write(draft, made, goal=99)
    remove_campaign_goal(version=draft, goal=made, now=NOW, by=marketing(draft).signatory)
    assert not draft.campaign_goals.exists()
    with pytest.raises(CampaignGoalChanged):
        write(draft, made, edits=1)
    added, edited, _removed = AgreementEvent.objects.filter(kind="edited").order_by("pk")
    assert edited.data == {
        "campaign_goal": made.pk,
        "terms": {"goal": [12, 15], "last_on": [None, "2026-03-01"], "name": None},
    }
    said = Changes([added, edited], draft.agreement, user=marketing(draft).signatory).of(edited)
    assert {(one.name, one.before, one.after) for one in said} == {
        ("leads a month", "12", "15"),
        ("last month", words.NONE, "2026-03-01"),
        ("name", "", ""),
    }


def test_the_same_has_one_goal_a_month(draft):
    write(draft, last_on=MARCH)
    write(draft, of="source", last_on=MARCH)  # the source of that name is another thing
    write(draft, first_on=APRIL)
    for first_on, last_on in ((None, None), (MARCH, APRIL), (MARCH, MARCH), (APRIL, None)):
        with pytest.raises(ValidationError, match="has a goal in some of these months already"):
            write(draft, first_on=first_on, last_on=last_on)
    assert draft.campaign_goals.count() == 3


def test_a_goal_lies_in_the_months_of_its_version(draft):
    draft.ends_on = dt.date(2026, 4, 15)
    draft.save()
    with pytest.raises(ValidationError, match="ends before this month"):
        write(draft, first_on=MAY)
    with pytest.raises(ValidationError, match="begins after this month"):
        write(draft, last_on=dt.date(2025, 12, 1))
    write(draft, first_on=APRIL)
    draft.ends_on = dt.date(2026, 3, 15)
    draft.save()
    with pytest.raises(ValidationError, match="outside the version's days"):
        sign_version(version=draft, signer=marketing(draft).signatory, now=factories.NOON)


@pytest.mark.parametrize(
    "terms",
    [{"name": ""}, {"goal": 0}, {"first_on": dt.date(2026, 3, 2)}, {"first_on": APRIL, "last_on": MARCH}],
)
def test_the_table_refuses_what_cannot_be(draft, terms):
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.campaign_goal(draft, **terms)


def test_what_is_signed_names_it_and_stays(draft):
    assert "campaign_goals" not in json.loads(canonical_text(draft)), "texts without one stay as they were"
    write(draft, last_on=MARCH)
    version = factories.sign(draft)
    assert json.loads(version.signed_text)["campaign_goals"] == [
        {
            "of": "campaign",
            "name": "Spring <b>fair</b>",
            "goal": 12,
            "first_on": None,
            "last_on": "2026-03-01",
            "party": "company-marketing",
        }
    ]
    with pytest.raises(ValidationError):
        write(version, name="Another")
    for change in (
        lambda: CampaignGoal.objects.update(goal=1),
        lambda: CampaignGoal.objects.all().delete(),
        lambda: factories.campaign_goal(version, "Another"),
    ):
        with pytest.raises(IntegrityError, match="its terms cannot be changed"), transaction.atomic():
            change()


def test_the_next_version_has_what_is_not_over_and_says_what_changed(draft):
    write(draft, name="Over", last_on=FEBRUARY)
    write(draft, name="Stays")
    version = factories.sign(draft)
    amended = begin_amendment(
        agreement=version.agreement, starts_on=APRIL, now=factories.NOON, by=marketing(version).signatory
    )
    (copied,) = amended.campaign_goals.all()
    assert copied.name == "Stays"
    write(amended, copied, name="Stays", goal=20)
    found = {
        one.label: (one.old, one.new) for one in differences(version, amended, names_of(version.agreement))
    }
    assert found["MQL goal · campaign “Stays”"] == (
        "12 leads a month of the campaign “Stays”, every month.",
        "20 leads a month of the campaign “Stays”, every month.",
    )
    assert found["MQL goal · campaign “Over”"][1] == words.NONE


@pytest.mark.django_db(transaction=True)
def test_of_several_who_write_the_same_at_once_one_is_taken():
    draft = factories.draft(factories.agreement())
    results = race(*[partial(write, draft)] * 4)
    assert sum(isinstance(one, CampaignGoal) for one in results) == 1
    assert sum(isinstance(one, ValidationError) for one in results) == 3


def test_it_is_typed_on_pages_and_faults_stand_beside_the_fields(draft, client):
    client.force_login(marketing(draft).signatory)
    place = {"slug": draft.agreement.slug, "number": draft.number}
    new = reverse("agreements:new-campaign-goal", kwargs=place)
    given = {"edits": 0, "of": "source", "name": "Fair", "goal": "8", "party": marketing(draft).pk}
    for wrong, said in (
        ({"goal": "0"}, "greater than or equal to 1"),
        ({"goal": "many"}, "number"),
        ({"name": "x" * 151}, "at most 150 characters"),
        ({"first_on": "2026-04-01", "last_on": "2026-03-01"}, "The last month is not before the first."),
        ({"first_on": "2026-04-02"}, "Select a valid choice"),
        ({"of": "rep"}, "Select a valid choice"),
        ({"party": "1000000"}, "Select a valid choice"),
    ):
        answer = client.post(new, {**given, **wrong})
        assert answer.status_code == 422 and said in answer.content.decode(), wrong
    assert client.post(new, given).status_code == 302
    assert client.post(new, given).status_code == 409
    made = draft.campaign_goals.get()
    edit = reverse("agreements:edit-campaign-goal", kwargs={**place, "pk": made.pk})
    assert client.post(edit, {**given, "goal": "9", "first_on": "2026-03-01"}).status_code == 302
    late = client.post(edit, {**given, "goal": "10"})
    assert late.status_code == 409
    assert "9 leads a month of the source “Fair”, from March 2026 on." in late.content.decode()
    shown = client.get(reverse("agreements:version", kwargs=place)).content.decode()
    assert "9 leads a month of the source “Fair”, from March 2026 on." in shown
    client.post(reverse("agreements:remove-campaign-goal", kwargs={**place, "pk": made.pk}))
    assert not draft.campaign_goals.exists()


# -- drawn and judged


@pytest.fixture
def signed(draft, monkeypatch):
    """Twelve leads a month of a campaign; of a source nine, and from the middle of March on fifteen, until April."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    write(draft, name="Spring")
    write(draft, of="source", name="Fair", goal=9, last_on=APRIL)
    version = factories.sign(draft)
    amended = begin_amendment(
        agreement=version.agreement,
        starts_on=dt.date(2026, 3, 16),
        now=factories.NOON,
        by=marketing(version).signatory,
    )
    write(amended, amended.campaign_goals.get(of="source"), of="source", name="Fair", goal=15, last_on=APRIL)
    return factories.sign(amended)


def hand_over_many(agreement):
    """Return what was handed over: day, campaign, source, and whether it counts."""
    book, random, found = TermsBook(), Random(5), []
    for _number in range(160):
        at = dt.datetime(
            2026, random.randint(2, 5), random.randint(1, 19), random.randint(8, 17), tzinfo=dt.UTC
        )
        named = {
            "campaign": random.choice(("Spring", "Spring", "", "Other")),
            "source": random.choice(("Fair", "web")),
        }
        origin = random.choice(("marketing", "marketing", "marketing", "sales"))
        lead = factories.lead(at, **named, origin=origin)
        hand_over(lead=lead, now=NOW, at=at, agreement=agreement, book=book)
        found.append((at.date(), named["campaign"], named["source"], origin == "marketing"))
    rollups.refresh(now=NOW, wait=True)
    return found


def slow_goal(day: dt.date, of: str) -> Fraction:
    """The part of a goal that a day has: each weekday of its month alike."""
    weekdays = [one for one in month_of(day.replace(day=1)) if one.weekday() < 5]
    if day not in weekdays or (of == "source" and day.month > 4):
        return Fraction(0)
    goal = 12 if of == "campaign" else 9 if day < dt.date(2026, 3, 16) else 15
    return Fraction(goal, len(weekdays))


@pytest.mark.parametrize(("of", "name", "place"), [("campaign", "Spring", 1), ("source", "Fair", 2)])
def test_a_waterfall_of_one_has_its_own_goal_each_day(signed, of, name, place):
    came = hand_over_many(signed.agreement)
    for month in (FEBRUARY, MARCH, APRIL, MAY):
        scope = build_scope(period=month_of(month), now=NOW, agreement=signed.agreement, **{of: name})
        waterfall = waterfall_report(scope).months[0].waterfall
        goal = Fraction(0)
        for day in waterfall.days:
            goal += slow_goal(day.on, of)
            if month < MAY or of == "campaign":
                assert Fraction(day.goal_cumulative) == goal
            assert (day.actual or 0) == sum(
                row[0] == day.on and row[place] == name and row[3] for row in came
            )
        if month == MAY and of == "source":
            assert waterfall.summary.goal is None


def test_the_command_and_other_filters(signed, capsys):
    hand_over_many(signed.agreement)
    period = ("--from=2026-04-01", "--to=2026-05-01", f"--agreement={signed.agreement.slug}")
    call_command("report", "waterfall", *period, "--campaign=Spring")
    assert json.loads(capsys.readouterr().out)["goal"] == 12
    call_command("report", "waterfall", *period, "--campaign=Other")
    assert json.loads(capsys.readouterr().out)["goal"] is None
    call_command("report", "waterfall", *period, "--campaign=Spring", "--source=Fair")
    assert json.loads(capsys.readouterr().out)["goal"] is None
    call_command("report", "waterfall", *period, "--campaign=Spring", "--measure=value")
    assert json.loads(capsys.readouterr().out)["goal"] is None


def test_a_goal_of_what_no_lead_names_yet_is_drawn(signed):
    scope = build_scope(period=month_of(APRIL), now=NOW, agreement=signed.agreement, source="Fair")
    assert sum(Fraction(day.goal) * day.weight for day in goals_by_day(scope)) == 15


def test_each_month_judges_it_by_its_own_leads(signed):
    came = hand_over_many(signed.agreement)
    close_months(now=NOW)
    judged = Evaluation.objects.filter(promise="campaign_goal").select_related("month")
    found = {(one.month.month_on, one.subject): one for one in judged}
    assert set(found) == {
        (month, subject)
        for month in (JANUARY, FEBRUARY, MARCH, APRIL)
        for subject in ("campaign:Spring", "source:Fair")
    }
    for (month, subject), one in found.items():
        of, name = subject.split(":")
        place = 1 if of == "campaign" else 2
        counted = sum(row[0].month == month.month and row[place] == name and row[3] for row in came)
        goal = sum(slow_goal(day, of) for day in month_of(month))
        assert (one.numerator, one.denominator) == (counted, goal), one
        assert one.outcome == ("met" if counted >= goal * Fraction(8, 10) else "missed")
        assert Strike.objects.filter(evaluation=one).exists() == (one.outcome == "missed")
    whole = Evaluation.objects.get(promise="mql_goal", month__month_on=MARCH)
    assert whole.numerator == sum(row[0].month == 3 and row[3] for row in came), (
        "a part takes nothing from it"
    )


def test_missed_again_and_again_it_has_the_agreed_consequence_and_an_excuse_takes_it_away(draft, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    draft.review_after_misses = 2
    draft.save()
    write(draft, name="Spring")
    version = factories.sign(draft)
    close_months(now=NOW)
    raised = Consequence.objects.get(promise="campaign_goal")
    assert raised.title == "MQL goal · campaign “Spring”" and raised.misses == 2
    Excuse.objects.create(
        agreement=version.agreement,
        party=marketing(version),
        month_on=FEBRUARY,
        days=list(month_of(FEBRUARY)),
        reason="outage",
        state="accepted",
        proposed_at=NOW,
        answered_at=NOW,
        answered_by=factories.party(version.agreement, "sales").signatory,
        answered_for=factories.party(version.agreement, "sales"),
    )
    close_months(now=NOW)
    assert Evaluation.objects.get(promise="campaign_goal", month__month_on=FEBRUARY).outcome == "excused"


def test_pages_show_it_beside_what_came(signed, client):
    came = hand_over_many(signed.agreement)
    close_months(now=NOW)
    client.force_login(marketing(signed).signatory)
    asked = f"?agreement={signed.agreement.slug}&month=2026-05"
    n = sum(row[0].month == 5 and row[1] == "Spring" and row[3] for row in came)
    campaigns = client.get(reverse("reports:campaigns") + asked).content.decode()
    assert "MQL goal · campaign “Spring”" in campaigns and "campaign=Spring" in campaigns
    assert "source “Fair”" not in campaigns, "promised until April"
    file = client.get(reverse("reports:campaigns") + asked + "&table=signed&format=csv").content.decode()
    assert f"campaign:Spring,company-marketing,12,{12 * 14 / 21:g},{n},{n - 12 * 14 / 21:g}" in file
    review = client.get(reverse("reports:review") + asked).content.decode()
    assert "MQL goal · campaign “Spring”" in review
    kept = client.get(reverse("reports:kept", args=[signed.agreement.slug])).content.decode()
    assert "MQL goal · source “Fair”" in kept and "source=Fair" in kept
    waterfall = client.get(reverse("reports:waterfall") + asked + "&campaign=Spring")
    assert waterfall.status_code == 200


def test_the_first_page_says_which_is_behind(signed, client):
    at = NOW - dt.timedelta(days=5)
    hand_over(lead=factories.lead(at, campaign="Other"), now=NOW, at=at, agreement=signed.agreement)
    rollups.refresh(now=NOW, wait=True)
    client.force_login(marketing(signed).signatory)
    home = client.get(reverse("reports:marketing")).content.decode()
    assert "The goal of the campaign “Spring”, 12 leads in May 2026: 0 of 8 due by now." in home
    assert "source “Fair”" not in home, "promised until April"


def test_finding_title_and_summary_of_its_waterfall_name_it(signed):
    hand_over_many(signed.agreement)
    said = {
        ("source", "Fair", MARCH): "The goal is that of the source “Fair”: 12 leads in March 2026.",
        ("campaign", "Spring", MAY): "The goal is that of the campaign “Spring”: 12 leads in May 2026.",
    }
    for (of, name, month), sentence in said.items():
        asked = read_query(QueryDict(f"month={month:%Y-%m}&agreement={signed.agreement.slug}&{of}={name}"))
        page = open_page(asked, now=NOW, user=marketing(signed).signatory)
        contents = waterfall_contents(page)
        chart = contents.charts[0]
        assert contents.finding.endswith(f" {sentence}") and chart.title == contents.finding
        assert sentence in chart.summary
        plain = waterfall_contents(replace(page, chips=(), scope=unfiltered(page.scope)))
        assert "The goal is that of" not in plain.finding + plain.charts[0].summary, "the month's own"


def test_where_the_gap_comes_from_knows_what_was_due_of_a_source(signed):
    came = hand_over_many(signed.agreement)
    for month, asked_at in ((FEBRUARY, NOW), (MARCH, NOW), (APRIL, APRIL_18), (MAY, NOW)):
        scope = build_scope(
            period=month_of(month),
            now=NOW,
            agreement=signed.agreement,
            as_of=None if asked_at == NOW else asked_at,
        )
        found = {group.key: group for group in gap_by_source(scope, "handed_off")}
        assert list(found) == sorted(found, key=lambda key: (-found[key].actual, key))
        assert found["web"].goal is None and found["web"].gap is None
        days = [day for day in month_of(month) if day <= asked_at.date()]
        due = sum(slow_goal(day, "source") for day in days)
        brought = sum(row[0] in days and row[2] == "Fair" and row[3] for row in came)
        fair = found["Fair"]
        if month == MAY:
            assert (fair.goal, fair.actual) == (None, brought), "promised until April"
            continue
        assert (fair.goal, fair.actual, fair.gap) == (due, brought, brought - due)
        of_it = build_scope(
            period=month_of(month), now=NOW, agreement=signed.agreement, source="Fair", as_of=scope.moment.at
        )
        summary = waterfall_report(of_it).months[0].waterfall.summary
        assert (summary.goal_to_date, summary.actual) == (fair.goal, fair.actual)
        assert all(group.goal is None for group in gap_by_source(scope, "value"))


def test_a_source_that_brought_nothing_stands_there_with_what_was_due(signed):
    scope = build_scope(period=month_of(MARCH), now=NOW, agreement=signed.agreement)
    (fair,) = gap_by_source(scope, "handed_off")
    assert (fair.key, fair.actual, round(fair.goal)) == ("Fair", 0, 12)


def test_who_promises_it_is_named_also_where_they_promise_nothing_else(draft, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    sales = factories.party(draft.agreement, "sales")
    draft.commitments.filter(party=sales).delete()
    factories.campaign_goal(draft, "Visits", party=sales, goal=31)
    version = factories.sign(draft)
    asked = read_query(QueryDict(f"month=2026-03&agreement={version.agreement.slug}&campaign=Visits"))
    finding = waterfall_contents(open_page(asked, now=NOW, user=sales.signatory)).finding
    assert finding == (
        f"{sales.team.name} missed the goal of March 2026 by 31: 0 of 31."
        " The goal is that of the campaign “Visits”: 31 leads in March 2026."
    )


def unfiltered(scope):
    return replace(scope, selection=Selection(agreement=scope.selection.agreement), read={})


def test_where_the_goal_is_in_revenue_its_parts_are_counted_in_leads(draft):
    Commitment.objects.filter(kind="mql_goal").update(measure="value")
    MonthGoal.objects.update(goal=50_000)
    write(draft, name="Spring")
    version = factories.sign(draft)
    came = hand_over_many(version.agreement)
    close_months(now=NOW)
    one = Evaluation.objects.get(promise="campaign_goal", month__month_on=MARCH)
    assert one.numerator == sum(row[0].month == 3 and row[1] == "Spring" and row[3] for row in came)
    assert one.denominator == 12
