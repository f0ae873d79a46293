"""A plan is derived from the quota once, and stored with every step: why 412?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from agreements.exact import FunnelError, round_parts
from agreements.funnel import PlanResult, SegmentInput, SegmentPlan, lead_value, plan, plan_by_segment
from agreements.models import Agreement, Plan
from agreements.quota_months import LaggedLeads, leads_behind_quotas, shift_by_cycle, split_over_months

if TYPE_CHECKING:
    from slaproject.accounts.models import User


def store_plan(
    *,
    quota: Decimal,
    starts_on: dt.date,
    ends_on: dt.date,
    marketing_share: Decimal,
    average_deal: Decimal,
    close_rate: Decimal,
    currency: str,
    now: dt.datetime,
    agreement: Agreement | None = None,
    segments: Sequence[SegmentInput] = (),
    split: str = Plan.Split.EQUAL,
    weights: Sequence[Decimal] | None = None,
    cycle_days: int = 0,
    measured: Mapping[str, Any] | None = None,
    by: User | None = None,
) -> Plan:
    """Derive and store the leads that a quota needs, by month and, where given, by segment.

    The quota covers the whole months from `starts_on` up to before `ends_on`. With segments, their deals and
    rates decide and the overall ones are kept as information. `weights` are the business days, or the given
    weights, of each month. With a sales cycle the leads are needed `cycle_days` earlier, in earlier months.
    `measured` says of which leads and deals the rates were measured, where they were. Raises ValidationError naming
    the input that cannot be.
    """
    months = _months(starts_on, ends_on)
    try:
        whole: PlanResult | SegmentPlan
        if segments:
            whole = plan_by_segment(quota=quota, marketing_share=marketing_share, segments=segments)
        else:
            whole = plan(
                quota=quota, marketing_share=marketing_share, average_deal=average_deal, close_rate=close_rate
            )
        quotas = split_over_months(quota, months, split, weights=weights)
        needs = leads_behind_quotas(whole.leads_exact, quotas)
        shifted = shift_by_cycle(list(zip(months, needs, strict=True)), cycle_days) if cycle_days else None
    except FunnelError as error:
        raise ValidationError({error.field: str(error)}) from error
    return Plan.objects.create(
        agreement=agreement,
        starts_on=starts_on,
        ends_on=ends_on,
        quota=quota,
        currency=currency,
        marketing_share=marketing_share,
        average_deal=average_deal,
        close_rate=close_rate,
        split=split,
        cycle_days=cycle_days,
        segments=[_segment_json(segment) for segment in segments],
        leads=whole.leads,
        derivation={
            "revenue_goal": str(whole.revenue_goal),
            "customers_exact": str(whole.customers_exact),
            "customers": whole.customers,
            "leads_exact": str(whole.leads_exact),
            "leads": whole.leads,
            "quotas": {month.isoformat(): str(part) for month, part in zip(months, quotas, strict=True)},
            "months": _leads_of_months(months, needs, whole.leads, shifted),
            "segments": {goal.key: goal.leads for goal in getattr(whole, "segments", ())},
            **({"measured": dict(measured)} if measured else {}),
        },
        created_at=now,
        created_by=by,
    )


def leads_of_month(stored: Plan, month_on: dt.date) -> int | None:
    """Return the whole leads that the plan needs in a month; None for a month it says nothing about."""
    leads = stored.derivation["months"].get(month_on.isoformat())
    return None if leads is None else int(leads)


def _months(starts_on: dt.date, ends_on: dt.date) -> list[dt.date]:
    if starts_on.day != 1 or ends_on.day != 1 or ends_on <= starts_on:
        raise ValidationError(_("A quota covers whole months: from a first day to a later first day."))
    count = (ends_on.year - starts_on.year) * 12 + ends_on.month - starts_on.month
    first = starts_on.year * 12 + starts_on.month - 1
    return [dt.date((first + i) // 12, (first + i) % 12 + 1, 1) for i in range(count)]


def _leads_of_months(
    months: Sequence[dt.date], needs: Sequence[Fraction], leads: int, shifted: LaggedLeads | None
) -> dict[str, int]:
    if shifted is not None:
        return {month.month.isoformat(): month.leads for month in shifted.months}
    whole = round_parts(leads, needs)
    return {month.isoformat(): part for month, part in zip(months, whole, strict=True)}


def _segment_json(segment: SegmentInput) -> dict[str, Any]:
    value = lead_value(segment.average_deal, segment.close_rate)
    return {
        "segment": segment.key,
        "share": str(segment.share),
        "average_deal": str(segment.average_deal),
        "close_rate": str(segment.close_rate),
        "lead_value": str(Decimal(ceil(value * 100)) / 100),
    }
