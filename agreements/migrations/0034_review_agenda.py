"""The agenda of a review, which its directors change until it was held."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0033_campaign_goals'),
    ]

    operations = [
        migrations.AddField(
            model_name='review',
            name='agenda',
            field=models.TextField(blank=True, db_default='', max_length=20000, verbose_name='agenda'),
        ),
    ]
