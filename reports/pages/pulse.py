"""The page of what people say: the question of the month, each party's pulse, and how good the leads were."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from agreements.models import Agreement
from agreements.pulse_months import month_asked
from agreements.readings.agreement_page import parties_of
from agreements.readings.pulse import PulseAsked, party_pulses, pulses_asked
from reports.charts import words
from reports.charts.description import Chart, Table
from reports.charts.feedback import pulse_chart, ratings_by_segment, ratings_by_source, ratings_chart
from reports.closing import months_before
from reports.readings.ratings import ratings_report

MONTHS = 12


@dataclass(frozen=True, slots=True)
class PulsePage:
    """Everything that the page shows; `asked` is None where this person is not asked now."""

    agreement: Agreement
    finding: str
    asked: PulseAsked | None
    charts: tuple[Chart, ...]
    tables: tuple[tuple[str, Table], ...]

    @property
    def month_name(self) -> str:
        """The month that is asked about."""
        return words.month(self.asked.month_on) if self.asked else ""

    def table(self, key: str) -> Table | None:
        """Return a table by its key, of a chart or on its own."""
        return ({chart.key: chart.table for chart in self.charts} | dict(self.tables)).get(key)


def pulse_page(agreement: Agreement, *, user: Any, now: dt.datetime) -> PulsePage:
    """Read the last twelve months. The month that is still asked about is not among them: averages of answers that
    come in one by one would tell who said what.
    """
    today = now.astimezone(agreement.zone).date()
    asked_month = month_asked(today)
    months = [months_before(asked_month, n) for n in range(MONTHS, 0, -1)]
    pulses = party_pulses(agreement, months)
    parties = sorted(parties_of(agreement), key=lambda one: (one.signatory_id is None, one.pk))
    this_month = today.replace(day=1)
    rated = [months_before(this_month, n) for n in range(MONTHS - 1, -1, -1)]
    ratings = ratings_report(agreement, rated[0], today + dt.timedelta(days=1))
    charts = [
        pulse_chart(
            party,
            months,
            {month: found for (month, pk), found in pulses.items() if pk == party.pk},
            as_of=now,
        )
        for party in parties
    ]
    quality = ratings_chart(ratings, rated, subtitle=agreement.name, as_of=now)
    tables = (("by-source", ratings_by_source(ratings)), ("by-segment", ratings_by_segment(ratings)))
    shown = [chart.title for chart in charts if not chart.is_empty]
    return PulsePage(
        agreement=agreement,
        finding=" ".join(shown) or _("What people say of this agreement is not known yet."),
        asked=next((one for one in pulses_asked(user, now=now) if one.agreement == agreement), None),
        charts=(*charts, quality),
        tables=tables if ratings.total.n else (),
    )
