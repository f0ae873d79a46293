"""Names that a file has and nobody here knows: people, sources, currencies are asked for once, and remembered."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import translation
from django.utils.translation import gettext as _

from agreements.models import Membership, Team
from leads.intake import upload_work, words
from leads.models import Deal, FollowUpAttempt, HandOff, Lead, Upload
from slaproject.setting_up.offered_field import Offered
from tests import factories
from tests.leads.importing import whole_tables
from tests.query_counts import assert_same_queries
from tests.setting_up.sending import (  # noqa: F401
    LEADS,
    NOW,
    answers,
    no_broker,
    one_connection,
    run_it,
    sent,
    try_it,
    typed,
)

pytestmark = pytest.mark.django_db

OWNED = b"""external_id,qualified_at,name,owner,source
L1,2026-03-02 09:10,Ana,"Nowak, Ewa",Linked In
L2,2026-03-02 09:20,Bo,old.rep@example.org,linked in
L3,2026-03-02 09:30,Cy,Temp Desk,Web
L4,2026-03-02 09:40,Di,"NOWAK, EWA",Trade fair
L5,2026-03-02 09:50,Ed,ewa@example.com,Web
"""
ATTEMPTS = b"""external_id,lead_external_id,attempted_at,channel,outcome,by
A1,L1,2026-03-02 10:00,call,no answer,E. Nowak
"""
DEALS = b"""external_id,lead_external_id,closed_at,amount,currency,won
D1,L1,2026-04-20,100,,yes
D2,L2,2026-04-20,200,Euros (EUR),yes
D3,L3,2026-04-20,$300,,yes
D4,L4,2026-04-20,,,no
"""


@pytest.fixture
def ewa(db):
    person = factories.user("Ewa Nowak", email="ewa@example.com")
    team = factories.team("Hunters", Team.Function.SALES)
    Membership.objects.create(user=person, team=team, role=Membership.Role.MEMBER)
    return person


@pytest.fixture
def sources(db):
    for number, name in enumerate(("LinkedIn", "Web", "Web")):
        factories.lead(external_id=f"S{number}", source=name, system="other")


def at_values(site, content, **said):
    """Send a file and take its columns as they were guessed; return the address, and the page that asks."""
    address = sent(site, content, **said)
    site.post(f"{address}columns/", typed(site.get(f"{address}columns/")))
    return address, site.get(f"{address}values/")


def open_words(page) -> dict[str, list[tuple[str, int]]]:
    """Of which words it asks, by field."""
    return {
        str(group["label"]): [(line["field"].label, line["count"]) for line in group["open"]]
        for group in page.context["form"].words()
        if group["open"]
    }


def test_who_and_what_nobody_here_knows_is_asked_once_and_remembered(site, ewa, sources):
    address, page = at_values(site, OWNED)
    assert open_words(page) == {
        "Owner": [("Nowak, Ewa", 2), ("old.rep@example.org", 1), ("Temp Desk", 1)],
        "Source": [("Linked In", 2), ("Trade fair", 1)],
    }
    assert "Some names of the file are not known here" in page.text
    said = answers(
        site,
        address,
        **{"owner:old.rep@example.org": ewa.email, "owner:Temp Desk": "", "source:Linked In": "LinkedIn"},
    )
    tried = try_it(site, address, **said)
    assert "5 rows tried: 5 would be new, 0 updated, 0 rejected" in tried.text
    assert "owner: another name was said for 3 rows." in tried.text
    assert "owner: the name in 1 row was said to mean nothing." in tried.text
    assert "source: another name was said for 2 rows." in tried.text
    assert "1 row has a source that is new here: Trade fair." in tried.text
    assert not Lead.objects.filter(system="crm").exists()
    run_it(site, address)
    owners = {
        hand_off.lead.external_id: (hand_off.owner, hand_off.owner_name)
        for hand_off in HandOff.objects.select_related("lead", "owner")
    }
    assert owners == dict.fromkeys(("L1", "L2", "L4", "L5"), (ewa, "")) | {"L3": (None, "")}
    found = Lead.objects.filter(system="crm").order_by("external_id").values_list("source", flat=True)
    assert list(found) == ["LinkedIn", "LinkedIn", "Web", "Trade fair", "Web"]

    before = whole_tables()
    again, page = at_values(site, OWNED)
    assert not open_words(page) and "some as you said before" in page.text
    assert "5 rows tried: 0 would be new, 0 updated, 0 rejected" in try_it(site, again).text
    run_it(site, again)
    assert whole_tables() == before


def test_what_looks_like_somebody_is_offered_and_what_is_left_is_kept_by_name(site, ewa, sources):
    address, page = at_values(site, OWNED)
    initial = {
        line["field"].label: line["field"].value()
        for group in page.context["form"].words()
        for line in group["open"]
    }
    assert initial == {
        "Nowak, Ewa": "Ewa Nowak · ewa@example.com",
        "old.rep@example.org": "",
        "Temp Desk": "",
        "Linked In": "",
        "Trade fair": "",
    }
    assert page.text.count("looks like it") == 1
    tried = try_it(site, address)
    assert "2 rows name a person who has no account here" in tried.text
    run_it(site, address)
    assert HandOff.objects.get(lead__external_id="L3").owner_name == "Temp Desk"
    _again, page = at_values(site, OWNED)
    assert not open_words(page), "what stays as it is was said too"
    kept = Upload.objects.order_by("pk").first().said["kept"]
    assert kept["owner"] == ["old.rep@example.org", "temp desk"]


def test_where_there_is_no_source_yet_none_is_asked_about(site, ewa):
    _address, page = at_values(site, OWNED)
    assert set(open_words(page)) == {"Owner"}


def test_two_of_one_name_are_nobodys_guess_and_only_who_can_own_is_offered(site, ewa):
    other = factories.user("Ewa Nowak", email="ewa2@example.com")
    Membership.objects.create(user=other, team=Team.objects.get(), role=Membership.Role.MEMBER)
    closed = factories.user("Gone", is_active=False)
    Membership.objects.create(user=closed, team=Team.objects.get(), role=Membership.Role.MEMBER)
    address, page = at_values(site, OWNED)
    group = page.context["form"].words()[0]
    assert group["open"][0]["field"].value() == ""
    assert group["offered"] == ["Ewa Nowak · ewa@example.com", "Ewa Nowak · ewa2@example.com"]
    wrong = answers(site, address, **{"owner:Temp Desk": "ewa nowak"})
    refused = site.post(f"{address}values/", typed(page) | wrong)
    assert "“ewa nowak” could be several that are offered" in refused.text
    try_it(site, address, **answers(site, address, **{"owner:Temp Desk": " EWA2@example.com"}))
    assert Upload.objects.get().said["values"]["owner"] == {"temp desk": "ewa2@example.com"}


@pytest.mark.parametrize(
    "written", ["ewa@example.com", "Ewa Nowak · ewa@example.com", "EWA  nowak", "ewa nowak · EWA@example.com"]
)
def test_who_is_meant_can_be_typed_and_is_shown_by_name_and_address(site, ewa, written):
    address, page = at_values(site, OWNED)
    assert 'list="offered-owner"' in page.text and page.text.count('<datalist id="offered-owner"') == 1
    try_it(site, address, **answers(site, address, **{"owner:Temp Desk": written}))
    assert Upload.objects.get().said["values"]["owner"]["temp desk"] == ewa.email
    fields = [line["field"] for line in site.get(f"{address}values/").context["form"].words()[0]["answered"]]
    assert "Ewa Nowak · ewa@example.com" in [field.value() for field in fields]


def test_what_is_typed_means_one_of_those_offered_or_none():
    offered = Offered(
        [
            ("ann@example.com", "Ann · ann@example.com"),
            ("bo@example.com", "ann@example.com · bo@example.com"),
            ("Web · Ads", "Web · Ads"),
            ("fair", "fair"),
            ("Fair", "Fair"),
        ]
    )
    assert offered.meant("Ann@example.com") == "ann@example.com", (
        "an address before a name that looks like one"
    )
    assert offered.meant("web ·  ads") == "Web · Ads"
    assert (offered.meant("fair"), offered.meant("Fair")) == ("fair", "Fair")
    for wrong in ("FAIR", "Web", "Ads", "An", "example.com"):
        with pytest.raises(ValidationError):
            offered.meant(wrong)


def test_a_name_that_means_nothing_is_nobodys_as_well(site, ewa):
    address, page = at_values(site, OWNED)
    nobody = answers(site, address, **{"owner:Temp Desk": ""})
    (name,) = [name for name in nobody if not name.endswith("-nothing")]
    refused = site.post(f"{address}values/", typed(page) | nobody | {name: ewa.email})
    assert set(refused.context["form"].errors) == {name} and "It cannot be both" in refused.text
    try_it(site, address, **nobody)
    assert Upload.objects.get().said["values"]["owner"]["temp desk"] == ""
    again = site.get(f"{address}values/")
    assert typed(again)[f"{name}-nothing"] is True, "and is ticked when one comes back"
    try_it(site, address)
    assert Upload.objects.get().said["values"]["owner"]["temp desk"] == ""


def test_who_has_left_since_is_asked_about_again(site, ewa):
    address, _page = at_values(site, OWNED)
    try_it(site, address, **answers(site, address, **{"owner:Temp Desk": ewa.email}))
    run_it(site, address)
    ewa.is_active = False
    ewa.save(update_fields=["is_active"])
    _again, page = at_values(site, OWNED)
    assert ("Temp Desk", 1) in open_words(page)["Owner"]


def test_an_answer_stays_with_its_word_whatever_becomes_known_meanwhile(site, ewa, sources):
    address, page = at_values(site, OWNED)
    given = typed(page) | answers(site, address, **{"source:Linked In": "", "source:Trade fair": "LinkedIn"})
    factories.lead(
        external_id="S9", source="Linked In", system="other"
    )  # no question any more for one spelling
    factories.lead(external_id="S8", source="Trade fair", system="other")
    given.pop(next(key for key in given if key.startswith("owner-")))
    site.post(f"{address}values/", given)
    said = Upload.objects.get().said
    assert said["values"]["source"] == {"linked in": ""}
    assert len(said["kept"]["owner"]) == 2, "of a word that the form did not send nothing is said"


def test_the_next_names_are_listed_once_the_first_are_answered(site, ewa):
    rows = b"".join(b"L%d,2026-03-02,x,Person %03d\n" % (number, number) for number in range(70))
    address, page = at_values(site, b"external_id,qualified_at,name,owner\n" + rows)
    assert len(open_words(page)["Owner"]) == 30 and "40 more names are not listed" in page.text
    try_it(site, address)
    page = site.get(f"{address}values/")
    assert len(open_words(page)["Owner"]) == 30 and "10 more names are not listed" in page.text
    assert page.text.count("<select") < 70
    try_it(site, address)
    assert len(open_words(site.get(f"{address}values/"))["Owner"]) == 10


HOSTILE = [
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "=cmd|x",
    "'; DROP TABLE leads_lead; --",
    "\u202eabc",
    "İSTANBUL",
    "ß" * 149,
    "x" * 5_000,
    '"quoted"',
    "a\u2028b",
    "-",
    "e\u0301va",
]


def test_hostile_names_are_asked_about_as_text_and_answered(site, ewa, sources):
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["external_id", "qualified_at", "owner", "source"])
    for number, name in enumerate(HOSTILE):
        writer.writerow([f"L{number}", "2026-03-02", name, name])
    address, page = at_values(site, text.getvalue().encode())
    assert "<script>alert" not in page.text and "&lt;script&gt;alert" in page.text
    asked = page.context["form"].words()
    assert [len(group["open"]) for group in asked] == [len(HOSTILE)] * 2
    said = {
        line["field"].name: "LinkedIn" if group["label"] == "Source" else ewa.email
        for group in asked
        for line in group["open"]
    }
    assert f"{len(HOSTILE)} rows tried: {len(HOSTILE)} would be new" in try_it(site, address, **said).text
    run_it(site, address)
    assert set(HandOff.objects.values_list("owner", flat=True)) == {ewa.pk}
    assert set(Lead.objects.filter(system="crm").values_list("source", flat=True)) == {"LinkedIn"}
    again, page = at_values(site, text.getvalue().encode())
    assert not open_words(page)
    run = try_it(site, again)
    assert "0 would be new, 0 updated, 0 rejected" in run.text


def test_no_answer_is_taken_that_is_not_offered(site, ewa, sources):
    address, page = at_values(site, OWNED)
    for word, meaning in (("owner:Temp Desk", "ada@example.com"), ("source:Trade fair", "Radio")):
        wrong = answers(site, address, **{word: meaning})
        answer = site.post(f"{address}values/", typed(page) | wrong)
        assert answer.status_code == 200 and set(answer.context["form"].errors) == set(wrong)


def test_of_attempts_by_whom_is_asked(site, ewa):
    first = sent(site, LEADS)
    try_it(site, first)
    run_it(site, first)
    address, page = at_values(site, ATTEMPTS, kind="attempts")
    assert open_words(page) == {"By whom": [("E. Nowak", 1)]}
    try_it(site, address, **answers(site, address, **{"by:E. Nowak": ewa.email}))
    run_it(site, address)
    assert FollowUpAttempt.objects.get().by == ewa
    _again, page = at_values(site, ATTEMPTS, kind="attempts")
    assert not open_words(page)


def test_amounts_that_name_no_currency_are_in_the_one_that_is_said(site):
    factories.agreement(currency="PLN")
    address, page = at_values(site, DEALS, kind="deals")
    assert page.context["form"]["currency"].value() == "PLN", "the company's"
    assert "2 amounts name no currency" in page.text
    assert open_words(page) == {"Currency": [("Euros (EUR)", 1)]}
    assert page.context["form"].words()[0]["open"][0]["field"].value() == "EUR"
    for wrong in ("zł", "EURO", "12"):
        refused = site.post(f"{address}values/", typed(page) | {"currency": wrong})
        assert set(refused.context["form"].errors) == {"currency"}, wrong
    tried = try_it(site, address, currency="usd")
    assert "2 amounts name no currency, and are taken as USD" in tried.text
    run_it(site, address)
    found = dict(Deal.objects.values_list("external_id", "currency"))
    assert found == {"D1": "USD", "D2": "EUR", "D3": "USD", "D4": "USD"}

    before = whole_tables()
    again, page = at_values(site, DEALS, kind="deals")
    assert page.context["form"]["currency"].value() == "USD" and not open_words(page)
    assert "0 would be new, 0 updated, 0 rejected" in try_it(site, again).text
    run_it(site, again)
    assert whole_tables() == before
    other, page = at_values(site, DEALS, kind="deals")
    assert "0 would be new, 0 updated" in try_it(site, other, currency="CHF").text, "what is known stays"


def test_a_currency_that_was_not_known_is_filled_in(site):
    address, page = at_values(site, DEALS, kind="deals")
    assert page.context["form"]["currency"].value() == ""
    assert "nobody said which they are in" in try_it(site, address).text
    run_it(site, address)
    assert Deal.objects.get(external_id="D1").currency == ""
    again, page = at_values(site, DEALS, kind="deals")
    assert page.context["form"]["currency"].value() == ""
    assert "3 updated" in try_it(site, again, currency="GBP").text
    run_it(site, again)
    assert set(Deal.objects.exclude(external_id="D2").values_list("currency", flat=True)) == {"GBP"}


def test_a_file_whose_amounts_all_name_theirs_is_not_asked(site):
    deals = DEALS.replace(b"100,,", b"100,EUR,").replace(b"$300,,", b"300,USD,")
    _address, page = at_values(site, deals, kind="deals")
    assert "currency" not in page.context["form"].fields


def test_the_command_takes_what_the_pages_remember(site, ewa, sources, tmp_path, capsys):
    address, _page = at_values(site, OWNED)
    said = answers(site, address, **{"owner:Temp Desk": ewa.email, "source:Trade fair": "Web"})
    try_it(site, address, time_zone="Europe/Warsaw", **said)
    run_it(site, address)
    file = tmp_path / "more.csv"
    file.write_bytes(OWNED.replace(b"\nL", b"\nM"))

    def command(*options):
        call_command("import", "leads", str(file), *options)
        said = capsys.readouterr()
        return json.loads(said.out.splitlines()[-1]), said.err

    counts, notes = command("--source", "crm", "--as-before", "--dry-run")
    assert (counts["rows"], counts["created"]) == (
        5,
        5,
    ) and "owner: another name was said for 3 rows." in notes
    assert not Lead.objects.filter(external_id="M1").exists()
    command("--source", "crm", "--as-before")
    lead = Lead.objects.get(external_id="M4")
    assert (lead.source, lead.qualified_at.isoformat()) == ("Web", "2026-03-02T08:40:00+00:00")
    assert Lead.objects.get(external_id="M3").hand_offs.get().owner == ewa
    file.write_bytes(OWNED)
    assert command("--source", "crm", "--as-before")[0]["unchanged"] == 5
    with pytest.raises(CommandError, match="nothing is remembered"):
        call_command("import", "leads", str(file), "--source", "fax", "--as-before")


def test_the_command_is_told_a_currency(site, tmp_path, capsys):
    file = tmp_path / "deals.csv"
    file.write_bytes(DEALS.replace(b"Euros (EUR)", b"EUR"))
    call_command("import", "deals", str(file), "--currency", "usd")
    assert set(Deal.objects.values_list("currency", flat=True)) == {"USD", "EUR"}
    with pytest.raises(CommandError, match="not a currency"):
        call_command("import", "deals", str(file), "--currency", "dollars")


def test_the_page_asks_the_database_as_often_with_many_names(site, ewa, sources):
    def more():
        for number in range(40):
            factories.user(f"Person {number}")
            factories.lead(external_id=f"T{number}", source=f"Source {number}", system="other")

    address, _page = at_values(site, OWNED)
    assert_same_queries(lambda: site.get(f"{address}values/"), add_rows=more)


def test_the_command_reads_a_file_as_it_is_written_and_forgets_closed_accounts(
    site, ewa, sources, tmp_path, capsys
):
    address, _page = at_values(site, OWNED.replace(b"Ana", "Müller".encode("cp1252")))
    try_it(site, address, **answers(site, address, **{"owner:Temp Desk": ewa.email}))
    run_it(site, address)
    assert Lead.objects.get(external_id="L1").name == "Müller"
    ewa.is_active = False
    ewa.save()
    file = tmp_path / "more.csv"
    file.write_bytes(OWNED.replace(b"\nL", b"\nM").replace(b"Ana", "Müller".encode()))
    call_command("import", "leads", str(file), "--source", "crm", "--as-before")
    capsys.readouterr()
    assert Lead.objects.get(external_id="M1").name == "Müller"
    hand_off = Lead.objects.get(external_id="M3").hand_offs.get()
    assert (hand_off.owner, hand_off.owner_name) == (None, "Temp Desk")


def test_a_preset_that_is_named_comes_before_the_columns_remembered(site, ewa, sources, tmp_path, capsys):
    address, _page = at_values(site, OWNED)
    try_it(site, address)
    run_it(site, address)
    file = tmp_path / "zoho.csv"
    file.write_text('Record Id,Full Name,Created Time,Email\nZ1,Cy,"03 Feb, 2026 10:15:00",cy@example.com\n')
    call_command("import", "leads", str(file), "--source", "crm", "--as-before", "--preset", "zoho")
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["created"] == 1
    assert Lead.objects.get(external_id="Z1").email == "cy@example.com"


def test_what_the_worker_says_of_an_import_is_in_the_language_of_who_asked(site, ewa, sources, ada):
    ada.language = "pl"
    ada.save()
    address, _page = at_values(site, OWNED.replace(b"2026-03-02 09:50", b"never"))
    try_it(site, address)
    site.post(f"{address}run/")
    with translation.override("en"):
        upload_work.work_on_next(now=NOW)
        said = Upload.objects.get().outcome
    with translation.override("pl"):
        why = _("%(field)s: “%(text)s” is not a date or time that exists in a form known here")
        assert said["kinds"][0]["reason"] == why % {"field": "qualified_at", "text": "…"}
        assert not said["kinds"][0]["reason"].endswith("known here")


def test_known_words_leave_room_for_the_unknown_ones_below(site, ewa, monkeypatch):
    monkeypatch.setattr(words, "MOST_REMEMBERED", 3)
    known = [f"Known {n}" for n in range(5)]
    for number, name in enumerate(known):
        factories.lead(external_id=f"K{number}", source=name, system="other")
    rows = [f"R{n},2026-03-02 09:10,{name}" for n, name in enumerate([*known, "Nowhere"])]
    _address, page = at_values(site, ("external_id,qualified_at,source\n" + "\n".join(rows) + "\n").encode())
    assert open_words(page) == {"Source": [("Nowhere", 1)]}


def test_an_amount_that_nobody_can_read_names_no_missing_currency(site):
    deals = DEALS.replace(b"100,,", b"n/a,,").replace(b"$300,,", b"300,USD,")
    _address, page = at_values(site, deals, kind="deals")
    assert "currency" not in page.context["form"].fields


def test_the_page_grows_by_people_and_words_and_not_by_their_product(site, ewa):
    rows = b"".join(b"L%d,2026-03-02,Person %03d\n" % (number, number) for number in range(50))
    content = b"external_id,qualified_at,owner\n" + rows
    team = Team.objects.get()

    def size(people: int) -> int:
        for number in range(people):
            person = factories.user(f"Colleague {number}", email=f"colleague{number}@example.com")
            Membership.objects.create(user=person, team=team, role=Membership.Role.MEMBER)
        _address, page = at_values(site, content)
        assert len(open_words(page)["Owner"]) == words.MOST_WORDS
        return len(page.content)

    alone = size(0)
    assert size(300) - alone < 300 * 100, "each is on the page once"
    assert alone < 100_000
