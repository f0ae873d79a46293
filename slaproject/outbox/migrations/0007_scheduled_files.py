"""A subject for files that come by themselves."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0006_digests_and_editions'),
    ]

    operations = [
        migrations.AlterField(
            model_name='alert',
            name='subject',
            field=models.CharField(choices=[('mine', 'my leads: at risk, overdue'), ('early', 'my leads: a part of the time is used'), ('given', 'a lead is given to me'), ('team', 'overdue leads of my team'), ('returned', 'leads I handed over come back'), ('rejections', 'rejections: disputed, upheld, withdrawn'), ('pace', 'the month’s goal: behind, ahead, at risk'), ('signing', 'a draft waits for me'), ('agreements', 'something happened to an agreement'), ('dates', 'due dates, values to enter, reviews and ends'), ('handed_on', 'something is handed on to me'), ('watermelon', 'a month that only looks good: every promise kept, and yet'), ('editions', 'closed months: to be acknowledged, acknowledged by all'), ('nightly', 'marketing’s progress, in the evening of a working day (sales’ managers)'), ('weekly', 'the week in three sentences, on Monday morning (managers)'), ('files', 'a file that I asked for is ready'), ('scheduled', 'a file that comes by itself is ready, or could not be made')], max_length=16, verbose_name='subject'),
        ),
        migrations.AlterField(
            model_name='preference',
            name='subject',
            field=models.CharField(choices=[('mine', 'my leads: at risk, overdue'), ('early', 'my leads: a part of the time is used'), ('given', 'a lead is given to me'), ('team', 'overdue leads of my team'), ('returned', 'leads I handed over come back'), ('rejections', 'rejections: disputed, upheld, withdrawn'), ('pace', 'the month’s goal: behind, ahead, at risk'), ('signing', 'a draft waits for me'), ('agreements', 'something happened to an agreement'), ('dates', 'due dates, values to enter, reviews and ends'), ('handed_on', 'something is handed on to me'), ('watermelon', 'a month that only looks good: every promise kept, and yet'), ('editions', 'closed months: to be acknowledged, acknowledged by all'), ('nightly', 'marketing’s progress, in the evening of a working day (sales’ managers)'), ('weekly', 'the week in three sentences, on Monday morning (managers)'), ('files', 'a file that I asked for is ready'), ('scheduled', 'a file that comes by itself is ready, or could not be made')], max_length=16, verbose_name='subject'),
        ),
    ]
