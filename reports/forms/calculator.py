"""The inputs of a calculation: read from an address, filled up with what is known, checked, written back.

Shares are typed in per cent. What the address does not name starts from what is known of it; what it names and leaves
empty is missing. Parts that this calculation does not use (the weights of a quarter in a month) are kept and passed on.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import Segment
from agreements.quota_months import MAX_CYCLE_DAYS, Split
from agreements.typed_numbers import neutral, typed
from reports.calculation import Inputs, SegmentAsked, Team
from reports.charts import words
from reports.charts.known_numbers import (
    MOST_NAMED,
    Known,
    Origin,
    known_numbers,
    known_of_segment,
    mix_shares,
    origin_name,
    segment_shares,
)
from reports.forms.calculator_fields import NumberField, NumberInput, number_input, percent_field
from reports.forms.filters import MONTH, MonthField
from reports.forms.span import FIRST_YEAR, LAST_YEAR
from reports.readings.plan_setting import PlanSetting

MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}
ROWS_OF_MIX = MOST_NAMED + 1
LONGEST_NAME = 150
PASSED_ON = re.compile(
    r"average_deal|close_rate|(share|deal|rate)-[-\w]{1,50}|(name|part)-(source|campaign)-\d|weight-\d{1,2}",
    re.ASCII,
)
MOST_PASSED_ON = 80
CHOICES = {"agreement", "start", "period", "split", "per", "by"}


@dataclass(frozen=True, slots=True)
class Origins:
    """Where the numbers come from that nobody typed: in a sentence, and each origin with its fields."""

    sentence: str
    lists: tuple[tuple[str, str], ...]


class CalculatorForm(forms.Form):
    """All inputs. Built on a query string and the setting; always bound."""

    agreement = forms.CharField(required=False, widget=forms.HiddenInput)
    start = MonthField(label=gettext_lazy("First month"))
    period = forms.ChoiceField(
        label=gettext_lazy("Quota of a"),
        choices=[
            ("month", gettext_lazy("month")),
            ("quarter", gettext_lazy("quarter")),
            ("year", gettext_lazy("year")),
        ],
    )
    split = forms.ChoiceField(
        label=gettext_lazy("Spread over its months"),
        choices=[
            ("equal", gettext_lazy("equally")),
            ("calendar_days", gettext_lazy("by calendar days")),
            ("business_days", gettext_lazy("by business days")),
            ("weights", gettext_lazy("by weights of my own")),
        ],
    )
    per = forms.ChoiceField(
        label=gettext_lazy("Segments"),
        choices=[
            ("all", gettext_lazy("one deal and rate for all")),
            ("segment", gettext_lazy("each segment its own")),
        ],
    )
    by = forms.ChoiceField(
        label=gettext_lazy("Where the leads come from"),
        choices=[
            ("none", gettext_lazy("not split")),
            ("source", gettext_lazy("by source")),
            ("campaign", gettext_lazy("by campaign")),
        ],
    )

    def __init__(self, query: QueryDict | Mapping[str, str], setting: PlanSetting) -> None:
        self.setting = setting
        given: dict[str, str] = {name: str(query[name]) for name in query}
        self.given = given
        self.months = _months(_month(given.get("start"), setting), given.get("period"))
        self.typed = dict(given)
        if not given.keys() >= CHOICES:
            self.typed = {**self._start, **given}
        super().__init__(data=self.typed)
        self._add_numbers()
        for name, field in self.fields.items():
            if isinstance(field, NumberField) and name not in self.typed:
                self.typed[name] = typed(field.known.value)

    # What may be chosen

    @property
    def chosen(self) -> dict[str, str]:
        """The choices as far as they can be understood, the start's elsewhere."""
        found = {}
        for name in ("split", "per", "by"):
            field = self.base_fields[name]
            assert isinstance(field, forms.ChoiceField)
            value = self.data.get(name, "")
            found[name] = value if value in dict(field.choices) else self._start[name]  # type: ignore[arg-type]
        if not self.setting.segments:
            found["per"] = "all"
        return found

    @cached_property
    def _known(self) -> dict[str, Known]:
        return known_numbers(self.setting, self.months)

    def _of(self, name: str) -> Callable[[], Known]:
        return lambda: self._known[name]

    @cached_property
    def _start(self) -> dict[str, str]:
        """The choices that a calculation starts with."""
        plan = self.setting.plan
        has_segments = bool(self.setting.segments) and bool(plan and plan.segments)
        split = plan.split if plan and plan.split in (Split.CALENDAR_DAYS, Split.BUSINESS_DAYS) else "equal"
        return {
            "agreement": self.setting.agreement.slug if self.setting.agreement else "",
            "start": f"{self.months[0]:%Y-%m}",
            "period": "month",
            "split": split,
            "per": "segment" if has_segments else "all",
            "by": "source" if any(name for name, _n in self.setting.measured.sources) else "none",
        }

    # Which numbers there are

    def _add_numbers(self) -> None:
        money = self.setting.currency
        known, chosen, fields = self._of, self.chosen, self.fields
        fields["quota"] = NumberField(
            label=_("Quota"), unit=money, known=known("quota"), is_above=True, high=10**13
        )
        fields["marketing_share"] = percent_field(
            _("Share from marketing"), known("marketing_share"), step="1"
        )
        if chosen["per"] == "all":
            fields["average_deal"] = NumberField(
                label=_("Average deal"), unit=money, known=known("average_deal"), is_above=True, high=10**11
            )
            fields["close_rate"] = percent_field(_("Close rate"), known("close_rate"), step="0.1", places=4)
        else:
            self._add_segments()
        if len(self.months) > 1 and chosen["split"] == "weights":
            for number, month in enumerate(self.months, start=1):
                fields[f"weight-{number}"] = NumberField(
                    label=words.month(month),
                    known=lambda: Known(Decimal(1), Origin.ASSUMED),
                    high=1_000_000,
                    step=Decimal("0.1"),
                )
        fields["cycle_days"] = NumberField(
            label=_("Sales cycle"),
            unit=_("days"),
            known=known("cycle_days"),
            high=MAX_CYCLE_DAYS,
            places=0,
            step=Decimal(1),
        )
        if chosen["by"] != "none":
            self._add_mix(chosen["by"])
        self._add_team()

    def _add_segments(self) -> None:
        for segment in self.setting.segments:
            deal, rate, part = self._of_segment(segment)
            said = {"segment": segment.name}
            self.fields[f"share-{segment.slug}"] = percent_field(
                _("%(segment)s: share of the revenue goal") % said, part, step="1", is_above=False
            )
            self.fields[f"deal-{segment.slug}"] = NumberField(
                label=_("%(segment)s: average deal") % said,
                unit=self.setting.currency,
                known=deal,
                is_above=True,
                high=10**11,
            )
            self.fields[f"rate-{segment.slug}"] = percent_field(
                _("%(segment)s: close rate") % said, rate, step="0.1", places=4
            )

    def _of_segment(self, segment: Segment) -> tuple[Callable[[], Known], ...]:
        """Return what is known of a segment's deal, its close rate and its share."""
        return (
            lambda: known_of_segment(self.setting, segment.pk, segment.slug)["average_deal"],
            lambda: known_of_segment(self.setting, segment.pk, segment.slug)["close_rate"],
            lambda: Known(self._shares[segment.slug], Origin.PLAN if self.setting.plan else Origin.MEASURED),
        )

    @cached_property
    def _shares(self) -> dict[str, Decimal]:
        return segment_shares(self.setting)

    def _add_mix(self, by: str) -> None:
        """Add a row for each source or campaign, and one for a further one; rows of one's own leave no others."""
        measured = self.setting.measured
        known = mix_shares(measured.sources if by == "source" else measured.campaigns)
        if any(name.startswith(("name-", "part-")) and f"-{by}-" in name for name in self.given):
            known = []
        for number in range(1, ROWS_OF_MIX + 1):
            name, part = known[number - 1] if number <= len(known) else ("", Decimal(0))
            key = f"{by}-{number}"
            self.typed.setdefault(f"name-{key}", name)
            self.typed.setdefault(f"part-{key}", typed(part))
            self.fields[f"name-{key}"] = forms.CharField(
                label=_("Name %(n)s") % {"n": number}, required=False, max_length=LONGEST_NAME
            )
            self.fields[f"part-{key}"] = percent_field(
                _("Share of %(name)s") % {"name": self.typed[f"name-{key}"] or _("a further one")},
                lambda: Known(Decimal(0), Origin.MEASURED),
                step="1",
                is_above=False,
            )

    @property
    def mix_keys(self) -> list[str]:
        """The rows of sources or campaigns; none where leads are not split."""
        by = self.chosen["by"]
        return [] if by == "none" else [f"{by}-{number}" for number in range(1, ROWS_OF_MIX + 1)]

    def _add_team(self) -> None:
        known, fields = self._of, self.fields
        half = Decimal("0.5")
        fields["attempts"] = NumberField(
            label=_("Attempts per lead"), known=known("attempts"), is_above=True, high=1000, step=half
        )
        fields["minutes"] = NumberField(
            label=_("Minutes per attempt"),
            known=known("minutes"),
            is_above=True,
            high=10_000,
            step=Decimal(1),
        )
        fields["reps"] = NumberField(label=_("Reps"), known=known("reps"), high=100_000, step=half)
        fields["hours"] = NumberField(
            label=_("Hours of a business day"), known=known("hours"), is_above=True, high=24, step=half
        )
        fields["time_share"] = percent_field(
            _("Share of time for following up"), known("time_share"), step="1"
        )
        fields["own_minutes"] = NumberField(
            label=_("Minutes a month for leads that sales found itself"),
            known=known("own_minutes"),
            high=10**8,
            step=Decimal(60),
        )

    # What was understood

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors.keys() & {"start", "period"} and given["start"].year > LAST_YEAR - 1:
            self.add_error("start", _("That is too far away."))
        chosen = self.chosen
        if chosen["per"] == "segment":
            self._check_sum([f"share-{one.slug}" for one in self.setting.segments])
        if keys := self.mix_keys:
            names = [given.get(f"name-{key}") for key in keys]
            for key, name in zip(keys, names, strict=True):
                if name and names.count(name) > 1:
                    self.add_error(f"name-{key}", _("This name stands here twice."))
                elif given.get(f"part-{key}") and not name and f"name-{key}" not in self.errors:
                    self.add_error(f"name-{key}", _("Give it a name, or take its share away."))
            self._check_sum([f"part-{key}" for key in keys])
        weights = [given.get(f"weight-{n}") for n in range(1, len(self.months) + 1)]
        if "weight-1" in self.fields and all(weight == 0 for weight in weights):
            self.add_error("weight-1", _("One of the weights must be above zero."))
        return given

    def _check_sum(self, names: list[str]) -> None:
        """Say by how much shares miss 100 per cent, at the first of them."""
        if any(name in self.errors for name in names):
            return
        total = sum((self.cleaned_data[name] for name in names), Decimal(0))
        if total == 1:
            return
        said = {"total": words.percent(Fraction(total), 2), "by": words.percent(abs(1 - Fraction(total)), 2)}
        self.add_error(
            names[0],
            _("The shares sum to %(total)s: %(by)s too much.") % said
            if total > 1
            else _("The shares sum to %(total)s: %(by)s are missing.") % said,
        )

    def inputs(self) -> Inputs:
        """Return the inputs of the valid form."""
        given, chosen = self.cleaned_data, self.chosen
        segments: tuple[SegmentAsked, ...] = ()
        if chosen["per"] == "segment":
            segments = tuple(
                SegmentAsked(
                    one.slug,
                    given[f"share-{one.slug}"],
                    given[f"deal-{one.slug}"],
                    given[f"rate-{one.slug}"],
                    one.lead_value,
                )
                for one in self.setting.segments
                if given[f"share-{one.slug}"]
            )
        mix = tuple(
            (given[f"name-{key}"], given[f"part-{key}"]) for key in self.mix_keys if given[f"part-{key}"]
        )
        split = Split(given["split"])
        is_weighted = split is Split.WEIGHTS and len(self.months) > 1
        return Inputs(
            quota=given["quota"],
            marketing_share=given["marketing_share"],
            average_deal=given.get("average_deal", Decimal(1)),
            close_rate=given.get("close_rate", Decimal(1)),
            months=self.months,
            split=split if len(self.months) > 1 else Split.EQUAL,
            weights=tuple(given[f"weight-{n}"] for n in range(1, len(self.months) + 1))
            if is_weighted
            else (),
            cycle_days=int(given["cycle_days"]),
            team=Team(
                **{
                    name: given[name]
                    for name in ("attempts", "minutes", "reps", "hours", "time_share", "own_minutes")
                }
            ),
            segments=segments,
            mix=mix,
        )

    def point_out(self, field: str, reason: str) -> None:
        """Put what the arithmetic refused beside the input that it names, or above all."""
        name = {
            "weights": "split",
            "leads": "quota",
            "mix": next((f"part-{key}" for key in self.mix_keys), ""),
        }.get(field, field)
        self.add_error(name if name in self.fields else None, reason)

    # What is shown and passed on

    @property
    def is_of_a_month(self) -> bool:
        """Whether the quota is one month's: then its goal may be that of other months too."""
        return len(self.months) == 1

    @cached_property
    def address(self) -> str:
        """The query string with every input of this calculation."""
        written = QueryDict(mutable=True)
        written.update(self.typed_inputs)
        return written.urlencode()

    @property
    def typed_inputs(self) -> dict[str, str]:
        """Every input as it stands in the form, and what is passed on; numbers as everybody reads them."""
        return {
            name: self._for_everybody(name, str(self.data.get(name, "")))
            for name in [*self.fields, *self.passed_on]
        }

    def read_differently_elsewhere(self) -> dict[str, str]:
        """Return the given numbers that another language would read otherwise, as everybody reads them."""
        found = {name: self._for_everybody(name, text) for name, text in self.given.items()}
        return {name: text for name, text in found.items() if text != self.given[name]}

    def _for_everybody(self, name: str, text: str) -> str:
        return neutral(text) if isinstance(self.fields.get(name), NumberField) else text

    @property
    def passed_on(self) -> dict[str, str]:
        """Parts of the address that only another choice uses."""
        kept = {
            name: value
            for name, value in self.given.items()
            if name not in self.fields
            and PASSED_ON.fullmatch(name)
            and len(value) <= LONGEST_NAME
            and "\0" not in value
        }
        return dict(list(kept.items())[:MOST_PASSED_ON])

    @property
    def origins(self) -> Origins | None:
        """Say where the numbers that nobody typed come from; None where all were."""
        found: dict[Origin, list[str]] = {}
        for name, field in self.fields.items():
            if (
                isinstance(field, NumberField)
                and name not in self.given
                and not name.startswith(("weight-", "part-"))
            ):
                found.setdefault(field.known.origin, []).append(str(field.label))
        if not found:
            return None
        names = [origin_name(origin) for origin in Origin if origin in found]
        return Origins(
            _("Started from: %(origins)s.") % {"origins": ", ".join(names)},
            tuple((origin_name(origin), ", ".join(fields)) for origin, fields in found.items()),
        )

    def numbers(self, *names: str) -> list[NumberInput]:
        typed_inputs = self.typed_inputs
        return [number_input(self, name, typed_inputs) for name in names if name in self.fields]

    @property
    def errors_by_id(self) -> list[tuple[str, str]]:
        """The id of every field that is shown with what is wrong with it, "" where nothing is."""
        return [
            (f"id_{name}", str(self.errors[name][0]) if name in self.errors else "")
            for name, field in self.fields.items()
            if not field.widget.is_hidden and (name != "per" or self.setting.segments)
        ]

    @property
    def faults(self) -> list[tuple[str, str, str]]:
        """What is wrong, to be listed: the field's id and label, and the sentence."""
        return [
            (
                f"id_{name}" if name in self.fields else "",
                str(self.fields[name].label or name) if name in self.fields else "",
                str(messages[0]),
            )
            for name, messages in self.errors.items()
        ]

    @property
    def plan_numbers(self) -> list[NumberInput]:
        return self.numbers("quota", "marketing_share", "average_deal", "close_rate")

    @property
    def team_numbers(self) -> list[NumberInput]:
        return self.numbers("attempts", "minutes", "reps", "hours", "time_share", "own_minutes")

    @property
    def weight_numbers(self) -> list[NumberInput]:
        return self.numbers(*(f"weight-{n}" for n in range(1, 13)))

    @property
    def segment_rows(self) -> list[tuple[str, list[NumberInput]]]:
        if self.chosen["per"] == "all":
            return []
        return [
            (one.name, self.numbers(f"share-{one.slug}", f"deal-{one.slug}", f"rate-{one.slug}"))
            for one in self.setting.segments
        ]

    @property
    def mix_rows(self) -> list[tuple[BoundField, NumberInput]]:
        return [
            (self[f"name-{key}"], part)
            for key, part in zip(
                self.mix_keys, self.numbers(*(f"part-{key}" for key in self.mix_keys)), strict=True
            )
        ]

    @property
    def cycle_numbers(self) -> list[NumberInput]:
        return self.numbers("cycle_days")


def _month(text: str | None, setting: PlanSetting) -> dt.date:
    """Return the first month asked for; where it is none, the one that a calculation starts with."""
    found = MONTH.fullmatch(text or "")
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return setting.first_month
    return dt.date(int(found[1]), int(found[2]), 1)


def _months(first: dt.date, period: str | None) -> tuple[dt.date, ...]:
    index = first.year * 12 + first.month - 1
    return tuple(
        dt.date((index + n) // 12, (index + n) % 12 + 1, 1) for n in range(MONTHS_OF.get(period or "", 1))
    )
