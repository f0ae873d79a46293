"""New business hours that are to count for open hand-offs too, and each party's consent."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0013_obligation_guards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HoursProposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('open', 'waits for consent'), ('applied', 'applied'), ('withdrawn', 'withdrawn')], default='open', max_length=16, verbose_name='state')),
                ('proposed_at', models.DateTimeField(verbose_name='proposed at')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='applied or withdrawn at')),
                ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='agreements.calendarrevision', verbose_name='new hours')),
            ],
            options={
                'verbose_name': 'proposal of new hours',
                'verbose_name_plural': 'proposals of new hours',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='HoursConsent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('given_at', models.DateTimeField(blank=True, null=True, verbose_name='given at')),
                ('given_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='given by')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agreements.party', verbose_name='party')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agreements.version', verbose_name='version in force')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consents', to='agreements.hoursproposal', verbose_name='proposal')),
            ],
            options={
                'verbose_name': 'consent to new hours',
                'verbose_name_plural': 'consents to new hours',
                'ordering': ['id'],
            },
        ),
        migrations.AddConstraint(
            model_name='hoursproposal',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('revision',), name='hours_proposed_once_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='hoursproposal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='hours_proposal_ended_says_when'),
        ),
        migrations.AddConstraint(
            model_name='hoursconsent',
            constraint=models.UniqueConstraint(fields=('proposal', 'party'), name='hours_consent_once_per_party'),
        ),
        migrations.AddConstraint(
            model_name='hoursconsent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('given_at__isnull', True), ('given_by__isnull', True)), models.Q(('given_at__isnull', False), ('given_by__isnull', False)), _connector='OR'), name='hours_consent_says_when_and_who'),
        ),
    ]
