"""How the record of an agreement stood when it was last verified."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0025_handed_on'),
    ]

    operations = [
        migrations.CreateModel(
            name='Verification',
            fields=[
                ('agreement', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='verification', serialize=False, to='agreements.agreement', verbose_name='agreement')),
                ('verified_at', models.DateTimeField(verbose_name='verified at')),
                ('events', models.PositiveIntegerField(verbose_name='events')),
                ('findings', models.PositiveIntegerField(verbose_name='findings')),
            ],
            options={
                'verbose_name': 'verification',
                'verbose_name_plural': 'verifications',
            },
        ),
    ]
