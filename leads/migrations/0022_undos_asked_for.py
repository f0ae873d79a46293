"""Undos of imports that a worker does."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0021_scheduled_files'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportUndo',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField(verbose_name='asked for at')),
                ('state', models.CharField(choices=[('waiting', 'being undone'), ('done', 'undone'), ('refused', 'refused'), ('failed', 'not undone: the work broke off three times')], default='waiting', max_length=16, verbose_name='state')),
                ('claim', models.UUIDField(blank=True, null=True, verbose_name='claim')),
                ('seen_at', models.DateTimeField(blank=True, null=True, verbose_name='last sign of life')),
                ('passes', models.PositiveSmallIntegerField(default=0, verbose_name='passes')),
                ('rows_total', models.PositiveIntegerField(default=0, verbose_name='rows')),
                ('rows_done', models.PositiveIntegerField(default=0, verbose_name='rows done')),
                ('fault', models.TextField(blank=True, verbose_name='fault')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('record', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='asked_undo', to='leads.import', verbose_name='import')),
            ],
            options={
                'verbose_name': 'undo of an import',
                'verbose_name_plural': 'undos of imports',
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['asked_at'], name='import_undo_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'done', 'refused', 'failed'])), name='import_undo_state_is_known'), models.CheckConstraint(condition=models.Q(('claim__isnull', True), ('state', 'waiting'), _connector='OR'), name='import_undo_is_claimed_for_work')],
            },
        ),
    ]
