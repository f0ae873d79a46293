"""Promises by a deadline: that sales accepts or gives back in time, that a lead comes to an outcome in time."""

import datetime

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0026_register'),
    ]

    operations = [
        migrations.AlterField(
            model_name='commitment',
            name='allowance',
            field=models.DurationField(blank=True, help_text='Business time from the hand-off: to the first attempt, to acceptance or to an outcome.', null=True, verbose_name='allowance'),
        ),
        migrations.AlterField(
            model_name='commitment',
            name='kind',
            field=models.CharField(choices=[('mql_goal', 'MQL goal'), ('speed', 'Speed'), ('depth', 'Depth'), ('share_worked', 'Share worked'), ('acceptance', 'Acceptance time'), ('outcome', 'Time to outcome')], max_length=16, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='consequence',
            name='promise',
            field=models.CharField(choices=[('mql_goal', 'MQL goal'), ('average_speed', 'Speed on average'), ('share_in_time', 'Share tried in time'), ('depth', 'Depth'), ('share_worked', 'Share worked'), ('acceptance', 'Share accepted in time'), ('outcome', 'Share with an outcome in time'), ('obligation', 'Obligation'), ('custom', 'Custom measure')], max_length=16, verbose_name='promise'),
        ),
        migrations.AlterField(
            model_name='evaluation',
            name='promise',
            field=models.CharField(choices=[('mql_goal', 'MQL goal'), ('average_speed', 'Speed on average'), ('share_in_time', 'Share tried in time'), ('depth', 'Depth'), ('share_worked', 'Share worked'), ('acceptance', 'Share accepted in time'), ('outcome', 'Share with an outcome in time'), ('obligation', 'Obligation'), ('custom', 'Custom measure')], max_length=16, verbose_name='promise'),
        ),
        migrations.AddConstraint(
            model_name='commitment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['acceptance', 'outcome']), _negated=True), models.Q(('allowance__gt', datetime.timedelta(0)), ('allowance__isnull', False)), _connector='OR'), name='commitment_deadline_has_allowance', violation_error_message='A promise by a deadline needs an allowance above zero.'),
        ),
    ]
