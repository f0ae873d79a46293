"""Agreements and contracts that an agreement rests on; none comes to rest on itself, however many are named at once."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# One lock for all: of two that would close a circle together, the second sees what the first wrote.
CIRCLE = """
CREATE FUNCTION agreements_guard_support() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.supporter_id IS NULL THEN RETURN NEW; END IF;
    PERFORM pg_advisory_xact_lock(7305021);
    IF EXISTS (
        WITH RECURSIVE below(id) AS (
            SELECT NEW.supporter_id
            UNION SELECT s.supporter_id FROM agreements_support s JOIN below b ON b.id = s.agreement_id
                WHERE s.supporter_id IS NOT NULL
        )
        SELECT FROM below WHERE id = NEW.agreement_id)
    THEN
        RAISE EXCEPTION 'agreement % would come to rest on itself', NEW.agreement_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER support_closes_no_circle BEFORE INSERT OR UPDATE ON agreements_support
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_support();
"""

UNDO_CIRCLE = """
DROP TRIGGER support_closes_no_circle ON agreements_support;
DROP FUNCTION agreements_guard_support();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0022_levels'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='agreementevent',
            name='kind',
            field=models.CharField(choices=[('drafted', 'draft begun'), ('edited', 'draft edited'), ('withdrawn', 'draft withdrawn'), ('signed', 'signed by a party'), ('in_force', 'signed by all parties'), ('superseded', 'superseded'), ('submitted', 'sent to review'), ('commented', 'commented'), ('answered', 'comment answered'), ('settled', 'comment settled'), ('changes_asked', 'changes asked'), ('document_made', 'signed document made'), ('re_dated', 'open hand-offs re-dated'), ('calendar_proposed', 'new business hours proposed'), ('calendar_agreed', 'new business hours agreed'), ('month_closed', 'month closed'), ('strike_opened', 'strike opened'), ('strike_diagnosed', 'strike diagnosed'), ('action_agreed', 'corrective action agreed'), ('action_ended', 'corrective action ended'), ('excuse_proposed', 'excuse proposed'), ('excuse_accepted', 'excuse accepted'), ('excuse_refused', 'excuse refused'), ('consequence_raised', 'agreed consequence raised'), ('delivered', 'obligation delivered'), ('duty_handed_on', 'duty handed on'), ('contact_changed', 'contact changed'), ('support_named', 'supporting agreement named'), ('support_removed', 'supporting agreement taken away'), ('review_scheduled', 'review scheduled'), ('review_held', 'review held'), ('renewed', 'renewal begun'), ('cancelled', 'cancelled')], max_length=32, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='Support',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, help_text='As in: contract with the telephone company.', max_length=150, verbose_name='or a document outside it')),
                ('reference', models.CharField(blank=True, help_text='A number, a place, an address.', max_length=200, verbose_name='where it is')),
                ('ends_on', models.DateField(blank=True, help_text='First day no longer covered. Empty: open-ended.', null=True, verbose_name='ends before')),
                ('is_signed', models.BooleanField(default=True, verbose_name='it is signed')),
                ('named_at', models.DateTimeField(verbose_name='named at')),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='supports', to='agreements.agreement', verbose_name='agreement')),
                ('named_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='named by')),
                ('supporter', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='supported', to='agreements.agreement', verbose_name='an agreement of this product')),
            ],
            options={
                'verbose_name': 'supporting agreement',
                'verbose_name_plural': 'supporting agreements',
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('agreement', 'supporter', 'name'), name='support_once_per_agreement', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('ends_on__isnull', True), ('name', ''), ('reference', ''), ('supporter__isnull', False)), models.Q(('supporter__isnull', True), models.Q(('name', ''), _negated=True)), _connector='OR'), name='support_is_an_agreement_or_a_document'), models.CheckConstraint(condition=models.Q(('supporter__isnull', True), models.Q(('supporter', models.F('agreement')), _negated=True), _connector='OR'), name='support_of_another')],
            },
        ),
        migrations.RunSQL(CIRCLE, UNDO_CIRCLE),
    ]
