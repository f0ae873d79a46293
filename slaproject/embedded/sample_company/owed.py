"""What the sample company's sides owe each other regularly, what they delivered of it, and their last review."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from agreements.models import Agreement, Duty, Obligation, Occurrence, Party, Version
from agreements.services.deliveries import BY_ITSELF, Content, deliver, write_out_due_dates
from agreements.services.reviewing import decide, plan_review, plan_reviews, write_minutes
from slaproject.embedded.sample_company.people import MARKETING, NAMED, SALES, Staff

STATUS, WATERFALL = "Weekly status of the pipeline", "Waterfall of the month"
# Of the weekly ones, so many after each other; the rest came in time.
LATE_EVERY, MISSED_EVERY = 9, 14
MANAGER = NAMED[2]
AGENDA = "1. The figures of the month\n2. Leads from the trade show\n3. Is the weekly status read?"
MINUTES = (
    "Both sides read the figures. Leads from the trade show were answered late while the team travelled.\n"
    "The weekly status is read by everybody; it stays as it is."
)


def owe(version: Version, parties: Mapping[str, Party], staff: Staff) -> None:
    """Write into a draft what is owed regularly, and how often both sides meet."""
    version.review_rhythm = Version.ReviewRhythm.MONTHLY
    version.save(update_fields=["review_rhythm"])
    marketing, sales = parties[MARKETING], parties[SALES]
    weekly = Obligation.objects.create(
        version=version,
        name=STATUS,
        from_party=sales,
        to_party=marketing,
        cadence=Obligation.Cadence.WEEKLY,
        weekday=4,
        due_time=dt.time(16),
        day_off=Obligation.DayOff.PREVIOUS,
    )
    Duty.objects.create(obligation=weekly, person=staff.users[NAMED[1].email])
    monthly = Obligation.objects.create(
        version=version,
        name=WATERFALL,
        from_party=marketing,
        to_party=sales,
        cadence=Obligation.Cadence.MONTHLY,
        day_of_month=3,
        due_time=dt.time(9),
        report=Obligation.Report.WATERFALL,
    )
    Duty.objects.create(obligation=monthly, person=staff.users[NAMED[0].email])


def deliver_what_was_owed(agreement: Agreement, staff: Staff, *, now: dt.datetime) -> None:
    """Deliver what fell due before `now`: most of it in time, some late, some never; and hold the last review."""
    write_out_due_dates(now=now)
    past = Occurrence.objects.filter(due_at__lt=now).select_related("obligation__version").order_by("due_at")
    for n, one in enumerate(past, start=1):
        if one.obligation.report:
            month = (one.due_on.replace(day=1) - dt.timedelta(days=1)).strftime("%Y-%m")
            content = Content(
                text="The month’s goal and what was handed over, day by day.",
                report_address=f"/waterfall/?agreement={agreement.slug}&month={month}",
            )
            at = one.due_at - dt.timedelta(minutes=10)
            deliver(occurrence=one, content=content, key=BY_ITSELF, now=at, by=None, as_of=at)
        elif n % MISSED_EVERY:
            late = dt.timedelta(hours=20) if n % LATE_EVERY == 0 else dt.timedelta(hours=-3)
            content = Content(text="Deals in each stage, what moved, and what is stuck.")
            person = staff.users[NAMED[1].email]
            deliver(occurrence=one, content=content, key="sample", now=min(one.due_at + late, now), by=person)
    plan_reviews(now=now)
    held_at = now - dt.timedelta(days=20)
    if Version.objects.signed().filter(agreement=agreement, in_force__contains=held_at.date()).exists():
        _hold(agreement, staff, held_at)


def _hold(agreement: Agreement, staff: Staff, at: dt.datetime) -> None:
    director = staff.users[NAMED[0].email]
    on = at.astimezone(agreement.zone).date()
    review = plan_review(agreement=agreement, planned_on=on, now=at, by=director)
    decide(
        review=review,
        text="Name a deputy for each trade show, so that leads are answered the same day.",
        owner=staff.users[MANAGER.email],
        due_on=on + dt.timedelta(days=28),
        now=at,
    )
    said = {"agenda": AGENDA, "minutes": MINUTES}
    write_minutes(review=review, **said, edits=0, is_held=True, now=at, by=director)
