"""Kept calculations beside each other, worked out with the same measured rates; what differs is marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from agreements.models import Scenario
from reports.calculation import Calculation
from reports.charts import words
from reports.forms.calculator_fields import NumberField
from reports.pages.calculator import CalculatorPage

MOST_COMPARED = 3


@dataclass(frozen=True, slots=True)
class ComparedCell:
    """`change` is the difference to the first calculation in words, empty in the first and where there is none."""

    text: str
    differs: bool = False
    change: str = ""


@dataclass(frozen=True, slots=True)
class ComparedRow:
    name: str
    cells: tuple[ComparedCell, ...]

    @property
    def differs(self) -> bool:
        return any(cell.differs for cell in self.cells)


@dataclass(frozen=True, slots=True)
class ComparedScenario:
    """One column. `fault`: why it cannot be worked out any more."""

    scenario: Scenario
    page: CalculatorPage
    fault: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """`finding` is the first line; the columns as chosen; results above inputs, each row once."""

    finding: str
    columns: tuple[ComparedScenario, ...]
    results: tuple[ComparedRow, ...]
    inputs: tuple[ComparedRow, ...]


def compared(opened: Sequence[tuple[Scenario, CalculatorPage]]) -> Comparison:
    """Return the calculations side by side, in the order given; with fewer than two there is nothing to say yet."""
    columns = tuple(ComparedScenario(scenario, page, _fault(page)) for scenario, page in opened)
    if len(columns) < 2:
        return Comparison(_("Choose two or three of your calculations to compare."), columns, (), ())
    return Comparison(_finding(columns), columns, tuple(_result_rows(columns)), tuple(_input_rows(columns)))


def _fault(page: CalculatorPage) -> str:
    if page.contents is not None:
        return ""
    for name, messages in page.form.errors.items():
        label = str(page.form.fields[name].label or "") if name in page.form.fields else ""
        return f"{label}: {messages[0]}" if label else str(messages[0])
    return _("It cannot be worked out.")


def _finding(columns: Sequence[ComparedScenario]) -> str:
    needs = [
        (column.page.contents.calculation.a_month, column.scenario.name)
        for column in columns
        if column.page.contents is not None
    ]
    if len(needs) < 2:
        return _("Not enough of these calculations can still be worked out.")
    (least, fewest), (most, largest) = min(needs), max(needs)
    if least == most:
        return _("All of them need %(n)s MQLs a month.") % {"n": words.amount(least)}
    return _("“%(fewest)s” needs the fewest MQLs a month, %(least)s; “%(largest)s” the most, %(most)s.") % {
        "fewest": fewest,
        "least": words.amount(least),
        "largest": largest,
        "most": words.amount(most),
    }


def _result_rows(columns: Sequence[ComparedScenario]) -> list[ComparedRow]:
    def row(
        name: str,
        value: Callable[[Calculation], Fraction | None],
        text: Callable[[Fraction, str], str],
    ) -> ComparedRow:
        values = [
            None if column.page.contents is None else value(column.page.contents.calculation)
            for column in columns
        ]
        texts = [
            words.NONE if one is None else text(one, column.page.setting.currency)
            for one, column in zip(values, columns, strict=True)
        ]
        first = values[0]
        changes = [
            "" if one is None or first is None or one == first else _change(first, one) for one in values
        ]
        return ComparedRow(
            name,
            tuple(
                ComparedCell(shown, shown != texts[0], change)
                for shown, change in zip(texts, changes, strict=True)
            ),
        )

    return [
        row(_("MQLs in all"), lambda one: Fraction(one.leads), lambda n, _c: words.amount(n)),
        row(_("MQLs a month"), lambda one: one.a_month, lambda n, _c: words.amount(n)),
        row(_("MQLs a business day"), lambda one: one.per_business_day, lambda n, _c: words.amount(n)),
        row(_("Customers"), lambda one: one.plan.customers_exact, lambda n, _c: words.amount(n, 2)),
        row(_("Revenue from marketing"), lambda one: one.plan.revenue_goal, words.money),
        row(_("Value of a lead"), lambda one: one.lead_value, lambda n, c: words.money(n, c, 2)),
        row(
            _("Reps needed in the busiest month"),
            lambda one: Fraction(one.busiest.work.reps_needed) if one.busiest.work else None,
            lambda n, _c: words.amount(n),
        ),
        row(
            _("Leads beyond the reps' time in that month"),
            lambda one: Fraction(one.busiest.unworked),
            lambda n, _c: words.amount(n),
        ),
    ]


def _change(first: Fraction, one: Fraction) -> str:
    moved = words.signed(one - first)
    if not first:
        return moved
    share = (one - first) / first
    sign = "+" if share > 0 else ""
    return _("%(moved)s, %(share)s") % {"moved": moved, "share": f"{sign}{words.percent(share, 1)}"}


def _input_rows(columns: Sequence[ComparedScenario]) -> list[ComparedRow]:
    labels: dict[str, str] = {}
    for column in columns:
        for name, field in column.page.form.fields.items():
            if name != "agreement" and not name.startswith("name-"):
                labels.setdefault(name, str(field.label or name))
    rows = [
        ComparedRow(
            _("Agreement"),
            _marked(
                [
                    column.page.agreement.name if column.page.agreement else _("all hand-offs")
                    for column in columns
                ]
            ),
        )
    ]
    rows += [
        ComparedRow(label, _marked([_shown(column.page, name) for column in columns]))
        for name, label in labels.items()
    ]
    return [row for row in rows if any(cell.text != words.NONE for cell in row.cells)]


def _marked(texts: Sequence[str]) -> tuple[ComparedCell, ...]:
    return tuple(ComparedCell(text, text != texts[0]) for text in texts)


def _shown(page: CalculatorPage, name: str) -> str:
    """Write an input as it was typed, with its unit, a choice by its name."""
    field = page.form.fields.get(name)
    if field is None:
        return words.NONE
    text = str(page.form.data.get(name, ""))
    if isinstance(field, NumberField):
        if name.startswith("part-") and not page.form.data.get(name.replace("part", "name")):
            return words.NONE
        return f"{text} {field.unit}".strip()
    choices = dict(getattr(field, "choices", ()))
    return str(choices.get(text, text)) or words.NONE
