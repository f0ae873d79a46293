"""The monthly pulse of both parties, and the months that are green outside alone."""

import agreements.models.exact_numbers
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# What a month brought in is looked at again like its promises; what was said of it stays once it is closed.
GUARDS = """
DROP TRIGGER month_result_is_kept ON agreements_monthresult;
DROP TRIGGER month_result_stays_closed ON agreements_monthresult;
CREATE TRIGGER month_result_is_kept BEFORE UPDATE OR DELETE ON agreements_monthresult
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_kept(
        'version_id', 'closed_at', 'revenue', 'revenue_goal', 'watermelon');
CREATE TRIGGER month_result_stays_closed BEFORE UPDATE ON agreements_monthresult
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION agreements_guard_kept(
        'version_id', 'revenue', 'revenue_goal', 'watermelon');

CREATE FUNCTION agreements_guard_pulse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM agreements_monthresult
        WHERE agreement_id = NEW.agreement_id AND month_on = NEW.month_on AND closed_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'the month is closed: what was answered of it stays'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER pulse_answer_before_the_close BEFORE INSERT OR UPDATE ON agreements_pulseanswer
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_pulse();
"""

UNDO_GUARDS = """
DROP TRIGGER pulse_answer_before_the_close ON agreements_pulseanswer;
DROP FUNCTION agreements_guard_pulse();
DROP TRIGGER month_result_is_kept ON agreements_monthresult;
DROP TRIGGER month_result_stays_closed ON agreements_monthresult;
CREATE TRIGGER month_result_is_kept BEFORE UPDATE OR DELETE ON agreements_monthresult
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_kept('version_id', 'closed_at');
CREATE TRIGGER month_result_stays_closed BEFORE UPDATE ON agreements_monthresult
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION agreements_guard_kept('version_id');
"""


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0023_supporting_agreements'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='monthresult',
            name='revenue',
            field=agreements.models.exact_numbers.ExactField(blank=True, max_length=100, null=True, verbose_name='revenue'),
        ),
        migrations.AddField(
            model_name='monthresult',
            name='revenue_goal',
            field=agreements.models.exact_numbers.ExactField(blank=True, help_text="What the plan expects from marketing's leads.", max_length=100, null=True, verbose_name='revenue goal'),
        ),
        migrations.AddField(
            model_name='monthresult',
            name='watermelon',
            field=models.CharField(blank=True, choices=[('', 'no'), ('revenue', 'the revenue goal was missed'), ('pulse', 'the pulse is low'), ('both', 'the revenue goal was missed and the pulse is low')], default='', help_text='Every promise was kept, and yet this.', max_length=16, verbose_name='watermelon'),
        ),
        migrations.AlterField(
            model_name='agreementevent',
            name='kind',
            field=models.CharField(choices=[('drafted', 'draft begun'), ('edited', 'draft edited'), ('withdrawn', 'draft withdrawn'), ('signed', 'signed by a party'), ('in_force', 'signed by all parties'), ('superseded', 'superseded'), ('submitted', 'sent to review'), ('commented', 'commented'), ('answered', 'comment answered'), ('settled', 'comment settled'), ('changes_asked', 'changes asked'), ('document_made', 'signed document made'), ('re_dated', 'open hand-offs re-dated'), ('calendar_proposed', 'new business hours proposed'), ('calendar_agreed', 'new business hours agreed'), ('month_closed', 'month closed'), ('watermelon', 'all promises kept, and yet'), ('strike_opened', 'strike opened'), ('strike_diagnosed', 'strike diagnosed'), ('action_agreed', 'corrective action agreed'), ('action_ended', 'corrective action ended'), ('excuse_proposed', 'excuse proposed'), ('excuse_accepted', 'excuse accepted'), ('excuse_refused', 'excuse refused'), ('consequence_raised', 'agreed consequence raised'), ('delivered', 'obligation delivered'), ('duty_handed_on', 'duty handed on'), ('contact_changed', 'contact changed'), ('review_scheduled', 'review scheduled'), ('review_held', 'review held'), ('renewed', 'renewal begun'), ('cancelled', 'cancelled')], max_length=32, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='PulseAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month_on', models.DateField(help_text='Its first day.', verbose_name='month')),
                ('kept_word', models.PositiveSmallIntegerField(choices=[(1, 'not at all'), (2, 'hardly'), (3, 'partly'), (4, 'mostly'), (5, 'fully')], verbose_name='The other side kept its word.')),
                ('was_useful', models.PositiveSmallIntegerField(choices=[(1, 'not at all'), (2, 'hardly'), (3, 'partly'), (4, 'mostly'), (5, 'fully')], verbose_name='What we got from the other side was of use to us.')),
                ('went_well', models.PositiveSmallIntegerField(choices=[(1, 'not at all'), (2, 'hardly'), (3, 'partly'), (4, 'mostly'), (5, 'fully')], verbose_name='Working together went well.')),
                ('answered_at', models.DateTimeField(verbose_name='answered at')),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pulse_answers', to='agreements.agreement', verbose_name='agreement')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pulse_answers', to='agreements.party', verbose_name='party')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pulse_answers', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'answer to a pulse',
                'verbose_name_plural': 'answers to a pulse',
                'constraints': [models.UniqueConstraint(fields=('agreement', 'month_on', 'person'), name='pulse_answer_once_a_month'), models.CheckConstraint(condition=models.Q(('month_on__day', 1)), name='pulse_answer_month_on_first_day'), models.CheckConstraint(condition=models.Q(('kept_word__range', (1, 5)), ('was_useful__range', (1, 5)), ('went_well__range', (1, 5))), name='pulse_answer_from_one_to_five')],
            },
        ),
        migrations.RunSQL(GUARDS, UNDO_GUARDS),
    ]
