"""Two leads that are one are merged, and that is undone."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0030_rejection_reasons'),
        ('leads', '0018_exports'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='why')),
                ('filled', models.JSONField(blank=True, default=dict, verbose_name='what was filled in')),
                ('moved', models.JSONField(blank=True, default=dict, verbose_name='what was moved')),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='undone at')),
            ],
            options={
                'verbose_name': 'merge',
                'verbose_name_plural': 'merges',
                'ordering': ['id'],
            },
        ),
        migrations.AddField(
            model_name='handoff',
            name='merged_from',
            field=models.ForeignKey(blank=True, db_index=False, help_text='The lead that was handed over, where that was merged into this one.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.lead', verbose_name='came with'),
        ),
        migrations.AddField(
            model_name='lead',
            name='merged_into',
            field=models.ForeignKey(blank=True, db_index=False, help_text='The lead that has its hand-offs and deals now; never one that was merged itself.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='absorbed', to='leads.lead', verbose_name='merged into'),
        ),
        migrations.AlterField(
            model_name='handoffevent',
            name='kind',
            field=models.CharField(choices=[('handed_off', 'handed off'), ('assigned', 'assigned'), ('accepted', 'accepted'), ('attempted', 'attempt logged'), ('attempt_voided', 'attempt voided'), ('at_risk', 'at risk'), ('overdue', 'overdue'), ('met', 'first attempt in time'), ('missed', 'first attempt late'), ('reopened', 'clock runs again'), ('paused', 'clock paused'), ('resumed', 'pause ended sooner'), ('pause_ended', 'pause ended'), ('next_touch_planned', 'next touch planned'), ('next_touch_due', 'next touch due'), ('rejection_agreed', 'marketing agrees to the rejection'), ('rejection_disputed', 'rejection disputed'), ('rejection_upheld', 'rejection upheld'), ('rejection_withdrawn', 'rejection withdrawn'), ('closed', 'closed'), ('corrected', 'corrected by an import'), ('re_dated', 're-dated'), ('rated', 'rated'), ('not_accepted', 'not accepted in time'), ('no_outcome', 'no outcome in time'), ('merged', 'came here with another lead'), ('separated', 'went back to its own lead')], max_length=24, verbose_name='kind'),
        ),
        migrations.AddIndex(
            model_name='handoff',
            index=models.Index(condition=models.Q(('merged_from__isnull', False)), fields=['merged_from'], name='hand_off_merged'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='lead_absorbed'),
        ),
        migrations.AddConstraint(
            model_name='lead',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into', models.F('id')), _negated=True), name='lead_merged_into_another'),
        ),
        migrations.AddField(
            model_name='merge',
            name='absorbed',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='absorptions', to='leads.lead', verbose_name='absorbed lead'),
        ),
        migrations.AddField(
            model_name='merge',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
        ),
        migrations.AddField(
            model_name='merge',
            name='closed',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.handoff', verbose_name='hand-off that it closed'),
        ),
        migrations.AddField(
            model_name='merge',
            name='survivor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges', to='leads.lead', verbose_name='lead that goes on'),
        ),
        migrations.AddField(
            model_name='merge',
            name='undone_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='undone by'),
        ),
        migrations.AddConstraint(
            model_name='merge',
            constraint=models.CheckConstraint(condition=models.Q(('survivor', models.F('absorbed')), _negated=True), name='merge_of_two_leads'),
        ),
        migrations.AddConstraint(
            model_name='merge',
            constraint=models.UniqueConstraint(condition=models.Q(('undone_at', None)), fields=('absorbed',), name='merge_absorbs_once'),
        ),
        migrations.AddConstraint(
            model_name='merge',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('undone_at', None), ('undone_by', None)), ('undone_at__gte', models.F('made_at')), _connector='OR'), name='merge_undone_after_it_was_made'),
        ),
    ]
