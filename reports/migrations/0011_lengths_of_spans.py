"""Stored days and months know the lengths that percentiles of any span of them are worked out from.

Until the next refresh has counted every day anew, no figures are there: the pages say so.
"""

import django.contrib.postgres.fields
from django.db import migrations, models

COUNT_ANEW = """
DELETE FROM reports_periodfigure;
DELETE FROM reports_figurestate;
INSERT INTO leads_changedday (day_on, changed_at) SELECT DISTINCT handed_off_on, now() FROM leads_handoff;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0023_noted_hours"),
        ("reports", "0010_shared_campaigns_rates_promises"),
    ]

    operations = [
        migrations.RunSQL(COUNT_ANEW, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="periodfigure",
            name="elapsed_waits",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                default=list,
                size=None,
                verbose_name="elapsed seconds to each first attempt, ascending, of single days and of months",
            ),
        ),
        migrations.AddField(
            model_name="periodfigure",
            name="gap_lengths",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.FloatField(),
                default=list,
                size=None,
                verbose_name="elapsed seconds between attempts, ascending, of single days and of months",
            ),
        ),
    ]
