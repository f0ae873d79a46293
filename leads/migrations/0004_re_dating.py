"""Whose terms a hand-off has since it was re-dated, and the event that says so."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0011_reach_of_a_version'),
        ('leads', '0003_least_allowance'),
    ]

    operations = [
        migrations.AddField(
            model_name='handoff',
            name='re_dated_under',
            field=models.ForeignKey(blank=True, db_index=False, help_text='Empty: the version in force at the hand-off.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='re_dated_hand_offs', to='agreements.version', verbose_name='version of its terms since it was re-dated'),
        ),
        migrations.AlterField(
            model_name='handoffevent',
            name='kind',
            field=models.CharField(choices=[('handed_off', 'handed off'), ('assigned', 'assigned'), ('accepted', 'accepted'), ('attempted', 'attempt logged'), ('attempt_voided', 'attempt voided'), ('at_risk', 'at risk'), ('overdue', 'overdue'), ('met', 'first attempt in time'), ('missed', 'first attempt late'), ('reopened', 'clock runs again'), ('closed', 'closed'), ('corrected', 'corrected by an import'), ('re_dated', 're-dated')], max_length=16, verbose_name='kind'),
        ),
    ]
