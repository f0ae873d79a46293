"""What the measures and dimensions of the explore page are called, and what each counts."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, npgettext, pgettext_lazy

from reports.readings.explored import By
from reports.readings.explored_measures import AT_LEAST, Topic

Text = str | Promise


@dataclass(frozen=True, slots=True)
class MeasureWords:
    """`meaning` defines the measure in a sentence; `cases` is what its n counts, empty for counts."""

    name: Text
    meaning: Text
    cases: Text = ""


_TRIED = _("hand-offs with a first attempt")
_NOT_CONNECTED = _("hand-offs not connected")
_JUDGED = _("hand-offs not connected whose follow-up window has ended, or which were closed")
_WITH_TERMS = _("hand-offs not connected under an agreed number of attempts")
_JUDGED_WITH_TERMS = _(
    "hand-offs not connected under an agreed number of attempts whose follow-up window has ended, or which were closed"
)
_ASSIGNED = _("hand-offs assigned and tried")
_GAPS = _("gaps between two attempts")
TOPIC_NAMES: dict[Topic, Text] = {
    Topic.GOAL: _("Leads and goal"),
    Topic.SPEED: _("Speed"),
    Topic.DEPTH: _("Depth"),
    Topic.CUSTOMERS: _("Customers"),
}


def _tried_now(k: int) -> str:
    return npgettext("a measure", "Tried at least once", "Tried at least %(k)s times", k) % {"k": k}


def _tried_meaning_now(k: int) -> str:
    said = ngettext(
        "Of all hand-offs, the share tried at least once; what came back is left out.",
        "Of all hand-offs, the share tried at least %(k)s times, or connected before; what came back is left out.",
        k,
    )
    return said % {"k": k}


_tried, _tried_meaning = lazy(_tried_now, str), lazy(_tried_meaning_now, str)
MEASURE_WORDS: dict[str, MeasureWords] = {
    "handed_off": MeasureWords(
        pgettext_lazy("a measure", "Handed off"),
        _("Hand-offs that count towards the goal, by the day they were handed off."),
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
    "speed_survival": MeasureWords(
        _("Median, the open ones counted"),
        _("Half are first tried within this business time, those still open counted as far as they waited."),
        _("hand-offs answered or waited for"),
    ),
    "in_time": MeasureWords(
        _("Share in time"),
        _("Of the hand-offs due by now, those first tried in time."),
        _("hand-offs due by now"),
    ),
    "attempted": MeasureWords(_("First tried"), _("Hand-offs with a first attempt at a known time.")),
    "open": MeasureWords(_("Still unanswered"), _("Hand-offs that wait for their first attempt now.")),
    "overdue": MeasureWords(
        _("Overdue"), _("Hand-offs that wait for their first attempt, and are overdue now.")
    ),
    "not_yet_due": MeasureWords(
        _("Not yet due"), _("Hand-offs whose time is not up, answered or not: they are not judged yet.")
    ),
    "speed_elapsed": MeasureWords(
        _("Average by the clock on the wall"),
        _("All time from the hand-off to the first attempt, nights and days off too, on average."),
        _TRIED,
    ),
    "speed_elapsed_median": MeasureWords(
        _("Median by the clock on the wall"),
        _("Half of those attempted were first tried within this time, nights and days off counted too."),
        _TRIED,
    ),
    "speed_elapsed_p90": MeasureWords(
        _("Nine in ten by the clock on the wall"),
        _(
            "Nine in ten of those attempted were first tried within this time, nights and days off counted too."
        ),
        _TRIED,
    ),
    "routing": MeasureWords(
        _("Routing part"),
        _("Business time from the hand-off until somebody owned it, on average over those tried since."),
        _ASSIGNED,
    ),
    "rep_part": MeasureWords(
        _("Rep’s part"),
        _("Business time from when somebody owned it to the first attempt, on average."),
        _ASSIGNED,
    ),
    "depth": MeasureWords(
        _("Average attempts"), _("Attempts on hand-offs that have not connected, on average."), _NOT_CONNECTED
    ),
    "not_connected": MeasureWords(
        _("Not connected"), _("Hand-offs that have not connected, and were neither rejected nor recycled.")
    ),
    "worked": MeasureWords(
        _("Share worked"),
        _("Of the hand-offs that have not connected, those with an attempt."),
        _NOT_CONNECTED,
    ),
    "fully_worked": MeasureWords(
        _("Share fully worked"),
        _("Of the hand-offs that have not connected, those with as many attempts as agreed."),
        _WITH_TERMS,
    ),
    "depth_judged": MeasureWords(
        _("Average attempts, as judged"),
        _(
            "Attempts on hand-offs not connected whose follow-up window has ended, or which were closed, on average."
        ),
        _JUDGED,
    ),
    "worked_judged": MeasureWords(
        _("Share worked, as judged"),
        _(
            "Of those not connected whose follow-up window has ended, or which were closed, those with an attempt."
        ),
        _JUDGED,
    ),
    "fully_worked_judged": MeasureWords(
        _("Share fully worked, as judged"),
        _(
            "Of those not connected whose window has ended, or which were closed, those with all agreed attempts."
        ),
        _JUDGED_WITH_TERMS,
    ),
    "young": MeasureWords(
        _("Still within their window"),
        _("Hand-offs not connected whose follow-up window has not ended: nobody judges their depth yet."),
    ),
    "stopped_early": MeasureWords(
        _("Share stopped too early"),
        _("Of those closed as unreachable, those with fewer attempts than agreed."),
        _("hand-offs closed as unreachable"),
    ),
    "spacing": MeasureWords(
        _("Average time between attempts"),
        _("Elapsed time from one attempt to the next on hand-offs that have not connected, on average."),
        _GAPS,
    ),
    "spacing_median": MeasureWords(
        _("Median time between attempts"),
        _(
            "Half of the attempts on hand-offs that have not connected followed the one before within this time."
        ),
        _GAPS,
    ),
    **{
        name: MeasureWords(_tried(k), _tried_meaning(k), _("hand-offs neither rejected nor recycled"))
        for name, k in AT_LEAST.items()
    },
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
    "average_deal": MeasureWords(
        _("Average deal"),
        _(
            "What those of marketing’s leads that have won by now paid, on average over those with a known amount."
        ),
        _("customers with a known amount"),
    ),
    "revenue": MeasureWords(
        _("Revenue"),
        _("What those of marketing’s leads qualified in these days that have won by now paid."),
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
    By.OUTCOME: _("Outcome"),
}
WITHOUT: dict[By, Text] = {
    By.TEAM: _("without a team"),
    By.SEGMENT: _("without a segment"),
    By.SOURCE: _("without a source"),
    By.CAMPAIGN: _("without a campaign"),
    By.CHANNEL: _("no first attempt at a known time"),
    By.COUNTRY: _("without a country"),
    By.HOUR: _("hour unknown"),
    By.OUTCOME: _("still open"),
}
"""What stands where a key is empty."""
