"""Disputes about rejections; and the day of a hand-off is noted when their answer changes, since net counts it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


ANSWERED = """
CREATE FUNCTION leads_note_answer_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO leads_changedday (day_on, changed_at) VALUES (NEW.handed_off_on, clock_timestamp());
    RETURN NULL;
END $$;

CREATE TRIGGER hand_off_answered_notes_its_day AFTER UPDATE OF rejection_answer ON leads_handoff
    FOR EACH ROW WHEN (OLD.rejection_answer IS DISTINCT FROM NEW.rejection_answer)
    EXECUTE FUNCTION leads_note_answer_changed();
"""
UNDO_ANSWERED = """
DROP TRIGGER hand_off_answered_notes_its_day ON leads_handoff;
DROP FUNCTION leads_note_answer_changed();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0020_pause_limit'),
        ('leads', '0009_board_rules'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Dispute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rejected_at', models.DateTimeField(verbose_name='rejected at')),
                ('rejection_reason', models.CharField(max_length=100, verbose_name='reason of rejection')),
                ('opened_at', models.DateTimeField(verbose_name='disputed at')),
                ('words', models.TextField(max_length=1000, verbose_name='why')),
                ('outcome', models.CharField(blank=True, choices=[('upheld', 'the rejection is upheld'), ('withdrawn', 'the rejection is withdrawn')], max_length=16, verbose_name='decided')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
                ('answer', models.TextField(blank=True, max_length=1000, verbose_name='answer')),
            ],
            options={
                'verbose_name': 'dispute',
                'verbose_name_plural': 'disputes',
                'ordering': ['opened_at'],
            },
        ),
        migrations.AddField(
            model_name='handoff',
            name='rejection_answer',
            field=models.CharField(blank=True, choices=[('agreed', 'marketing agrees'), ('disputed', 'disputed by marketing'), ('upheld', 'disputed, and upheld')], db_default='', max_length=16, verbose_name='answer to the rejection'),
        ),
        migrations.AlterField(
            model_name='handoffevent',
            name='kind',
            field=models.CharField(choices=[('handed_off', 'handed off'), ('assigned', 'assigned'), ('accepted', 'accepted'), ('attempted', 'attempt logged'), ('attempt_voided', 'attempt voided'), ('at_risk', 'at risk'), ('overdue', 'overdue'), ('met', 'first attempt in time'), ('missed', 'first attempt late'), ('reopened', 'clock runs again'), ('paused', 'clock paused'), ('resumed', 'pause ended sooner'), ('pause_ended', 'pause ended'), ('next_touch_planned', 'next touch planned'), ('next_touch_due', 'next touch due'), ('rejection_agreed', 'marketing agrees to the rejection'), ('rejection_disputed', 'rejection disputed'), ('rejection_upheld', 'rejection upheld'), ('rejection_withdrawn', 'rejection withdrawn'), ('closed', 'closed'), ('corrected', 'corrected by an import'), ('re_dated', 're-dated')], max_length=24, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='handoff',
            constraint=models.CheckConstraint(condition=models.Q(('rejection_answer', ''), ('closed_as', 'rejected'), _connector='OR'), name='hand_off_answer_is_to_a_rejection'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='hand_off',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='disputes', to='leads.handoff', verbose_name='hand-off'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='opened_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='disputed by'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.UniqueConstraint(condition=models.Q(('decided_at', None)), fields=('hand_off',), name='dispute_undecided_once'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('outcome', '')), models.Q(models.Q(('outcome', ''), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='dispute_decided_says_when_and_how'),
        ),
        migrations.RunSQL(ANSWERED, UNDO_ANSWERED),
    ]
