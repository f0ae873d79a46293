"""Custom measures that a party promises, signed like any term; their values are only ever added, and voided once."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARD = """
CREATE FUNCTION agreements_guard_measure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM agreements_refuse_signed_terms(OLD.version_id); END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    PERFORM agreements_refuse_signed_terms(NEW.version_id);
    RETURN NEW;
END $$;

CREATE FUNCTION agreements_guard_measure_value() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'values are append-only: void value % instead of deleting it', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF to_jsonb(OLD) - 'voided_at' - 'voided_by_id' - 'void_reason'
        <> to_jsonb(NEW) - 'voided_at' - 'voided_by_id' - 'void_reason' OR OLD.voided_at IS NOT NULL
    THEN
        RAISE EXCEPTION 'values are append-only: void value % once and enter it anew', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER measure_of_signed_version_is_immutable BEFORE INSERT OR UPDATE OR DELETE ON agreements_custommeasure
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_measure();
CREATE TRIGGER measure_value_is_append_only BEFORE UPDATE OR DELETE ON agreements_measurevalue
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_measure_value();
CREATE TRIGGER custom_measure_is_not_truncated BEFORE TRUNCATE ON agreements_custommeasure
    FOR EACH STATEMENT EXECUTE FUNCTION agreements_refuse_change();
CREATE TRIGGER measure_value_is_not_truncated BEFORE TRUNCATE ON agreements_measurevalue
    FOR EACH STATEMENT EXECUTE FUNCTION agreements_refuse_change();
"""

UNDO_GUARD = """
DROP TRIGGER measure_value_is_not_truncated ON agreements_measurevalue;
DROP TRIGGER custom_measure_is_not_truncated ON agreements_custommeasure;
DROP TRIGGER measure_value_is_append_only ON agreements_measurevalue;
DROP TRIGGER measure_of_signed_version_is_immutable ON agreements_custommeasure;
DROP FUNCTION agreements_guard_measure_value();
DROP FUNCTION agreements_guard_measure();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0027_acceptance_and_outcome'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='agreementevent',
            name='kind',
            field=models.CharField(choices=[('drafted', 'draft begun'), ('edited', 'draft edited'), ('withdrawn', 'draft withdrawn'), ('signed', 'signed by a party'), ('in_force', 'signed by all parties'), ('superseded', 'superseded'), ('submitted', 'sent to review'), ('commented', 'commented'), ('answered', 'comment answered'), ('settled', 'comment settled'), ('changes_asked', 'changes asked'), ('document_made', 'signed document made'), ('re_dated', 'open hand-offs re-dated'), ('calendar_proposed', 'new business hours proposed'), ('calendar_agreed', 'new business hours agreed'), ('month_closed', 'month closed'), ('watermelon', 'all promises kept, and yet'), ('strike_opened', 'strike opened'), ('strike_diagnosed', 'strike diagnosed'), ('action_agreed', 'corrective action agreed'), ('action_ended', 'corrective action ended'), ('action_handed_on', 'corrective action handed on'), ('excuse_proposed', 'excuse proposed'), ('excuse_accepted', 'excuse accepted'), ('excuse_refused', 'excuse refused'), ('consequence_raised', 'agreed consequence raised'), ('delivered', 'obligation delivered'), ('duty_handed_on', 'duty handed on'), ('contact_changed', 'contact changed'), ('support_named', 'supporting agreement named'), ('support_removed', 'supporting agreement taken away'), ('review_scheduled', 'review scheduled'), ('review_held', 'review held'), ('decided', 'decision made'), ('decision_done', 'decision done'), ('decision_handed_on', 'decision handed on'), ('signatory_changed', 'signatory changed'), ('value_entered', 'value of a measure entered'), ('value_voided', 'value of a measure voided'), ('renewed', 'renewal begun'), ('cancelled', 'cancelled')], max_length=32, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='CustomMeasure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='By its name it is the same in the next version.', max_length=100, verbose_name='what is measured')),
                ('unit', models.CharField(blank=True, max_length=30, verbose_name='unit')),
                ('direction', models.CharField(choices=[('at_least', 'at least'), ('at_most', 'at most')], max_length=16, verbose_name='direction')),
                ('target', models.DecimalField(decimal_places=4, max_digits=14, verbose_name='target')),
                ('period', models.CharField(choices=[('month', 'every month'), ('quarter', 'every quarter')], default='month', max_length=16, verbose_name='measured')),
                ('edits', models.PositiveIntegerField(default=0, editable=False, verbose_name='edits')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='measures', to='agreements.party', verbose_name='promised by')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='measures', to='agreements.version', verbose_name='version')),
            ],
            options={
                'verbose_name': 'custom measure',
                'verbose_name_plural': 'custom measures',
                'ordering': ['version', 'id'],
                'constraints': [models.UniqueConstraint(fields=('version', 'name'), name='custom_measure_name_once_per_version'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='custom_measure_has_a_name')],
            },
        ),
        migrations.CreateModel(
            name='MeasureValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, verbose_name='what is measured')),
                ('period_on', models.DateField(help_text='Its first day.', verbose_name='period')),
                ('value', models.DecimalField(decimal_places=4, max_digits=14, verbose_name='value')),
                ('entered_at', models.DateTimeField(verbose_name='entered at')),
                ('voided_at', models.DateTimeField(blank=True, null=True, verbose_name='voided at')),
                ('void_reason', models.CharField(blank=True, max_length=200, verbose_name='why it was wrong')),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='measure_values', to='agreements.agreement', verbose_name='agreement')),
                ('entered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='measure_values', to='agreements.party', verbose_name='promised by')),
                ('voided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='voided by')),
            ],
            options={
                'verbose_name': 'value of a measure',
                'verbose_name_plural': 'values of measures',
                'ordering': ['agreement', 'name', 'period_on', 'id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('voided_at__isnull', True)), fields=('agreement', 'name', 'period_on'), name='measure_value_stands_once_per_period'), models.CheckConstraint(condition=models.Q(('period_on__day', 1)), name='measure_value_period_on_first_day'), models.CheckConstraint(condition=models.Q(models.Q(('void_reason', ''), ('voided_at__isnull', True)), models.Q(('voided_at__isnull', False), models.Q(('void_reason', ''), _negated=True)), _connector='OR'), name='measure_value_voided_says_why')],
            },
        ),
        migrations.RunSQL(GUARD, UNDO_GUARD),
    ]
