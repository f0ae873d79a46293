"""A draft can be withdrawn: it stays to be read, and is nobody's to sign any more."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0004_clause_guard'),
    ]

    operations = [
        migrations.AlterField(
            model_name='version',
            name='state',
            field=models.CharField(choices=[('draft', 'Draft'), ('in_review', 'In review'), ('signed', 'Signed'), ('withdrawn', 'Withdrawn')], default='draft', max_length=16, verbose_name='state'),
        ),
    ]
