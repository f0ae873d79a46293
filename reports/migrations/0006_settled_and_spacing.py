"""Stored figures know what stays unanswered for good, and the time between attempts.

Until the next refresh has counted every day anew, no figures are there: the pages say so.
"""

from django.db import migrations, models

COUNT_ANEW = """
DELETE FROM reports_periodfigure;
DELETE FROM reports_figurestate;
INSERT INTO leads_changedday (day_on, changed_at) SELECT DISTINCT handed_off_on, now() FROM leads_handoff;
"""


def count(name, verbose_name):
    return migrations.AddField(
        model_name="periodfigure",
        name=name,
        field=models.PositiveIntegerField(verbose_name=verbose_name, default=0),
        preserve_default=False,
    )


def length(name, verbose_name):
    field = models.FloatField(null=True, verbose_name=verbose_name)
    return migrations.AddField(model_name="periodfigure", name=name, field=field)


class Migration(migrations.Migration):
    dependencies = [("reports", "0005_figures_of_campaigns"), ("leads", "0020_passing_index")]

    operations = [
        migrations.RunSQL(COUNT_ANEW, migrations.RunSQL.noop),
        count("settled_open", "closed unanswered, and not due after that"),
        count("settled_overdue", "of these with a due time"),
        count("gaps", "gaps between attempts on those not connected"),
        length("gap_average", "average elapsed seconds of these"),
        length("gap_median", "median elapsed seconds of these"),
    ]
