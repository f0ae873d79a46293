"""What could not be told is set aside, so that it keeps nothing else back."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0003_rejections_and_handing_on'),
    ]

    operations = [
        migrations.CreateModel(
            name='SetAside',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(choices=[('notice', 'notice of a date'), ('rung', 'rung of a clock'), ('goal', 'goal of an agreement'), ('person', 'messages of a person')], max_length=16, verbose_name='what')),
                ('row_id', models.BigIntegerField(verbose_name='row')),
                ('tries', models.PositiveSmallIntegerField(default=1, verbose_name='tries')),
                ('tried_at', models.DateTimeField(verbose_name='last tried at')),
                ('try_at', models.DateTimeField(verbose_name='left alone until')),
                ('fault', models.CharField(max_length=100, verbose_name='kind of fault')),
            ],
            options={
                'verbose_name': 'thing set aside',
                'verbose_name_plural': 'things set aside',
                'constraints': [models.UniqueConstraint(fields=('source', 'row_id'), name='set_aside_once_per_row')],
            },
        ),
    ]
