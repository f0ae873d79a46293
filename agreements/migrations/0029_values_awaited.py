"""Values of measures that are awaited or missing are noticed too: once a person, measure and period."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0028_custom_measures'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='notice',
            name='notice_once_per_thing',
        ),
        migrations.AddField(
            model_name='notice',
            name='period_on',
            field=models.DateField(blank=True, help_text='Of a measure: the first day of its period.', null=True, verbose_name='period'),
        ),
        migrations.AlterField(
            model_name='notice',
            name='about',
            field=models.PositiveBigIntegerField(help_text='The id of the occurrence, the review, the version or the measure.', verbose_name='about'),
        ),
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('due_soon', 'an obligation is due soon'), ('overdue', 'an obligation is overdue'), ('review_in_30', 'a review is 30 days ahead'), ('review_in_7', 'a review is 7 days ahead'), ('end_in_30', 'an agreement ends in 30 days'), ('end_in_7', 'an agreement ends in 7 days'), ('value_awaited', 'the value of a measure is awaited'), ('value_missing', 'the value of a measure is missing')], max_length=16, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(fields=('person', 'kind', 'about', 'period_on'), name='notice_once_per_thing', nulls_distinct=False),
        ),
        # Without the period they would not be unique, and nothing could say them.
        migrations.RunSQL(migrations.RunSQL.noop, "DELETE FROM agreements_notice WHERE period_on IS NOT NULL"),
    ]
