"""Hand-offs that a sweep holds back; and an index for it that those overdue long ago are not in."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0018_event_chain'),
        ('leads', '0004_re_dating'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HeldBack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sweep', models.CharField(max_length=32, verbose_name='sweep')),
                ('until_at', models.DateTimeField(verbose_name='left alone until')),
                ('times', models.PositiveIntegerField(default=1, verbose_name='times')),
                ('error', models.CharField(max_length=200, verbose_name='error')),
            ],
            options={
                'verbose_name': 'held back hand-off',
                'verbose_name_plural': 'held back hand-offs',
            },
        ),
        migrations.RemoveIndex(
            model_name='handoff',
            name='hand_off_waiting_by_due',
        ),
        migrations.AddIndex(
            model_name='handoff',
            index=models.Index(condition=models.Q(('state__in', ['running', 'at_risk'])), fields=['due_at'], name='hand_off_not_overdue_by_due'),
        ),
        migrations.AddField(
            model_name='heldback',
            name='hand_off',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='held_back', to='leads.handoff', verbose_name='hand-off'),
        ),
        migrations.AddConstraint(
            model_name='heldback',
            constraint=models.UniqueConstraint(fields=('sweep', 'hand_off'), name='held_back_once_per_sweep'),
        ),
    ]
