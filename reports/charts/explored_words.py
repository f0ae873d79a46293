"""What the measures and dimensions of the explore page are called, and what each counts."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.readings.explored import By

Text = str | Promise


@dataclass(frozen=True, slots=True)
class MeasureWords:
    """`meaning` defines the measure in a sentence; `cases` is what its n counts, empty for counts."""

    name: Text
    meaning: Text
    cases: Text = ""


_TRIED = _("hand-offs with a first attempt")
_NOT_CONNECTED = _("hand-offs not connected")
MEASURE_WORDS: dict[str, MeasureWords] = {
    "handed_off": MeasureWords(
        _("Handed off"), _("Hand-offs that count towards the goal, by the day they were handed off.")
    ),
    "qualified": MeasureWords(_("Qualified"), _("Marketing’s leads, by the day they were qualified.")),
    "accepted": MeasureWords(
        _("Accepted"), _("Of the hand-offs that count towards the goal, those accepted.")
    ),
    "rejected": MeasureWords(
        _("Rejected"), _("Of the hand-offs that count towards the goal, those rejected and not in dispute.")
    ),
    "net": MeasureWords(_("Net"), _("Hand-offs that count towards the goal, less those rejected.")),
    "value": MeasureWords(
        _("Value"),
        _("What the hand-offs that count towards the goal are worth, as agreed for their segments."),
    ),
    "hand_offs": MeasureWords(
        _("All hand-offs"), _("Hand-offs, also those that do not count towards the goal.")
    ),
    "speed": MeasureWords(
        _("Average to the first attempt"),
        _("Business time from the hand-off to the first attempt, on average over those attempted."),
        _TRIED,
    ),
    "speed_median": MeasureWords(
        _("Median to the first attempt"),
        _("Half of those attempted were first tried within this business time."),
        _TRIED,
    ),
    "speed_p90": MeasureWords(
        _("Nine in ten first tried within"),
        _("Nine in ten of those attempted were first tried within this business time."),
        _TRIED,
    ),
    "in_time": MeasureWords(
        _("Share in time"),
        _("Of the hand-offs due by now, those first tried in time."),
        _("hand-offs due by now"),
    ),
    "open": MeasureWords(_("Still unanswered"), _("Hand-offs that wait for their first attempt now.")),
    "overdue": MeasureWords(
        _("Overdue"), _("Hand-offs that wait for their first attempt, and are overdue now.")
    ),
    "depth": MeasureWords(
        _("Average attempts"), _("Attempts on hand-offs that have not connected, on average."), _NOT_CONNECTED
    ),
    "worked": MeasureWords(
        _("Share worked"),
        _("Of the hand-offs that have not connected, those with an attempt."),
        _NOT_CONNECTED,
    ),
    "fully_worked": MeasureWords(
        _("Share fully worked"),
        _("Of the hand-offs that have not connected, those with as many attempts as agreed."),
        _("hand-offs not connected under an agreed number of attempts"),
    ),
    "stopped_early": MeasureWords(
        _("Share stopped too early"),
        _("Of those closed as unreachable, those with fewer attempts than agreed."),
        _("hand-offs closed as unreachable"),
    ),
    "won": MeasureWords(
        _("Won"), _("Of marketing’s leads qualified in these days, those with a won deal by now.")
    ),
    "close_rate": MeasureWords(
        _("Close rate"),
        _(
            "Of marketing’s leads qualified in these days, the share with a won deal by now: the young ones may follow."
        ),
        _("marketing’s leads qualified"),
    ),
}
BY_NAMES: dict[By, Text] = {
    By.DAY: _("Day"),
    By.WEEK: _("Week"),
    By.MONTH: _("Month"),
    By.REP: _("Rep"),
    By.TEAM: _("Team"),
    By.SEGMENT: _("Segment"),
    By.SOURCE: _("Source"),
    By.CAMPAIGN: _("Campaign"),
    By.CHANNEL: _("Channel of the first attempt"),
    By.COUNTRY: _("Country"),
    By.HOUR: _("Hour of arrival"),
}
WITHOUT: dict[By, Text] = {
    By.TEAM: _("without a team"),
    By.SEGMENT: _("without a segment"),
    By.SOURCE: _("without a source"),
    By.CAMPAIGN: _("without a campaign"),
    By.CHANNEL: _("no attempt yet"),
    By.COUNTRY: _("without a country"),
    By.HOUR: _("hour unknown"),
}
"""What stands where a key is empty."""
