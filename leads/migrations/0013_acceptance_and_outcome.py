"""By when a hand-off is to be accepted and to come to an outcome, how that stands, and how long it took."""

from django.db import migrations, models

from agreements.business_time import compiled
from leads.clock import answered, decided, least_allowance_seconds

BATCH = 5_000

ENDED = """
SELECT h.id, h.calendar_revision_id, h.handed_off_at, h.accepted_at, h.first_attempt_at, h.closed_as, h.closed_at
FROM leads_handoff h
WHERE h.id > %s AND NOT h.is_date_only
    AND (h.accepted_at IS NOT NULL OR h.first_attempt_at IS NOT NULL OR h.closed_at IS NOT NULL)
ORDER BY h.id LIMIT %s
"""
WRITE = """
UPDATE leads_handoff h
SET least_acceptance_seconds = n.acceptance, least_outcome_seconds = n.outcome
FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS n(id, acceptance, outcome) WHERE h.id = n.id
"""


def work_out(apps, schema_editor):
    """Write how long it took for the hand-offs that are there already, a batch at a time."""
    revisions = apps.get_model("agreements", "CalendarRevision").objects
    calendars = {}
    last = 0
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(ENDED, [last, BATCH])
            rows = cursor.fetchall()
            if not rows:
                return
            last = rows[-1][0]
            missing = {row[1] for row in rows} - calendars.keys()
            for revision in revisions.filter(pk__in=missing):
                calendars[revision.pk] = compiled(revision.definition)
            columns = [], [], []
            for pk, at, start, accepted_at, first_attempt_at, closed_as, closed_at in rows:
                ends = (
                    answered(
                        accepted_at=accepted_at,
                        first_attempt_at=first_attempt_at,
                        closed_as=closed_as,
                        closed_at=closed_at,
                    ),
                    decided(closed_as=closed_as, closed_at=closed_at),
                )
                columns[0].append(pk)
                for column, (done_at, aside_at) in zip(columns[1:], ends, strict=True):
                    end = done_at or aside_at
                    begun = int(start.timestamp())
                    column.append(
                        None
                        if end is None
                        else least_allowance_seconds(calendars[at], begun, int(end.timestamp()))
                    )
            cursor.execute(WRITE, columns)


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0027_acceptance_and_outcome'),
        ('leads', '0012_ratings'),
    ]

    operations = [
        migrations.AddField(
            model_name='handoff',
            name='acceptance',
            field=models.CharField(blank=True, choices=[('', 'nothing agreed'), ('waiting', 'waiting'), ('expired', 'not in time'), ('kept', 'in time'), ('late', 'too late'), ('set_aside', 'not asked any more')], db_default='', default='', max_length=16, verbose_name='acceptance'),
        ),
        migrations.AddField(
            model_name='handoff',
            name='acceptance_allowance',
            field=models.DurationField(blank=True, null=True, verbose_name='time to accept or give back'),
        ),
        migrations.AddField(
            model_name='handoff',
            name='acceptance_due_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='to be accepted or given back by'),
        ),
        migrations.AddField(
            model_name='handoff',
            name='least_acceptance_seconds',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='least time to accept that would have been kept, in seconds'),
        ),
        migrations.AddField(
            model_name='handoff',
            name='least_outcome_seconds',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='least time to an outcome that would have been kept, in seconds'),
        ),
        migrations.AddField(
            model_name='handoff',
            name='outcome',
            field=models.CharField(blank=True, choices=[('', 'nothing agreed'), ('waiting', 'waiting'), ('expired', 'not in time'), ('kept', 'in time'), ('late', 'too late'), ('set_aside', 'not asked any more')], db_default='', default='', max_length=16, verbose_name='outcome'),
        ),
        migrations.AddField(
            model_name='handoff',
            name='outcome_allowance',
            field=models.DurationField(blank=True, null=True, verbose_name='time to an outcome'),
        ),
        migrations.AddField(
            model_name='handoff',
            name='outcome_due_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='outcome due at'),
        ),
        migrations.AlterField(
            model_name='handoffevent',
            name='kind',
            field=models.CharField(choices=[('handed_off', 'handed off'), ('assigned', 'assigned'), ('accepted', 'accepted'), ('attempted', 'attempt logged'), ('attempt_voided', 'attempt voided'), ('at_risk', 'at risk'), ('overdue', 'overdue'), ('met', 'first attempt in time'), ('missed', 'first attempt late'), ('reopened', 'clock runs again'), ('paused', 'clock paused'), ('resumed', 'pause ended sooner'), ('pause_ended', 'pause ended'), ('next_touch_planned', 'next touch planned'), ('next_touch_due', 'next touch due'), ('rejection_agreed', 'marketing agrees to the rejection'), ('rejection_disputed', 'rejection disputed'), ('rejection_upheld', 'rejection upheld'), ('rejection_withdrawn', 'rejection withdrawn'), ('closed', 'closed'), ('corrected', 'corrected by an import'), ('re_dated', 're-dated'), ('rated', 'rated'), ('not_accepted', 'not accepted in time'), ('no_outcome', 'no outcome in time')], max_length=24, verbose_name='kind'),
        ),
        migrations.AddIndex(
            model_name='handoff',
            index=models.Index(condition=models.Q(('acceptance', 'waiting')), fields=['acceptance_due_at'], name='hand_off_to_be_accepted'),
        ),
        migrations.AddIndex(
            model_name='handoff',
            index=models.Index(condition=models.Q(('outcome', 'waiting')), fields=['outcome_due_at'], name='hand_off_without_outcome'),
        ),
        migrations.AddConstraint(
            model_name='handoff',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('acceptance', ''), ('acceptance_due_at__isnull', True)), models.Q(models.Q(('acceptance', ''), _negated=True), ('acceptance_due_at__gte', models.F('handed_off_at')), ('acceptance_due_at__isnull', False)), _connector='OR'), name='hand_off_acceptance_has_due_at'),
        ),
        migrations.AddConstraint(
            model_name='handoff',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', ''), ('outcome_due_at__isnull', True)), models.Q(models.Q(('outcome', ''), _negated=True), ('outcome_due_at__gte', models.F('handed_off_at')), ('outcome_due_at__isnull', False)), _connector='OR'), name='hand_off_outcome_has_due_at'),
        ),
        migrations.RunPython(work_out, migrations.RunPython.noop),
    ]
