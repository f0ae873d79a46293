"""Pauses as spans that do not overlap; when a lead is tried next, when it returns, whether it was stopped too early."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import leads.models.pauses
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0020_pause_limit'),
        ('leads', '0006_routing'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Pause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField(verbose_name='from')),
                ('ends_at', models.DateTimeField(verbose_name='ends at')),
                ('planned_until_at', models.DateTimeField(verbose_name='planned until')),
                ('reason', models.CharField(choices=[('asked_later', 'the lead asked for a later time'), ('away', 'the lead is away until then')], max_length=16, verbose_name='reason')),
            ],
            options={
                'verbose_name': 'pause',
                'verbose_name_plural': 'pauses',
                'ordering': ['starts_at'],
            },
        ),
        migrations.AddField(
            model_name='handoff',
            name='next_touch_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='next touch at'),
        ),
        migrations.AddField(
            model_name='handoff',
            name='next_touch_raised_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='said to be due at'),
        ),
        migrations.AddField(
            model_name='handoff',
            name='paused_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='last paused at'),
        ),
        migrations.AddField(
            model_name='handoff',
            name='paused_until',
            field=models.DateTimeField(blank=True, null=True, verbose_name='last paused until'),
        ),
        migrations.AddField(
            model_name='handoff',
            name='returns_on',
            field=models.DateField(blank=True, help_text='Of a recycled one.', null=True, verbose_name='to be handed over again on'),
        ),
        migrations.AddField(
            model_name='handoff',
            name='stopped_early',
            field=models.GeneratedField(db_persist=True, expression=models.Case(models.When(attempts__lt=models.F('agreed_attempts'), closed_as='unreachable', connected_at__isnull=True, then=models.Value(True)), default=models.Value(False)), output_field=models.BooleanField(), verbose_name='stopped too early'),
        ),
        migrations.AlterField(
            model_name='handoffevent',
            name='kind',
            field=models.CharField(choices=[('handed_off', 'handed off'), ('assigned', 'assigned'), ('accepted', 'accepted'), ('attempted', 'attempt logged'), ('attempt_voided', 'attempt voided'), ('at_risk', 'at risk'), ('overdue', 'overdue'), ('met', 'first attempt in time'), ('missed', 'first attempt late'), ('reopened', 'clock runs again'), ('paused', 'clock paused'), ('resumed', 'pause ended sooner'), ('pause_ended', 'pause ended'), ('next_touch_planned', 'next touch planned'), ('next_touch_due', 'next touch due'), ('closed', 'closed'), ('corrected', 'corrected by an import'), ('re_dated', 're-dated')], max_length=20, verbose_name='kind'),
        ),
        migrations.AddIndex(
            model_name='handoff',
            index=models.Index(condition=models.Q(('state', 'paused')), fields=['paused_until'], name='hand_off_paused_by_end'),
        ),
        migrations.AddIndex(
            model_name='handoff',
            index=models.Index(condition=models.Q(('paused_at__isnull', False)), fields=['handed_off_on'], name='hand_off_once_paused_by_day'),
        ),
        migrations.AddIndex(
            model_name='handoff',
            index=models.Index(condition=models.Q(('closed_at', None), ('next_touch_at__isnull', False), ('next_touch_raised_at', None)), fields=['next_touch_at'], name='hand_off_by_next_touch'),
        ),
        migrations.AddIndex(
            model_name='handoff',
            index=models.Index(condition=models.Q(('returns_on__isnull', False)), fields=['returns_on'], name='hand_off_by_return'),
        ),
        migrations.AddConstraint(
            model_name='handoff',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('paused_at__isnull', True), ('paused_until__isnull', True)), models.Q(('paused_at__isnull', False), ('paused_until__gte', models.F('paused_at'))), _connector='OR'), name='hand_off_pause_has_start_and_end'),
        ),
        migrations.AddConstraint(
            model_name='handoff',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'paused'), _negated=True), ('paused_until__isnull', False), _connector='OR'), name='hand_off_paused_has_pause'),
        ),
        migrations.AddConstraint(
            model_name='handoff',
            constraint=models.CheckConstraint(condition=models.Q(('returns_on__isnull', True), ('closed_as', 'recycled'), _connector='OR'), name='hand_off_that_returns_is_recycled'),
        ),
        migrations.AddField(
            model_name='pause',
            name='hand_off',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pauses', to='leads.handoff', verbose_name='hand-off'),
        ),
        migrations.AddField(
            model_name='pause',
            name='paused_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='paused by'),
        ),
        migrations.AddField(
            model_name='pause',
            name='resumed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='ended sooner by'),
        ),
        migrations.AddConstraint(
            model_name='pause',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('hand_off', '='), (leads.models.pauses.TsTzRange(models.F('starts_at'), models.F('ends_at'), django.contrib.postgres.fields.ranges.RangeBoundary()), '&&')], name='pauses_of_a_hand_off_do_not_overlap'),
        ),
        migrations.AddConstraint(
            model_name='pause',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gte', models.F('starts_at')), ('ends_at__lte', models.F('planned_until_at'))), name='pause_ends_after_start_and_by_plan'),
        ),
    ]
