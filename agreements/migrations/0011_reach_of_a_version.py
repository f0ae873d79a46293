"""Which hand-offs a version is for, and that it re-dates open ones once."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0010_keeping_guards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='version',
            name='reach',
            field=models.CharField(choices=[('new_only', 'new hand-offs only'), ('also_open', 'also open ones')], default='new_only', help_text='Also open ones: when it begins, open hand-offs get its terms. What was decided by then stays.', max_length=16, verbose_name='it is for'),
        ),
        migrations.AddConstraint(
            model_name='agreementevent',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 're_dated')), fields=('version',), name='version_re_dates_open_hand_offs_once'),
        ),
    ]
