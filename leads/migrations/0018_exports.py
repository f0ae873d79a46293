"""Lists that people ask for as files, and the files until they go."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0017_undoing_imports'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('leads', 'Leads'), ('hand-offs', 'Hand-offs'), ('attempts', 'Attempts'), ('deals', 'Deals'), ('queue', 'Queue'), ('team', 'Team now'), ('handed-over', 'Handed over'), ('board', 'Board')], max_length=16, verbose_name='list')),
                ('form', models.CharField(choices=[('csv', 'CSV'), ('xlsx', 'XLSX')], max_length=4, verbose_name='kind of file')),
                ('query', models.TextField(blank=True, verbose_name='filters and order')),
                ('rights', models.CharField(max_length=64, verbose_name='mark of the rights')),
                ('state', models.CharField(choices=[('waiting', 'being made'), ('done', 'ready'), ('refused', 'not made: what you may see, or what there is, changed meanwhile'), ('failed', 'not made: the work broke off three times')], default='waiting', max_length=16, verbose_name='state')),
                ('asked_at', models.DateTimeField(verbose_name='asked for at')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended at')),
                ('claim', models.UUIDField(blank=True, null=True, verbose_name='claim')),
                ('seen_at', models.DateTimeField(blank=True, null=True, verbose_name='last sign of life')),
                ('passes', models.PositiveSmallIntegerField(default=0, verbose_name='passes')),
                ('rows_total', models.PositiveIntegerField(default=0, verbose_name='rows in the list')),
                ('rows_done', models.PositiveIntegerField(default=0, verbose_name='rows done')),
                ('size', models.PositiveBigIntegerField(default=0, verbose_name='bytes')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
            ],
            options={
                'verbose_name': 'export',
                'verbose_name_plural': 'exports',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='ExportPiece',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('content', models.BinaryField(verbose_name='bytes')),
                ('export', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pieces', to='leads.export', verbose_name='export')),
            ],
            options={
                'verbose_name': 'piece of an export',
                'verbose_name_plural': 'pieces of exports',
                'ordering': ['number'],
            },
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['asked_at'], name='export_waiting'),
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(fields=['by', '-id'], name='export_by_person'),
        ),
        migrations.AddConstraint(
            model_name='export',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'done', 'refused', 'failed'])), name='export_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='export',
            constraint=models.CheckConstraint(condition=models.Q(('claim__isnull', True), ('state', 'waiting'), _connector='OR'), name='export_is_claimed_for_work'),
        ),
        migrations.AddConstraint(
            model_name='export',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='export_ended_says_when'),
        ),
        migrations.AddConstraint(
            model_name='exportpiece',
            constraint=models.UniqueConstraint(fields=('export', 'number'), name='export_piece_once'),
        ),
    ]
