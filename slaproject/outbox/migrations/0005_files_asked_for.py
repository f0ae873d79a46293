"""Who asked for a file is told once it is ready: a trigger puts that down, in the transaction that ends its making."""

from django.db import migrations, models

EXPORTS = """
CREATE FUNCTION outbox_note_export() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox_arrival (source, row_id) VALUES ('export', NEW.id);
    RETURN NULL;
END $$;

CREATE TRIGGER export_that_ends_is_read AFTER UPDATE ON leads_export FOR EACH ROW
    WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION outbox_note_export();
"""

UNDO_EXPORTS = """
DROP TRIGGER export_that_ends_is_read ON leads_export;
DROP FUNCTION outbox_note_export();
"""



class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0004_set_aside'),
        ('leads', '0018_exports'),
    ]

    operations = [
        migrations.RunSQL(EXPORTS, UNDO_EXPORTS),
        migrations.AlterField(
            model_name='alert',
            name='place',
            field=models.CharField(choices=[('owner', 'it is your lead'), ('manager', 'you manage the team that works it'), ('director', 'you direct the team that works it'), ('giver', 'you handed it over'), ('disputer', 'you disputed its rejection'), ('administrator', 'nobody in sales manages who worked it, and you are an administrator'), ('party', 'your team is a party to this agreement'), ('signatory', 'you sign or write for a party to this agreement'), ('party_director', 'you direct a party to this agreement'), ('heir', 'it was handed on to you'), ('duty', 'you answer for it, or are told of this agreement’s dates'), ('asker', 'you asked for it'), ('marketing', 'you manage the team that promises the month’s goal')], max_length=16, verbose_name='why'),
        ),
        migrations.AlterField(
            model_name='alert',
            name='subject',
            field=models.CharField(choices=[('mine', 'my leads: at risk, overdue'), ('early', 'my leads: a part of the time is used'), ('given', 'a lead is given to me'), ('team', 'overdue leads of my team'), ('returned', 'leads I handed over come back'), ('rejections', 'rejections: disputed, upheld, withdrawn'), ('pace', 'the month’s goal: behind, ahead, at risk'), ('signing', 'a draft waits for me'), ('agreements', 'something happened to an agreement'), ('dates', 'due dates, values to enter, reviews and ends'), ('handed_on', 'something is handed on to me'), ('watermelon', 'a month that only looks good: every promise kept, and yet'), ('files', 'a file that I asked for is ready')], max_length=16, verbose_name='subject'),
        ),
        migrations.AlterField(
            model_name='arrival',
            name='source',
            field=models.CharField(choices=[('lead', 'event of a hand-off'), ('clock', 'clock of a hand-off'), ('agreement', 'event of an agreement'), ('export', 'file that somebody asked for')], max_length=16, verbose_name='from'),
        ),
        migrations.AlterField(
            model_name='preference',
            name='subject',
            field=models.CharField(choices=[('mine', 'my leads: at risk, overdue'), ('early', 'my leads: a part of the time is used'), ('given', 'a lead is given to me'), ('team', 'overdue leads of my team'), ('returned', 'leads I handed over come back'), ('rejections', 'rejections: disputed, upheld, withdrawn'), ('pace', 'the month’s goal: behind, ahead, at risk'), ('signing', 'a draft waits for me'), ('agreements', 'something happened to an agreement'), ('dates', 'due dates, values to enter, reviews and ends'), ('handed_on', 'something is handed on to me'), ('watermelon', 'a month that only looks good: every promise kept, and yet'), ('files', 'a file that I asked for is ready')], max_length=16, verbose_name='subject'),
        ),
    ]
