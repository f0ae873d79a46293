"""Campaigns get figures of their own: every day is noted as changed, so that the worker counts them all anew."""

from django.db import migrations, models

NOTE_ALL_DAYS = """
INSERT INTO leads_changedday (day_on, changed_at)
SELECT DISTINCT handed_off_on, clock_timestamp() FROM leads_handoff
"""
FORGET_CAMPAIGNS = "DELETE FROM reports_periodfigure WHERE dimension = 'campaign'"


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0019_merges'),
        ('reports', '0004_saved_views'),
    ]

    operations = [
        migrations.AlterField(
            model_name='periodfigure',
            name='dimension',
            field=models.CharField(choices=[('', 'all'), ('owner', 'owner'), ('segment', 'segment'), ('source', 'source'), ('campaign', 'campaign')], default='', max_length=8, verbose_name='by'),
        ),
        migrations.RunSQL(NOTE_ALL_DAYS, FORGET_CAMPAIGNS),
    ]
