"""Each hand-off knows the least allowance that it would have kept, so that a draft's can be tried on all at once."""

from django.db import migrations, models

from agreements.business_time import compiled
from leads.clock import least_allowance_seconds

BATCH = 5_000
RELEASED = ["rejected", "recycled", "cancelled", "excused"]

ENDED = """
SELECT h.id, h.calendar_revision_id, extract(epoch FROM h.handed_off_at)::bigint,
    extract(epoch FROM coalesce(h.first_attempt_at, h.closed_at))::bigint
FROM leads_handoff h
WHERE h.id > %s AND NOT h.is_date_only AND (h.first_attempt_at IS NOT NULL OR h.closed_as = ANY(%s))
ORDER BY h.id LIMIT %s
"""
WRITE = """
UPDATE leads_handoff h SET least_allowance_seconds = n.seconds
FROM unnest(%s::bigint[], %s::int[]) AS n(id, seconds) WHERE h.id = n.id
"""


def work_out(apps, schema_editor):
    """Write it for the hand-offs that are there already, a batch at a time."""
    revisions = apps.get_model("agreements", "CalendarRevision").objects
    calendars = {}
    last = 0
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(ENDED, [last, RELEASED, BATCH])
            rows = cursor.fetchall()
            if not rows:
                return
            last = rows[-1][0]
            missing = {revision for _, revision, _, _ in rows} - calendars.keys()
            for revision in revisions.filter(pk__in=missing):
                calendars[revision.pk] = compiled(revision.definition)
            seconds = [least_allowance_seconds(calendars[at], start, end) for _, at, start, end in rows]
            cursor.execute(WRITE, [[pk for pk, *_ in rows], seconds])


class Migration(migrations.Migration):
    dependencies = [("leads", "0002_guards")]

    operations = [
        migrations.AddField(
            model_name="handoff",
            name="least_allowance_seconds",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="By the first attempt; where it was released before any, by the release.",
                null=True,
                verbose_name="least allowance that would have been kept, in seconds",
            ),
        ),
        migrations.RunPython(work_out, migrations.RunPython.noop),
    ]
