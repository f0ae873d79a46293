"""Closed months frozen as editions, with who acknowledged them; none is ever changed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


GUARD = """
CREATE TRIGGER edition_is_immutable BEFORE UPDATE OR DELETE ON reports_edition
    FOR EACH ROW EXECUTE FUNCTION agreements_refuse_change();
CREATE TRIGGER edition_words_are_only_erased BEFORE UPDATE ON reports_editionwords
    FOR EACH ROW EXECUTE FUNCTION agreements_refuse_change();
CREATE TRIGGER acknowledgement_is_immutable BEFORE UPDATE OR DELETE ON reports_acknowledgement
    FOR EACH ROW EXECUTE FUNCTION agreements_refuse_change();
"""

UNDO_GUARD = """
DROP TRIGGER edition_is_immutable ON reports_edition;
DROP TRIGGER edition_words_are_only_erased ON reports_editionwords;
DROP TRIGGER acknowledgement_is_immutable ON reports_acknowledgement;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0031_edition_events'),
        ('reports', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Edition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month_on', models.DateField(help_text='Its first day.', verbose_name='month')),
                ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                ('as_of', models.DateTimeField(help_text='What happened after this is left out.', verbose_name='as of')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('form', models.PositiveSmallIntegerField(verbose_name='form of the snapshot')),
                ('snapshot', models.JSONField(verbose_name='snapshot')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='editions', to='agreements.agreement', verbose_name='agreement')),
            ],
            options={
                'verbose_name': 'edition of a month',
                'verbose_name_plural': 'editions of months',
                'ordering': ['agreement', '-month_on', '-number'],
            },
        ),
        migrations.CreateModel(
            name='EditionWords',
            fields=[
                ('edition', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='words', serialize=False, to='reports.edition', verbose_name='edition')),
                ('texts', models.JSONField(default=list, verbose_name='texts')),
            ],
            options={
                'verbose_name': 'words of an edition',
                'verbose_name_plural': 'words of editions',
            },
        ),
        migrations.CreateModel(
            name='Acknowledgement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('acknowledged_at', models.DateTimeField(verbose_name='acknowledged at')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agreements.party', verbose_name='party')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='director')),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acknowledgements', to='reports.edition', verbose_name='edition')),
            ],
            options={
                'verbose_name': 'acknowledgement',
                'verbose_name_plural': 'acknowledgements',
                'ordering': ['acknowledged_at', 'id'],
            },
        ),
        migrations.AddConstraint(
            model_name='edition',
            constraint=models.UniqueConstraint(fields=('agreement', 'month_on', 'number'), name='edition_once'),
        ),
        migrations.AddConstraint(
            model_name='edition',
            constraint=models.CheckConstraint(condition=models.Q(('month_on__day', 1)), name='edition_month_on_first_day'),
        ),
        migrations.AddConstraint(
            model_name='edition',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='edition_numbered_from_one'),
        ),
        migrations.AddConstraint(
            model_name='acknowledgement',
            constraint=models.UniqueConstraint(fields=('edition', 'party'), name='acknowledged_once_by_party'),
        ),
        migrations.RunSQL(GUARD, UNDO_GUARD),
    ]
