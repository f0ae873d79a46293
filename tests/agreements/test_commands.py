"""`load_calendar` and `plan`: what they print, and how they say no."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from agreements.models import BusinessCalendar, CalendarRevision

WARSAW = {"tz": "Europe/Warsaw", "weekly": {"mon": [["08:00", "16:00"]]}, "holidays": ["2026-05-01"]}


def _run(name: str, *arguments: str) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def hours(tmp_path):
    def write(content):
        path = tmp_path / "hours.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return str(path)

    return write


def test_calendar_with_a_long_name_is_loaded(db, hours):
    _run("load_calendar", hours(WARSAW), "--name", "x" * 100)
    assert len(BusinessCalendar.objects.get(name="x" * 100).slug) <= 50


def test_country_is_two_letters_of_either_case(db, hours):
    with pytest.raises(CommandError, match="two letters"):
        _run("load_calendar", hours(WARSAW), "--name", "Warsaw", "--country", "POL")
    _run("load_calendar", hours(WARSAW), "--name", "Warsaw", "--country", "pl")
    assert BusinessCalendar.objects.get(name="Warsaw").country == "PL"


@pytest.mark.parametrize(
    "part",
    [
        ("--to", "9999-12-31"),
        ("--from", "0001-01-01"),
        ("--goal", "1e400"),
        ("--goal", "9e30"),
        ("--as-of", "0001-01-01T00:00:00+14:00"),
    ],
)
def test_report_on_what_cannot_be_counted_is_refused(db, part):
    arguments = {"--from": "2026-03-01", "--to": "2026-04-01"} | dict([part])
    with pytest.raises(CommandError):
        _run("report", "waterfall", *(f"{name}={value}" for name, value in arguments.items()))


def test_plan_of_the_worked_example():
    answer = json.loads(
        _run(
            "plan",
            "--quota",
            "5000",
            "--marketing-share",
            "1",
            "--average-deal",
            "100",
            "--close-rate",
            "0.5",
        )
    )
    assert (answer["revenue_goal"], answer["customers"], answer["leads"]) == (5000, 50, 100)
    assert (answer["customers_exact"], answer["leads_exact"]) == (50, 100)


def test_plan_rounds_leads_up_once_and_keeps_what_is_exact():
    answer = json.loads(_run("plan", "--quota", "5000", "--average-deal", "30", "--close-rate", "0.3"))
    assert (answer["customers"], answer["leads"]) == (167, 556)
    assert answer["leads_exact"] == pytest.approx(555.5555555)
    assert answer["exact"] == {"revenue_goal": "5000", "customers": "500/3", "leads": "5000/9"}


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        (("--quota", "-1", "--average-deal", "1", "--close-rate", "1"), "--quota"),
        (("--quota", "1", "--average-deal", "0", "--close-rate", "1"), "--average-deal must be above 0"),
        (("--quota", "1", "--average-deal", "1", "--close-rate", "1.5"), "--close-rate"),
        (("--quota", "ten", "--average-deal", "1", "--close-rate", "1"), "--quota is not a decimal number"),
        (("--quota", "1e400", "--average-deal", "1", "--close-rate", "1"), "--quota has too many digits"),
        (
            ("--quota", "1", "--average-deal", "1", "--close-rate", "NaN"),
            "--close-rate is not a finite number",
        ),
    ],
)
def test_plan_names_the_input_it_cannot_use(inputs, reason):
    with pytest.raises(CommandError, match=reason):
        _run("plan", *inputs)


@pytest.mark.django_db
def test_a_calendar_loaded_twice_has_one_revision(hours):
    path = hours(WARSAW)
    for _ in range(2):
        _run("load_calendar", path, "--name", "Warsaw", "--default")
    calendar = BusinessCalendar.objects.company()
    assert (calendar.name, calendar.revisions.count()) == ("Warsaw", 1)
    assert calendar.latest_revision().definition == WARSAW


@pytest.mark.django_db
def test_public_holidays_of_a_country_are_written_out(hours):
    _run("load_calendar", hours(WARSAW), "--name", "Warsaw", "--country", "PL")
    for _ in range(2):
        said = _run("load_calendar", hours(WARSAW), "--name", "Warsaw", "--country", "PL")
    assert "revision" in said
    latest = BusinessCalendar.objects.get(name="Warsaw").latest_revision()
    assert f"{latest.created_at.year}-11-11" in latest.definition["holidays"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "more", "reason"),
    [
        ("{", (), "is not JSON"),
        ("[1]", (), "an object with tz and weekly is needed"),
        ("\x00", (), "is not JSON"),
        ("[" * 100_000, (), "is not JSON"),
        ({"tz": "Mars/Base", "weekly": {"mon": [["08:00", "16:00"]]}}, (), "Mars/Base"),
        ({"tz": "UTC", "weekly": {"mon": [["16:00", "25:00"]]}}, (), "25:00"),
        ({"tz": "UTC", "weekly": {}}, (), "."),
        (WARSAW, ("--country", "XX"), "XX"),
        (WARSAW, ("--subdivision", "BY"), "--country"),
    ],
)
def test_a_faulty_calendar_is_refused_and_leaves_nothing(hours, content, more, reason):
    before = CalendarRevision.objects.count()
    with pytest.raises(CommandError, match=reason):
        _run("load_calendar", hours(content), "--name", "Faulty", *more)
    assert CalendarRevision.objects.count() == before


def test_a_calendar_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CommandError, match=r"nowhere\.json cannot be read"):
        _run("load_calendar", str(tmp_path / "nowhere.json"), "--name", "x")
