"""Subjects for digests and editions; a digest is a message of its own, that comes at its own hour."""


from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0005_files_asked_for'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='is_digest',
            field=models.BooleanField(default=False, help_text='It comes at its own hour, also outside of working hours.', verbose_name='a digest'),
        ),
        migrations.AlterField(
            model_name='alert',
            name='place',
            field=models.CharField(choices=[('owner', 'it is your lead'), ('manager', 'you manage the team that works it'), ('director', 'you direct the team that works it'), ('giver', 'you handed it over'), ('disputer', 'you disputed its rejection'), ('administrator', 'nobody in sales manages who worked it, and you are an administrator'), ('party', 'your team is a party to this agreement'), ('signatory', 'you sign or write for a party to this agreement'), ('leader', 'you lead a team for which an agreement is in force'), ('party_director', 'you direct a party to this agreement'), ('heir', 'it was handed on to you'), ('duty', 'you answer for it, or are told of this agreement’s dates'), ('asker', 'you asked for it'), ('marketing', 'you manage the team that promises the month’s goal')], max_length=16, verbose_name='why'),
        ),
        migrations.AlterField(
            model_name='alert',
            name='subject',
            field=models.CharField(choices=[('mine', 'my leads: at risk, overdue'), ('early', 'my leads: a part of the time is used'), ('given', 'a lead is given to me'), ('team', 'overdue leads of my team'), ('returned', 'leads I handed over come back'), ('rejections', 'rejections: disputed, upheld, withdrawn'), ('pace', 'the month’s goal: behind, ahead, at risk'), ('signing', 'a draft waits for me'), ('agreements', 'something happened to an agreement'), ('dates', 'due dates, values to enter, reviews and ends'), ('handed_on', 'something is handed on to me'), ('watermelon', 'a month that only looks good: every promise kept, and yet'), ('editions', 'closed months: to be acknowledged, acknowledged by all'), ('nightly', 'marketing’s progress, in the evening of a working day (sales’ managers)'), ('weekly', 'the week in three sentences, on Monday morning (managers)'), ('files', 'a file that I asked for is ready')], max_length=16, verbose_name='subject'),
        ),
        migrations.AlterField(
            model_name='preference',
            name='subject',
            field=models.CharField(choices=[('mine', 'my leads: at risk, overdue'), ('early', 'my leads: a part of the time is used'), ('given', 'a lead is given to me'), ('team', 'overdue leads of my team'), ('returned', 'leads I handed over come back'), ('rejections', 'rejections: disputed, upheld, withdrawn'), ('pace', 'the month’s goal: behind, ahead, at risk'), ('signing', 'a draft waits for me'), ('agreements', 'something happened to an agreement'), ('dates', 'due dates, values to enter, reviews and ends'), ('handed_on', 'something is handed on to me'), ('watermelon', 'a month that only looks good: every promise kept, and yet'), ('editions', 'closed months: to be acknowledged, acknowledged by all'), ('nightly', 'marketing’s progress, in the evening of a working day (sales’ managers)'), ('weekly', 'the week in three sentences, on Monday morning (managers)'), ('files', 'a file that I asked for is ready')], max_length=16, verbose_name='subject'),
        ),
        migrations.AlterField(
            model_name='setaside',
            name='source',
            field=models.CharField(choices=[('notice', 'notice of a date'), ('rung', 'rung of a clock'), ('goal', 'goal of an agreement'), ('person', 'messages of a person'), ('digest', 'digest of an agreement')], max_length=16, verbose_name='what'),
        ),
    ]
