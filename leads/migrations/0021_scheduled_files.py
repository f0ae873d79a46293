"""Files that come by themselves, and their runs."""

import agreements.time_zones
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0020_passing_index'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ExportSchedule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('kind', models.CharField(choices=[('leads', 'Leads'), ('hand-offs', 'Hand-offs'), ('attempts', 'Attempts'), ('deals', 'Deals'), ('queue', 'Queue'), ('team', 'Team now'), ('handed-over', 'Handed over'), ('board', 'Board'), ('waterfall', 'Waterfall'), ('speed', 'Speed'), ('depth', 'Depth'), ('recalibration', 'Recalibration')], max_length=16, verbose_name='list or report')),
                ('form', models.CharField(choices=[('csv', 'CSV'), ('xlsx', 'XLSX')], max_length=4, verbose_name='kind of file')),
                ('query', models.TextField(blank=True, verbose_name='filters and order')),
                ('every', models.CharField(choices=[('day', 'every day'), ('week', 'every week'), ('month', 'every month')], max_length=8, verbose_name='how often')),
                ('weekday', models.PositiveSmallIntegerField(choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')], default=0, verbose_name='day of the week')),
                ('day', models.PositiveSmallIntegerField(default=1, verbose_name='day of the month')),
                ('at', models.TimeField(verbose_name='at')),
                ('time_zone', models.CharField(max_length=64, validators=[agreements.time_zones.validate_time_zone], verbose_name='time zone')),
                ('goes_to', models.CharField(choices=[('mail', 'my mail, as a link'), ('folder', 'the folder of the server')], default='mail', max_length=8, verbose_name='goes to')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('next_at', models.DateTimeField(blank=True, null=True, verbose_name='due next at')),
            ],
            options={
                'verbose_name': 'scheduled file',
                'verbose_name_plural': 'scheduled files',
                'ordering': ['name', 'id'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='export',
            name='export_state_is_known',
        ),
        migrations.AddField(
            model_name='export',
            name='due_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='due at'),
        ),
        migrations.AddField(
            model_name='export',
            name='placed_as',
            field=models.CharField(blank=True, max_length=120, verbose_name='name in the folder'),
        ),
        migrations.AlterField(
            model_name='export',
            name='kind',
            field=models.CharField(choices=[('leads', 'Leads'), ('hand-offs', 'Hand-offs'), ('attempts', 'Attempts'), ('deals', 'Deals'), ('queue', 'Queue'), ('team', 'Team now'), ('handed-over', 'Handed over'), ('board', 'Board'), ('waterfall', 'Waterfall'), ('speed', 'Speed'), ('depth', 'Depth'), ('recalibration', 'Recalibration')], max_length=16, verbose_name='list'),
        ),
        migrations.AlterField(
            model_name='export',
            name='state',
            field=models.CharField(choices=[('waiting', 'being made'), ('done', 'ready'), ('refused', 'not made: what you may see, or what there is, changed meanwhile'), ('failed', 'not made: the work broke off three times'), ('unplaced', 'not made: the folder of the server could not be written to')], default='waiting', max_length=16, verbose_name='state'),
        ),
        migrations.AddField(
            model_name='exportschedule',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
        ),
        migrations.AddField(
            model_name='export',
            name='schedule',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='runs', to='leads.exportschedule', verbose_name='schedule'),
        ),
        migrations.AddConstraint(
            model_name='export',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'done', 'refused', 'failed', 'unplaced'])), name='export_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='export',
            constraint=models.UniqueConstraint(fields=('schedule', 'due_at'), name='export_once_when_due'),
        ),
        migrations.AddIndex(
            model_name='exportschedule',
            index=models.Index(condition=models.Q(('next_at__isnull', False)), fields=['next_at'], name='export_schedule_due'),
        ),
        migrations.AddConstraint(
            model_name='exportschedule',
            constraint=models.UniqueConstraint(fields=('by', 'name'), name='export_schedule_once_by_name'),
        ),
        migrations.AddConstraint(
            model_name='exportschedule',
            constraint=models.CheckConstraint(condition=models.Q(('day__gte', 1), ('day__lte', 31), ('weekday__lte', 6)), name='export_schedule_has_a_day'),
        ),
    ]
