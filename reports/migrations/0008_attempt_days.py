"""Stored figures of single days know on which business day each attempt came.

Until the next refresh has counted every day anew, no figures are there: the pages say so.
"""

from django.db import migrations, models

COUNT_ANEW = """
DELETE FROM reports_periodfigure;
DELETE FROM reports_figurestate;
INSERT INTO leads_changedday (day_on, changed_at) SELECT DISTINCT handed_off_on, now() FROM leads_handoff;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0023_noted_hours"),
        ("reports", "0007_waits_teams_and_load"),
    ]

    operations = [
        migrations.RunSQL(COUNT_ANEW, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="periodfigure",
            name="attempt_days",
            field=models.JSONField(default=list, verbose_name="attempts by number and business day, of single days"),
        ),
    ]
