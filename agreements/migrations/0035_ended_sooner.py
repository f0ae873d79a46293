"""What was cancelled can be ended sooner: a cancellation is there once for each day."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0034_review_agenda'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='cancellation',
            name='cancellation_once',
        ),
        migrations.AddConstraint(
            model_name='cancellation',
            constraint=models.UniqueConstraint(fields=('version', 'ends_on'), name='cancellation_once_from_a_day'),
        ),
    ]
