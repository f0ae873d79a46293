"""Goals of campaigns and sources that a party promises, signed like any term, and what became of them each month."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

GUARD = """
CREATE TRIGGER campaign_goal_of_signed_version_is_immutable
    BEFORE INSERT OR UPDATE OR DELETE ON agreements_campaigngoal
    FOR EACH ROW EXECUTE FUNCTION agreements_guard_commitment();
CREATE TRIGGER campaign_goal_is_not_truncated BEFORE TRUNCATE ON agreements_campaigngoal
    FOR EACH STATEMENT EXECUTE FUNCTION agreements_refuse_change();
"""

UNDO_GUARD = """
DROP TRIGGER campaign_goal_is_not_truncated ON agreements_campaigngoal;
DROP TRIGGER campaign_goal_of_signed_version_is_immutable ON agreements_campaigngoal;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0032_campaigns'),
    ]

    operations = [
        migrations.AlterField(
            model_name='consequence',
            name='promise',
            field=models.CharField(choices=[('mql_goal', 'MQL goal'), ('campaign_goal', 'MQL goal of a campaign or source'), ('average_speed', 'Speed on average'), ('share_in_time', 'Share tried in time'), ('depth', 'Depth'), ('share_worked', 'Share worked'), ('acceptance', 'Share accepted in time'), ('outcome', 'Share with an outcome in time'), ('obligation', 'Obligation'), ('custom', 'Custom measure')], max_length=16, verbose_name='promise'),
        ),
        migrations.AlterField(
            model_name='consequence',
            name='subject',
            field=models.CharField(blank=True, default='', max_length=200, verbose_name='of'),
        ),
        migrations.AlterField(
            model_name='evaluation',
            name='promise',
            field=models.CharField(choices=[('mql_goal', 'MQL goal'), ('campaign_goal', 'MQL goal of a campaign or source'), ('average_speed', 'Speed on average'), ('share_in_time', 'Share tried in time'), ('depth', 'Depth'), ('share_worked', 'Share worked'), ('acceptance', 'Share accepted in time'), ('outcome', 'Share with an outcome in time'), ('obligation', 'Obligation'), ('custom', 'Custom measure')], max_length=16, verbose_name='promise'),
        ),
        migrations.AlterField(
            model_name='evaluation',
            name='subject',
            field=models.CharField(blank=True, default='', max_length=200, verbose_name='of'),
        ),
        migrations.CreateModel(
            name='CampaignGoal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('of', models.CharField(choices=[('campaign', 'campaign'), ('source', 'source')], default='campaign', max_length=8, verbose_name='of one')),
                ('name', models.CharField(help_text='As leads name it.', max_length=150, verbose_name='name')),
                ('goal', models.PositiveIntegerField(validators=[django.core.validators.MinValueValidator(1)], verbose_name='leads a month')),
                ('first_on', models.DateField(blank=True, help_text="Its first day. Empty: from the version's first.", null=True, verbose_name='first month')),
                ('last_on', models.DateField(blank=True, help_text="Its first day. Empty: to the version's last.", null=True, verbose_name='last month')),
                ('edits', models.PositiveIntegerField(default=0, editable=False, verbose_name='edits')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='campaign_goals', to='agreements.party', verbose_name='promised by')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='campaign_goals', to='agreements.version', verbose_name='version')),
            ],
            options={
                'verbose_name': 'goal of a campaign or source',
                'verbose_name_plural': 'goals of campaigns and sources',
                'ordering': ['version', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='campaign_goal_has_a_name'), models.CheckConstraint(condition=models.Q(('goal__gte', 1)), name='campaign_goal_promises_leads', violation_error_message='Promise one lead a month at least.'), models.CheckConstraint(condition=models.Q(models.Q(('first_on__isnull', True), ('first_on__day', 1), _connector='OR'), models.Q(('last_on__isnull', True), ('last_on__day', 1), _connector='OR')), name='campaign_goal_months_by_first_day'), models.CheckConstraint(condition=models.Q(('first_on__isnull', True), ('last_on__isnull', True), ('last_on__gte', models.F('first_on')), _connector='OR'), name='campaign_goal_ends_after_it_begins', violation_error_message='The last month is not before the first.'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('version', '='), ('of', '='), ('name', '='), (models.Func('first_on', 'last_on', django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_lower=True, inclusive_upper=True), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&')], name='campaign_goal_once_a_month', violation_error_message='The same has a goal in some of these months already.')],
            },
        ),
        migrations.RunSQL(GUARD, UNDO_GUARD),
    ]
