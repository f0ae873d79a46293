"""An agreement in force, reviewed and cancelled, for the tests of both."""

import datetime as dt

from agreements.models import AgreementEvent, Version
from agreements.services.calendar_feeds import make_address
from agreements.services.ending import cancel_agreement
from agreements.services.reviewing import write_minutes
from tests import factories

NOON, DAY = factories.NOON, dt.timedelta(days=1)  # Wednesday, 4 March 2026
APRIL = dt.date(2026, 4, 1)
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202egnp"


def in_force(agreement, rhythm="monthly", **terms):
    version = factories.draft(agreement, **terms)
    Version.objects.filter(pk=version.pk).update(review_rhythm=rhythm)
    return factories.sign(Version.objects.get(pk=version.pk))


def days(agreement):
    return [f"{one:%m-%d}" for one in agreement.reviews.values_list("planned_on", flat=True)]


def cancelled(agreement, by, ends_on=APRIL):
    return cancel_agreement(
        agreement=agreement, ends_on=ends_on, condition="", reason="Enough", now=NOON, by=by
    )


def written(review, by, minutes="Said", edits=0, is_held=False, agenda=None):
    given = {"minutes": minutes, "agenda": agenda, "edits": edits, "is_held": is_held}
    return write_minutes(review=review, **given, now=NOON, by=by)


def fields(answer):
    """What a browser would send of the minutes' form as it stands on a page."""
    form = answer.context["form"]
    return {bound.name: bound.value() for bound in form}


def opened(client, page):
    return fields(client.get(page))


def kinds(agreement):
    return list(AgreementEvent.objects.filter(agreement=agreement).values_list("kind", flat=True))


def feed(client, person, now=NOON):
    token = make_address(person=person, now=now)
    return client.get(f"/calendar/{token}.ics")
