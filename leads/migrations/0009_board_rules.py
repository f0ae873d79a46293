"""What puts a hand-off on its team's board of exceptions."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0019_contacts'),
        ('leads', '0008_search_and_queue'),
    ]

    operations = [
        migrations.CreateModel(
            name='BoardRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('untried_hours', models.PositiveSmallIntegerField(default=24, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(720)], verbose_name='not tried within so many hours')),
                ('attempts', models.PositiveSmallIntegerField(default=5, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(50)], verbose_name='attempts')),
                ('within_days', models.PositiveSmallIntegerField(default=14, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(365)], verbose_name='within so many days')),
                ('team', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='board_rule', to='agreements.team', verbose_name='team')),
            ],
            options={
                'verbose_name': 'board rule',
                'verbose_name_plural': 'board rules',
                'constraints': [models.CheckConstraint(condition=models.Q(('untried_hours__range', (1, 720)), ('attempts__range', (1, 50)), ('within_days__range', (1, 365))), name='board_rule_in_range')],
            },
        ),
    ]
