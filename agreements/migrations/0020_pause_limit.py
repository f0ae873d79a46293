"""How long a clock may be paused is a term of the promise of speed."""

import datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0019_contacts'),
    ]

    operations = [
        migrations.AddField(
            model_name='commitment',
            name='pause_limit',
            field=models.DurationField(blank=True, help_text='All pauses of one hand-off together. Empty: its clock is never paused.', null=True, verbose_name='pauses at most'),
        ),
        migrations.AddConstraint(
            model_name='commitment',
            constraint=models.CheckConstraint(condition=models.Q(('pause_limit__isnull', True), ('pause_limit__gt', datetime.timedelta(0)), _connector='OR'), name='commitment_pause_limit_positive', violation_error_message='Leave the time of pauses empty where none are agreed.'),
        ),
    ]
