"""What the figures are called whose hand-offs are listed."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from reports.charts.explored_words import MEASURE_WORDS
from reports.readings.explored_measures import AT_LEAST

FIGURE_NAMES: dict[str, str | Promise] = {
    **{
        name: MEASURE_WORDS[name].name
        for name in ("hand_offs", "attempted", "open", "overdue", "not_yet_due", "not_connected", "young")
    },
    "timed": gettext_lazy("At a known time"),
    "due": gettext_lazy("Due by now"),
    "in_time": gettext_lazy("In time"),
    "late": gettext_lazy("Late"),
    "worked": gettext_lazy("Tried, not connected"),
    "unworked": gettext_lazy("Never tried"),
    "fully_worked": gettext_lazy("Tried as often as agreed"),
    "stopped_early": gettext_lazy("Stopped too early"),
    **{f"tried_{k}": MEASURE_WORDS[name].name for name, k in AT_LEAST.items()},
}
