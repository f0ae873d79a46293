"""Digests: each once, at an hour of one's own, with the figures of the pages; nothing where there is nothing to say."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from email import message_from_bytes, policy
from html import escape
from html.parser import HTMLParser

import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.test import Client

from agreements.models import Agreement, Membership, Team
from reports import rollups
from reports.models import FigureState
from reports.pages.contents import depth_contents, speed_contents, waterfall_contents
from reports.pages.digests import progress_digest, weekly_digest
from reports.pages.frame import page_of_agreement
from reports.periods import Grain
from slaproject.accounts.models import User
from slaproject.outbox import digests
from slaproject.outbox.bundling import bundle_errands
from slaproject.outbox.channels.mail import send as send_mail
from slaproject.outbox.choosing import choose
from slaproject.outbox.delivery import deliver_next
from slaproject.outbox.digests import tell_digests
from slaproject.outbox.hearing import nightly_due, usual_hours, weekly_due
from slaproject.outbox.kinds import Channel, Subject
from slaproject.outbox.messages import words_of
from slaproject.outbox.models import Alert, Message, SetAside
from tests import factories
from tests.hostile_text import HOSTILE_TEXTS, MARK
from tests.outbox.office import HOUR, MINUTE, mails_to, office
from tests.reports.sample_month import MARCH, make_month

pytestmark = pytest.mark.django_db
DAY = 24 * HOUR
EVENING = dt.datetime(2026, 3, 17, 18, tzinfo=dt.UTC)  # a Tuesday
MONDAY = dt.datetime(2026, 3, 23, 8, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _address(settings):
    settings.SITE_URL = "https://sla.example.com"


@pytest.fixture(scope="module")
def _month(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        made = make_month()
        rollups.refresh(now=EVENING, wait=True)
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def company(_month, db):
    return _month


def director(of: Agreement, function: str = "sales"):
    return factories.party(of, function).signatory


def send(now: dt.datetime):
    """Tell and deliver, once; the mails that went."""
    before = len(mail.outbox)
    tell_digests(now=now)
    bundle_errands(now=now)
    while deliver_next(now=now):
        pass
    return mail.outbox[before:]


def parsed(one):
    return message_from_bytes(one.message().as_bytes(), policy=policy.default)


def html_of(one):
    return parsed(one).get_body(("html",)).get_content()


class Elements(HTMLParser):
    """The elements of a mail, as a reader of HTML finds them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [given for tag, given in self.found if tag == name]


def test_the_weekly_mail_says_in_three_sentences_what_the_pages_say(company):
    one = next(one for one in send(MONDAY) if one.to == [director(company.agreement).email])
    page = page_of_agreement(company.agreement, month=MARCH, now=MONDAY)
    speed, depth = speed_contents(page, Grain.WEEK), depth_contents(page, Grain.WEEK)
    found = waterfall_contents(page)
    assert one.subject == f"Company, the week: {found.finding}"
    landing = next(one for one in found.further if "month is projected to end" in one)
    sentences = (f"{found.finding} {landing}", speed.finding, depth.finding)
    for sentence in sentences:
        assert f"* {sentence}\n" in one.body and escape(sentence) in html_of(one)
    with time_machine.travel(MONDAY, tick=False):
        client = Client()
        client.force_login(company.viewer)
        for name, said in (("waterfall", found.finding), ("speed", speed.finding), ("depth", depth.finding)):
            assert escape(said) in client.get(f"/{name}/?agreement=company&month=2026-03").text


def test_the_numbers_of_the_weekly_mail_are_those_of_the_reports_in_text_and_html_alike(company):
    one = next(one for one in send(MONDAY) if one.to == [director(company.agreement).email])
    page = page_of_agreement(company.agreement, month=MARCH, now=MONDAY)
    speed, depth = speed_contents(page, Grain.WEEK).document, depth_contents(page, Grain.WEEK).document
    digest = weekly_digest(company.agreement, monday=MONDAY.date(), now=MONDAY)
    week = next(i for i, bucket in enumerate(speed["buckets"]) if bucket["from"] == "2026-03-16")
    rows = [[cell.value for cell in row[1:3]] for row in digest.numbers.rows]

    def part(share):
        return pytest.approx(share["numerator"] / share["denominator"]) if share["denominator"] else None

    of_speed = [speed["buckets"][week], speed["total"]]
    of_depth = [depth["buckets"][week]["judged"], depth["total"]["judged"]]
    assert rows == [
        [one["average"] for one in of_speed],
        [one["median"] for one in of_speed],
        [part(one["in_time"]) for one in of_speed],
        [one["open"] for one in of_speed],
        [one["open_overdue"] for one in of_speed],
        [one["average"] for one in of_depth],
        [part(one["worked"]) for one in of_depth],
    ]
    assert any(value for row in rows for value in row)
    html = html_of(one)
    for name, *cells in digest.numbers.rows:
        said = [cell.text for cell in cells if cell.text]
        assert re.search(f"^[*] {re.escape(name.text)}: .*{'.*'.join(map(re.escape, said))}$", one.body, re.M)
        assert re.search(
            f">{re.escape(name.text)}</th>.*" + ".*".join(f">{re.escape(t)}</td>" for t in said), html
        )


def test_the_picture_travels_in_the_mail_with_its_summary_and_nothing_is_fetched(company):
    one = next(one for one in send(MONDAY) if one.to == [director(company.agreement).email])
    sent = parsed(one)
    (picture,) = [part for part in sent.walk() if part.get_content_type() == "image/png"]
    content = picture.get_content()
    assert content.startswith(b"\x89PNG") and int.from_bytes(content[16:20], "big") == 900, (
        "600 px, drawn finer"
    )
    digest = weekly_digest(company.agreement, monday=MONDAY.date(), now=MONDAY)
    (image,) = Elements(html_of(one)).named("img")
    assert image["src"] == f"cid:{picture['Content-ID'][1:-1]}"
    assert image["alt"] == digest.chart.summary and digest.chart.summary in one.body
    assert image["width"] == "600" and "background: #fff" in image["style"]
    assert sent.get_content_type() == "multipart/related" and picture.get_content_disposition() == "inline"
    assert len(one.message().as_bytes()) <= 100_000
    links = [given["href"] for given in Elements(html_of(one)).named("a")]
    assert all(link.startswith("https://sla.example.com/") for link in links)
    assert sum("agreement=company" in link or "/kept/" in link for link in links) == 6, (
        "the heading, and five"
    )


def test_a_mail_of_many_agreements_stays_small_and_pictures_go_to_the_first(company):
    person = director(company.agreement)
    for n in range(7):
        made = factories.agreement(f"other-{n}")
        factories.signed(made, goals={MARCH: 50 + n})
        Membership.objects.create(user=person, team=factories.party(made, "sales").team, role="director")
    one = next(one for one in send(MONDAY) if one.to == [person.email])
    assert len(one.message().as_bytes()) <= 100_000
    assert html_of(one).count("<h1") == digests.MOST_AGREEMENTS
    assert 1 <= len(Elements(html_of(one)).named("img")) < digests.MOST_AGREEMENTS


def test_the_nightly_mail_tells_sales_how_marketing_gets_on_and_both_sides_hear_the_same_of_the_week(company):
    (one,) = send(EVENING)
    assert one.to == [director(company.agreement).email]
    page = page_of_agreement(company.agreement, month=MARCH, now=EVENING)
    found = waterfall_contents(page)
    assert one.subject == f"Company: {found.finding}"
    for sentence in (found.finding, *found.further):
        assert f"* {sentence}\n" in one.body and escape(sentence) in html_of(one)
    weekly = send(MONDAY)
    assert {one.to[0] for one in weekly} == {
        director(company.agreement).email,
        director(company.agreement, "marketing").email,
    }
    bodies = {re.sub(r"unsubscribe/\S+", "", one.body) for one in weekly}
    assert len(bodies) == 1


def test_it_says_why_it_came_and_how_to_stop_it_and_stops_that_alone(company):
    person = director(company.agreement)
    (one,) = send(EVENING)
    assert "You are told because you lead a team for which an agreement is in force." in one.body
    assert "https://sla.example.com/notices/preferences/" in one.body
    link = one.extra_headers["List-Unsubscribe"][1:-1]
    assert link in one.body and one.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    answer = Client().post(link.removeprefix("https://sla.example.com"))
    assert answer.status_code == 200 and "marketing’s progress" in answer.text.lower()
    assert send(EVENING + DAY) == []
    assert person.email in {one.to[0] for one in send(MONDAY)}


def test_no_lead_and_no_rep_is_named(company):
    texts = " ".join(one.body + html_of(one) for one in [*send(EVENING), *send(MONDAY)])
    assert "Kim Ito" not in texts and "Sons" not in texts
    assert "lead-" not in texts


def test_each_is_told_once_however_often_the_beat_runs(company):
    assert len(send(EVENING)) == 1
    for minutes in (0, 5, 60, 230):
        assert send(EVENING + minutes * MINUTE) == []
    assert len(send(MONDAY)) == 2
    assert send(MONDAY) == send(MONDAY + HOUR) == []
    assert Alert.objects.filter(kind="nightly_progress").count() == 1
    assert not Alert.objects.filter(kind="weekly_status", is_shown=True).exists(), "no bell by itself"


@pytest.mark.parametrize(
    "zone", ["Europe/Warsaw", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
)
def test_the_hour_is_the_readers_own_also_where_clocks_change(zone):
    tz, hours = zoneinfo.ZoneInfo(zone), usual_hours(zone)
    at, nights, weeks = dt.datetime(2026, 3, 1, tzinfo=dt.UTC), {}, {}
    while at < dt.datetime(2026, 4, 18, tzinfo=dt.UTC):
        if day := nightly_due(at, hours, tz):
            nights.setdefault(day, at)
        if day := weekly_due(at, tz):
            weeks.setdefault(day, at)
        at += 5 * MINUTE
    assert {at.astimezone(tz).time() for at in nights.values()} == {dt.time(18)}
    assert {at.astimezone(tz).time() for at in weeks.values()} == {dt.time(8)}
    assert all(day.weekday() < 5 for day in nights) and len(nights) == 35
    assert all(day.weekday() == 0 for day in weeks) and len(weeks) == 7


def test_two_managers_in_two_zones_get_it_at_their_own_eight_and_in_their_own_words(company):
    team = factories.party(company.agreement, "sales").team
    seoul = factories.user("Seo", time_zone="Asia/Seoul")
    new_york = factories.user("Ned", time_zone="America/New_York")
    for person in (seoul, new_york):
        Membership.objects.create(user=person, team=team, role="manager")
    got = {}
    at = dt.datetime(2026, 3, 22, 22, tzinfo=dt.UTC)
    while at < dt.datetime(2026, 3, 23, 14, tzinfo=dt.UTC):
        for one in send(at):
            got.setdefault(one.to[0], (at, one))
        at += 15 * MINUTE
    assert got[seoul.email][0] == dt.datetime(2026, 3, 22, 23, tzinfo=dt.UTC)
    assert got[new_york.email][0] == dt.datetime(2026, 3, 23, 12, tzinfo=dt.UTC), "summer time began"
    assert "KST" in got[seoul.email][1].body and "EDT" in got[new_york.email][1].body


def test_nothing_comes_where_there_is_nothing_to_say(company):
    here = office("elsewhere", goals={MARCH: 31})

    def to_them(now):
        return [one for one in send(now) if one.to in ([here.manager.email], [here.director.email])]

    rollups.refresh(now=EVENING, wait=True)
    assert to_them(EVENING) == [], "nothing was counted this month"
    here.given(EVENING - 5 * HOUR)
    rollups.refresh(now=EVENING, wait=True)
    saturday = EVENING + 4 * DAY
    assert to_them(saturday) == [], "nobody works on a Saturday"
    monday = [one for one in to_them(saturday + 2 * DAY) if "the week" not in one.subject]
    assert len(monday) == 2, "on Monday evening it comes"
    here.agreement.versions.update(ended_on=dt.date(2026, 3, 24))
    assert to_them(saturday + 3 * DAY) == to_them(MONDAY + 7 * DAY) == [], "it is in force no more"


def test_nothing_comes_while_nothing_was_counted_ever(company):
    FigureState.objects.all().delete()
    assert send(EVENING) == send(MONDAY) == []


def test_who_wants_none_gets_none_and_costs_nothing(company):
    person = director(company.agreement)
    choose(person=person, chosen={(Subject.NIGHTLY, Channel.MAIL): "never"})
    assert send(EVENING) == [] and not Alert.objects.filter(kind="nightly_progress").exists()
    choose(person=person, chosen={(Subject.NIGHTLY, Channel.APP): "now"})
    assert send(EVENING) == []
    client = Client()
    client.force_login(person)
    page = client.get("/notices/").text
    assert "How marketing gets on, as of Tue 17 Mar 2026." in page
    alert = Alert.objects.get(kind="nightly_progress")
    assert client.post(f"/notices/{alert.pk}/open/")["Location"] == "/waterfall/?month=2026-03"
    preferences = client.get("/notices/preferences/").text
    assert 'name="weekly-mail"' in preferences and 'name="nightly-mail"' in preferences


def test_who_leads_no_party_any_more_or_comes_too_late_is_sent_nothing(company):
    person = director(company.agreement)
    tell_digests(now=EVENING)
    place = Membership.objects.get(user=person)
    Membership.objects.filter(pk=place.pk).update(role="member")
    while deliver_next(now=EVENING):
        pass
    assert mails_to(person) == []
    assert Message.objects.get(person=person).state == Message.State.DROPPED
    Membership.objects.filter(pk=place.pk).update(role="director")
    tell_digests(now=EVENING + DAY)
    while deliver_next(now=EVENING + 3 * DAY):
        pass
    assert mails_to(person) == [], "three days later the next one says it"


def test_managers_of_a_team_that_is_no_party_have_the_companys(company):
    berlin = factories.team("Sales Berlin")
    bo = factories.user("Bo")
    Membership.objects.create(user=bo, team=berlin, role="manager")
    assert {one.to[0] for one in send(EVENING)} == {bo.email, director(company.agreement).email}


def test_an_agreement_whose_figures_cannot_be_read_is_set_aside_and_keeps_nobody_back(company, monkeypatch):
    other = factories.agreement("other")
    factories.signed(other, goals={MARCH: 10})

    def broken(agreement, **more):
        if agreement == other:
            raise ZeroDivisionError
        return progress_digest(agreement, **more)

    monkeypatch.setattr(digests, "progress_digest", broken)
    assert [one.to for one in send(EVENING)] == [[director(company.agreement).email]]
    assert SetAside.objects.get().source == SetAside.Source.DIGEST


NASTY = (
    "A\r\nBcc: x@example.com",
    "A\nB: c\n\n<p data-injected>",
    "A\u2028Bcc: x@example.com",
    "=?utf-8?q?x?=",
    "A" * 150,
)


@pytest.mark.parametrize("typed", [*HOSTILE_TEXTS[::19], *NASTY])
def test_what_was_typed_into_a_name_stays_a_name(company, typed):
    name_everything(typed)
    sent = [*send(EVENING), *send(MONDAY)]
    assert len(sent) == 3
    assert [fault for one in sent for fault in faults_of(one)] == []


@pytest.mark.proof
def test_all_that_is_typed_into_names_stays_names_in_mails(company):
    tell_digests(now=MONDAY)
    message = Message.objects.get(person=director(company.agreement))
    found: list[str] = []
    for typed in (*HOSTILE_TEXTS, *NASTY):
        name_everything(typed)
        words = words_of(message, message.person, now=MONDAY)
        send_mail(message.person, words)
        found += faults_of(mail.outbox[-1])
    print(f"\nhostile texts in mails: {len(HOSTILE_TEXTS) + len(NASTY)}, faults: {len(found)}")
    assert not found, "\n".join(found[:20])


def name_everything(typed: str) -> None:
    """Write past every form: the names of agreements, teams and people."""
    Agreement.objects.update(name=typed[:150])
    for team in Team.objects.all():
        Team.objects.filter(pk=team.pk).update(name=f"{typed[:90]} {team.pk}")
    User.objects.update(name=typed[:100])


def faults_of(one) -> list[str]:
    """What became more than a text: a header, an element, an attribute, an address, a line."""
    sent, elements = parsed(one), Elements(html_of(one)).found
    faults = [f"header {name}" for name in sent.keys() if name not in HEADERS]  # noqa: SIM118
    faults += [f"two of {name}" for name in HEADERS if len(sent.get_all(name, [])) > 1]
    faults += [f"element {tag}" for tag, _given in elements if tag not in TAGS]
    faults += [
        f"attribute {name}"
        for _tag, given in elements
        for name in given
        if name == MARK or name.startswith("on")
    ]
    addresses = [given.get("href") or given.get("src") for _tag, given in elements]
    faults += [f"address {one}" for one in addresses if one and not one.startswith(OURS)]
    faults += [f"line {line}" for line in one.body.splitlines() if line.startswith(("Bcc:", "B: c"))]
    return faults + (["long subject"] if len(one.subject) > 150 else [])


OURS = ("https://sla.example.com/", "cid:chart-")
HEADERS = {
    *("Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID"),
    *("List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted"),
}
TAGS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "div",
        "p",
        "small",
        "h1",
        "a",
        "strong",
        "img",
        "ul",
        "li",
    ),
    *("table", "caption", "thead", "tbody", "tr", "th", "td"),
}


def test_hours_keep_no_digest_back_and_it_is_bundled_with_nothing(company):
    """At 18:00 the office is closed: other mails wait for the morning."""
    person = director(company.agreement)
    choose(person=person, chosen={(Subject.NIGHTLY, Channel.CHAT): "now"})
    (one,) = send(EVENING)
    assert one.to == [person.email] and "notices" not in one.subject
    assert Message.objects.filter(person=person, is_digest=True).count() == 1, "no chat was named"
