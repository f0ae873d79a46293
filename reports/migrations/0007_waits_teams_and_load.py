"""Stored figures know every wait, teams and loads, and the parts of a week that two months share.

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
        ("reports", "0006_settled_and_spacing"),
    ]

    operations = [
        migrations.RunSQL(COUNT_ANEW, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="periodfigure",
            name="rep_days",
            field=models.PositiveIntegerField(default=0, verbose_name="days of a rep with such a load"),
        ),
        migrations.AddField(
            model_name="periodfigure",
            name="waits",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.IntegerField(),
                default=list,
                size=None,
                verbose_name="business seconds to each first attempt, ascending",
            ),
        ),
        migrations.AlterField(
            model_name="periodfigure",
            name="dimension",
            field=models.CharField(
                choices=[
                    ("", "all"),
                    ("owner", "owner"),
                    ("segment", "segment"),
                    ("source", "source"),
                    ("campaign", "campaign"),
                    ("team", "team"),
                    ("load", "hand-offs of its owner that day"),
                ],
                default="",
                max_length=8,
                verbose_name="by",
            ),
        ),
        migrations.AlterField(
            model_name="periodfigure",
            name="grain",
            field=models.CharField(
                choices=[
                    ("day", "day"),
                    ("week", "week"),
                    ("month", "month"),
                    ("part", "part of a week in one month"),
                ],
                max_length=8,
                verbose_name="grain",
            ),
        ),
    ]
