"""A lead entered by hand."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Segment
from agreements.terms import company_zone
from leads.models import Lead
from leads.services.attempts import SYSTEM
from leads.services.hand_offs import whole_second


@transaction.atomic
def enter_lead(
    *,
    key: str,
    qualified_at: dt.datetime,
    now: dt.datetime,
    name: str = "",
    company: str = "",
    job_title: str = "",
    email: str = "",
    phone: str = "",
    country: str = "",
    origin: str = Lead.Origin.MARKETING,
    source: str = "",
    campaign: str = "",
    segment: Segment | None = None,
) -> Lead:
    """Record a lead that a person typed; the same `key` again returns the lead that it made.

    Raises ValidationError for a lead that nobody could know again, and for one qualified in the future.
    """
    if not (name or company or email):
        raise ValidationError(_("Give at least a name, a company or an e-mail address."))
    if qualified_at > now:
        raise ValidationError(_("A lead cannot be qualified in the future."))
    at = whole_second(qualified_at)
    lead, _is_new = Lead.objects.get_or_create(
        system=SYSTEM,
        external_id=key,
        defaults={
            "origin": Lead.Origin(origin),
            "source": source,
            "campaign": campaign,
            "segment": segment,
            "qualified_at": at,
            "qualified_on": at.astimezone(company_zone()).date(),
            "created_at": now,
            "name": name,
            "company": company,
            "job_title": job_title,
            "email": email,
            "phone": phone,
            "country": country,
        },
    )
    return lead
