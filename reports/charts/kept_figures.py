"""The figure of a promise of a month that was judged, beside what was agreed."""

from __future__ import annotations

from fractions import Fraction

from django.utils.translation import gettext as _

from agreements.models import Evaluation
from agreements.readings.measure_words import quantity, threshold_text
from reports.charts import words

Promise, Outcome = Evaluation.Promise, Evaluation.Outcome


def figure_text(one: Evaluation, currency: str) -> str:
    """Say the figure that was judged, beside what was agreed."""
    if one.promise in (Promise.MQL_GOAL, Promise.CAMPAIGN_GOAL):
        said = {
            "actual": _quantity(one, one.numerator, currency),
            "goal": _quantity(one, one.denominator, currency),
        }
        return _("%(actual)s of %(goal)s") % said
    if not one.denominator:
        is_owed = one.promise == Promise.CUSTOM and one.outcome != Outcome.NOTHING
        return _("no value came in time") if is_owed else _("nothing measured")
    value: Fraction = one.numerator / one.denominator
    if one.promise == Promise.CUSTOM:
        return measure_figure(one, value)
    if one.promise == Promise.AVERAGE_SPEED:
        said = {"value": words.duration(value), "agreed": words.duration(one.threshold)}
        return _("%(value)s on average, agreed are at most %(agreed)s") % said
    if one.promise == Promise.DEPTH:
        said = {"value": words.amount(value, 2), "agreed": words.amount(one.threshold, 2)}
        return _("%(value)s attempts on average, agreed are %(agreed)s") % said
    said = {
        "value": words.percent(value, 1),
        "n": words.amount(one.numerator),
        "all": words.amount(one.denominator),
        "agreed": words.percent(one.threshold, 1),
    }
    return _("%(value)s (%(n)s of %(all)s), agreed are %(agreed)s") % said


def measure_figure(one: Evaluation, value: Fraction) -> str:
    """Say what a custom measure came to, beside what was agreed, in its unit."""
    measure = one.measure
    unit, direction = (measure.unit, measure.direction) if measure else ("", "")
    said = {"value": quantity(value, unit), "agreed": threshold_text(direction, one.threshold, unit)}
    return _("%(value)s, agreed is %(agreed)s") % said


def is_money(one: Evaluation) -> bool:
    return one.commitment is not None and one.commitment.measure == "value"


def _quantity(one: Evaluation, value: Fraction, currency: str) -> str:
    return words.money(words.whole(value), currency) if is_money(one) else words.amount(value)
