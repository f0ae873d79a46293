"""What stands around a calculation: whose agreement, the form, the result, the drafts that may take it as a goal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from agreements.exact import FunnelError
from agreements.models import Agreement, Plan, Version
from agreements.quota_months import Split
from agreements.rights import rights_of
from agreements.services.drafting import use_plan
from agreements.services.planning import store_plan
from reports.calculation import Calculation
from reports.charts import words
from reports.forms.calculator import CalculatorForm
from reports.pages.calculator_contents import CalculatorContents, work_out
from reports.pages.frame import NoSuchAgreement
from reports.readings.plan_setting import PlanSetting

if TYPE_CHECKING:
    from slaproject.accounts.models import User

MOST_LEADS = 2_147_483_647


@dataclass
class CalculatorPage:
    """One calculation. `contents` is None where an input cannot be used; the form then says which and why."""

    form: CalculatorForm
    setting: PlanSetting
    contents: CalculatorContents | None
    agreements: tuple[Agreement, ...]
    user: Any

    @property
    def agreement(self) -> Agreement | None:
        return self.setting.agreement

    @property
    def rates_as_of(self) -> str:
        return words.clock_time(self.setting.measured.as_of, self.setting.now)

    @cached_property
    def may_use(self) -> bool:
        """Whether this person may put goals into the agreement's drafts: a director of a party, an administrator."""
        rights = rights_of(self.user)
        if self.agreement is None:
            return False
        return rights.is_administrator or self.agreement.parties.filter(team__in=rights.directed).exists()

    @cached_property
    def drafts(self) -> list[Version]:
        """The drafts of the agreement that could take the goal; none for who may not put it there."""
        if not self.may_use:
            return []
        return list(Version.objects.open().filter(agreement=self.agreement).order_by("number"))


def open_calculation(query: QueryDict | Mapping[str, str], *, user: Any, now: dt.datetime) -> CalculatorPage:
    """Return the calculation that an address asks for; NoSuchAgreement for one that this person may not see."""
    agreements = tuple(Agreement.objects.visible_to(user))
    agreement = _agreement(query.get("agreement"), agreements, now)
    setting = PlanSetting(agreement, now)
    form = CalculatorForm(query, setting)
    return CalculatorPage(form, setting, read_contents(form, setting), agreements, user)


def read_contents(form: CalculatorForm, setting: PlanSetting) -> CalculatorContents | None:
    """Work out what a form asks for; None where it has errors, which then stand in the form."""
    if not form.is_valid():
        return None
    try:
        return work_out(form.inputs(), setting)
    except FunnelError as error:
        form.point_out(error.field, _refusal(error))
        return None


def put_into_draft(
    *, version: Version, opened: CalculatorPage, each_month: bool = False, now: dt.datetime, by: User
) -> Plan:
    """Store the calculation as a plan, and make it the goals of a draft: both or neither.

    With `each_month` the goal of a month's quota is that of each month of the draft.

    Raises ValidationError where the draft cannot take it.
    """
    assert opened.contents is not None
    found = opened.contents.calculation
    inputs = found.inputs
    weights: list[Decimal] | None = None
    if inputs.split is Split.BUSINESS_DAYS:
        weights = [Decimal(opened.setting.business_days(month)) for month in inputs.months]
    elif inputs.split is Split.WEIGHTS:
        weights = list(inputs.weights)
    with transaction.atomic():
        plan = store_calculation(
            found, agreement=version.agreement, split=inputs.split, weights=weights, now=now, by=by
        )
        use_plan(version=version, plan=plan, each_month=each_month, now=now, by=by)
    return plan


def store_calculation(
    found: Calculation,
    *,
    agreement: Agreement,
    split: Split,
    weights: list[Decimal] | None,
    measured: Mapping[str, Any] | None = None,
    now: dt.datetime,
    by: User,
) -> Plan:
    """Store a calculation as a plan of the agreement; `measured` says what its rates were measured of.

    Raises ValidationError where no goal can be of so many leads.
    """
    if found.leads > MOST_LEADS:
        raise ValidationError(_("No goal can be of so many leads."))
    inputs = found.inputs
    last = inputs.months[-1]
    return store_plan(
        agreement=agreement,
        quota=inputs.quota,
        starts_on=inputs.months[0],
        ends_on=dt.date(last.year + last.month // 12, last.month % 12 + 1, 1),
        **stored_rates(found),
        currency=agreement.currency,
        segments=[segment.as_input for segment in inputs.segments],
        split=split,
        weights=weights,
        cycle_days=inputs.cycle_days,
        measured=measured,
        now=now,
        by=by,
    )


def stored_rates(found: Calculation) -> dict[str, Decimal]:
    """Return the rates of a calculation as a plan keeps them: those over all segments, rounded."""
    return {
        "marketing_share": found.inputs.marketing_share,
        "average_deal": max(words.rounded(found.average_deal, 2), Decimal("0.01")),
        "close_rate": max(words.rounded(found.close_rate, 6), Decimal("0.000001")),
    }


def _agreement(slug: str | None, agreements: tuple[Agreement, ...], now: dt.datetime) -> Agreement | None:
    if slug == "":
        return None
    if slug is not None:
        found = next((one for one in agreements if one.slug == slug), None)
        if found is None:
            raise NoSuchAgreement
        return found
    in_force = set(
        Version.objects.in_force_on(now.date()).values_list("agreement_id", flat=True) if agreements else ()
    )
    shown = sorted(agreements, key=lambda one: one.level)  # the company's holds the leads of all below
    return next((one for one in shown if one.pk in in_force), next(iter(shown), None))


def _refusal(error: FunnelError) -> str:
    """Say in the reader's language what the arithmetic refused; the form has refused all that a person types."""
    if error.field == "weights":
        return _("No month of this period has a business day: spread it another way.")
    return _("This cannot be worked out: the numbers are too large or too small together.")
