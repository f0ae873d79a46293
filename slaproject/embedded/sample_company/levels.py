"""An agreement for one segment below the company's, with one promise of its own, and what the company's rests on."""

from __future__ import annotations

import datetime as dt

from agreements.models import Agreement, Commitment, Party, Version
from agreements.services.signing import sign_version
from agreements.services.supporting import name_support
from slaproject.embedded.sample_company import people
from slaproject.embedded.sample_company.people import Staff

SLUG, NAME, SEGMENT = "acme-enterprise", "Enterprise leads", "enterprise"
REASONS = "\n".join(
    [
        "not_a_fit",
        "wrong_contact",
        "duplicate",
        "customer",
        "other",
        "too_small: has fewer people than an enterprise",
        "no_budget: has no budget in the next twelve months",
    ]
)
SUMMARY = (
    "Enterprise leads are fewer and worth more: sales tries longer before it gives one up. "
    "Everything else is as in the company's agreement."
)


def agree_on_enterprise(above: Agreement, staff: Staff, *, now: dt.datetime) -> Agreement:
    """Let both directors sign, today, that enterprise leads are tried longer; the rest is inherited."""
    agreement = Agreement.objects.create(
        slug=SLUG,
        name=NAME,
        time_zone=above.time_zone,
        currency=above.currency,
        level=Agreement.Level.SERVICE,
        parent=above,
        segment=staff.segments[SEGMENT],
    )
    parties = {
        party.team.slug: Party.objects.create(agreement=agreement, team=party.team, signatory=party.signatory)
        for party in above.parties.select_related("team", "signatory").order_by("pk")
    }
    version = Version.objects.create(
        agreement=agreement,
        number=1,
        starts_on=now.astimezone(above.zone).date(),
        summary=SUMMARY,
        rejection_reasons=REASONS,
        created_at=now,
        created_by=parties[people.MARKETING].signatory,
    )
    Commitment.objects.create(
        version=version,
        party=parties[people.SALES],
        kind=Commitment.Kind.DEPTH,
        attempts=8,
        window=dt.timedelta(days=21),
    )
    for slug in (people.MARKETING, people.SALES):
        signer = parties[slug].signatory
        assert signer is not None
        sign_version(version=version, signer=signer, now=now)
    by = parties[people.SALES].signatory
    assert by is not None
    name_support(
        agreement=above,
        supporter=None,
        name="Contract with the telephone company",
        reference="T-2041",
        ends_on=version.starts_on + dt.timedelta(days=75),
        is_signed=True,
        now=now,
        by=by,
    )
    name_support(
        agreement=agreement,
        supporter=above,
        name="",
        reference="",
        ends_on=None,
        is_signed=True,
        now=now,
        by=by,
    )
    return agreement
