"""Days and months are written as each language writes them."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import translation
from django.utils.formats import date_format, get_format

from agreements import words
from slaproject.languages import sources

AT = dt.datetime(2026, 10, 5, 9, 30, tzinfo=dt.UTC)
# A pattern in a template's filter, or as the last argument of date_format.
PATTERNS = re.compile(r"""\|date:["']([^"']+)["']|date_format\([^"'\n]*["']([^"']+)["']""")
LETTERS = re.compile(r"[A-Za-z](?:[ ,:]+[A-Za-z])*")
NAMES_SOMETHING = re.compile(r"[DlMFNbE]")


@pytest.mark.parametrize(
    "pattern,polish,korean",
    [
        ("DATE_FORMAT", "5 paź 2026", "2026년 10월 5일"),
        ("DATETIME_FORMAT", "5 paź 2026, 09:30", "2026년 10월 5일 09:30"),
        ("YEAR_MONTH_FORMAT", "październik 2026", "2026년 10월"),
        ("F Y", "październik 2026", "2026년 10월"),
        ("j F Y", "5 października 2026", "2026년 10월 5일"),
        ("D j M Y", "pon., 5 paź 2026", "2026년 10월 5일(월)"),
        ("l j F H:i", "poniedziałek, 5 października, 09:30", "10월 5일 월요일 09:30"),
    ],
)
def test_a_day_in_each_language(pattern, polish, korean):
    with translation.override("pl"):
        assert date_format(AT, pattern) == polish
    with translation.override("ko"):
        assert date_format(AT, pattern) == korean


@pytest.mark.parametrize("language", ["pl", "ko"])
def test_every_pattern_that_names_a_day_or_month_has_its_own_in_each_language(language):
    asked = {
        pattern
        for file in sources.files()
        for found in PATTERNS.findall(file.read_text(encoding="utf-8"))
        for pattern in found
        if LETTERS.fullmatch(pattern) and NAMES_SOMETHING.search(pattern)
    }
    assert {"j M Y", "F Y", "j F Y"} <= asked
    with translation.override(language):
        unchanged = {pattern for pattern in asked if get_format(pattern) == pattern}
    # Polish writes these as English does: the names of its months and weekdays are in lower case by themselves.
    assert unchanged <= ({"F Y", "F", "l", "l H:i"} if language == "pl" else {"F", "l", "l H:i"})


@pytest.mark.parametrize(
    "language,one,several",
    [
        ("en", "5 Oct 2026", "5 Oct 2026 to 6 Oct 2026"),
        ("pl", "5 paź 2026", "5 paź 2026"),
        ("ko", "2026년 10월 5일", "2026년 10월 5일"),
    ],
)
def test_days_with_their_years_are_written_in_one_place(language, one, several):
    day = AT.date()
    with translation.override(language):
        assert words.whole_day(day) == words.whole_days(day, day + dt.timedelta(days=1)) == one
        both = words.whole_days(day, day + dt.timedelta(days=2))
    assert several in both and both.count("2026") == 2
    # Nobody puts the year behind a day by hand: not every language has it there.
    behind_a_day = re.compile(r"day\([^)]*\)\} \{[\w.]*year")
    assert [file for file in sources.files() if behind_a_day.search(file.read_text(encoding="utf-8"))] == []
