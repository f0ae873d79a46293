"""Deals from files."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from leads.models import Deal, Lead
from tests import factories
from tests.leads.importing import counts, file_of, take, whole_tables

pytestmark = pytest.mark.django_db

HEADING = "external_id,lead_external_id,closed_at,amount,currency,won,origin"
DEALS = f"""{HEADING}
d1,1,2026-02-20T23:30:00Z,"$22,700.00",usd,won,
d2,1,2026-02-21,500,,no,sales
d3,,,10,EUR,no,
"""


def test_deals_come_in_and_find_their_leads():
    take("leads", "external_id,qualified_at\n1,2026-02-01\n")
    assert counts(take("deals", DEALS)) == (3, 0, 0, 0)
    d1, d2, d3 = Deal.objects.order_by("external_id")
    assert (d1.lead == Lead.objects.get(), d1.amount, d1.currency, d1.is_won) == (
        True,
        Decimal(22700),
        "USD",
        True,
    )
    assert (d2.is_won, d2.is_date_only, d2.closed_on, d2.origin) == (
        False,
        True,
        dt.date(2026, 2, 21),
        "sales",
    )
    assert (d3.lead, d3.closed_at, d3.is_won) == (None, None, False)


def test_the_same_file_again_changes_nothing_and_a_trial_leaves_nothing():
    before = whole_tables()
    assert counts(take("deals", DEALS, dry_run=True)) == (3, 0, 0, 0)
    assert whole_tables() == before
    take("deals", DEALS)
    before = whole_tables()
    assert counts(take("deals", DEALS)) == (0, 0, 3, 0)
    assert whole_tables() == before


def test_a_deal_waits_for_its_lead():
    take("deals", DEALS)
    assert Deal.objects.get(external_id="d1").lead is None
    take("leads", "external_id,qualified_at\n1,2026-02-01\n")
    assert Deal.objects.get(external_id="d1").lead == Lead.objects.get(external_id="1")
    assert counts(take("deals", DEALS)) == (0, 0, 3, 0)


def test_an_import_says_how_many_deals_wait_and_for_which_leads():
    assert take("deals", f"{HEADING}\nd0,,2026-02-20,5,EUR,yes,sales\n").notes == [], "names no lead"
    said = (
        "2 deals name leads that are not known here, and are linked by themselves once these are imported: 1."
    )
    assert said in take("deals", DEALS, dry_run=True).notes
    assert said in take("deals", DEALS).notes
    assert said in take("deals", DEALS).notes, "also of what is unchanged"
    take("leads", "external_id,qualified_at\n1,2026-02-01\n")
    assert not any("not known here" in note for note in take("deals", DEALS).notes)
    rows = [(f"e{n:02}", f"L{n:02}", "no") for n in range(12)] + [("e00", "1", "no")]
    (note,) = take("deals", file_of("external_id,lead_external_id,won", rows)).notes[-1:]
    assert note.startswith("11 deals name leads") and note.endswith("L09, L10 and 1 more."), (
        "the last row counts"
    )


def test_a_deal_reopened_and_what_a_row_does_not_say():
    take("deals", DEALS)
    assert counts(take("deals", f"{HEADING}\nd1,,,,,no,\n")) == (0, 1, 0, 0)
    deal = Deal.objects.get(external_id="d1")
    assert (deal.is_won, deal.closed_at, deal.amount, deal.lead_external_id) == (
        False,
        None,
        Decimal(22700),
        "1",
    )
    assert counts(take("deals", f"{HEADING}\nd1,,,30000,,,\n")) == (0, 1, 0, 0)
    deal.refresh_from_db()
    assert (deal.amount, deal.currency) == (Decimal(30000), "USD")


def test_a_deal_without_an_id_has_its_leads():
    file = "lead_external_id,closed_at,won\n1,2026-02-21,yes\n"
    assert counts(take("deals", file)) == (1, 0, 0, 0)
    assert Deal.objects.get().external_id == "1"


def test_currency_and_day_are_the_agreements():
    factories.agreement("company", time_zone="Asia/Tokyo", currency="JPY")
    take("deals", f"{HEADING}\nd1,,2026-02-20T23:30:00Z,5,,yes,\n", agreement="company")
    deal = Deal.objects.get()
    assert (deal.currency, deal.closed_on) == ("JPY", dt.date(2026, 2, 21))


def test_without_an_agreement_the_day_is_that_of_the_zone_named_for_the_file():
    take("deals", f"{HEADING}\nd1,,2026-02-28 23:30,5,,yes,\n", time_zone="America/Sao_Paulo")
    deal = Deal.objects.get()
    assert deal.closed_on == dt.date(2026, 2, 28)
    assert deal.closed_at == dt.datetime(2026, 3, 1, 2, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "meant"),
    [
        ("€5", "", "EUR"),
        ("5,000.00 zł", "", "PLN"),
        ("USD 5", "", "USD"),
        ("US$5", "", "USD"),
        ("$5", "", ""),
        ("$5", "CAD", "CAD"),
        ("kr 5", "", ""),
        ("5 kr", "SEK", "SEK"),
        ("5", "EUR", "EUR"),
        ("€5", "eur", "EUR"),
        ("€5", "USD", "amount: “€5” is written in EUR, but the currency is USD"),
        ("€5 PLN", "", "amount: “€5 PLN” is written in two currencies"),
        ("€5 EUR", "", "EUR"),
    ],
)
def test_the_sign_beside_an_amount_is_its_currency(amount, currency, meant):
    row = ("d", amount, currency, "no")
    result = take("deals", file_of("external_id,amount,currency,won", [row]))
    if result.rejected:
        assert [reason for _row, reason in result.reasons] == [meant]
    else:
        assert (Deal.objects.get().currency, Deal.objects.get().amount >= 5) == (meant, True)


@pytest.mark.parametrize(
    ("text", "mark", "meant"),
    [
        ("1234.5", ".", "1234.50"),
        ("1,234.56", ".", "1234.56"),
        ("1 234,56", ",", "1234.56"),
        ("1.234,56", ",", "1234.56"),
        ("1.234,56 zł", ",", "1234.56"),
        ("€ 12", ".", "12"),
        ("R$ 1.000", ",", "1000"),
        ("-12.345", ".", "-12.35"),
        ("−0", ".", "0"),
        ("12 EUR", ".", "12"),
        ("1,234,567", ".", "1234567"),
        ("1.234,56", ".", None),
        ("12,5", ".", None),
        ("NaN", ".", None),
        ("Infinity", ".", None),
        ("1e400", ".", None),
        ("1e4", ".", None),
        ("$342.09K", ".", None),
        ("9" * 15, ".", None),
        ("(12)", ".", None),
        ("٣٤", ".", "34"),
    ],
)
def test_amounts(text, mark, meant):
    result = take(
        "deals",
        file_of("external_id,amount,won", [("d", text, "no")]),
        mapping={"amounts": {"decimal": mark}},
    )
    assert result.rejected == (meant is None)
    if meant is not None:
        assert Deal.objects.get().amount == Decimal(meant)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"external_id": "", "lead_external_id": ""}, "external_id: empty"),
        ({"closed_at": ""}, "closed_at: empty, though the deal is won"),
        ({"won": ""}, "won: empty, though the deal is closed"),
        ({"won": "maybe"}, "neither yes nor no"),
        ({"currency": "euro"}, "not a currency"),
        ({"closed_at": "2026-04-01"}, "future"),
        ({"origin": "heaven"}, "known are marketing, sales"),
    ],
)
def test_a_row_is_rejected_with_its_reason(tmp_path, cells, reason):
    row = {
        "external_id": "d",
        "lead_external_id": "",
        "closed_at": "2026-02-20",
        "amount": "1",
        "currency": "EUR",
        "won": "1",
        "origin": "",
    }
    errors = tmp_path / "errors.csv"
    assert counts(take("deals", file_of(HEADING, [list((row | cells).values())]), errors=errors)) == (
        0,
        0,
        0,
        1,
    )
    assert reason in errors.read_text(encoding="utf-8")
