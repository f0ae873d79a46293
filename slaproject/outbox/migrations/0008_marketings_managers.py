"""Marketing's managers hear of what came back and nobody handed over by hand."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0007_scheduled_files'),
    ]

    operations = [
        migrations.AlterField(
            model_name='alert',
            name='place',
            field=models.CharField(choices=[('owner', 'it is your lead'), ('manager', 'you manage the team that works it'), ('director', 'you direct the team that works it'), ('giver', 'you handed it over'), ('disputer', 'you disputed its rejection'), ('administrator', 'nobody in sales manages who worked it, and you are an administrator'), ('party', 'your team is a party to this agreement'), ('signatory', 'you sign or write for a party to this agreement'), ('leader', 'you lead a team for which an agreement is in force'), ('party_director', 'you direct a party to this agreement'), ('heir', 'it was handed on to you'), ('duty', 'you answer for it, or are told of this agreement’s dates'), ('asker', 'you asked for it'), ('marketing', 'you manage the team that promises the month’s goal'), ('marketing_head', 'you manage marketing, and nobody else there answers for this lead')], max_length=16, verbose_name='why'),
        ),
        migrations.AlterField(
            model_name='alert',
            name='subject',
            field=models.CharField(choices=[('mine', 'my leads: at risk, overdue'), ('early', 'my leads: a part of the time is used'), ('given', 'a lead is given to me'), ('team', 'overdue leads of my team'), ('returned', 'leads I handed over come back (marketing’s managers: also those that nobody handed over by hand)'), ('rejections', 'rejections: disputed, upheld, withdrawn'), ('pace', 'the month’s goal: behind, ahead, at risk'), ('signing', 'a draft waits for me'), ('agreements', 'something happened to an agreement'), ('dates', 'due dates, values to enter, reviews and ends'), ('handed_on', 'something is handed on to me'), ('watermelon', 'a month that only looks good: every promise kept, and yet'), ('editions', 'closed months: to be acknowledged, acknowledged by all'), ('nightly', 'marketing’s progress, in the evening of a working day (sales’ managers)'), ('weekly', 'the week in three sentences, on Monday morning (managers)'), ('files', 'a file that I asked for is ready'), ('scheduled', 'a file that comes by itself is ready, or could not be made')], max_length=16, verbose_name='subject'),
        ),
        migrations.AlterField(
            model_name='preference',
            name='subject',
            field=models.CharField(choices=[('mine', 'my leads: at risk, overdue'), ('early', 'my leads: a part of the time is used'), ('given', 'a lead is given to me'), ('team', 'overdue leads of my team'), ('returned', 'leads I handed over come back (marketing’s managers: also those that nobody handed over by hand)'), ('rejections', 'rejections: disputed, upheld, withdrawn'), ('pace', 'the month’s goal: behind, ahead, at risk'), ('signing', 'a draft waits for me'), ('agreements', 'something happened to an agreement'), ('dates', 'due dates, values to enter, reviews and ends'), ('handed_on', 'something is handed on to me'), ('watermelon', 'a month that only looks good: every promise kept, and yet'), ('editions', 'closed months: to be acknowledged, acknowledged by all'), ('nightly', 'marketing’s progress, in the evening of a working day (sales’ managers)'), ('weekly', 'the week in three sentences, on Monday morning (managers)'), ('files', 'a file that I asked for is ready'), ('scheduled', 'a file that comes by itself is ready, or could not be made')], max_length=16, verbose_name='subject'),
        ),
    ]
