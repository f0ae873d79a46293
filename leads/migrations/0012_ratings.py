"""How good a lead was, as who worked it says."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("leads", "0011_goal_terms"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='handoffevent',
            name='kind',
            field=models.CharField(choices=[('handed_off', 'handed off'), ('assigned', 'assigned'), ('accepted', 'accepted'), ('attempted', 'attempt logged'), ('attempt_voided', 'attempt voided'), ('at_risk', 'at risk'), ('overdue', 'overdue'), ('met', 'first attempt in time'), ('missed', 'first attempt late'), ('reopened', 'clock runs again'), ('paused', 'clock paused'), ('resumed', 'pause ended sooner'), ('pause_ended', 'pause ended'), ('next_touch_planned', 'next touch planned'), ('next_touch_due', 'next touch due'), ('rejection_agreed', 'marketing agrees to the rejection'), ('rejection_disputed', 'rejection disputed'), ('rejection_upheld', 'rejection upheld'), ('rejection_withdrawn', 'rejection withdrawn'), ('closed', 'closed'), ('corrected', 'corrected by an import'), ('re_dated', 're-dated'), ('rated', 'rated')], max_length=24, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='Rating',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('grade', models.CharField(choices=[('good', 'good'), ('fair', 'fair'), ('poor', 'poor')], max_length=8, verbose_name='quality')),
                ('reason', models.CharField(blank=True, choices=[('ready', 'ready to buy'), ('right_person', 'the right person'), ('well_informed', 'knew what it is about'), ('too_early', 'too early'), ('no_need', 'no need for it'), ('no_budget', 'no budget'), ('cannot_decide', 'cannot decide'), ('wrong_data', 'contact data is wrong'), ('unaware', 'did not know why we called')], max_length=16, verbose_name='reason')),
                ('rated_at', models.DateTimeField(verbose_name='rated at')),
                ('hand_off', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='rating', to='leads.handoff', verbose_name='hand-off')),
                ('rated_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='rated by')),
            ],
            options={
                'verbose_name': 'rating',
                'verbose_name_plural': 'ratings',
                'constraints': [models.CheckConstraint(condition=models.Q(('grade__in', ['good', 'fair', 'poor'])), name='rating_grade_is_known')],
            },
        ),
    ]
